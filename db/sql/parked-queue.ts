import type { PoolClient } from 'pg';
import type { AssignInput } from '../../activities/ports';
import type { LeadId } from '../../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../../domain/instant';
import type { BeforePick } from './pick';

/** How long what a rep has room for is kept for a lead that waited for it; its run needs a moment to come and take it. */
const holdMs = 30_000;
/** A parked lead tries at least every longest wait; one that has not for so much longer has no run that could come. */
const deafAfterMs = 60_000;

/** Who comes first: one that has waited too long ($1: since then), then by band, then by how long it has waited. */
const place = (lead: { band: string; parkedAt: string; seq: string }): string =>
  `(${lead.parkedAt} > $1), CASE ${lead.band} WHEN 'hot' THEN 0 WHEN 'warm' THEN 1 ELSE 2 END, ${lead.parkedAt}, ${lead.seq}`;
const parkedPlace = place({ band: 'l.band', parkedAt: 'l.parked_at', seq: 'l.seq' });

/**
 * Keeps a rep's free room for the parked lead that comes first. Others pass him over until that lead has had its try.
 * Locks the rep.
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
             SELECT l.id FROM leads l WHERE l.progress = 'parked' AND l.closed_at IS NULL AND $2 = ANY (l.waits_for)
             ORDER BY ${parkedPlace} LIMIT 1) AS w
           WHERE rep_id = $2 RETURNING held_for AS "heldFor"`,
    values: [toInstant(epochMs(at) - longestWaitMs), repId, toInstant(epochMs(at) + holdMs)],
  });
  return rows[0]?.heldFor;
}

/**
 * A rep has room, and a lead is about to take it: by the clock alone nobody has told the parked leads that wait for him.
 * If one of them comes before this one, by the same policy version and with room for what it costs, he is kept for it.
 * One for which he was kept already and that has not come is not waited for again. The reps are locked.
 */
export async function callParked(
  client: PoolClient,
  { leadId, at, band, costs, longestWaitMs, policyVersion }: AssignInput,
  { parkedAt, seq }: BeforePick,
  reps: readonly { readonly rep: string; readonly room: number }[],
): Promise<readonly { readonly rep: string; readonly leadId: LeadId; readonly until: Date }[]> {
  if (reps.length === 0) return [];
  const since = (ms: number): IsoInstant => toInstant(epochMs(at) - ms);
  const { rows } = await client.query<{ rep: string; leadId: LeadId; until: Date }>({
    name: 'call-parked',
    text: `UPDATE rep_state s SET held_for = first.id, held_until = $13 FROM (
             SELECT r.rep, next.id FROM unnest($2::text[], $3::float8[]) AS r(rep, room) JOIN rep_state h ON h.rep_id = r.rep
             CROSS JOIN LATERAL (
               SELECT l.id FROM leads l
               WHERE l.progress = 'parked' AND l.closed_at IS NULL AND l.open_errors = 0 AND r.rep = ANY (l.waits_for) AND l.id <> $4
                 AND l.policy_version = $5 AND l.tried_at > $6 AND (h.held_for IS DISTINCT FROM l.id OR h.held_until > $7)
                 AND CASE l.band WHEN 'hot' THEN $8::int WHEN 'warm' THEN $9::int ELSE $10::int END <= r.room
                 AND (${parkedPlace}) < (${place({ band: '$11::text', parkedAt: '$12::timestamptz', seq: '$14::bigint' })})
               ORDER BY ${parkedPlace} LIMIT 1) AS next) AS first
           WHERE s.rep_id = first.rep RETURNING s.rep_id AS rep, s.held_for AS "leadId", s.held_until AS until`,
    values: [
      since(longestWaitMs),
      reps.map(({ rep }) => rep),
      reps.map(({ room }) => room),
      leadId,
      policyVersion,
      since(longestWaitMs + deafAfterMs),
      at,
      costs.hot,
      costs.warm,
      costs.cold,
      band,
      parkedAt ?? at,
      toInstant(epochMs(at) + holdMs),
      seq,
    ],
  });
  return rows;
}
