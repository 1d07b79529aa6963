import type { PoolClient } from 'pg';
import type { AssignInput, Assignment } from '../../activities/ports';
import type { OpenOffer } from '../../domain/assignment/open-offer';
import { passingSkips } from '../../domain/assignment/explain';
import type { CandidateVerdict } from '../../domain/assignment/picker';
import type { BeforePick } from './pick';
import { writeLedger, type PoolPick } from './write-ledger';

export interface PickWritten {
  readonly input: AssignInput;
  readonly repId: string;
  readonly sla: Assignment['sla'];
  readonly before: BeforePick;
  /** Absent when it is his at once. */
  readonly offer?: Assignment['offer'];
  /** Absent for a named rep. */
  readonly pool?: PoolPick;
}

/** The owner holds the lead of that assignment no longer. */
export async function freeOwner(
  client: PoolClient,
  repId: string,
  { leadId, hop }: { readonly leadId: string; readonly hop: number },
): Promise<void> {
  await client.query(
    `UPDATE rep_state SET open_count = open_count - 1, open_cost = open_cost - a.cost FROM assignments a
     WHERE rep_state.rep_id = $1 AND a.lead_id = $2 AND a.hop = $3`,
    [repId, leadId, hop],
  );
}

/** Takes the lead from its owner; a statement of its own, as parts of one statement have no order and a lead has one owner. */
export async function endAssignment(client: PoolClient, input: AssignInput): Promise<void> {
  await client.query('UPDATE assignments SET ended_at = $2 WHERE lead_id = $1 AND ended_at IS NULL', [
    input.leadId,
    input.at,
  ]);
}

/** Writes ledger, standings, counters, assignment, lead and timeline of one pick; both statements are sent at once. */
export async function writePick(client: PoolClient, written: PickWritten): Promise<void> {
  const { input, repId, pool } = written;
  const { leadId, hop, at } = input;
  await Promise.all([
    pool && writeLedger(client, pool, { leadId, hop, repId, at }),
    writeAssignment(client, written),
  ]);
}

async function writeAssignment(
  client: PoolClient,
  { input, repId, sla, before, pool, offer }: PickWritten,
): Promise<void> {
  await client.query({
    name: 'write-assignment',
    text: `
WITH freed AS (
  SELECT cost FROM assignments WHERE lead_id = $1 AND hop = $14::int
), counters AS (
  UPDATE rep_state SET
    open_count = open_count + (CASE WHEN rep_id = $3 THEN 1 ELSE 0 END) - (CASE WHEN rep_id = $13 THEN 1 ELSE 0 END),
    open_cost = open_cost + (CASE WHEN rep_id = $3 THEN $10::int ELSE 0 END) - (CASE WHEN rep_id = $13 THEN (SELECT cost FROM freed) ELSE 0 END),
    held_for = CASE WHEN held_for = $1 THEN NULL ELSE held_for END
  WHERE rep_id IN ($3, $13)
), assignment AS (
  INSERT INTO assignments (lead_id, hop, rep_id, pool_id, rule, cause, assigned_at, sla, touch_due_at, cost, offer)
  VALUES ($1, $2, $3, $5, $6, $7, $4, $8::jsonb, $9, $10, $11::jsonb)
), lead AS (
  UPDATE leads SET progress = CASE WHEN $12::boolean THEN progress ELSE 'assigned' END, owner_id = $3, hop = $2, score = $15, band = $16,
    explanation = $17::jsonb, policy_version = $18, open_offer = open_offer || '{"ended": true}', parked_at = NULL, waits_for = '{}', rerouted = rerouted OR $7 = 'band_changed' WHERE id = $1
)
INSERT INTO timeline (lead_id, at, what, details)
VALUES ($1, $4, 'assigned', jsonb_build_object('owner', $3::text, 'hop', $2::int, 'rule', $6::text, 'cause', $7::text, 'pool', $5::text,
  'ledgerSeq', $19::bigint, 'score', $15::int, 'band', $16::text, 'touchDueAt', $8::jsonb ->> 'touchDueAt')
  || CASE WHEN $11::jsonb IS NULL THEN '{}' ELSE jsonb_build_object('offeredUntil', $11::jsonb ->> 'until') END)`,
    values: [
      input.leadId,
      input.hop,
      repId,
      input.at,
      pool?.poolId ?? null,
      input.rule,
      input.cause,
      JSON.stringify(sla),
      sla.touchDueAt,
      input.cost,
      offer ? JSON.stringify(offer) : null,
      before.touched,
      before.ownerId,
      before.hop,
      input.score,
      input.band,
      JSON.stringify(input.explanation),
      input.policyVersion,
      pool ? String(pool.seq) : null,
    ],
  });
}

/**
 * Nobody could take it, or it is open to several: says so on the timeline and, unless the owner keeps it, frees him and
 * parks the lead.
 * @returns the owner who was freed.
 */
export async function writeParked(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  { skipped, open }: { readonly skipped: readonly CandidateVerdict[]; readonly open?: OpenOffer },
): Promise<string | null> {
  const keeps = before.ownerId !== null && input.cause !== 'declined' && input.cause !== 'lapsed';
  // A lead that is open has its time: it does not queue for whoever frees up.
  const waitsFor = open
    ? []
    : skipped.filter(({ skip }) => skip !== undefined && passingSkips.includes(skip));
  const reasons = skipped.map(({ rep, skip }) => ({ rep, skip }));
  if (!keeps) {
    await client.query(
      `WITH freed AS (SELECT cost FROM assignments WHERE lead_id = $1 AND ended_at IS NULL),
            counters AS (UPDATE rep_state SET open_count = open_count - 1, open_cost = open_cost - (SELECT cost FROM freed) WHERE rep_id = $2),
            ended AS (UPDATE assignments SET ended_at = $3 WHERE lead_id = $1 AND ended_at IS NULL),
            came AS (UPDATE rep_state SET held_for = NULL WHERE rep_id = ANY ($9) AND rep_id IS DISTINCT FROM $2 AND held_for = $1)
       UPDATE leads SET progress = 'parked', owner_id = NULL, score = $4, band = $5, explanation = $6, policy_version = $7,
         parked_at = COALESCE(parked_at, $3), tried_at = $3, waits_for = $8,
         open_offer = COALESCE($10::jsonb, open_offer || '{"ended": true}') WHERE id = $1`,
      [
        input.leadId,
        before.ownerId,
        input.at,
        input.score,
        input.band,
        JSON.stringify(input.explanation),
        input.policyVersion,
        waitsFor.map(({ rep }) => rep),
        skipped.map(({ rep }) => rep),
        open ? JSON.stringify(open) : null,
      ],
    );
  }
  await client.query(`INSERT INTO timeline (lead_id, at, what, details) VALUES ($1, $2, $3, $4)`, [
    input.leadId,
    input.at,
    open ? 'opened' : keeps ? 'owner_kept' : 'parked',
    JSON.stringify({
      ...(open
        ? { pool: open.poolId, to: open.reps, until: open.until }
        : { because: 'nobody else can take it' }),
      rule: input.rule,
      cause: input.cause,
      skipped: reasons,
    }),
  ]);
  return keeps ? null : before.ownerId;
}
