import { epochMs, toInstant, type IsoInstant } from '../instant';
import type { ClockKind, SlaStepRule } from '../policy';
import { always, dueAt, NoWorkingTimeError, workedMs, type WorkingTime } from './calendar';

/** One step of an SLA with the instant it is due. */
export interface AppliedStep {
  /** Its place in the policy's list, from 0. */
  readonly number: number;
  readonly do: SlaStepRule['do'];
  /** `manager`, `director`, `on-call` or a rep id; escalations only. */
  readonly to?: string;
  /** Time on the clock from its start, in milliseconds. */
  readonly afterMs: number;
  readonly dueAt: IsoInstant;
  readonly doneAt?: IsoInstant;
}

/** One promise with the instant it is due and what happens until then. */
export interface AppliedClock {
  readonly clock: ClockKind;
  readonly startAt: IsoInstant;
  /** The promise, in milliseconds on this clock. */
  readonly withinMs: number;
  readonly dueAt: IsoInstant;
  /** By due instant; steps due together keep the policy's order. */
  readonly steps: readonly AppliedStep[];
  /** Set when the clock was restarted: it has measured `ms` and goes on at `from`, which may lie ahead (a snooze). */
  readonly counted?: { readonly ms: number; readonly from: IsoInstant };
  /** When the deadline passed; the clock goes on, so that the real time is measured. */
  readonly missedAt?: IsoInstant;
  readonly doneAt?: IsoInstant;
  /** Time it took on this clock, in milliseconds; set with `doneAt`. */
  readonly tookMs?: number;
}

/** What a clock of that kind runs by, for an owner with this calendar. */
export function timeOf(kind: ClockKind, calendar: WorkingTime): WorkingTime {
  return kind === 'wall' ? always : calendar;
}

/** @throws NoWorkingTimeError when the time is not reached within 20 years. */
export function instantAfter(time: WorkingTime, start: IsoInstant, ms: number): IsoInstant {
  const due = dueAt(time, start, ms);
  if (due === undefined) throw new NoWorkingTimeError(time.timeZone);
  return due;
}

/** Milliseconds the clock has measured at `at`; never less than before, also when `at` lies before its start. */
export function elapsedMs(
  { clock, startAt, counted }: AppliedClock,
  calendar: WorkingTime,
  at: IsoInstant,
): number {
  return (counted?.ms ?? 0) + workedMs(timeOf(clock, calendar), counted?.from ?? startAt, at);
}

export interface Restart {
  /** Time until this instant counts, by the calendar that held so far. */
  readonly until: IsoInstant;
  readonly calendarBefore: WorkingTime;
  /** The clock goes on here, by the calendar that holds from now on; not before `until`. */
  readonly from: IsoInstant;
  readonly calendar: WorkingTime;
  /** What the clock promises from now on, when the policy changed; steps that are gone there are dropped unless done. */
  readonly promise?: ClockPromise;
}

/** What a clock stands for, before it is dated. */
export interface ClockPromise extends Pick<AppliedClock, 'clock' | 'withinMs'> {
  readonly steps: readonly PromisedStep[];
}

export type PromisedStep = Omit<AppliedStep, 'dueAt' | 'doneAt'>;

/**
 * Stops a clock and lets it go on: what it has measured stays, what is left is counted anew. The one way in which
 * deadlines move, be it a snooze, the end of a wait for the customer, another owner, a changed calendar or policy.
 *
 * What happened stays as it was: steps that are done, a deadline that was missed.
 *
 * @throws NoWorkingTimeError when the calendar never gets there.
 */
export function restart(
  was: AppliedClock,
  { until, calendarBefore, from, calendar, promise }: Restart,
): AppliedClock {
  if (was.doneAt !== undefined) return was;
  const ms = elapsedMs(was, calendarBefore, until);
  const { clock, withinMs, steps }: ClockPromise = promise ?? was;
  const time = timeOf(clock, calendar);
  // What is overdue comes up where the clock goes on; if it never stood still, it was due when it was due.
  const due = (afterMs: number, wasDue = from): IsoInstant =>
    afterMs > ms ? instantAfter(time, from, afterMs - ms) : from === until && wasDue < from ? wasDue : from;
  const done = was.steps.filter(({ doneAt }) => doneAt !== undefined);
  const open = steps.filter((step) => !done.some(({ number }) => number === step.number));
  const wasDue = new Map(was.steps.map((step) => [step.number, step.dueAt]));
  return {
    ...was,
    clock,
    withinMs,
    counted: { ms, from },
    dueAt: was.missedAt === undefined ? due(withinMs, was.dueAt) : was.dueAt,
    steps: byDue([
      ...done,
      ...open.map((step) => ({ ...step, dueAt: due(step.afterMs, wasDue.get(step.number)) })),
    ]),
  };
}

/** The clock has got what it waited for. */
export function stopClock(clock: AppliedClock, calendar: WorkingTime, at: IsoInstant): AppliedClock {
  if (clock.doneAt !== undefined) return clock;
  const late = at > clock.dueAt;
  return {
    ...clock,
    doneAt: at,
    tookMs: elapsedMs(clock, calendar, at),
    ...(late && clock.missedAt === undefined ? { missedAt: clock.dueAt } : {}),
  };
}

/** Nobody further up is told, and nobody takes the lead away, before `until`. */
export function holdBack(clock: AppliedClock, until: IsoInstant): AppliedClock {
  const steps = clock.steps.map((step) =>
    step.doneAt === undefined && step.do !== 'remind' && step.dueAt < until
      ? { ...step, dueAt: until }
      : step,
  );
  return { ...clock, steps: byDue(steps) };
}

/** Sorted by due instant, ties as given. */
export function byDue<S extends { readonly dueAt: IsoInstant }>(steps: readonly S[]): readonly S[] {
  return [...steps].sort((a, b) => epochMs(a.dueAt) - epochMs(b.dueAt));
}

/** The later of two instants. */
export function laterOf(a: IsoInstant, b: IsoInstant): IsoInstant {
  return toInstant(Math.max(epochMs(a), epochMs(b)));
}
