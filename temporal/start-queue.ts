import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../config/logger';
import type { LeadToRun } from './lead-starter';

export interface StartQueueOptions {
  readonly start: (lead: LeadToRun) => Promise<void>;
  /** Leads of the inbox that no run has touched, oldest first. */
  readonly unstarted: (afterSeq: bigint) => Promise<readonly (LeadToRun & { readonly seq: bigint })[]>;
  readonly concurrency: number;
  readonly log: Logger;
}

/** Pause after a start failed, doubling up to the second number, in milliseconds. */
const pausesMs = [100, 1_000] as const;
/** More ids than this are not held, and as many again while the queue is behind: the inbox has them all. */
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
 *
 * It is behind when the inbox has leads that it does not hold: after a restart, or when more came than it holds. Then it
 * starts what the inbox has, page by page, and what comes meanwhile after that.
 */
export function createStartQueue(options: StartQueueOptions) {
  const { start, concurrency, log } = options;
  const waiting: Item[] = [];
  let places = 0;
  let inFlight = 0;
  let away = false;
  let pauseMs: number = pausesMs[0];
  let stopped = false;

  const line = (lead: LeadToRun): void => {
    waiting.push({ place: (places += 1), lead });
  };
  const backlog = createBacklog(options, line);

  const pump = (): void => {
    if (stopped) return;
    while (waiting.length > 0 && inFlight < (away ? 1 : concurrency)) void launch(waiting.shift() as Item);
    if (backlog.state === 'unread' && waiting.length === 0) void backlog.readOn().then(pump);
    if (inFlight > 0 || backlog.state !== 'none') return;
    if (away) log.info('all leads that waited have their runs');
    away = false;
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

  return {
    push(lead: LeadToRun): void {
      if (backlog.state === 'none' && waiting.length >= maxWaiting) backlog.state = 'unread';
      if (backlog.state === 'none') line(lead);
      else backlog.hold(lead);
      pump();
    },
    /** Starts what the inbox has and no run has touched, of an earlier process; what is pushed from now on comes after it. */
    catchUp(): void {
      backlog.state = 'unread';
      pump();
    },
    /** Leaves what waits to the inbox. */
    stop(): void {
      stopped = true;
    },
  };
}

export type StartQueue = ReturnType<typeof createStartQueue>;

/** Leads that are in the inbox only, and behind them what comes until they are lined up. */
function createBacklog({ unstarted, log }: StartQueueOptions, line: (lead: LeadToRun) => void) {
  const newer = new Map<string, LeadToRun>();
  /** Place in the inbox up to which it was read. */
  let readTo = 0n;
  let lostSome = false;
  const backlog = {
    state: 'none' as 'none' | 'unread' | 'reading',
    hold(lead: LeadToRun): void {
      newer.set(lead.leadId, lead);
      if (newer.size <= maxWaiting) return;
      newer.clear();
      lostSome = true;
    },
    /** Lines up the next page; after the last one, what came meanwhile. */
    async readOn(): Promise<void> {
      backlog.state = 'reading';
      lostSome = false;
      const page = await unstarted(readTo).catch((error: unknown) => {
        log.warn({ err: error }, 'inbox not readable; the reconciliation starts what waits');
        return [];
      });
      for (const lead of page) {
        newer.delete(lead.leadId);
        line(lead);
      }
      readTo = page.at(-1)?.seq ?? readTo;
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- hold() sets it
      backlog.state = page.length > 0 || lostSome ? 'unread' : 'none';
      if (backlog.state === 'unread') return;
      for (const lead of newer.values()) line(lead);
      newer.clear();
    },
  };
  return backlog;
}
