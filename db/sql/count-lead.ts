import type { Pool } from 'pg';
import type { GateStore } from '../../activities/ports-gate';
import type { RateKind } from '../../domain/gate';

/**
 * Counts a lead in the open window of each of its keys, opening one where there is none, and notes on the lead what came
 * of it, in one statement. A lead that was counted before is only read. A few windows that are over are removed with
 * each count, so the table stays as small as what is open; a scan is never needed.
 */
const text = `
WITH fresh AS (
  SELECT id FROM leads WHERE id = $1 AND NOT COALESCE(gate ? 'rate', false) FOR UPDATE
), counted AS (
  INSERT INTO lead_rates AS r (key, until, count)
  SELECT k, $2::timestamptz + $3 * interval '1 ms', 1 FROM fresh, unnest($4::text[]) AS k ORDER BY k
  ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN r.until > $2 THEN r.count + 1 ELSE 1 END,
    until = CASE WHEN r.until > $2 THEN r.until ELSE excluded.until END
  RETURNING key, count
), over AS (
  SELECT kind FROM unnest($4::text[], $5::text[], $6::int[]) WITH ORDINALITY AS t(key, kind, most, n)
    JOIN counted USING (key) WHERE counted.count > t.most ORDER BY n LIMIT 1
), swept AS (
  DELETE FROM lead_rates WHERE key IN (
    SELECT key FROM lead_rates WHERE until < $2 AND key <> ALL ($4) ORDER BY until LIMIT 10 FOR UPDATE SKIP LOCKED)
), noted AS (
  UPDATE leads l SET gate = COALESCE(l.gate, '{}') || jsonb_build_object('rate', COALESCE((SELECT kind FROM over), 'ok'))
  FROM fresh WHERE l.id = fresh.id RETURNING l.gate ->> 'rate' AS rate
)
SELECT rate FROM noted
UNION ALL
SELECT gate ->> 'rate' FROM leads WHERE id = $1 AND gate ? 'rate'`;

/** @returns the kind of which there were too many, if so. */
export async function countLead(
  pool: Pool,
  { leadId, at, perMs, limits }: Parameters<GateStore['count']>[0],
): Promise<'ok' | RateKind> {
  const { rows } = await pool.query<{ rate: 'ok' | RateKind }>({
    name: 'count-lead',
    text,
    values: [
      leadId,
      at,
      perMs,
      limits.map(({ key }) => key),
      limits.map(({ kind }) => kind),
      limits.map(({ most }) => most),
    ],
  });
  return rows[0]?.rate ?? 'ok';
}
