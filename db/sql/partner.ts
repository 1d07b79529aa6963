import type { PoolClient } from 'pg';
import type { AssignInput } from '../../activities/ports';
import type { PartnerLeaving } from '../../activities/ports-assignment';
import type { CandidateVerdict } from '../../domain/assignment/picker';
import { lockReps, type Charge } from './pick';
import { returnCharge } from './return-charge';
import { writeLedger, type PoolPick } from './write-ledger';

/** Writes who works a lead beside its owner, for as long as it is open. Pool and reps are locked. */
export async function writePartner(
  client: PoolClient,
  { leadId, hop, at, cost }: AssignInput,
  { repId, pool }: { readonly repId: string; readonly pool?: PoolPick },
): Promise<void> {
  await Promise.all([
    pool && writeLedger(client, pool, { leadId, hop, repId, at, partner: true }),
    client.query(
      `WITH counters AS (UPDATE rep_state SET open_count = open_count + 1, open_cost = open_cost + $6::int WHERE rep_id = $3),
            partner AS (INSERT INTO partners (lead_id, hop, rep_id, pool_id, assigned_at, cost) VALUES ($1, $2, $3, $4, $5, $6))
       INSERT INTO timeline (lead_id, at, what, details)
       VALUES ($1, $5, 'paired', jsonb_build_object('partner', $3::text, 'pool', $4::text, 'ledgerSeq', $7::bigint))`,
      [leadId, hop, repId, pool?.poolId ?? null, at, cost, pool ? String(pool.seq) : null],
    ),
  ]);
}

/** He works the lead no longer, though it is not over. His counters are locked. */
export async function writePartnerLeft(
  client: PoolClient,
  { leadId, at, repId, because, reason }: PartnerLeaving & { readonly leadId: string; readonly at: string },
): Promise<void> {
  await client.query(
    `WITH gone AS (
       UPDATE partners SET ended_at = $3, left_because = $4 WHERE lead_id = $1 AND rep_id = $2 AND left_because IS NULL RETURNING cost
     ), counters AS (
       UPDATE rep_state SET open_count = open_count - 1, open_cost = open_cost - gone.cost FROM gone WHERE rep_id = $2
     )
     INSERT INTO timeline (lead_id, at, what, details)
     SELECT $1, $3, 'partner_left', jsonb_strip_nulls(jsonb_build_object('partner', $2::text, 'because', $4::text, 'reason', $5::text)) FROM gone`,
    [leadId, repId, at, because, reason ?? null],
  );
}

/** Everybody who works or worked the lead beside an owner. */
export async function formerPartners(client: PoolClient, leadId: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ rep: string }>(
    'SELECT rep_id AS rep FROM partners WHERE lead_id = $1',
    [leadId],
  );
  return rows.map(({ rep }) => rep);
}

/** What the lead cost one of them, and the number of the assignment he was picked with. */
export interface PartnerCharge extends Charge {
  readonly hop: number;
}

export async function partnerCharge(
  client: PoolClient,
  leadId: string,
  rep: string,
): Promise<PartnerCharge | undefined> {
  const { rows } = await client.query<
    Omit<PartnerCharge, 'totalWeight'> & { readonly candidates: readonly CandidateVerdict[] }
  >(
    `SELECT l.pool_id AS "poolId", COALESCE(p.pool_id, l.pool_id) AS from, l.rep_id AS rep, l.charged, l.at, l.hop, l.candidates
     FROM ledger l LEFT JOIN partners p ON p.lead_id = l.lead_id AND p.rep_id = l.rep_id
     WHERE l.lead_id = $1 AND l.rep_id = $2 AND l.partner AND l.charged > 0`,
    [leadId, rep],
  );
  const [row] = rows;
  if (!row) return undefined;
  const { candidates, ...charge } = row;
  return { ...charge, totalWeight: candidates.reduce((sum, { weight }) => sum + weight, 0) };
}

/** Says that nobody could be put beside the owner. */
export async function writeUnpaired(
  client: PoolClient,
  { leadId, at }: AssignInput,
  skipped: readonly CandidateVerdict[],
): Promise<void> {
  const reasons = skipped.map(({ rep, skip }) => ({ rep, skip }));
  await client.query(`INSERT INTO timeline (lead_id, at, what, details) VALUES ($1, $2, 'unpaired', $3)`, [
    leadId,
    at,
    JSON.stringify({ skipped: reasons }),
  ]);
}

/**
 * The lead is over: who worked it beside its owner holds it no longer. Locks both, in the order of their ids, before either
 * is counted down. One that was merged gives his pool the charge back.
 */
export async function endPartner(
  client: PoolClient,
  {
    leadId,
    ownerId,
    at,
    merged = false,
  }: {
    readonly leadId: string;
    readonly ownerId: string | null;
    readonly at: string;
    readonly merged?: boolean;
  },
): Promise<void> {
  const { rows } = await client.query<{ repId: string; hop: number }>(
    'SELECT rep_id AS "repId", hop FROM partners WHERE lead_id = $1 AND ended_at IS NULL',
    [leadId],
  );
  const [partner] = rows;
  if (partner && merged)
    await returnCharge(client, { leadId, hop: partner.hop, at, cause: 'merged', partner: partner.repId });
  const holders = [ownerId, partner?.repId].flatMap((rep) => rep ?? []);
  await lockReps(client, holders, at);
  if (!partner) return;
  await client.query(
    `WITH ended AS (UPDATE partners SET ended_at = $2 WHERE lead_id = $1 AND ended_at IS NULL RETURNING rep_id, cost)
     UPDATE rep_state r SET open_count = open_count - 1, open_cost = open_cost - ended.cost FROM ended WHERE r.rep_id = ended.rep_id`,
    [leadId, at],
  );
}
