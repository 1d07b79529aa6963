import type { RepStore } from '../api/ports';
import { epochMs, toInstant } from '../domain/instant';
import type { Database } from './client';

export function createRepStore({ prisma }: Database): RepStore {
  return {
    setStatus: async (repId, status, reason) => {
      const data = {
        status,
        pauseReason: status === 'paused' ? (reason ?? null) : null,
        ...(status === 'active' ? { missedInRow: 0 } : {}),
      };
      await prisma.repState.upsert({ where: { repId }, create: { repId, ...data }, update: data });
    },
    setAbsence: async (repId, { from, until: wanted, reason }, now) => {
      const key = { repId_from: { repId, from } };
      const known = await prisma.absence.findUnique({ where: key });
      const gone = known && from < now ? toInstant(Math.min(known.until.getTime(), epochMs(now))) : from;
      const until = wanted > gone ? wanted : gone;
      if (until <= from) {
        await prisma.absence.deleteMany({ where: { repId, from } });
        return;
      }
      const data = { until, reason: reason ?? null };
      await prisma.absence.upsert({ where: key, create: { repId, from, ...data }, update: data });
    },
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
