import type { PoolClient } from 'pg';
import type { AssignInput, Assignment } from '../../activities/ports';
import type { CandidateVerdict, MemberStanding } from '../../domain/assignment/picker';
import { assignmentColumns, assignmentOf, type AssignmentRow } from './assignment-row';

/** Where the lead is before the pick, locked: two picks for one lead take turns. */
export interface BeforePick {
  readonly hop: number;
  readonly ownerId: string | null;
  /** Not a lead that was recycled and waits to be touched again. */
  readonly touched: boolean;
  readonly parked: boolean;
  /** Present when this pick was made before and only its answer was lost. */
  readonly made: Assignment | undefined;
}

export async function lockLead(client: PoolClient, input: AssignInput): Promise<BeforePick> {
  const { rows } = await client.query<
    { lead_hop: number; owner_id: string | null; touched: boolean; parked: boolean } & AssignmentRow
  >({
    name: 'lock-lead',
    text: `SELECT l.hop AS lead_hop, l.owner_id, l.progress IN ('touched', 'qualified') AS touched, l.progress = 'parked' AS parked, ${assignmentColumns('a')}
           FROM leads l LEFT JOIN assignments a ON a.lead_id = l.id AND a.hop = $2 WHERE l.id = $1 FOR UPDATE OF l`,
    values: [input.leadId, input.hop],
  });
  const row = rows[0];
  if (!row) throw new Error(`lead ${input.leadId} has no row`);
  return {
    hop: row.lead_hop,
    ownerId: row.owner_id,
    touched: row.touched,
    parked: row.parked,
    made: row.rep_id ? assignmentOf(row) : undefined,
  };
}

/** A member's place, with what he is still owed for an absence. */
export interface PoolStanding extends MemberStanding {
  readonly owed: number;
  readonly owedUntil: Date | null;
}

export interface PoolBefore {
  readonly seq: bigint;
  readonly standings: readonly PoolStanding[];
}

/** Locks the pool: from here to the commit nobody else picks from it. Creates its row at the first pick. */
export async function lockPool(client: PoolClient, poolId: string): Promise<PoolBefore> {
  const lock = (): Promise<{ rows: { seq: string }[] }> =>
    client.query({
      name: 'lock-pool',
      text: 'SELECT seq FROM pool_state WHERE pool_id = $1 FOR UPDATE',
      values: [poolId],
    });
  let { rows } = await lock();
  if (rows.length === 0) {
    await client.query('INSERT INTO pool_state (pool_id) VALUES ($1) ON CONFLICT DO NOTHING', [poolId]);
    ({ rows } = await lock());
  }
  const members = await client.query<PoolStanding>({
    name: 'pool-members',
    text: 'SELECT rep_id AS rep, weight, current, owed, owed_until AS "owedUntil" FROM pool_members WHERE pool_id = $1',
    values: [poolId],
  });
  return { seq: BigInt(rows[0]?.seq ?? 0), standings: members.rows };
}

export interface RepAvailability {
  readonly rep: string;
  readonly status: 'active' | 'paused';
  /** What he holds, as leads cost. */
  readonly openCost: number;
  /** The parked lead that what he has room for is kept for, and until when. */
  readonly heldFor: string | null;
  readonly heldUntil: Date | null;
  /** End of the absence he is in. */
  readonly absentUntil: Date | null;
}

/** Locks the reps' counters, always in the order of their ids, so that two pools that share reps cannot deadlock. */
export async function lockReps(
  client: PoolClient,
  repIds: readonly string[],
  at: string,
): Promise<ReadonlyMap<string, RepAvailability>> {
  const wanted = [...new Set(repIds)];
  const lock = (): Promise<{ rows: RepAvailability[] }> =>
    client.query({
      name: 'lock-reps',
      text: `SELECT r.rep_id AS rep, r.status, r.open_cost AS "openCost", r.held_for AS "heldFor", r.held_until AS "heldUntil",
               (SELECT max(a.until) FROM absences a WHERE a.rep_id = r.rep_id AND a."from" <= $2 AND a.until > $2) AS "absentUntil"
             FROM rep_state r WHERE r.rep_id = ANY ($1) ORDER BY r.rep_id FOR UPDATE OF r`,
      values: [wanted, at],
    });
  let { rows } = await lock();
  if (rows.length < wanted.length) {
    await client.query('INSERT INTO rep_state (rep_id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING', [
      wanted,
    ]);
    ({ rows } = await lock());
  }
  return new Map(rows.map((row) => [row.rep, row]));
}

/** What a lead cost its owner in a pool's ledger. */
export interface Charge {
  readonly rep: string;
  readonly charged: number;
  readonly at: Date;
  /** Sum of the weights it was reckoned with. */
  readonly totalWeight: number;
}

