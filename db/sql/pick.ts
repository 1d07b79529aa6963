import type { PoolClient } from 'pg';
import type { AssignInput, Assignment } from '../../activities/ports';
import type { OpenOffer } from '../../domain/assignment/open-offer';
import type { CandidateVerdict, MemberStanding } from '../../domain/assignment/picker';
import { assignmentColumns, assignmentOf, type AssignmentRow } from './assignment-row';

/** Where the lead is before the pick, locked: two picks for one lead take turns. */
export interface BeforePick {
  readonly hop: number;
  readonly ownerId: string | null;
  /** Not a lead that was recycled and waits to be touched again. */
  readonly touched: boolean;
  /** Since when it waits; null for one that does not. */
  readonly parkedAt: Date | null;
  /** Who works it beside its owner. */
  readonly partner: string | null;
  /** He is absent. */
  readonly partnerAway: boolean;
  /** Its place in the order of arrival. */
  readonly seq: string;
  /** To whom it is open, or was last. */
  readonly open: OpenOffer | null;
  /** Present when this pick was made before and only its answer was lost. */
  readonly made: Assignment | undefined;
}

export async function lockLead(client: PoolClient, input: AssignInput): Promise<BeforePick> {
  const { rows } = await client.query<
    {
      readonly lead_hop: number;
      readonly owner_id: string | null;
      readonly touched: boolean;
      readonly parked_at: Date | null;
      readonly partner: string | null;
      readonly partner_away: boolean;
      readonly seq: string;
      readonly open_offer: OpenOffer | null;
    } & AssignmentRow
  >({
    name: 'lock-lead',
    text: `SELECT l.hop AS lead_hop, l.owner_id, l.progress IN ('touched', 'qualified') AS touched, l.parked_at, l.seq, l.open_offer,
             p.rep_id AS partner,
             EXISTS (SELECT FROM absences o WHERE o.rep_id = p.rep_id AND o."from" <= $3 AND o.until > $3) AS partner_away,
             ${assignmentColumns('a')}
           FROM leads l LEFT JOIN assignments a ON a.lead_id = l.id AND a.hop = $2
             LEFT JOIN partners p ON p.lead_id = l.id AND p.left_because IS NULL
           WHERE l.id = $1 FOR UPDATE OF l`,
    values: [input.leadId, input.hop, input.at],
  });
  const row = rows[0];
  if (!row) throw new Error(`lead ${input.leadId} has no row`);
  return {
    hop: row.lead_hop,
    ownerId: row.owner_id,
    touched: row.touched,
    parkedAt: row.parked_at,
    partner: row.partner,
    partnerAway: row.partner_away,
    seq: row.seq,
    open: row.open_offer,
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

/** A pool or a rep that nothing was picked of yet has no row to lock; thrown before anything is written. */
export class RowsMissingError extends Error {
  override readonly name = 'RowsMissingError';
}

/** Makes the rows that picks lock; in a transaction that locks others already, two could wait for each other. */
export async function makeRows(
  client: Pick<PoolClient, 'query'>,
  { targets, pair }: Pick<AssignInput, 'targets' | 'pair'>,
): Promise<void> {
  const all = [...targets, ...(pair?.targets ?? [])];
  const reps = all.flatMap((target) =>
    target.kind === 'rep' ? [target.repId] : Object.keys(target.members),
  );
  const pools = all.flatMap((target) => (target.kind === 'pool' ? [target.counterId] : []));
  await client.query(
    'INSERT INTO pool_state (pool_id) SELECT DISTINCT id FROM unnest($1::text[]) AS id ORDER BY id ON CONFLICT DO NOTHING',
    [pools],
  );
  await client.query(
    'INSERT INTO rep_state (rep_id) SELECT DISTINCT id FROM unnest($1::text[]) AS id ORDER BY id ON CONFLICT DO NOTHING',
    [reps],
  );
}

/** Locks the pool: from here to the commit nobody else picks from it. @throws RowsMissingError */
export async function lockPool(client: PoolClient, poolId: string): Promise<PoolBefore> {
  // Sent together: the second one begins when the first one has the lock.
  const [state, members] = await Promise.all([
    client.query<{ seq: string }>({
      name: 'lock-pool',
      text: 'SELECT seq FROM pool_state WHERE pool_id = $1 FOR UPDATE',
      values: [poolId],
    }),
    client.query<PoolStanding>({
      name: 'pool-members',
      text: 'SELECT rep_id AS rep, weight, current, owed, owed_until AS "owedUntil" FROM pool_members WHERE pool_id = $1',
      values: [poolId],
    }),
  ]);
  const [row] = state.rows;
  if (!row) throw new RowsMissingError(`pool ${poolId}`);
  return { seq: BigInt(row.seq), standings: members.rows };
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
  /** Parked leads wait for him. */
  readonly awaited: boolean;
}

/**
 * Locks the reps' counters, always in the order of their ids, so that two pools that share reps cannot deadlock.
 * @throws RowsMissingError
 */
export async function lockReps(
  client: PoolClient,
  repIds: readonly string[],
  at: string,
): Promise<ReadonlyMap<string, RepAvailability>> {
  const wanted = [...new Set(repIds)];
  const { rows } = await client.query<RepAvailability>({
    name: 'lock-reps',
    text: `SELECT r.rep_id AS rep, r.status, r.open_cost AS "openCost", r.held_for AS "heldFor", r.held_until AS "heldUntil",
             (SELECT max(a.until) FROM absences a WHERE a.rep_id = r.rep_id AND a."from" <= $2 AND a.until > $2) AS "absentUntil",
             EXISTS (SELECT FROM leads l WHERE l.progress = 'parked' AND r.rep_id = ANY (l.waits_for)) AS awaited
           FROM rep_state r WHERE r.rep_id = ANY ($1) ORDER BY r.rep_id FOR UPDATE OF r`,
    values: [wanted, at],
  });
  if (rows.length < wanted.length) throw new RowsMissingError('reps');
  return new Map(rows.map((row) => [row.rep, row]));
}

/** What a lead cost its owner in a pool's ledger. */
export interface Charge {
  /** Pool whose ledger it is in. */
  readonly poolId: string;
  /** Pool he was picked from, which may count with that one. */
  readonly from: string;
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
           LEFT JOIN LATERAL (
             SELECT assigned_at, cost FROM assignments WHERE rep_id = w.rep AND assigned_at >= w.since AND assigned_at < COALESCE(w.until, 'infinity')
             UNION ALL
             SELECT assigned_at, cost FROM partners WHERE rep_id = w.rep AND assigned_at >= w.since AND assigned_at < COALESCE(w.until, 'infinity')
           ) AS a ON true
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

/** What one assignment of a lead was charged; undefined for a named rep. */
export async function chargeOf(client: PoolClient, leadId: string, hop: number): Promise<Charge | undefined> {
  const { rows } = await client.query<
    Omit<Charge, 'totalWeight'> & { readonly candidates: readonly CandidateVerdict[] }
  >({
    name: 'charge-of',
    text: `SELECT l.pool_id AS "poolId", COALESCE(a.pool_id, l.pool_id) AS from, l.rep_id AS rep, l.charged, l.at, l.candidates
           FROM ledger l LEFT JOIN assignments a ON a.lead_id = l.lead_id AND a.hop = l.hop
           WHERE l.lead_id = $1 AND l.hop = $2 AND l.charged > 0 AND NOT l.partner`,
    values: [leadId, hop],
  });
  const [row] = rows;
  if (!row) return undefined;
  const { candidates, ...charge } = row;
  return { ...charge, totalWeight: candidates.reduce((sum, { weight }) => sum + weight, 0) };
}
