import { PassThrough } from 'node:stream';
import { chooseLeads, nameOf, tagged } from '../../../bench/demo-leads';
import { createScreen } from '../../../bench/demo-screen';
import { sinceText } from '../../../bench/demo-totals';

const ana = { firstName: 'Ana', lastName: 'Roy', email: 'Ana@roy.example', company: 'Roy' };

test('repeats come after the first lead of the same mailbox', () => {
  const others = ['b@x.example', 'c@x.example'].map((email) => ({ email }));
  const again = { email: 'ana@ROY.example' };
  expect(chooseLeads([{ phone: '1' }, ana, ...others, again], 3, 1)).toEqual([ana, others[0], again]);
});

test('a tag makes a person of this run, in every kind of address, and drops the number', () => {
  const lead = { email: 'a@roy.example', website: 'https://www.roy.example/x', phone: '+1 206 555 0174' };
  expect(tagged(lead, 'k1')).toEqual({ email: 'a@roy-k1.example', website: 'https://www.roy-k1.example/x' });
  expect(tagged({ email: 'fictional.bo@gmail.com' }, 'k1')).toEqual({ email: 'fictional.bo.k1@gmail.com' });
  expect(tagged({ company: 'Roy' }, 'k1')).toEqual({ company: 'Roy' });
});

test('a lead is called by its person, else by its address', () => {
  expect(nameOf(ana)).toBe('Ana Roy, Roy');
  expect(nameOf({ email: 'x@y.example' })).toBe('x@y.example');
  expect(nameOf({})).toBe('somebody');
});

test.each([
  [0, '+ 0 s'],
  [-5, '+ 0 s'],
  [59_000, '+ 59 s'],
  [180_000, '+ 3 min'],
  [3_900_000, '+ 1 h 5 min'],
  [90_000_000, '+ 1 d 1 h'],
])('%d ms reads %s', (ms, text) => {
  expect(sinceText(ms)).toBe(text);
});

test.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
])('terminal %s with %j: coloured %s', (isTTY, env, coloured) => {
  const { paint } = createScreen(Object.assign(new PassThrough(), { isTTY }), env);
  expect(paint('red', 'x') !== 'x').toBe(coloured);
});
