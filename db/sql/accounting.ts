import type { Pool } from 'pg';
import type { Accounting } from '../../api/ports';

/**
 * The books. What was accepted is counted from the inbox; where each lead went is counted from what was written about
 * it elsewhere (assignments, merges, parking), so a lead that is nowhere, or in two places, makes the sums differ. An
 * accepted event that could not be read as a lead is a dead letter until it became one.
 */
export async function accounting(pool: Pool): Promise<Accounting> {
  const { rows } = await pool.query<Record<Exclude<keyof Accounting, 'balanced'>, string>>(`
    WITH owned AS (SELECT lead_id FROM assignments WHERE ended_at IS NULL),
    dead AS (SELECT count(*) AS letters FROM webhook_events e WHERE e.state = 'dead_lettered'
      AND NOT EXISTS (SELECT FROM leads l WHERE l.id = e.lead_id))
    SELECT
      (SELECT count(*) FROM leads) + (SELECT letters FROM dead) AS accepted,
      (SELECT count(*) FROM owned) AS assigned,
      (SELECT count(*) FROM leads WHERE progress = 'parked') AS parked,
      (SELECT count(*) FROM leads WHERE merged_into IS NOT NULL) AS merged,
      (SELECT count(*) FROM leads l WHERE l.progress IN ('rejected', 'disqualified')
         AND NOT EXISTS (SELECT FROM owned o WHERE o.lead_id = l.id)) AS rejected,
      (SELECT letters FROM dead) AS "deadLettered",
      (SELECT count(*) FROM leads l WHERE l.closed_at IS NULL AND l.progress IN ('received', 'identified')
         AND NOT EXISTS (SELECT FROM owned o WHERE o.lead_id = l.id)) AS "inFlight"`);
  const counts = rows[0];
  if (!counts) throw new Error('counting returned no row');
  const books = {
    accepted: Number(counts.accepted),
    assigned: Number(counts.assigned),
    parked: Number(counts.parked),
    merged: Number(counts.merged),
    rejected: Number(counts.rejected),
    deadLettered: Number(counts.deadLettered),
    inFlight: Number(counts.inFlight),
  };
  const settled =
    books.assigned + books.parked + books.merged + books.rejected + books.deadLettered + books.inFlight;
  return { ...books, balanced: books.accepted === settled };
}
