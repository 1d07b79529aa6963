import { cancellationSignal, heartbeat, log } from '@temporalio/activity';
import { advanced, cursorFrom, dated, nextReading, unread } from '../domain/crm/cursor';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import { repairLeads, repoint, tellRuns, type CrmSyncDeps } from './crm-records';
import { translated } from './failures';
import type { CrmDifference, CrmReport, CrmReportCounts } from './ports-crm-sync';

export type CrmSyncActivities = ReturnType<typeof createCrmSyncActivities>;

/** Records read in one turn; what is left is read in the next one, which follows at once. */
const recordsMax = 4_000;
/** Leads compared at once, and records read at once. */
const comparedAtOnce = 100;

export function createCrmSyncActivities(deps: CrmSyncDeps) {
  const { system, changes, crmSync, clock } = deps;
  return {
    /**
     * Reads what was changed since the last time and tells the runs. How far it came is kept after each page, once every
     * run was told: cut off in the middle, no more than a page is read and told again, and a run that hears a change twice
     * follows it once.
     * @returns the time from one question to the next, and whether there is more to read at once.
     */
    readCrmChanges: async (): Promise<{ readonly everyMs: number; readonly more: boolean }> => {
      let cursor = cursorFrom(await crmSync.cursor(system), clock.now());
      let [read, told] = [0, 0];
      do {
        const reading = nextReading(cursor, clock.now(), changes.lagMs);
        const page = await translated('crm', () =>
          changes.since(reading.from, reading.page, cancellationSignal()),
        );
        told += await tellRuns(deps, dated(unread(cursor, page.records), clock.now()));
        const now = toInstant(clock.now());
        const next = advanced(cursor, reading, page, { nowMs: epochMs(now), lagMs: changes.lagMs });
        if (next !== cursor) await crmSync.saveCursor(system, next, now);
        cursor = next;
        read += page.records.length;
        heartbeat(read);
      } while (cursor.reading !== undefined && read < recordsMax);
      if (told > 0) log.info('changes in the CRM told to the runs', { told });
      return { everyMs: changes.everyMs, more: cursor.reading !== undefined };
    },

    /**
     * Reads records that the CRM named as changed and tells the runs. One that is not found is left to the comparison at
     * night: only what the CRM says is deleted counts as that here.
     */
    readCrmRecords: async ({ externalIds }: { externalIds: readonly string[] }): Promise<void> => {
      const read = changes.named ?? changes.read;
      const found = await translated('crm', () => read(externalIds, cancellationSignal()));
      const told = await tellRuns(deps, dated(found, clock.now()));
      if (told > 0) log.info('changes in named records told to the runs', { told });
    },

    /** Compares the next leads with their records and has what differs repaired by the rule of authority. */
    compareCrmPage: ({ afterSeq }: { afterSeq: string }): Promise<Compared> =>
      comparePage(deps, BigInt(afterSeq)),

    reportCrm: async (
      report: Omit<CrmReport, 'system' | 'startedAt' | 'finishedAt'> & {
        readonly startedAt: string;
        readonly finishedAt: string;
      },
    ): Promise<void> => {
      const [startedAt, finishedAt] = [report.startedAt, report.finishedAt] as [IsoInstant, IsoInstant];
      await crmSync.saveReport({ ...report, startedAt, finishedAt, system });
      log.info('leads compared with the CRM', { ...report.counts });
    },
  };
}

/** What was found in a page of leads; `nextSeq` is where the next one begins, if there is one. */
interface Compared {
  readonly counts: CrmReportCounts;
  readonly differences: readonly CrmDifference[];
  readonly nextSeq?: string;
}

async function comparePage(deps: CrmSyncDeps, afterSeq: bigint): Promise<Compared> {
  const { system, changes, crmSync, clock } = deps;
  const leads = await crmSync.written({ system, afterSeq, limit: comparedAtOnce });
  const ids = [...new Set(leads.flatMap(({ externalId }) => externalId ?? []))];
  const found =
    ids.length === 0 ? [] : await translated('crm', () => changes.read(ids, cancellationSignal()));
  const records = dated(found, clock.now());
  await repoint(deps, records);
  const differences = await repairLeads(deps, leads, records);
  const count = (repair: CrmDifference['repair']): number =>
    differences.filter((one) => one.repair === repair).length;
  const last = leads.at(-1);
  return {
    counts: {
      checked: leads.length,
      differing: new Set(differences.map(({ leadId }) => leadId)).size,
      taken: count('taken'),
      written: count('written'),
      asked: count('asked'),
    },
    differences,
    ...(leads.length === comparedAtOnce && last ? { nextSeq: String(last.seq) } : {}),
  };
}