/** What reps were given within windows, in their order, and since when the oldest of it counts. The reps are locked. */
export async function usedIn(
  client: PoolClient,
  windows: readonly { readonly rep: string; readonly since: string; readonly until?: string }[],
): Promise<readonly { readonly cost: number; readonly oldest: Date | null }[]> {
  const { rows } = await client.query<{ cost: number; oldest: Date | null }>({
    name: 'used-in',
    text: `SELECT COALESCE(sum(a.cost), 0)::int AS cost, min(a.assigned_at) AS oldest
           FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY AS w(rep, since, until, place)
           LEFT JOIN assignments a ON a.rep_id = w.rep AND a.assigned_at >= w.since AND a.assigned_at < COALESCE(w.until, 'infinity')
           GROUP BY w.place ORDER BY w.place`,
    values: [
      windows.map(({ rep }) => rep),
      windows.map(({ since }) => since),
      windows.map(({ until }) => until ?? null),
    ],
  });
  return rows;
}

/** Who had the pool's latest lead. */
export async function lastPicked(client: PoolClient, poolId: string): Promise<string | undefined> {
  const { rows } = await client.query<{ rep: string }>({
    name: 'last-picked',
    text: 'SELECT rep_id AS rep FROM ledger WHERE pool_id = $1 AND charged > 0 ORDER BY seq DESC LIMIT 1',
    values: [poolId],
  });
  return rows[0]?.rep;
}

/** How many charges a member got back since then. */
export async function creditsSince(
  client: PoolClient,
  poolId: string,
  rep: string,
  since: string,
): Promise<number> {
  const { rows } = await client.query<{ n: number }>({
    name: 'credits-since',
    text: `SELECT count(*)::int AS n FROM ledger WHERE pool_id = $1 AND credit ->> 'rep' = $2 AND at > $3 AND credit IS NOT NULL`,
    values: [poolId, rep, since],
  });
  return rows[0]?.n ?? 0;
}

/** The previous owner's ledger entry in this pool, if he came from it. */
export async function chargeOf(
  client: PoolClient,
  leadId: string,
  hop: number,
  poolId: string,
): Promise<Charge | undefined> {
  const { rows } = await client.query<{
    rep: string;
    charged: number;
    at: Date;
    candidates: CandidateVerdict[];
  }>({
    name: 'charge-of',
    text: 'SELECT rep_id AS rep, charged, at, candidates FROM ledger WHERE lead_id = $1 AND hop = $2 AND pool_id = $3',
    values: [leadId, hop, poolId],
  });
  const row = rows[0];
  return (
    row && {
      rep: row.rep,
      charged: row.charged,
      at: row.at,
      totalWeight: row.candidates.reduce((sum, { weight }) => sum + weight, 0),
    }
  );
}

