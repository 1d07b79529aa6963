import fc from 'fast-check';
import { bodyLimit, parseJson } from '../../api/body';

/** JSON as text, and what it is to be read as. */
interface Sample {
  readonly text: string;
  readonly value: unknown;
}

const parsed = (text: string): Sample => ({ text, value: JSON.parse(text) });

const leaf = fc.oneof(
  fc
    .jsonValue({ maxDepth: 0 })
    .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value))
    .map((value) => parsed(JSON.stringify(value))),
  fc
    .constantFrom('-0.1234567890123456789', '1234567890123456e3', '1234567890123456789.0', '-0', '1e400')
    .map(parsed),
  fc.string({ unit: fc.constantFrom('"', '\\', '1', ':', ' ', 'é') }).map((part): Sample => {
    const value = `${part}:12345678901234567890,`;
    return { text: JSON.stringify(value), value };
  }),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map((number): Sample => {
    const text = String(number);
    return { text, value: Number.isSafeInteger(Number(text)) ? Number(text) : text };
  }),
);
const space = fc.constantFrom('', ' ', '\n\t');

const { tree } = fc.letrec<{ tree: Sample }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.tuple(fc.array(tie('tree')), space).map(([items, gap]): Sample => ({
      text: `[${items.map(({ text }) => `${gap}${text}${gap}`).join(',')}]`,
      value: items.map(({ value }) => value),
    })),
    fc
      .tuple(fc.dictionary(fc.oneof(fc.string(), fc.constant('12345678901234567')), tie('tree')), space)
      .map(([fields, gap]): Sample => ({
        text: `{${Object.entries(fields)
          .map(([key, { text }]) => `${gap}${JSON.stringify(key)}${gap}:${gap}${text}`)
          .join(',')}}`,
        value: Object.fromEntries(Object.entries(fields).map(([key, { value }]) => [key, value])),
      })),
  ),
}));

test('what is read is what JSON.parse reads, but for integers beyond 2^53, which keep their digits', () => {
  fc.assert(
    fc.property(tree, ({ text, value }) => {
      expect(parseJson(text)).toEqual(value);
    }),
    { numRuns: 1_000 },
  );
});

const filled = (start: string, unit: string, end: string): string =>
  start + unit.repeat(Math.floor((bodyLimit - start.length - end.length) / unit.length)) + end;

test.each([
  ['one long number with a fraction', filled('{"x":', '1', '.5}'), true],
  ['one long number', filled('{"x":', '1', '}'), true],
  ['many long numbers with a fraction', filled('[0', ',1111111111111111.5', ']'), true],
  ['many long integers', filled('[0', ',11111111111111111', ']'), true],
  ['a string of quotes', filled('{"x":1111111111111111,"y":"', '\\"', '"}'), true],
  ['a string of quotes without an end', filled('{"x":1111111111111111,"y":"', '\\"', ''), false],
  ['a string of backslashes without an end', filled('{"x":1111111111111111,"y":"', '\\', ''), false],
  ['a number that is none', filled('{"x":', '1', 'x}'), false],
  ['many strings and an error at the end', filled('["1111111111111111"', ',""', ''), false],
  ['white space and an error at the end', filled('[1111111111111111', ' ', 'x'), false],
])('the largest body is read or refused at once: %s', (_name, text, isJson) => {
  const startedAt = performance.now();
  if (isJson) parseJson(text);
  else expect(() => parseJson(text)).toThrow('not valid JSON');
  expect(performance.now() - startedAt).toBeLessThan(200);
});
