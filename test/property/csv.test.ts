import fc from 'fast-check';
import { fileLines } from '../../api/imports/file-lines';

const cell = fc.string({ unit: fc.constantFrom('a', 'Ü', '"', ',', ';', '\n', ' ', '1'), maxLength: 12 });
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

test('what a spreadsheet writes is read back, cell by cell and with its line number', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell), { maxLength: 300 }),
      fc.constantFrom(',', ';', '\t'),
      fc.constantFrom('\n', '\r\n'),
      (rows, separator, lineEnd) => {
        const file = [['one', 'two'], ...rows].map((row) => row.map(quoted).join(separator)).join(lineEnd);
        let line = 2;
        const expected = rows.flatMap(([one, two]) => {
          const at = line;
          line += `${one}${two}`.split('\n').length;
          return one === '' && two === '' ? [] : [{ line: at, body: JSON.stringify({ one, two }) }];
        });
        expect([...fileLines(Buffer.from(file), 'csv')]).toEqual(expected);
      },
    ),
    { numRuns: 200 },
  );
});

test('any bytes are lines or faults, each with a number of its own', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 4_000 }),
      fc.constantFrom('csv' as const, 'jsonl' as const),
      (bytes, format) => {
        const numbers = [...fileLines(Buffer.from(bytes), format)].map(({ line }) => line);
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      },
    ),
  );
});
