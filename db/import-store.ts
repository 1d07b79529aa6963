import type { Pool, PoolClient } from 'pg';
import type { ImportStore, LineFault } from '../activities/ports-imports';
import type { ImportBook, ImportView } from '../api/ports';
import { toInstant } from '../domain/instant';
import { transaction } from './client';
import { addFaults, faultsOf, readingOf, type ReadingRow } from './sql/import-rows';
import { takeLines } from './sql/take-lines';

export function createImportStore(pool: Pool): ImportStore & ImportBook {
  return {
    open: (wanted) => transaction(pool, (client) => openImport(client, wanted)),
    view: (id) => viewImport(pool, id),
    faults: async (id) => {
      const { rows } = await pool.query<{ line: number } & LineFault>(
        'SELECT line, field, reason FROM import_faults WHERE import_id = $1 ORDER BY line, field',
        [id],
      );
      return rows;
    },
    cancel: (id, at) =>
      transaction(pool, async (client) => {
        const { rowCount } = await client.query(
          `UPDATE imports SET state = 'cancelled', file = NULL, finished_at = $2
           WHERE id = $1 AND state IN ('queued', 'running')`,
          [id, at],
        );
        if (!rowCount) return false;
        await client.query('DELETE FROM import_lines WHERE import_id = $1', [id]);
        return true;
      }),
    file: async (id) => {
      const { rows } = await pool.query<{ file: Buffer } & ReadingRow>(
        `SELECT file, source, format, mapping FROM imports WHERE id = $1 AND state = 'queued'`,
        [id],
      );
      const [row] = rows;
      return row && { file: row.file, ...readingOf(row) };
    },
    addLines: (importId, lines) => addLines(pool, importId, lines),
    splitDone: (importId) => transaction(pool, (client) => splitDone(client, importId)),
    take: (input) => transaction(pool, (client) => takeLines(client, input)),
    unfinished: async () => {
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM imports WHERE state IN ('queued', 'running') ORDER BY created_at`,
      );
      return rows.map(({ id }) => id);
    },
  };
}

/** A file that was cancelled and is sent again starts over; what it gave before is recognised lead by lead. */
async function openImport(
  client: PoolClient,
  { id, file, reading, at }: Parameters<ImportBook['open']>[0],
): Promise<void> {
  const mapping = reading.mapping ? JSON.stringify(reading.mapping) : null;
  const { rowCount } = await client.query(
    `INSERT INTO imports (id, source, format, mapping, file, created_at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (id) DO UPDATE SET file = excluded.file, state = 'queued', rows = NULL, accepted = 0, duplicates = 0,
       failed = 0, created_at = excluded.created_at, finished_at = NULL
     WHERE imports.state = 'cancelled'`,
    [id, reading.source, reading.format, mapping, file, at],
  );
  if (rowCount) await client.query('DELETE FROM import_faults WHERE import_id = $1', [id]);
}

async function viewImport(pool: Pool, id: string): Promise<ImportView | undefined> {
  type Row = Omit<ImportView, 'rows' | 'createdAt' | 'finishedAt'> & {
    readonly rows: number | null;
    readonly created: Date;
    readonly finished: Date | null;
  };
  const found = await pool.query<Row>(
    `SELECT id, state AS status, source, format, rows, accepted, duplicates, failed, created_at AS created,
            finished_at AS finished FROM imports WHERE id = $1`,
    [id],
  );
  const [row] = found.rows;
  if (!row) return undefined;
  const { rows, created, finished, ...view } = row;
  return {
    ...view,
    ...(rows === null ? {} : { rows }),
    createdAt: toInstant(created.getTime()),
    ...(finished ? { finishedAt: toInstant(finished.getTime()) } : {}),
  };
}

async function addLines(
  pool: Pool,
  importId: string,
  lines: Parameters<ImportStore['addLines']>[1],
): Promise<void> {
  const readable = lines.flatMap((one) => ('body' in one ? [one] : []));
  await pool.query(
    `INSERT INTO import_lines (import_id, line, body) SELECT $1, * FROM unnest($2::int[], $3::text[])
     ON CONFLICT DO NOTHING`,
    [importId, readable.map(({ line }) => line), readable.map(({ body }) => body)],
  );
  await addFaults(pool, importId, faultsOf(lines));
}

/** A file that was cancelled while it was split leaves nothing behind. */
async function splitDone(client: PoolClient, importId: string): Promise<void> {
  const { rowCount } = await client.query(
    `UPDATE imports SET state = 'running', file = NULL, failed = bad.lines,
       rows = bad.lines + (SELECT count(*) FROM import_lines WHERE import_id = $1)
     FROM (SELECT count(DISTINCT line) AS lines FROM import_faults WHERE import_id = $1) bad
     WHERE id = $1 AND state = 'queued'`,
    [importId],
  );
  if (rowCount) return;
  await client.query(
    `DELETE FROM import_lines WHERE import_id = $1
     AND EXISTS (SELECT FROM imports WHERE id = $1 AND state = 'cancelled')`,
    [importId],
  );
}
