import type { LeadInbox, NewLead } from '../activities/ports';
import type { Logger } from '../config/logger';
import type { Intake } from './deps';
import { isOutage, NothingDurableError } from './errors';

export interface IntakeOptions {
  readonly inbox: Pick<LeadInbox, 'accept'>;
  /** Keeps a lead in Temporal while Postgres is away. */
  readonly takeIn: (lead: NewLead) => Promise<void>;
  /** Told of every lead that is in the inbox, in order. */
  readonly accepted: (lead: NewLead) => void;
  readonly log: Logger;
}

/** Leads per commit at most; above it a statement grows more than it saves. */
const batchSize = 200;
/** Commits under way at once: one is flushed to disk while the next one gathers. */
const concurrentCommits = 2;

interface Waiting {
  readonly lead: NewLead;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Takes leads in with group commit: leads that arrive while a commit is under way share the next one, so a burst costs
 * few flushes to disk and a single lead waits for nobody. When Postgres is away each lead goes to Temporal instead.
 */
export function createIntake({ inbox, takeIn, accepted, log }: IntakeOptions): Intake {
  const waiting: Waiting[] = [];
  let commits = 0;

  const flush = async (): Promise<void> => {
    commits += 1;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, batchSize);
      try {
        await inbox.accept(batch.map(({ lead }) => lead));
        for (const { lead, resolve } of batch) {
          resolve();
          accepted(lead);
        }
      } catch (error) {
        await Promise.all(batch.map((one) => instead(one, error, batch.length)));
      }
    }
    commits -= 1;
  };

  /** A batch failed: one by one the leads go to Temporal, or, if Postgres only disliked one of them, in alone. */
  const instead = async (
    { lead, resolve, reject }: Waiting,
    fault: unknown,
    together: number,
  ): Promise<void> => {
    try {
      if (isOutage(fault)) await takenIn(lead, fault);
      else if (together > 1) await alone(lead);
      else throw fault;
      resolve();
    } catch (error) {
      reject(error);
    }
  };

  const alone = async (lead: NewLead): Promise<void> => {
    try {
      await inbox.accept([lead]);
    } catch (fault) {
      if (!isOutage(fault)) throw fault;
      return takenIn(lead, fault);
    }
    accepted(lead);
  };

  const takenIn = async (lead: NewLead, fault: unknown): Promise<void> => {
    try {
      await takeIn(lead);
      log.warn({ leadId: lead.leadId, err: fault }, 'Postgres is away; lead taken in by Temporal');
    } catch (error) {
      throw new NothingDurableError('neither Postgres nor Temporal could keep the lead', { cause: error });
    }
  };

  return {
    accept: (lead) =>
      new Promise((resolve, reject) => {
        waiting.push({ lead, resolve, reject });
        if (commits < concurrentCommits) void flush();
      }),
  };
}
