import type { Pool, PoolClient } from 'pg';
import type { OwedRebases } from '../activities/ports';

/** The row of everybody's clocks; no rep has an empty id. */
const everybody = '';

/** Written with the change itself: whoever dies in between, or finds Temporal away, leaves it to the reconciliation. */
export async function oweRebase(client: PoolClient, rep: string = everybody): Promise<void> {
  await client.query(
    `INSERT INTO owed_rebases (rep_id) VALUES ($1) ON CONFLICT (rep_id) DO UPDATE SET change = excluded.change`,
    [rep],
  );
}

export function createOwedRebases(pool: Pool): OwedRebases {
  return {
    owed: async () => {
      const { rows } = await pool.query<{ rep: string; change: string }>(
        'SELECT rep_id AS rep, change FROM owed_rebases ORDER BY change',
      );
      return rows.map(({ rep, change }) => ({
        change: BigInt(change),
        ...(rep === everybody ? {} : { rep }),
      }));
    },
    done: async ({ rep = everybody, change }) => {
      await pool.query('DELETE FROM owed_rebases WHERE rep_id = $1 AND change = $2', [rep, String(change)]);
    },
  };
}
