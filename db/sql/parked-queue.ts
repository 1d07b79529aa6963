import type { PoolClient } from 'pg';
import type { LeadId } from '../../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../../domain/instant';

/** How long what a rep has room for is kept for a lead that waited for it; its run needs a moment to come and take it. */
const holdMs = 30_000;

/**
 * Keeps a rep's free room for the parked lead that comes first: one that has waited too long, then by band, then by how
 * long it has waited. Others pass him over until that lead has had its try. Locks the rep.
 * @returns that lead, to be told.
 */
export async function holdForNext(
  client: PoolClient,
  {
    repId,
    at,
    longestWaitMs,
  }: { readonly repId: string; readonly at: IsoInstant; readonly longestWaitMs: number },
): Promise<LeadId | undefined> {
  const { rows } = await client.query<{ heldFor: LeadId }>({
    name: 'hold-for-next',
    text: `UPDATE rep_state SET held_for = w.id, held_until = $3 FROM (
             SELECT id FROM leads WHERE progress = 'parked' AND closed_at IS NULL AND $1 = ANY (waits_for)
             ORDER BY (parked_at <= $2) DESC, CASE band WHEN 'hot' THEN 0 WHEN 'warm' THEN 1 ELSE 2 END, parked_at, seq LIMIT 1) AS w
           WHERE rep_id = $1 RETURNING held_for AS "heldFor"`,
    values: [repId, toInstant(epochMs(at) - longestWaitMs), toInstant(epochMs(at) + holdMs)],
  });
  return rows[0]?.heldFor;
}
