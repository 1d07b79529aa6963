import type { PoolClient } from 'pg';
import { chargeToday, type CandidateVerdict, type MemberStanding } from '../../domain/assignment/picker';
import { takeBack } from '../../domain/assignment/take-back';
import { lockPool } from './pick';

export interface ReturnedCharge {
  readonly leadId: string;
  /** The assignment it was charged for. */
  readonly hop: number;
  readonly at: string;
  readonly cause: string;
  /** The charge of this one, who worked it beside the owner. */
  readonly partner?: string;
}

/**
 * Gives the pool's charge back by a ledger entry of its own: `charged` is 0, nobody is eligible in it, and `credit` names
 * who got how much. Its candidates show every standing before and after, so the ledger stays recomputable.
 */
export async function returnCharge(
  client: PoolClient,
  { leadId, hop, at, cause, partner }: ReturnedCharge,
): Promise<void> {
  const { rows } = await client.query<{
    poolId: string;
    rep: string;
    charged: number;
    candidates: CandidateVerdict[];
  }>(
    `SELECT pool_id AS "poolId", rep_id AS rep, charged, candidates FROM ledger WHERE lead_id = $1 AND hop = $2 AND charged > 0 AND CASE WHEN partner THEN rep_id END IS NOT DISTINCT FROM $3`,
    [leadId, hop, partner ?? null],
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
    cause,
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
    readonly cause: string;
    readonly candidates: readonly CandidateVerdict[];
    readonly after: readonly MemberStanding[];
  },
): Promise<void> {
  await client.query(
    `WITH pool AS (UPDATE pool_state SET seq = $2::bigint WHERE pool_id = $1),
          standings AS (UPDATE pool_members m SET current = t.current
            FROM unnest($9::text[], $10::int[]) AS t(rep, current) WHERE m.pool_id = $1 AND m.rep_id = t.rep)
     INSERT INTO ledger (pool_id, seq, lead_id, hop, rep_id, at, charged, candidates, credit)
     VALUES ($1, $2::bigint, $3, $4, $5, $6, 0, $7::jsonb, jsonb_build_object('rep', $5::text, 'cause', $11::text, 'amount', $8::int))`,
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
      entry.cause,
    ],
  );
}
