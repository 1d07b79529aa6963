import { compare } from '../../../domain/identity/compare';
import { readName } from '../../../domain/identity/person-name';
import { fold, slips, soundOf } from '../../../domain/identity/text';
import { traitsOf } from '../../../domain/identity/traits';
import { likeness } from '../../../domain/identity/words';

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
  ['gustave', 'gus', 'form'],
  ['maria', 'masha', 'form'],
  ['mykola', 'nikolay', 'form'],
  ['dmytro', 'dima', 'form'],
  ['manuela', 'manu', 'form'],
  ['Олександр', 'Alexander', 'form'],
  ['Ельцин', 'Yeltsin', 'slip'],
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
  // titles and what follows them
  ['Dr. med. Anna', 'Berg', ['anna'], ['berg']],
  ['Dr. phil. Anna', 'Berg', ['anna'], ['berg']],
  ['Prof. Dr. rer. nat. h. c. Anna', 'Berg', ['anna'], ['berg']],
  ['MUDr. Jan', 'Novák', ['jan'], ['novak']],
  ['Herr', 'Müller', [], ['muller']],
  ['Mr. Timothy', undefined, ['timothy'], []],
  // degrees behind a name
  ['Anna', 'Berg Ph.D.', ['anna'], ['berg']],
  ['Anna', 'Berg, M.D.', ['anna'], ['berg']],
  ['Anna', 'Berg LL.M.', ['anna'], ['berg']],
  ['Jan', 'Novák, CSc.', ['jan'], ['novak']],
  ['Anna Berg, Ph.D.', undefined, ['anna'], ['berg']],
  ['Anna Berg, Ph. D., MBA', undefined, ['anna'], ['berg']],
  ['Berg, Anna, PhD', undefined, ['anna'], ['berg']],
  ['J. R. R.', 'Berg', ['j', 'r', 'r'], ['berg']],
  ['Anna', 'Müller geb. Schmidt', ['anna'], ['muller', 'schmidt']],
  ['Anna Müller geb. Schmidt', undefined, ['anna'], ['muller', 'schmidt']],
  // what looks like a title, a degree, a suffix or a particle and is a name
  ['Ben Smith', undefined, ['ben'], ['smith']],
  ['Rahul Das', undefined, ['rahul'], ['das']],
  ['Al Gore', undefined, ['al'], ['gore']],
  ['Jack Ma', undefined, ['jack'], ['ma']],
  ['John Doe', undefined, ['john'], ['doe']],
  ['Minh Le', undefined, ['minh'], ['le']],
  ['Don Johnson', undefined, ['don'], ['johnson']],
  ['Amartya Sen', undefined, ['amartya'], ['sen']],
  ['Jack Smith MA', undefined, ['jack'], ['smith']],
  ['Jan van der Berg', undefined, ['jan'], ['berg']],
  [undefined, 'von Berg', [], ['berg']],
  ['von der Berg', undefined, [], ['berg']],
  // order
  ['DUPONT Jean', undefined, ['jean'], ['dupont']],
  ['JP Morgan', undefined, ['jp'], ['morgan']],
  ['Jean DUPONT', undefined, ['jean'], ['dupont']],
  ['小林 里佳 様', undefined, ['rika'], ['kobayashi']],
])('reads the name %p %p', (first, last, given, family) => {
  const name = readName(first, last);
  expect([name?.given, name?.family]).toEqual([given, family]);
});

test.each([
  ['כהן', 'Cohen'],
  ['محمد', 'Mohammed'],
  ['ジョン', 'John'],
])('%p does not speak against %p', (name, latin) => {
  const [a, b] = [
    traitsOf({ firstName: 'X', lastName: name }),
    traitsOf({ firstName: 'X', lastName: latin }),
  ];
  expect(compare(a, [b]).filter(({ level }) => level === 'other')).toEqual([]);
});

test.each([
  ['Fidel', 'Pina Sobrino Sr.', 'sr'],
  ['Elisabeth', 'Clerc Jr.', 'jr'],
  ['Sr. Fidel', 'Pina', undefined],
  ['Jun', 'Sato', undefined],
  ['Sato Jun', undefined, undefined],
  ['Smith, John, Jr.', undefined, 'jr'],
  ['Anna', 'Smith Constructor', undefined],
])('%p %p is of generation %p', (first, last, generation) => {
  expect(readName(first, last)?.generation).toBe(generation);
});
