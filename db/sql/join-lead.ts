import type { Pool, PoolClient } from 'pg';
import type { AssignmentStore } from '../../activities/ports';
import type { LeadJoined } from '../../activities/routing-types';
import { chargeToday, type CandidateVerdict, type MemberStanding } from '../../domain/assignment/picker';
import { takeBack } from '../../domain/assignment/take-back';
import { toInstant } from '../../domain/instant';
import type { LeadProgress } from '../../domain/lead';
import { transaction } from '../client';
import { lockPool, lockReps } from './pick';

type JoinInput = Parameters<AssignmentStore['join']>[0];

interface LeadRow {
  readonly id: string;
  readonly progress: LeadProgress;
  readonly mergedInto: string | null;
  readonly closed: boolean;
  readonly ownerId: string | null;
  readonly hop: number;
  readonly touched: boolean;
  readonly breached: boolean;
  readonly touchDueAt: Date | null;
}

/** Ends a lead as merged into an older open one; locks leads, pool and reps in the order in which a pick does. */
export function joinLead(pool: Pool, input: JoinInput): Promise<LeadJoined> {
  return transaction(pool, async (client) => {
    const leads = await lockLeads(client, [input.leadId, input.into]);
    const [lead, older] = [leads.get(input.leadId), leads.get(input.into)];
    if (!lead || !older || lead.id === older.id)
      return { kind: 'refused', reason: 'there is no such lead to join' };
    if (lead.mergedInto === older.id) return joined(lead, older); // a repeat of the call
    if (lead.closed) return { kind: 'refused', reason: 'the lead is closed' };
    if (older.closed) return { kind: 'refused', reason: `${older.id} is closed` };
    await endLead(client, input, lead);
    await inheritDeadline(client, input, lead, older);
    return joined(lead, older);
  });
}

