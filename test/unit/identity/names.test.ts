import { readAddress } from '../../../domain/identity/address';
import { companyCore } from '../../../domain/identity/company-name';
import { readMailbox, webDomain } from '../../../domain/identity/email';
import { readName } from '../../../domain/identity/person-name';
import { readDialled } from '../../../domain/identity/phone';
import { fold, slips, soundOf } from '../../../domain/identity/text';
import { likeness } from '../../../domain/identity/words';

test.each([
  ['Müller', 'muller'],
  ['Mueller', 'muller'],
  ['MULLER', 'muller'],
  ['MÃ¼ller', 'muller'],
  ['ZajÄ…c', 'zajac'],
  ['Łódź', 'lodz'],
  ['Bauer', 'bauer'],
  ['Иванов', 'ivanov'],
  ['  a\u200bb  ', 'a b'],
])('folds %p to %p', (typed, folded) => {
  expect(fold(typed)).toBe(folded);
});

test.each([
  ['Meyer', 'Maier'],
  ['Schmidt', 'Schmitt'],
  ['Kowalski', 'Covalsky'],
  ['Philip', 'Filip'],
])('%p and %p sound alike', (a, b) => {
  expect(soundOf(fold(a))).toBe(soundOf(fold(b)));
});

test.each([
  ['anna', 'anna', 0],
  ['anna', 'nana', 1],
  ['muller', 'mulelr', 1],
  ['muller', 'mullerr', 1],
  ['abc', 'xyz', 2],
])('counts the slips between %p and %p, up to two', (a, b, expected) => {
  expect(Math.min(slips(a, b, 2), 2)).toBe(expected);
});

test.each([
  ['joanna', 'asia', 'form'],
  ['charles', 'chuck', 'form'],
  ['carmen', 'carrnen', 'slip'],
  ['fischer', 'fischcr', 'slip'],
  ['meier', 'maier', 'slip'],
  ['anna', 'a', 'initial'],
  ['anna', 'peter', 'other'],
] as const)('%p and %p are %p', (a, b, how) => {
  expect(likeness(fold(a), fold(b))).toBe(how);
});

test.each([
  ['Dr. Brian R', 'Thompson', ['brian', 'r'], ['thompson']],
  ['Rodriguez, Amor', undefined, ['amor'], ['rodriguz']],
  [undefined, 'Ron Thomas', ['ron'], ['thomas']],
  ['Karl-Heinz', undefined, ['karl', 'heinz'], []],
  ['Jan', 'van der Berg', ['jan'], ['berg']],
  ['霞', '梁', ['xia'], ['liang']],
  ['里佳', '小林', ['rika'], ['kobayashi']],
  ['敏', '赵', ['min'], ['zhao']],
  ['민수', '김', ['minsu'], ['kim']],
])('reads the name %p %p', (first, last, given, family) => {
  const name = readName(first, last);
  expect([name?.given, name?.family]).toEqual([given, family]);
});

test.each([
  ['Fidel', 'Pina Sobrino Sr.', 'sr'],
  ['Elisabeth', 'Clerc Jr.', 'jr'],
  ['Sr. Fidel', 'Pina', undefined],
  ['Jun', 'Sato', undefined],
])('%p %p is of generation %p', (first, last, generation) => {
  expect(readName(first, last)?.generation).toBe(generation);
});

test.each([
  ['Ada.Okafor+news@Gmail.com', 'adaokafor@gmail.com'],
  ['a.d.a@googlemail.com', 'ada@gmail.com'],
  ['mailto:carl@cordier.fr', 'carl@cordier.fr'],
  ['Carl <carl@cordier.fr>', 'carl@cordier.fr'],
  ['jörg@bücher.example', 'jörg@xn--bcher-kva.example'],
])('reads the mailbox %p as %p', (typed, canonical) => {
  expect(readMailbox(typed)?.canonical).toBe(canonical);
});

test('a slip in a free-mail domain is still free mail, a company beside it is not', () => {
  expect(readMailbox('x@outlok.com')?.freeMail).toBe(true);
  expect(readMailbox('x@acme.com')?.freeMail).toBe(false);
  expect(readMailbox('info@acme.com')?.role).toBe(true);
  expect(webDomain('https://www.linkedin.com/company/acme')).toBeUndefined();
  expect(webDomain('shop.acme.co.uk/contact')).toBe('acme.co.uk');
});

test.each([
  ['0157-2388-1927', ['DE'], '4915723881927', undefined],
  ['+49 (0)711 2912027', [], '497112912027', undefined],
  ['0170561185 x67', ['FR'], '33170561185', '67'],
  ['0048 424 015940 DW 10', [], '48424015940', '10'],
])('reads the number %p', (typed, hints, digits, extension) => {
  const number = readDialled(typed, hints);
  expect([number?.digits, number?.extension]).toEqual([digits, extension]);
});

test.each(['1234567890', '111111111', '555-555-5555'])('%p is typed to fill the form', (typed) => {
  expect(readDialled(typed, ['US'])?.placeholder).toBe(true);
});

test.each([
  ['Schulz Bau GmbH & Co. KG', 'schulz bau'],
  ['Mende Maschinenbau gesellschaft mit beschränkter Haftung', 'mende maschinenbau'],
  ['Idomatic Sp. z o.o.', 'idomatic'],
  ['Unizon Energía S.L.U.', 'unizon energia'],
  ['Dynadyn A.Ş.', 'dynadyn'],
  ['Takahashi Kogyo Co., Ltd.', 'takahashi kogyo'],
  ['Chung + Johnson LP Holding', 'chung johnson'],
  ['Mayer Energie (München)', 'mayer energie'],
  ['The Acme Group', 'acme'],
  ['GmbH', 'gmbh'],
])('the core of %p is %p', (typed, core) => {
  expect(companyCore(typed).join(' ')).toBe(core);
});

test.each([
  ['146 rue des Écoles', '75019', 'Paris', 'ecoles|146|75019|paris'],
  ['Calle Real, 42', '46008', 'Valencia', 'real|42|46008|valencia'],
  ['Münchner Str. 36', 'D-81161', 'Munich', 'munchner|36|81161|munchen'],
  ['Gartenstraße 57', '12291', 'Berlin', 'garten|57|12291|berlin'],
])('reads the address %p %p %p', (street, postalCode, city, expected) => {
  const address = readAddress({ street, postalCode, city });
  expect([address.street, address.number, address.postalCode, address.city].join('|')).toBe(expected);
});
