import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureTable } from '../../activities/failures';
import { errorTable } from '../../api/errors';

const document = readFileSync(join(__dirname, '../../docs/errors.md'), 'utf8');

/** First two cells of every row under a heading. */
function rowsUnder(heading: string): string[][] {
  const section = document.split(/^## /m).find((text) => text.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `(\w+)` \| ([\w]+) \| (.+) \|$/gm)].map((row) => row.slice(1, 4));
}

test('docs/errors.md lists every code of the API with its status, and no other', () => {
  const documented = Object.fromEntries(
    rowsUnder('What the HTTP API').map(([code, status]) => [code, Number(status)]),
  );
  const actual = Object.fromEntries(Object.entries(errorTable).map(([code, { status }]) => [code, status]));
  expect(documented).toEqual(actual);
});

test('docs/errors.md lists every failure code with what follows, and no other', () => {
  const documented = Object.fromEntries(rowsUnder('How a step').map(([code, then]) => [code, then]));
  const actual = Object.fromEntries(Object.entries(failureTable).map(([code, { then }]) => [code, then]));
  expect(documented).toEqual(actual);
});

test('each row says what to do', () => {
  const rows = [...rowsUnder('What the HTTP API'), ...rowsUnder('How a step')];
  expect(rows.filter(([, , advice]) => (advice ?? '').length < 10)).toEqual([]);
});