/** Each with its current touch deadline, in the order of their ids. */
async function lockLeads(client: PoolClient, ids: readonly string[]): Promise<ReadonlyMap<string, LeadRow>> {
  const { rows } = await client.query<LeadRow>(
    `SELECT id, progress, merged_into AS "mergedInto", closed_at IS NOT NULL AS closed, owner_id AS "ownerId", hop,
       first_touch_at IS NOT NULL AS touched, breached,
       (SELECT a.touch_due_at FROM assignments a WHERE a.lead_id = leads.id ORDER BY a.hop DESC LIMIT 1) AS "touchDueAt"
     FROM leads WHERE id = ANY ($1) ORDER BY id FOR UPDATE`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

const joined = ({ touched, touchDueAt }: LeadRow, { id }: LeadRow): LeadJoined => ({
  kind: 'joined',
  into: id,
  ...(touched || touchDueAt === null ? {} : { touchDueAt: toInstant(touchDueAt.getTime()) }),
});

async function endLead(client: PoolClient, { leadId, into, at }: JoinInput, lead: LeadRow): Promise<void> {
  if (lead.ownerId !== null) {
    await returnCharge(client, { leadId, at, hop: lead.hop });
    await lockReps(client, [lead.ownerId], at);
    await client.query('UPDATE rep_state SET open_count = open_count - 1 WHERE rep_id = $1', [lead.ownerId]);
    await client.query('UPDATE assignments SET ended_at = $2 WHERE lead_id = $1 AND ended_at IS NULL', [
      leadId,
      at,
    ]);
  }
  await client.query(
    `WITH lead AS (UPDATE leads SET progress = 'merged', merged_into = $2, owner_id = NULL, closed_at = $3 WHERE id = $1)
     INSERT INTO timeline (lead_id, at, what, details) VALUES
       ($1, $3, 'merged', jsonb_build_object('into', $2::text, 'was', $4::text, 'owner', $5::text)),
       ($2, $3, 'repeat_touch', jsonb_build_object('kind', 'joined', 'leadId', $1::text))`,
    [leadId, into, at, lead.progress, lead.ownerId],
  );
}

/**
 * Gives the pool's charge back by a ledger entry of its own: `charged` is 0, nobody is eligible in it, and `credit` names
 * who got how much. Its candidates show every standing before and after, so the ledger stays recomputable.
 */
async function returnCharge(
  client: PoolClient,
  { leadId, hop, at }: { readonly leadId: string; readonly hop: number; readonly at: string },
): Promise<void> {
  const { rows } = await client.query<{
    poolId: string;
    rep: string;
    charged: number;
    candidates: CandidateVerdict[];
  }>(
    `SELECT pool_id AS "poolId", rep_id AS rep, charged, candidates FROM ledger WHERE lead_id = $1 AND hop = $2`,
    [leadId, hop],
  );
  const [entry] = rows;
  if (!entry) return; // a named rep: no pool was charged
  const { seq, standings } = await lockPool(client, entry.poolId);
  const sum = (of: readonly { readonly weight: number }[]): number =>
    of.reduce((total, { weight }) => total + weight, 0);
  const amount = chargeToday(entry.charged, sum(entry.candidates), sum(standings));
  if (!standings.some(({ rep }) => rep === entry.rep)) return; // he left the pool: nobody is owed
  const after = takeBack(standings, { rep: entry.rep, amount, candidates: entry.candidates });
  await writeReturn(client, {
    ...entry,
    leadId,
    hop: hop + 1,
    at,
    seq: String(seq + 1n),
    amount,
    candidates: verdicts(standings, after),
    after,
  });
}

const verdicts = (
  before: readonly MemberStanding[],
  after: readonly MemberStanding[],
): readonly CandidateVerdict[] => {
  const old = new Map(before.map(({ rep, current }) => [rep, current]));
  return after.map(({ rep, weight, current }) => ({
    rep,
    weight,
    before: old.get(rep) ?? current,
    eligible: false,
    after: current,
  }));
};

async function writeReturn(
  client: PoolClient,
  entry: {
    readonly poolId: string;
    readonly seq: string;
    readonly leadId: string;
    readonly hop: number;
    readonly rep: string;
    readonly at: string;
    readonly amount: number;
    readonly candidates: readonly CandidateVerdict[];
    readonly after: readonly MemberStanding[];
  },
): Promise<void> {
  await client.query(
    `WITH pool AS (UPDATE pool_state SET seq = $2::bigint WHERE pool_id = $1),
          standings AS (UPDATE pool_members m SET current = t.current
            FROM unnest($9::text[], $10::int[]) AS t(rep, current) WHERE m.pool_id = $1 AND m.rep_id = t.rep)
     INSERT INTO ledger (pool_id, seq, lead_id, hop, rep_id, at, charged, candidates, credit)
     VALUES ($1, $2::bigint, $3, $4, $5, $6, 0, $7::jsonb, jsonb_build_object('rep', $5::text, 'cause', 'merged', 'amount', $8::int))`,
    [
      entry.poolId,
      entry.seq,
      entry.leadId,
      entry.hop,
      entry.rep,
      entry.at,
      JSON.stringify(entry.candidates),
      entry.amount,
      entry.after.map(({ rep }) => rep),
      entry.after.map(({ current }) => current),
    ],
  );
}

/** The older lead keeps the earlier of the two touch deadlines, unless it was worked or missed its own. */
async function inheritDeadline(
  client: PoolClient,
  { into, at }: JoinInput,
  lead: LeadRow,
  older: LeadRow,
): Promise<void> {
  if (lead.touched || lead.touchDueAt === null || older.touched || older.breached) return;
  await client.query(
    `WITH moved AS (
       UPDATE assignments SET touch_due_at = $2, sla = jsonb_set(sla - 'touchMs', '{touchDueAt}', to_jsonb($3::text))
       WHERE lead_id = $1 AND ended_at IS NULL AND touch_due_at > $2 RETURNING lead_id)
     INSERT INTO timeline (lead_id, at, what, details)
     SELECT $1, $4, 'deadline_inherited', jsonb_build_object('from', $5::text, 'touchDueAt', $3::text) FROM moved`,
    [into, lead.touchDueAt, toInstant(lead.touchDueAt.getTime()), at, lead.id],
  );
}
