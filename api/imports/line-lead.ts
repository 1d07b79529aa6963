import type { ImportReading, LineFault, LineReader } from '../../activities/ports-imports';
import { parseJson } from '../body';
import { ApiError } from '../errors';
import { leadFromImport } from '../lead-id';
import { mapEvent } from '../webhooks/receive';
import { fileLines } from './file-lines';

/** Reads files by the rules of a `generic` source: the same fields, labels and mappings, the same checks. */
export const lineReader: LineReader = {
  lines: fileLines,
  lead: (text, reading, nowMs) => {
    const json = jsonOf(text);
    if ('faults' in json) return json;
    const { fields, eventId, isSpam, issues } = mapEvent(sourceOf(reading), { data: json.value });
    if (isSpam) return { faults: [{ field: 'honeypot', reason: 'is filled in' }] };
    if (!fields)
      return {
        faults: issues.map(({ path, message, expected }) => ({
          field: path,
          reason: `${message}; expected ${expected}`,
        })),
      };
    return { lead: leadFromImport({ fields, json: json.value, text, nowMs }, reading.source, eventId) };
  },
};

const sourceOf = ({ mapping }: ImportReading) => ({
  kind: 'generic' as const,
  ...(mapping ? { mapping } : {}),
});

function jsonOf(text: string): { readonly value: unknown } | { readonly faults: readonly LineFault[] } {
  try {
    return { value: parseJson(text) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const column = /column \d+/.exec(error.message)?.[0];
    const reason = column === undefined ? 'nests too deep' : `is not valid JSON at ${column}`;
    return { faults: [{ field: '', reason }] };
  }
}
