import type { PoolClient } from 'pg';
import type { AssignInput, Assignment } from '../../activities/ports';
import type { CandidateVerdict, MemberStanding } from '../../domain/assignment/picker';
import { assignmentColumns, assignmentOf, type AssignmentRow } from './assignment-row';

/** Where the lead is before the pick, locked: two picks for one lead take turns. */
export interface BeforePick {
  readonly hop: number;
  readonly ownerId: string | null;
  /** Absent as well for a lead that was recycled and waits to be touched again. */
  readonly firstTouchAt: Date | null;
  /** Present when this pick was made before and only its answer was lost. */
  readonly made: Assignment | undefined;
}

export async function lockLead(client: PoolClient, input: AssignInput): Promise<BeforePick> {
  const { rows } = await client.query<
    { lead_hop: number; owner_id: string | null; first_touch_at: Date | null } & AssignmentRow
  >({
    name: 'lock-lead',
    text: `SELECT l.hop AS lead_hop, l.owner_id, CASE WHEN l.progress IN ('touched', 'qualified') THEN l.first_touch_at END AS first_touch_at, ${assignmentColumns('a')}
           FROM leads l LEFT JOIN assignments a ON a.lead_id = l.id AND a.hop = $2 WHERE l.id = $1 FOR UPDATE OF l`,
    values: [input.leadId, input.hop],
  });
  const row = rows[0];
  if (!row) throw new Error(`lead ${input.leadId} has no row`);
  return {
    hop: row.lead_hop,
    ownerId: row.owner_id,
    firstTouchAt: row.first_touch_at,
    made: row.rep_id ? assignmentOf(row) : undefined,
  };
}

export interface PoolBefore {
  readonly seq: bigint;
  readonly standings: readonly MemberStanding[];
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
  const members = await client.query<MemberStanding>({
    name: 'pool-members',
    text: 'SELECT rep_id AS rep, weight, current FROM pool_members WHERE pool_id = $1',
    values: [poolId],
  });
  return { seq: BigInt(rows[0]?.seq ?? 0), standings: members.rows };
}

export interface RepAvailability {
  readonly rep: string;
  readonly status: 'active' | 'paused';
  readonly openCount: number;
  readonly day: string | null;
  readonly dayCount: number;
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
      text: `SELECT r.rep_id AS rep, r.status, r.open_count AS "openCount", r.day, r.day_count AS "dayCount",
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

/** The previous owner's ledger entry in this pool, if he came from it. */
export async function chargeOf(
  client: PoolClient,
  leadId: string,
  hop: number,
  poolId: string,
): Promise<{ readonly rep: string; readonly charged: number; readonly totalWeight: number } | undefined> {
  const { rows } = await client.query<{ rep: string; charged: number; candidates: CandidateVerdict[] }>({
    name: 'charge-of',
    text: 'SELECT rep_id AS rep, charged, candidates FROM ledger WHERE lead_id = $1 AND hop = $2 AND pool_id = $3',
    values: [leadId, hop, poolId],
  });
  const row = rows[0];
  return (
    row && {
      rep: row.rep,
      charged: row.charged,
      totalWeight: row.candidates.reduce((sum, { weight }) => sum + weight, 0),
    }
  );
}

export interface PickWritten {
  readonly input: AssignInput;
  readonly repId: string;
  readonly sla: Assignment['sla'];
  readonly previousOwner: string | null;
  readonly touched: boolean;
  /** Absent for a named rep. */
  readonly pool?: {
    readonly poolId: string;
    readonly seq: bigint;
    readonly charged: number;
    readonly candidates: readonly CandidateVerdict[];
    readonly standings: readonly MemberStanding[];
    readonly credit: { readonly rep: string; readonly cause: string; readonly amount: number } | undefined;
  };
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
  { input, repId, sla, previousOwner, touched, pool }: PickWritten,
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
      previousOwner,
      input.caps[repId]?.day ?? '',
      input.score,
      input.band,
      JSON.stringify(input.explanation),
      input.policyVersion,
      touched,
    ],
  });
}

const writePickSql = `
WITH pool AS (
  UPDATE pool_state SET seq = $6::bigint WHERE pool_id = $5
), gone AS (
  DELETE FROM pool_members WHERE pool_id = $5 AND rep_id <> ALL ($10::text[])
), standings AS (
  INSERT INTO pool_members (pool_id, rep_id, weight, current)
  SELECT $5, t.rep, t.weight, t.current FROM unnest($10::text[], $11::int[], $12::int[]) AS t(rep, weight, current) WHERE $5::text IS NOT NULL
  ON CONFLICT (pool_id, rep_id) DO UPDATE SET weight = excluded.weight, current = excluded.current
), entry AS (
  INSERT INTO ledger (pool_id, seq, lead_id, hop, rep_id, at, charged, candidates, credit)
  SELECT $5, $6::bigint, $1, $2, $3, $4, $7, $8::jsonb, $9::jsonb WHERE $5::text IS NOT NULL
), counters AS (
  UPDATE rep_state SET
    open_count = open_count + (CASE WHEN rep_id = $3 THEN 1 ELSE 0 END) - (CASE WHEN rep_id = $17 THEN 1 ELSE 0 END),
    day = CASE WHEN rep_id = $3 THEN $18 ELSE day END,
    day_count = CASE WHEN rep_id <> $3 THEN day_count WHEN day = $18 THEN day_count + 1 ELSE 1 END
  WHERE rep_id IN ($3, $17)
), assignment AS (
  INSERT INTO assignments (lead_id, hop, rep_id, pool_id, rule, cause, assigned_at, sla, touch_due_at)
  VALUES ($1, $2, $3, $5, $13, $14, $4, $15::jsonb, $16)
), lead AS (
  UPDATE leads SET progress = CASE WHEN $23::boolean THEN progress ELSE 'assigned' END, owner_id = $3, hop = $2, score = $19, band = $20,
    explanation = $21::jsonb, policy_version = $22 WHERE id = $1
)
INSERT INTO timeline (lead_id, at, what, details)
VALUES ($1, $4, 'assigned', jsonb_build_object('owner', $3::text, 'hop', $2::int, 'rule', $13::text, 'cause', $14::text, 'pool', $5::text,
  'ledgerSeq', NULLIF($6::bigint, 0), 'score', $19::int, 'band', $20::text, 'touchDueAt', $15::jsonb ->> 'touchDueAt'))`;

/** Nobody could take it: says so on the timeline and, unless the owner keeps it, frees him and parks the lead. */
export async function writeParked(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  skipped: readonly CandidateVerdict[],
): Promise<void> {
  const keeps = before.ownerId !== null && input.cause !== 'declined';
  const reasons = skipped.map(({ rep, skip }) => ({ rep, skip }));
  if (!keeps) {
    await client.query(
      `WITH counters AS (UPDATE rep_state SET open_count = open_count - 1 WHERE rep_id = $2),
            ended AS (UPDATE assignments SET ended_at = $3 WHERE lead_id = $1 AND ended_at IS NULL)
       UPDATE leads SET progress = 'parked', owner_id = NULL, score = $4, band = $5, explanation = $6, policy_version = $7 WHERE id = $1`,
      [
        input.leadId,
        before.ownerId,
        input.at,
        input.score,
        input.band,
        JSON.stringify(input.explanation),
        input.policyVersion,
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
}
