import type { Pool } from 'pg';
import type { PoolReader } from '../api/ports';
import type { CandidateVerdict } from '../domain/assignment/picker';
import { shares } from '../domain/assignment/shares';
import type { LeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';

export function createPoolReader(pool: Pool): PoolReader {
  return {
    ledger: async (poolId, { limit, startingAfter }) => {
      const entries = await pool.query<{
        seq: string;
        leadId: LeadId;
        hop: number;
        rep: string;
        at: Date;
        charged: number;
        candidates: CandidateVerdict[];
        credit: { rep: string; cause: string; amount: number } | null;
      }>(
        `SELECT seq, lead_id AS "leadId", hop, rep_id AS rep, at, charged, candidates, credit FROM ledger
         WHERE pool_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
        [poolId, String(startingAfter ?? 0), limit + 1],
      );
      const [weights, counts] = await Promise.all([
        pool.query<{ rep: string; weight: number }>(
          'SELECT rep_id AS rep, weight FROM pool_members WHERE pool_id = $1',
          [poolId],
        ),
        pool.query<{ rep: string; leads: number }>(
          `SELECT rep, sum(n)::int AS leads FROM (
             SELECT rep_id AS rep, count(*) AS n FROM ledger WHERE pool_id = $1 AND charged > 0 GROUP BY rep_id
             UNION ALL SELECT credit ->> 'rep', -count(*) FROM ledger WHERE pool_id = $1 AND credit IS NOT NULL GROUP BY 1) AS counted
           GROUP BY rep`,
          [poolId],
        ),
      ]);
      return {
        data: entries.rows.slice(0, limit).map(({ seq, at, credit, ...entry }) => ({
          ...entry,
          seq: Number(seq),
          at: toInstant(at.getTime()),
          ...(credit ? { credit } : {}),
        })),
        hasMore: entries.rows.length > limit,
        shares: shares(
          Object.fromEntries(weights.rows.map(({ rep, weight }) => [rep, weight])),
          new Map(counts.rows.map(({ rep, leads }) => [rep, leads])),
        ),
      };
    },
  };
}
