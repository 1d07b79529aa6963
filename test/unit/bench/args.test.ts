import { parseBenchArguments, UsageError } from '../../../bench/args';

test('without arguments: 600 leads, latency at 5 a second, a table only', () => {
  expect(parseBenchArguments([])).toEqual({ leads: 600, rate: 5, json: false, writeDocs: false });
});

test('every argument is understood, with or without the equals sign', () => {
  expect(parseBenchArguments(['--leads', '90', '--rate=2.5', '--json', '--write-docs'])).toEqual({
    leads: 90,
    rate: 2.5,
    json: true,
    writeDocs: true,
  });
});

test.each([
  ['--leads', '0'],
  ['--leads', '2.5'],
  ['--leads', 'many'],
  ['--leads', ''],
  ['--leads', 'Infinity'],
  ['--rate', '0'],
  ['--rate', '-5'],
  ['--rates', '5'],
  ['--leads'],
  ['600'],
])('%s %s is refused, and the message says how to ask', (...argv) => {
  expect(() => parseBenchArguments(argv.filter((part) => part !== undefined))).toThrow(UsageError);
  expect(() => parseBenchArguments(argv)).toThrow(/usage: npm run bench/);
});
