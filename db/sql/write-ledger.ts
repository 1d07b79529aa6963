import type { PoolClient } from 'pg';
import type { CandidateVerdict } from '../../domain/assignment/picker';
import type { PoolStanding } from './pick';

/** A pick of a pool, as it is written down. */
export interface PoolPick {
  readonly poolId: string;
  /** Pool whose ledger it is. */
  readonly counterId: string;
  readonly seq: bigint;
  readonly charged: number;
  readonly candidates: readonly CandidateVerdict[];
  readonly standings: readonly PoolStanding[];
  readonly credit: { readonly rep: string; readonly cause: string; readonly amount: number } | undefined;
}

/** Writes a pick into its pool's ledger, with everybody's new standing. The pool is locked. */
export async function writeLedger(
  client: PoolClient,
  { counterId, seq, charged, candidates, standings, credit }: PoolPick,
  picked: {
    readonly leadId: string;
    readonly hop: number;
    readonly repId: string;
    readonly at: string;
    /** Not as its owner, but beside him. */
    readonly partner?: boolean;
  },
): Promise<void> {
  await client.query({
    name: 'write-ledger',
    text: `
WITH pool AS (
  UPDATE pool_state SET seq = $2::bigint WHERE pool_id = $1
), gone AS (
  DELETE FROM pool_members WHERE pool_id = $1 AND rep_id <> ALL ($10::text[])
), standings AS (
  INSERT INTO pool_members (pool_id, rep_id, weight, current, owed, owed_until)
  SELECT $1, t.rep, t.weight, t.current, t.owed, t.owed_until
  FROM unnest($10::text[], $11::int[], $12::int[], $13::int[], $14::timestamptz[]) AS t(rep, weight, current, owed, owed_until)
  ON CONFLICT (pool_id, rep_id) DO UPDATE SET weight = excluded.weight, current = excluded.current, owed = excluded.owed, owed_until = excluded.owed_until
)
INSERT INTO ledger (pool_id, seq, lead_id, hop, rep_id, at, charged, candidates, credit, partner)
VALUES ($1, $2::bigint, $3, $4, $5, $6, $7, $8::jsonb, $9::jsonb, $15)`,
    values: [
      counterId,
      String(seq),
      picked.leadId,
      picked.hop,
      picked.repId,
      picked.at,
      charged,
      JSON.stringify(candidates),
      credit ? JSON.stringify(credit) : null,
      standings.map(({ rep }) => rep),
      standings.map(({ weight }) => weight),
      standings.map(({ current }) => current),
      standings.map(({ owed }) => owed),
      standings.map(({ owedUntil }) => owedUntil),
      picked.partner ?? false,
    ],
  });
}
