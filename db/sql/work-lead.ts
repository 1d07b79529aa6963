import type { Pool, PoolClient } from 'pg';
import type { AssignmentStore } from '../../activities/ports';
import type { LeadId } from '../../domain/ids';
import { mayHaveCredit } from '../lock-ahead';
import type { ClockName } from '../../domain/sla/plan';
import { transaction } from '../client';
import { holdForNext } from './parked-queue';
import { endPartner } from './partner';
import { chargeOf, lockPool } from './pick';
import { returnCharge } from './return-charge';
import { freeOwner } from './write-pick';

/** The first touch stands; later ones are told on the timeline. Whoever works leads is not silent. */
export async function writeTouch(pool: Pool, input: Parameters<AssignmentStore['touch']>[0]): Promise<void> {
  await pool.query({
    name: 'write-touch',
    text: `
WITH first AS (
  SELECT id FROM leads WHERE id = $1 AND first_touch_at IS NULL
), lead AS (
  UPDATE leads SET first_touch_at = COALESCE(first_touch_at, $2), breached = breached OR $6::boolean,
    progress = CASE WHEN progress = 'assigned' THEN 'touched' ELSE progress END
  WHERE id = $1 AND (first_touch_at IS NULL OR progress = 'assigned')
), clocks AS (
  UPDATE assignments SET sla = $8::jsonb WHERE lead_id = $1 AND hop = $9 RETURNING rep_id
), heard AS (
  UPDATE rep_state SET missed_in_row = 0 FROM clocks WHERE rep_state.rep_id = clocks.rep_id AND missed_in_row > 0
)
INSERT INTO timeline (lead_id, at, what, details)
SELECT $1, $2, 'touched', jsonb_strip_nulls(jsonb_build_object('kind', $3::text, 'by', $4::text, 'first', EXISTS (SELECT FROM first),
  'speedToLeadMs', CASE WHEN EXISTS (SELECT FROM first) THEN $5::bigint END,
  'workedMs', CASE WHEN EXISTS (SELECT FROM first) THEN $7::bigint END,
  'missed', CASE WHEN EXISTS (SELECT FROM first) THEN $6::boolean END))`,
    values: [
      input.leadId,
      input.at,
      input.kind,
      input.by ?? null,
      input.speedToLeadMs,
      input.breached,
      input.workedMs,
      JSON.stringify(input.sla),
      input.hop,
    ],
  });
}

/** Where a clock stands in the applied SLA: the touch at the top, the others below `clocks`. */
const clockPath = (clock: ClockName, ...field: string[]): string[] =>
  clock === 'touch' ? field : ['clocks', clock, ...field];

/** Marks a step as done once: the second call finds `doneAt` set and writes nothing. */
export async function writeStepDone(
  pool: Pool,
  input: Parameters<AssignmentStore['stepDone']>[0],
): Promise<void> {
  await pool.query({
    name: 'write-step-done',
    text: `
WITH done AS (
  UPDATE assignments a SET sla = jsonb_set(a.sla, $7::text[], (
    SELECT jsonb_agg(CASE WHEN (s.step ->> 'number')::int = $3 THEN s.step || jsonb_build_object('doneAt', $4::text) ELSE s.step END ORDER BY s.place)
    FROM jsonb_array_elements(a.sla #> $7::text[]) WITH ORDINALITY AS s(step, place)))
  WHERE a.lead_id = $1 AND a.hop = $2
    AND EXISTS (SELECT FROM jsonb_array_elements(a.sla #> $7::text[]) AS step WHERE (step ->> 'number')::int = $3 AND NOT step ? 'doneAt')
  RETURNING a.lead_id
)
INSERT INTO timeline (lead_id, at, what, details) SELECT $1, $4::timestamptz, $5, $6::jsonb FROM done`,
    values: [
      input.leadId,
      input.hop,
      input.step,
      input.at,
      input.what,
      JSON.stringify(input.details),
      clockPath(input.clock, 'steps'),
    ],
  });
}

/**
 * A deadline of an owner has passed; its clock keeps running. For the touch the lead is marked, and the owner's misses in
 * a row are counted: at the limit he is paused, as leads sent to him would only wait.
 */
