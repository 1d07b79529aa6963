import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../config/logger';
import type { LeadToRun } from './lead-starter';

export interface StartQueueOptions {
  readonly start: (lead: LeadToRun) => Promise<void>;
  /** Leads of the inbox that no run has touched, oldest first; where the queue goes on after it lost sight of some. */
  readonly unstarted: (afterSeq: bigint) => Promise<readonly (LeadToRun & { readonly seq: bigint })[]>;
  readonly concurrency: number;
  readonly log: Logger;
}

/** Pause after a start failed, doubling up to the second number, in milliseconds. */
const pausesMs = [100, 1_000] as const;
/** More ids than this are not held: the inbox has them all. */
const maxWaiting = 20_000;

interface Item {
  /** Place in the order of arrival at this process. */
  readonly place: number;
  readonly lead: LeadToRun;
}

/**
 * Starts the runs of accepted leads in order of arrival, behind the acceptance. The inbox is what is durable; this
 * queue only saves it from being read. While Temporal is away the oldest lead is tried again and again; once it starts,
 * the others follow one after the other, so that their order is kept.
 */
export function createStartQueue({ start, unstarted, concurrency, log }: StartQueueOptions) {
  const waiting: Item[] = [];
  let places = 0;
  let inFlight = 0;
  let away = false;
  let pauseMs: number = pausesMs[0];
  let overflowed = false;
  let stopped = false;

  const pump = (): void => {
    while (!stopped && waiting.length > 0 && inFlight < (away ? 1 : concurrency))
      void launch(waiting.shift() as Item);
    if (inFlight > 0 || stopped) return;
    if (away) log.info('all leads that waited have their runs');
    away = false;
    if (overflowed)
      catchUp().catch((error: unknown) =>
        log.warn({ err: error }, 'inbox not readable; the reconciliation starts what waits'),
      );
  };

  const launch = async (item: Item): Promise<void> => {
    inFlight += 1;
    try {
      await start(item.lead);
      pauseMs = pausesMs[0];
    } catch (error) {
      if (!away) log.warn({ err: error }, 'runs cannot be started; accepted leads wait');
      away = true;
      const later = waiting.findIndex(({ place }) => place > item.place);
      waiting.splice(later === -1 ? waiting.length : later, 0, item);
      await wait(pauseMs, undefined, { ref: false });
      pauseMs = Math.min(pauseMs * 2, pausesMs[1]);
    }
    inFlight -= 1;
    pump();
  };

  const push = (lead: LeadToRun): void => {
    if (waiting.length >= maxWaiting) overflowed = true;
    else waiting.push({ place: (places += 1), lead });
    pump();
  };

  /** Starts what the inbox has and no run has touched; of an earlier process, or more than could be held. */
  const catchUp = async (): Promise<void> => {
    overflowed = false;
    let after = 0n;
    for (;;) {
      const page = await unstarted(after);
      for (const lead of page) push(lead);
      const last = page.at(-1);
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- push() sets it
      if (!last || overflowed) return;
      after = last.seq;
    }
  };

  return {
    push,
    catchUp,
    /** Leaves what waits to the inbox. */
    stop(): void {
      stopped = true;
    },
  };
}

export type StartQueue = ReturnType<typeof createStartQueue>;
