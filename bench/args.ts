import { parseArgs } from 'node:util';

/** What `npm run bench` was asked to do. */
export interface BenchArguments {
  readonly leads: number;
  /** Leads per second of the latency phase. */
  readonly rate: number;
  readonly json: boolean;
  readonly writeDocs: boolean;
}

/** Raised for arguments that cannot be used; the message is all the user needs. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const usage = 'usage: npm run bench -- [--leads N] [--rate R] [--json] [--write-docs]';

/** Reads the command line. @throws UsageError */
export function parseBenchArguments(argv: readonly string[]): BenchArguments {
  const { leads, rate, json, 'write-docs': writeDocs } = parse(argv);
  return {
    leads: numberIn('--leads', leads ?? '600', { min: 30, max: 1_000_000, whole: true }),
    rate: numberIn('--rate', rate ?? '5', { min: 0.1, max: 1_000, whole: false }),
    json: json ?? false,
    writeDocs: writeDocs ?? false,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        leads: { type: 'string' },
        rate: { type: 'string' },
        json: { type: 'boolean' },
        'write-docs': { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function numberIn(
  name: string,
  text: string,
  { min, max, whole }: { readonly min: number; readonly max: number; readonly whole: boolean },
): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value) || value < min || value > max || (whole && !Number.isInteger(value))) {
    throw new UsageError(
      `${name} ${text}: expected a${whole ? ' whole' : ''} number from ${min} to ${max}\n${usage}`,
    );
  }
  return value;
}
