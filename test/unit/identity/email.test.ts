import { readMailbox } from '../../../domain/identity/email';

test.each([
  ['Ada.Okafor+news@Gmail.com', 'adaokafor@gmail.com'],
  ['a.d.a@googlemail.com', 'ada@gmail.com'],
  ['mailto:carl@cordier.fr', 'carl@cordier.fr'],
  ['E-Mail: carl@cordier.fr', 'carl@cordier.fr'],
  ['Carl <carl@cordier.fr>', 'carl@cordier.fr'],
  ['carl@cordier.fr (work)', 'carl@cordier.fr'],
  ['carl (at) cordier [dot] fr', 'carl@cordier.fr'],
  ['"carl"@cordier.fr.', 'carl@cordier.fr'],
  ['jörg@bücher.example', 'jörg@xn--bcher-kva.example'],
  ['ｃａｒｌ＠cordier．fr', 'carl@cordier.fr'],
  ['ca\u200brl\u00ad@cordier.fr\u200e', 'carl@cordier.fr'],
  ['carl@cordier.fr; anna@cordier.fr', 'carl@cordier.fr'],
  ['carl@cordier.fr, anna@cordier.fr', 'carl@cordier.fr'],
  ['carl@cordier.fr / anna@cordier.fr', 'carl@cordier.fr'],
  ['carl@cordier.fr anna@cordier.fr', 'carl@cordier.fr'],
  ['Carl <carl@cordier.fr>, Anna <anna@cordier.fr>', 'carl@cordier.fr'],
])('reads the mailbox %p as %p', (typed, canonical) => {
  expect(readMailbox(typed)?.canonical).toBe(canonical);
});

test.each(['', '@', 'carl', 'carl@', '@cordier.fr', 'n/a', undefined])('%p is no mailbox', (typed) => {
  expect(readMailbox(typed)).toBeUndefined();
});

test.each([
  ['x@mail.acme.co.uk', 'acme.co.uk'],
  ['x@acme.uk.com', 'acme.uk.com'],
  ['x@acme.onmicrosoft.com', 'acme.onmicrosoft.com'],
  ['x@watkins.co.con', 'watkins.co.con'],
  ['x@bücher-schmidt.de', 'xn--bcher-schmidt-wob.de'],
])('the company of %p is known by %p', (typed, domain) => {
  expect(readMailbox(typed)?.domain).toBe(domain);
});

test.each([
  ['outlok.com', true],
  ['gmail.con', true],
  ['gmx.at', true],
  ['acme.com', false],
])('a mailbox at %p is free mail, also with a slip: %p', (host, expected) => {
  expect(readMailbox(`x@${host}`)?.freeMail).toBe(expected);
});

test.each([
  ['info', true],
  ['info2', true],
  ['info.berlin', true],
  ['vertrieb-nord', true],
  ['it-support', true],
  ['hr', true],
  ['hr2', true],
  ['biuro', true],
  ['geral', true],
  ['kundservice', true],
  ['iletisim', true],
  ['hr.mueller', false],
  ['it.meier', false],
  ['post.jan', false],
  ['anna.office', false],
])('%p@ is a role: %p', (local, expected) => {
  expect(readMailbox(`${local}@acme.com`)?.role).toBe(expected);
});
