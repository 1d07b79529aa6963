import type { Pool, PoolClient } from 'pg';
import type { ImportReading, LineFault } from '../../activities/ports-imports';

/** How a file is to be read, as its row says. */
export interface ReadingRow {
  readonly source: string;
  readonly format: ImportReading['format'];
  readonly mapping: Readonly<Record<string, string>> | null;
}

export const readingOf = ({ source, format, mapping }: ReadingRow): ImportReading => ({
  source,
  format,
  ...(mapping ? { mapping } : {}),
});

/** Notes why lines are no leads; of several faults of one field the first. */
export async function addFaults(
  db: Pool | PoolClient,
  importId: string,
  faults: readonly ({ readonly line: number } & LineFault)[],
): Promise<void> {
  if (faults.length === 0) return;
  await db.query(
    `INSERT INTO import_faults (import_id, line, field, reason)
     SELECT $1, * FROM unnest($2::int[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING`,
    [
      importId,
      faults.map(({ line }) => line),
      faults.map(({ field }) => field),
      faults.map(({ reason }) => reason),
    ],
  );
}

export const faultsOf = (
  lines: readonly ({ readonly line: number } & ({ readonly faults: readonly LineFault[] } | object))[],
): readonly ({ readonly line: number } & LineFault)[] =>
  lines.flatMap((one) => ('faults' in one ? one.faults.map((fault) => ({ line: one.line, ...fault })) : []));
