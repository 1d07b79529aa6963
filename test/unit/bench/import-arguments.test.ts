import { parseImportArguments } from '../../../bench/import-arguments';

test('file, source and columns become the address of the import', () => {
  const { file, query } = parseImportArguments([
    'fair.csv',
    '--source',
    'fair',
    '--map',
    'email=E=Mail',
    '--map',
    'company=Firma',
  ]);
  expect(file).toBe('fair.csv');
  expect(Object.fromEntries(query)).toEqual({
    source: 'fair',
    mapping: '{"email":"E=Mail","company":"Firma"}',
  });
  expect([...parseImportArguments(['x.jsonl']).query]).toEqual([]);
});

test.each([[[]], [['a.csv', 'b.csv']], [['a.csv', '--map', 'email']], [['a.csv', '--what']]])(
  '%j says how it is used',
  (args) => {
    expect(() => parseImportArguments(args)).toThrow('usage: npm run import');
  },
);
