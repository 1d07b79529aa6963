import { heartbeat, log } from '@temporalio/activity';
import type { LeadId } from '../domain/ids';
import { toInstant, type IsoInstant } from '../domain/instant';
import type { LeadToJoin } from '../domain/lead';
import type { Clock, LeadInbox, QueuedLead } from './ports';
import type { FetchStore } from './ports-fetch';
import type { ImportStore } from './ports-imports';

/** The runs of Temporal, as the reconciliation needs them. */
export interface RunKeeper {
  /** Starts a lead's run unless it has one. */
  start(lead: Omit<QueuedLead, 'seq'>): Promise<void>;
  /** Starts the run that fetches a lead, unless it goes on already. */
  startFetch(leadId: LeadId): Promise<void>;
  /** Starts an import's run unless it has one. */
  startImport(importId: string): Promise<void>;
  /** Asks the run of an open lead to leave it to an older one of the same person. @returns why it will not, if so */
  join(lead: LeadToJoin): Promise<string | undefined>;
  /** Deletes the finished runs that held a lead while Postgres was away. @returns how many. */
  forgetTakenIn(): Promise<number>;
}

export type ReconcileActivities = ReturnType<typeof createReconcileActivities>;

/** A lead this young may still be on its ordinary way to its run. */
const graceMs = 30_000;
const pageSize = 500;
/** The Schedule comes every minute; some turns may be missed. */
const begunMs = 15 * 60_000;

export function createReconcileActivities({
  inbox,
  imports,
  fetches,
  people,
  leads,
  wake,
  runs,
  clock,
}: {
  readonly inbox: LeadInbox;
  readonly imports: Pick<ImportStore, 'unfinished'>;
  readonly fetches: Pick<FetchStore, 'waiting'>;
  readonly people: { unjoined(): Promise<readonly LeadToJoin[]> };
  readonly leads: { partnersAway(since?: IsoInstant): Promise<readonly LeadId[]> };
  /** Tells one run that somebody's availability changed. */
  readonly wake: (leadId: LeadId) => Promise<void>;
  readonly runs: RunKeeper;
  readonly clock: Clock;
}) {
  const startAll = async (page: (afterSeq: bigint) => Promise<readonly QueuedLead[]>): Promise<number> => {
    let after = 0n;
    let count = 0;
    for (;;) {
      const leads = await page(after);
      for (const { seq, ...lead } of leads) {
        await runs.start(lead);
        after = seq;
        count += 1;
        heartbeat(count);
      }
      if (leads.length < pageSize) return count;
    }
  };

  return {
    /**
     * Starts, in order of arrival, what was accepted and never got a run: the acceptor died, or Temporal was away. So too
     * imports, and fetches of leads.
     */
    startWaitingLeads: async (): Promise<number> => {
      const before = toInstant(clock.now() - graceMs);
      const count = await startAll((afterSeq) => inbox.unstarted({ before, afterSeq, limit: pageSize }));
      if (count > 0) log.warn('leads had waited without a run', { count });
      for (const importId of await imports.unfinished()) await runs.startImport(importId);
      for (const leadId of await fetches.waiting()) {
        await runs.startFetch(leadId);
        heartbeat(leadId);
      }
      return count;
    },
    /**
     * Starts the run of every open lead that has none any more: Temporal was restored from a backup. Then asks again the
     * runs that were away when their person was merged with one who has an older open lead.
     */
    restoreLostRuns: async (): Promise<number> => {
      const started = await startAll((afterSeq) => inbox.open({ afterSeq, limit: pageSize }));
      for (const lead of await people.unjoined()) {
        const refused = await runs.join(lead);
        log.info('asked a lead to join an older one', { ...lead, refused });
        heartbeat(started);
      }
      return started;
    },
    forgetTakenIn: (): Promise<number> => runs.forgetTakenIn(),
    tellAwayPartners: ({ all }: { all: boolean }) => tellAwayPartners({ leads, wake, clock }, all),
  };
}

/**
 * An absence begins by the clock alone: the leads that he works beside an owner look for somebody else. Those of absences
 * that began lately are told each time; `all` also finds what was missed.
 */
async function tellAwayPartners(
  { leads, wake, clock }: Pick<Parameters<typeof createReconcileActivities>[0], 'leads' | 'wake' | 'clock'>,
  all: boolean,
): Promise<void> {
  for (const leadId of await leads.partnersAway(all ? undefined : toInstant(clock.now() - begunMs))) {
    await wake(leadId);
    heartbeat(leadId);
  }
}
