import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../config/logger';

export interface StartQueueOptions {
  readonly start: (leadId: string) => Promise<void>;
  /** Leads of the inbox that no run has touched, oldest first; where the queue goes on after it lost sight of some. */
  readonly unstarted: (afterSeq: bigint) => Promise<readonly { readonly leadId: string; readonly seq: bigint }[]>;
  readonly concurrency: number;
  readonly log: Logger;
}

/**
 * Starts the runs of accepted leads in order of arrival, behind the acceptance. The inbox is what is durable; this
 * queue only saves it from being read. While Temporal is away it holds the first lead and, when Temporal is back,
 * starts one after the other, so that the order is kept; ids beyond its size are read from the inbox again.
 */
export function createStartQueue({ start, unstarted, concurrency, log }: StartQueueOptions) {
  const waiting: string[] = [];
  let running = 0;
  let away = false;
  let overflowed = false;
  let stopped = false;

  const pump = (): void => {
    while (!stopped && waiting.length > 0 && running < (away ? 1 : concurrency)) {
      const leadId = waiting.shift();
      if (leadId !== undefined) void run(leadId);
    }
    if (waiting.length === 0 && running === 0 && overflowed) {
      overflowed = false;
      void refill().catch((error: unknown) => {
        log.warn({ err: error }, 'inbox not readable; the reconciliation will start what waits');
      });
    }
  };

  const run = async (leadId: string): Promise<void> => {
    running += 1;
    for (let pauseMs = 100; !stopped; pauseMs = Math.min(pauseMs * 2, 2_000)) {
      try {
        await start(leadId);
        if (away) log.info('runs can be started again');
        away = false;
        break;
      } catch (error) {
        if (!away) log.warn({ err: error, waiting: waiting.length }, 'runs cannot be started; accepted leads wait');
        away = true;
        await wait(pauseMs, undefined, { ref: false });
      }
    }
    running -= 1;
    pump();
  };

  const refill = async (): Promise<void> => {
    let after = 0n;
    for (;;) {
      const page = await unstarted(after);
      for (const { leadId } of page) waiting.push(leadId);
      pump();
      const last = page.at(-1);
      if (!last) return;
      after = last.seq;
    }
  };

  return {
    push(leadId: string): void {
      if (waiting.length >= maxWaiting) overflowed = true;
      else waiting.push(leadId);
      pump();
    },
    /** Starts what an earlier process accepted and could not start. */
    catchUp: refill,
    /** Leaves what waits to the inbox. */
    stop(): void {
      stopped = true;
    },
  };
}

const maxWaiting = 20_000;

export type StartQueue = ReturnType<typeof createStartQueue>;
