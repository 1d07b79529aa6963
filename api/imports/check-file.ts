import type { ImportReading } from '../../activities/ports-imports';
import { ApiError, invalid } from '../errors';
import { namedFields } from '../webhooks/generic';
import { applyMapping } from '../webhooks/mapping';
import { csvHeader, decoded, fileLines } from './file-lines';

const linesMax = 200_000;
/** Bytes from which one can tell what a file is: its header, and a line more. */
const startMax = 128 * 1024;
/** Bytes of anything that is no text are control characters, which texts have none or a few of, about one in ten times. */
const controlShareMax = 0.05;

/**
 * Refuses a file in which no line can be a lead, before it is kept; what is wrong with single lines is told line by line.
 * @throws ApiError 400 for what is no text, 422 saying what was expected
 */
export function checkFile(file: Buffer, { format, mapping }: ImportReading): void {
  if (file.length === 0) throw refused('is empty', 'a file with at least one line');
  if (linesOf(file) > linesMax)
    throw refused('has too many lines', `at most ${String(linesMax)}; split the file`);
  const start = startOf(file);
  if (!isText(decoded(start)))
    throw new ApiError(
      'malformed_body',
      'The file is no text. Spreadsheets and archives cannot be read: save it as CSV (UTF-8) or as one JSON object a line.',
    );
  if (format === 'csv') checkHeader(start, mapping);
  if (fileLines(start, format).next().done)
    throw refused(
      'has no lines',
      format === 'csv' ? 'a header line and leads below it' : 'one JSON object a line',
    );
}

function checkHeader(start: Buffer, mapping: ImportReading['mapping']): void {
  const header = csvHeader(start);
  if (header === undefined) throw refused('has no lines', 'a header line and leads below it');
  if ('fault' in header)
    throw refused(`header ${header.fault}`, 'a first line with the names of the columns');
  const row = Object.fromEntries(header.columns.map((column) => [column, 'something']));
  const found = mapping ? applyMapping(mapping, row).lead : namedFields(row);
  if (typeof found === 'object' && found !== null && ('email' in found || 'phone' in found)) return;
  if (!mapping)
    throw refused(
      'has no column for an e-mail address or a phone number',
      'a header with a column such as email, E-Mail, phone or Telefon, or a mapping that names one',
    );
  const named = (['email', 'phone'] as const).filter((field) => mapping[field] !== undefined);
  throw invalid(
    named.length === 0
      ? [{ path: 'mapping', message: 'names neither email nor phone', expected: 'one of them' }]
      : named.map((field) => ({
          path: `mapping.${field}`,
          message: 'is no column of the file',
          expected: 'the name of a column as the header has it',
        })),
  );
}

const refused = (message: string, expected: string): ApiError => invalid([{ path: '', message, expected }]);

function linesOf(file: Buffer): number {
  let lines = 0;
  for (let at = file.indexOf(10); at >= 0; at = file.indexOf(10, at + 1)) lines += 1;
  return lines;
}

/** Whole lines from the beginning, so that no character is cut in two. */
function startOf(file: Buffer): Buffer {
  if (file.length <= startMax) return file;
  const start = file.subarray(0, startMax);
  return start.subarray(0, Math.max(start.lastIndexOf(10), start.lastIndexOf(13)) + 1 || startMax);
}

function isText(text: string): boolean {
  const controls = text.match(/[\0-\x08\x0e-\x1a\x1c-\x1f]/g)?.length ?? 0;
  return controls <= text.length * controlShareMax;
}