export interface PickWritten {
  readonly input: AssignInput;
  readonly repId: string;
  readonly sla: Assignment['sla'];
  readonly before: BeforePick;
  /** Absent for a named rep. */
  readonly pool?: {
    readonly poolId: string;
    /** Pool whose ledger it is. */
    readonly counterId: string;
    readonly seq: bigint;
    readonly charged: number;
    readonly candidates: readonly CandidateVerdict[];
    readonly standings: readonly PoolStanding[];
    readonly credit: { readonly rep: string; readonly cause: string; readonly amount: number } | undefined;
  };
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

/** Writes ledger, standings, counters, assignment, lead and timeline of one pick in one statement. */
export async function writePick(
  client: PoolClient,
  { input, repId, sla, before, pool }: PickWritten,
): Promise<void> {
  await client.query({
    name: 'write-pick',
    text: writePickSql,
    values: [
      input.leadId,
      input.hop,
      repId,
      input.at,
      pool?.poolId ?? null,
      String(pool?.seq ?? 0),
      pool?.charged ?? 0,
      JSON.stringify(pool?.candidates ?? []),
      pool?.credit ? JSON.stringify(pool.credit) : null,
      pool?.standings.map(({ rep }) => rep) ?? [],
      pool?.standings.map(({ weight }) => weight) ?? [],
      pool?.standings.map(({ current }) => current) ?? [],
      input.rule,
      input.cause,
      JSON.stringify(sla),
      sla.touchDueAt,
      before.ownerId,
      before.hop,
      input.score,
      input.band,
      JSON.stringify(input.explanation),
      input.policyVersion,
      before.touched,
      pool?.counterId ?? null,
      pool?.standings.map(({ owed }) => owed) ?? [],
      pool?.standings.map(({ owedUntil }) => owedUntil) ?? [],
      input.cost,
    ],
  });
}

const writePickSql = `
WITH pool AS (
  UPDATE pool_state SET seq = $6::bigint WHERE pool_id = $24
), gone AS (
  DELETE FROM pool_members WHERE pool_id = $24 AND rep_id <> ALL ($10::text[])
), standings AS (
  INSERT INTO pool_members (pool_id, rep_id, weight, current, owed, owed_until)
  SELECT $24, t.rep, t.weight, t.current, t.owed, t.owed_until
  FROM unnest($10::text[], $11::int[], $12::int[], $25::int[], $26::timestamptz[]) AS t(rep, weight, current, owed, owed_until) WHERE $24::text IS NOT NULL
  ON CONFLICT (pool_id, rep_id) DO UPDATE SET weight = excluded.weight, current = excluded.current, owed = excluded.owed, owed_until = excluded.owed_until
), entry AS (
  INSERT INTO ledger (pool_id, seq, lead_id, hop, rep_id, at, charged, candidates, credit)
  SELECT $24, $6::bigint, $1, $2, $3, $4, $7, $8::jsonb, $9::jsonb WHERE $24::text IS NOT NULL
), freed AS (
  SELECT cost FROM assignments WHERE lead_id = $1 AND hop = $18::int
), counters AS (
  UPDATE rep_state SET
    open_count = open_count + (CASE WHEN rep_id = $3 THEN 1 ELSE 0 END) - (CASE WHEN rep_id = $17 THEN 1 ELSE 0 END),
    open_cost = open_cost + (CASE WHEN rep_id = $3 THEN $27::int ELSE 0 END) - (CASE WHEN rep_id = $17 THEN (SELECT cost FROM freed) ELSE 0 END),
    held_for = CASE WHEN held_for = $1 THEN NULL ELSE held_for END
  WHERE rep_id IN ($3, $17)
), assignment AS (
  INSERT INTO assignments (lead_id, hop, rep_id, pool_id, rule, cause, assigned_at, sla, touch_due_at, cost)
  VALUES ($1, $2, $3, $5, $13, $14, $4, $15::jsonb, $16, $27)
), lead AS (
  UPDATE leads SET progress = CASE WHEN $23::boolean THEN progress ELSE 'assigned' END, owner_id = $3, hop = $2, score = $19, band = $20,
    explanation = $21::jsonb, policy_version = $22, parked_at = NULL, waits_for = '{}' WHERE id = $1
)
INSERT INTO timeline (lead_id, at, what, details)
VALUES ($1, $4, 'assigned', jsonb_build_object('owner', $3::text, 'hop', $2::int, 'rule', $13::text, 'cause', $14::text, 'pool', $5::text,
  'ledgerSeq', NULLIF($6::bigint, 0), 'score', $19::int, 'band', $20::text, 'touchDueAt', $15::jsonb ->> 'touchDueAt'))`;

/**
 * Nobody could take it: says so on the timeline and, unless the owner keeps it, frees him and parks the lead.
 * @returns the owner who was freed.
 */
export async function writeParked(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  skipped: readonly CandidateVerdict[],
): Promise<string | null> {
  const keeps = before.ownerId !== null && input.cause !== 'declined';
  const reasons = skipped.map(({ rep, skip }) => ({ rep, skip }));
  if (!keeps) {
    await client.query(
      `WITH freed AS (SELECT cost FROM assignments WHERE lead_id = $1 AND ended_at IS NULL),
            counters AS (UPDATE rep_state SET open_count = open_count - 1, open_cost = open_cost - (SELECT cost FROM freed) WHERE rep_id = $2),
            ended AS (UPDATE assignments SET ended_at = $3 WHERE lead_id = $1 AND ended_at IS NULL)
       UPDATE leads SET progress = 'parked', owner_id = NULL, score = $4, band = $5, explanation = $6, policy_version = $7,
         parked_at = COALESCE(parked_at, $3), waits_for = $8 WHERE id = $1`,
      [
        input.leadId,
        before.ownerId,
        input.at,
        input.score,
        input.band,
        JSON.stringify(input.explanation),
        input.policyVersion,
        // these have room again when one of their leads is closed or handed on; the others' day comes by the clock
        skipped.filter(({ skip }) => skip === 'open_cap' || skip === 'held').map(({ rep }) => rep),
      ],
    );
  }
  await client.query(`INSERT INTO timeline (lead_id, at, what, details) VALUES ($1, $2, $3, $4)`, [
    input.leadId,
    input.at,
    keeps ? 'owner_kept' : 'parked',
    JSON.stringify({
      because: 'nobody else can take it',
      rule: input.rule,
      cause: input.cause,
      skipped: reasons,
    }),
  ]);
  return keeps ? null : before.ownerId;
}