export async function writeBreach(
  pool: Pool,
  input: Parameters<AssignmentStore['breach']>[0],
): Promise<void> {
  await pool.query(
    `WITH marked AS (
       UPDATE assignments SET sla = jsonb_set(sla, $4::text[], sla #> $5::text[])
       WHERE lead_id = $1 AND hop = $3 AND sla #> $4::text[] IS NULL RETURNING rep_id
     ), missed AS (
       UPDATE leads SET breached = true WHERE id = $1 AND $6 = 'touch' AND NOT breached
     ), silent AS (
       UPDATE rep_state r SET missed_in_row = r.missed_in_row + 1,
         status = CASE WHEN r.missed_in_row + 1 >= $7::int THEN 'paused' ELSE r.status END,
         pause_reason = CASE WHEN r.missed_in_row + 1 >= $7::int AND r.status = 'active'
           THEN 'silent: ' || (r.missed_in_row + 1) || ' leads in a row were not touched in time' ELSE r.pause_reason END
       FROM marked WHERE r.rep_id = marked.rep_id AND $6 = 'touch'
       RETURNING r.rep_id, r.missed_in_row
     )
     INSERT INTO timeline (lead_id, at, what, details)
     SELECT $1, $2::timestamptz, 'sla_missed', jsonb_build_object('hop', $3::int, 'clock', $6::text, 'owner', rep_id) FROM marked
     UNION ALL
     SELECT $1, $2::timestamptz, 'rep_silent', jsonb_build_object('rep', rep_id, 'missedInRow', missed_in_row) FROM silent WHERE missed_in_row = $7::int`,
    [
      input.leadId,
      input.at,
      input.hop,
      clockPath(input.clock, 'missedAt'),
      input.clock === 'touch' ? ['touchDueAt'] : clockPath(input.clock, 'dueAt'),
      input.clock,
      input.silentAfter ?? null,
    ],
  );
}

export async function writeMovedClocks(
  pool: Pool,
  input: Parameters<AssignmentStore['moveClocks']>[0],
): Promise<void> {
  await pool.query(
    `WITH moved AS (UPDATE assignments SET sla = $3, touch_due_at = $4 WHERE lead_id = $1 AND hop = $2 AND sla <> $3::jsonb RETURNING lead_id)
     INSERT INTO timeline (lead_id, at, what, details) SELECT $1, $5, $6, $7::jsonb FROM moved`,
    [
      input.leadId,
      input.hop,
      JSON.stringify(input.sla),
      input.sla.touchDueAt,
      input.at,
      input.what,
      JSON.stringify(input.details),
    ],
  );
}

/** Qualifies the lead or closes it; a closed lead no longer counts as its owner's open work. */
export async function writeDisposition(
  pool: Pool,
  input: Parameters<AssignmentStore['dispose']>[0],
): Promise<LeadId | undefined> {
  const closes = input.outcome !== 'qualified';
  return transaction(pool, async (client) => {
    const { rows } = await client.query<{ owner_id: string | null; hop: number }>(
      `UPDATE leads SET progress = CASE WHEN $2 = 'closed' THEN progress ELSE $2 END,
         closed_at = CASE WHEN $3::boolean THEN $4::timestamptz ELSE closed_at END, close_reason = COALESCE($5, close_reason)
       WHERE id = $1 AND closed_at IS NULL AND (progress <> $2 OR $3::boolean) RETURNING owner_id, hop`,
      [input.leadId, input.outcome, closes, input.decidedAt, input.reason ?? null],
    );
    const row = rows[0];
    if (!row) return next(client, input); // a repeat of the call
    if (input.applied)
      await client.query('UPDATE assignments SET sla = $3 WHERE lead_id = $1 AND hop = $2', [
        input.leadId,
        input.applied.hop,
        JSON.stringify(input.applied.sla),
      ]);
    if (input.outcome === 'disqualified') await creditDisqualified(client, input, row.hop);
    if (closes) await endPartner(client, { leadId: input.leadId, ownerId: row.owner_id, at: input.at });
    if (closes && row.owner_id) await freeOwner(client, row.owner_id, { leadId: input.leadId, hop: row.hop });
    await client.query(`INSERT INTO timeline (lead_id, at, what, details) VALUES ($1, $2, $3, $4)`, [
      input.leadId,
      input.decidedAt,
      input.outcome,
      JSON.stringify({ reason: input.reason, by: input.by }),
    ]);
    return closes ? next(client, input) : undefined;
  });
}

/** Whoever waits for the room that a closed lead left. */
async function next(
  client: PoolClient,
  { leadId, at, longestWaitMs }: Parameters<AssignmentStore['dispose']>[0],
): Promise<LeadId | undefined> {
  const { rows } = await client.query<{ repId: string }>(
    'SELECT owner_id AS "repId" FROM leads WHERE id = $1 AND owner_id IS NOT NULL AND closed_at IS NOT NULL',
    [leadId],
  );
  const [closed] = rows;
  return closed && holdForNext(client, { repId: closed.repId, at, longestWaitMs });
}

/** A lead that was no good is given back to the pool, if the pool's rule says so. */
async function creditDisqualified(
  client: PoolClient,
  { leadId, at, credit }: Parameters<AssignmentStore['dispose']>[0],
  hop: number,
): Promise<void> {
  const charge = await chargeOf(client, leadId, hop);
  const rule = charge && credit[charge.from];
  if (!charge || !rule?.on.includes('disqualified')) return;
  // Locked before the credits are counted: two leads that close at once must not both be the last that is allowed.
  await lockPool(client, charge.poolId);
  if (await mayHaveCredit(client, rule, charge, at))
    await returnCharge(client, { leadId, hop, at, cause: 'disqualified' });
}
