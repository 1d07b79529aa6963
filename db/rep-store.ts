import type { RepStore } from '../api/ports';
import { epochMs, toInstant } from '../domain/instant';
import { transaction, type Database } from './client';
import { oweRebase } from './owed-rebases';

export function createRepStore({ prisma, pool }: Database): RepStore {
  return {
    setStatus: async (repId, status, reason) => {
      const data = {
        status,
        pauseReason: status === 'paused' ? (reason ?? null) : null,
        ...(status === 'active' ? { missedInRow: 0 } : {}),
      };
      await prisma.repState.upsert({ where: { repId }, create: { repId, ...data }, update: data });
    },
    setAbsence: (repId, { from, until: wanted, reason }, now) =>
      transaction(pool, async (client) => {
        const { rows } = await client.query<{ until: Date }>(
          'SELECT until FROM absences WHERE rep_id = $1 AND "from" = $2 FOR UPDATE',
          [repId, from],
        );
        const [known] = rows;
        const gone = known && from < now ? toInstant(Math.min(known.until.getTime(), epochMs(now))) : from;
        const until = wanted > gone ? wanted : gone;
        if (until <= from)
          await client.query('DELETE FROM absences WHERE rep_id = $1 AND "from" = $2', [repId, from]);
        else
          await client.query(
            `INSERT INTO absences (rep_id, "from", until, reason) VALUES ($1, $2, $3, $4)
             ON CONFLICT (rep_id, "from") DO UPDATE SET until = excluded.until, reason = excluded.reason`,
            [repId, from, until, reason ?? null],
          );
        await oweRebase(client, repId);
      }),
    states: async () => {
      const [states, absences] = await Promise.all([
        prisma.repState.findMany(),
        prisma.absence.findMany({ orderBy: { from: 'asc' } }),
      ]);
      const ids = [...new Set([...states, ...absences].map((row) => row.repId))].sort();
      return ids.map((repId) => {
        const state = states.find((row) => row.repId === repId);
        return {
          repId,
          status: state?.status === 'paused' ? ('paused' as const) : ('active' as const),
          openCount: state?.openCount ?? 0,
          ...(state?.pauseReason ? { pauseReason: state.pauseReason } : {}),
          absences: absences
            .filter((absence) => absence.repId === repId)
            .map((absence) => ({
              from: toInstant(absence.from.getTime()),
              until: toInstant(absence.until.getTime()),
              ...(absence.reason ? { reason: absence.reason } : {}),
            })),
        };
      });
    },
  };
}
