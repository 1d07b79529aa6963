import { z } from 'zod';

const LogLine = z.object({
  level: z.union([z.string(), z.number()]),
  msg: z.string().optional(),
  leadId: z.string().optional(),
  err: z.object({ message: z.string() }).partial().optional(),
});

const shown = new Set<string | number>(['warn', 'error', 'fatal', 40, 50, 60]);
const names: Readonly<Record<string, string>> = { '40': 'warn', '50': 'error', '60': 'fatal' };

/**
 * What a terminal shows of a line in a child's log: warnings and errors in short form, and whatever is not a log
 * record (a crash's stack, a bad variable). Undefined for the rest, which stays in the file.
 */
export function readableLine(line: string): string | undefined {
  if (!line.startsWith('{')) return line.trim() === '' ? undefined : line;
  const parsed = LogLine.safeParse(parseJson(line));
  if (!parsed.success) return line;
  const { level, msg, err, leadId } = parsed.data;
  if (!shown.has(level)) return undefined;
  const parts = [
    `${names[String(level)] ?? String(level)}:`,
    msg,
    err?.message && `(${err.message})`,
    leadId && `[${leadId}]`,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
