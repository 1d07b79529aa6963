import { parse } from 'csv-parse/sync';
import type { FileLine, ImportFormat } from '../../activities/ports-imports';
import { asWindows1252 } from '../../domain/windows-1252';

/** A record of a CSV file spans at most this many lines, so that a quote nobody closed spoils one line and not the rest. */
const recordLinesMax = 200;
/** Characters of a record; a lead's longest field has 10 000. */
const recordMax = 64 * 1024;

/** The lines of a file as JSON, each with its number in the file. Empty lines are skipped. */
export function* fileLines(file: Buffer, format: ImportFormat): Generator<FileLine> {
  yield* format === 'csv' ? csvLines(linesIn(file)) : jsonLines(linesIn(file));
}

/** The columns that the header of a CSV file names, or why it cannot be read; undefined for a file without one. */
export function csvHeader(
  file: Buffer,
): { readonly columns: readonly string[] } | { readonly fault: string } | undefined {
  for (const record of csvRecords(linesIn(file)))
    if ('fault' in record) return record;
    else if (!isEmpty(record)) return { columns: record.cells };
  return undefined;
}

const linesIn = (file: Buffer): readonly string[] => decoded(file).replace(/\r\n?/g, '\n').split('\n');

/**
 * A file's text: UTF-8 with or without byte order mark, UTF-16 with one, else Windows-1252, which is what older
 * spreadsheets write.
 */
export function decoded(file: Buffer): string {
  const mark = file.subarray(0, 2).toString('hex');
  if (mark === 'fffe' || mark === 'feff')
    return new TextDecoder(mark === 'fffe' ? 'utf-16le' : 'utf-16be').decode(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file);
  } catch {
    return asWindows1252(file.toString('latin1'));
  }
}

function* jsonLines(lines: readonly string[]): Generator<FileLine> {
  for (const [index, text] of lines.entries()) {
    if (text.trim() !== '') yield kept(index + 1, text);
  }
}

function* csvLines(lines: readonly string[]): Generator<FileLine> {
  let header: readonly string[] | undefined;
  for (const record of csvRecords(lines)) {
    if ('fault' in record) yield bad(record.line, record.fault);
    else if (isEmpty(record)) continue;
    else if (header === undefined) header = record.cells;
    else yield rowOf(header, record);
  }
}

const isEmpty = ({ cells }: CsvRecord): boolean => cells.every((cell) => cell === '');

interface CsvRecord {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Records of a CSV file. It is parsed some lines at a time: where a block ends inside of a record, the next one begins with
 * that record; one that does not end within a block is given up, and reading goes on with the line after its first.
 */
function* csvRecords(
  lines: readonly string[],
): Generator<CsvRecord | { readonly line: number; readonly fault: string }> {
  const stated = /^sep=(.)$/i.exec(lines[0] ?? '')?.[1];
  const top = lines.findIndex((text, index) => text.trim() !== '' && !(index === 0 && stated !== undefined));
  const delimiter = stated ?? delimiterOf(lines[top] ?? '');
  let from = Math.max(0, top);
  while (from < lines.length) {
    const block = lines.slice(from, from + recordLinesMax);
    const { records, read } = parseBlock(block, delimiter);
    for (const { line, cells } of records) yield { line: from + line, cells };
    if (read === 0) yield { line: from + 1, fault: faultOf(block[0] ?? '') };
    from += Math.max(1, read);
  }
}

/** The whole records at the beginning of a block, and how many lines they take. */
function parseBlock(
  block: readonly string[],
  delimiter: string,
): { readonly records: readonly CsvRecord[]; readonly read: number } {
  const records: CsvRecord[] = [];
  let read = 0;
  try {
    parse(block.join('\n'), {
      delimiter,
      record_delimiter: '\n',
      trim: true,
      relax_column_count: true,
      relax_quotes: true,
      max_record_size: recordMax,
      on_record: (cells: readonly string[], { lines: end }: { readonly lines: number }) => {
        records.push({ line: read + 1, cells });
        read = end;
        return null;
      },
    });
    return { records, read: block.length };
  } catch {
    return { records, read };
  }
}

function faultOf(text: string): string {
  return text.length > recordMax
    ? `is longer than ${String(recordMax)} characters`
    : 'has a quote that is not closed, or one in the wrong place';
}

function rowOf(header: readonly string[], { line, cells }: CsvRecord): FileLine {
  if (cells.slice(header.length).some((cell) => cell !== ''))
    return bad(line, `has ${String(cells.length)} columns, the header has ${String(header.length)}`);
  const row = new Map<string, string>();
  // Of several columns with one name the first counts.
  for (const [index, name] of header.entries())
    if (name !== '' && !row.has(name)) row.set(name, cells[index] ?? '');
  return kept(line, JSON.stringify(Object.fromEntries(row)));
}

/** What separates the columns: the candidate that the header, outside of quotes, has most of. */
function delimiterOf(header: string): string {
  const bare = header.replace(/"[^"]*"/g, '');
  const count = (candidate: string): number => bare.split(candidate).length;
  return [',', ';', '\t', '|'].reduce((best, next) => (count(next) > count(best) ? next : best));
}

function kept(line: number, body: string): FileLine {
  if (body.length > recordMax) return bad(line, `is longer than ${String(recordMax)} characters`);
  return body.includes('\0') ? bad(line, 'has a NUL character') : { line, body };
}

const bad = (line: number, reason: string): FileLine => ({ line, faults: [{ field: '', reason }] });
