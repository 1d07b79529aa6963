import { activityInfo, heartbeat, sleep } from '@temporalio/activity';
import type { LeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';
import type { Clock } from './ports';
import type { FileLine, ImportPace, ImportStep, ImportStore, LineReader } from './ports-imports';

/**
 * While live leads come in, so few imported ones are under way that one which arrives in the next moment does not stand
 * behind them (`npm run bench:import` measures what it feels); else what the machine is worth.
 */
const pace = {
  inFlightMax: { beside: 1, alone: 4 },
  waitingMax: 20,
  busyMs: 1_000,
  quietMs: 10_000,
} as const satisfies Omit<ImportPace, 'givesWay'>;
/** Longest time without a new lead for the sake of live ones: an import goes on under any load. */
const givesWayMs = 500;
/**
 * Between two looks at how many of them still wait; lines that are no new leads pass by the hundred at each. The server's
 * timers are a second apart, too far to keep the pace.
 */
const pauseMs = { beside: 200, alone: 25 } as const;
/** How long lines are taken in before the run says that it is still there. */
const turnMs = 10_000;
/** Lines written in one statement. */
const linesAtOnce = 500;

export type ImportActivities = ReturnType<typeof createImportActivities>;

export function createImportActivities({
  imports,
  reader,
  start,
  clock,
}: {
  readonly imports: ImportStore;
  readonly reader: LineReader;
  /** Starts the run of an imported lead, behind all others; safe to repeat. */
  readonly start: (leadId: LeadId) => Promise<void>;
  readonly clock: Clock;
}) {
  return {
    /** Turns the file into lines. Begun anew after a crash, it comes to the same lines. */
    splitFile: async ({ importId }: { importId: string }): Promise<void> => {
      const found = await imports.file(importId);
      if (!found) return;
      let batch: FileLine[] = [];
      for (const line of reader.lines(found.file, found.format)) {
        batch.push(line);
        if (batch.length < linesAtOnce) continue;
        await imports.addLines(importId, batch);
        heartbeat(line.line);
        batch = [];
      }
      await imports.addLines(importId, batch);
      await imports.splitDone(importId);
    },
    /** For a while, takes lines in and starts the runs of their leads. @returns what is next. */
    takeLines: async ({ importId }: { importId: string }): Promise<ImportStep> => {
      const until = clock.now() + turnMs;
      // An attempt before this one may have ended between taking lines in and starting their runs.
      let startsAll = activityInfo().attempt > 1;
      let tookMs = clock.now();
      for (;;) {
        const { next, fresh, waiting, live } = await imports.take({
          importId,
          pace: { ...pace, givesWay: clock.now() - tookMs < givesWayMs },
          at: toInstant(clock.now()),
          read: (body, reading) => reader.lead(body, reading, clock.now()),
        });
        await Promise.all((startsAll ? waiting : fresh).map(start));
        if (fresh.length > 0) tookMs = clock.now();
        if (next !== 'take' || clock.now() >= until) return next;
        startsAll = false;
        heartbeat();
        await sleep(live ? pauseMs.beside : pauseMs.alone);
      }
    },
  };
}
