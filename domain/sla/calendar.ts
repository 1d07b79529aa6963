import type { IANAZone } from 'luxon';
import { epochMs, toInstant, type IsoInstant } from '../instant';
import type { CalendarSpec } from '../policy';
import { readCalendar, type HolidayLookup, type LocalPlan } from './calendar-spec';

export { CalendarError, UnknownRegionError, type HolidayLookup } from './calendar-spec';

/**
 * Working time on the time line.
 *
 * Deadlines and measured time come from one set of half-open UTC intervals, so they can never disagree. The set is
 * built week by week, each a fixed stretch of UTC, not a local date: where a clock is turned back across midnight
 * (America/St_Johns until 2011) local dates interleave on the time line, stretches of UTC never do.
 */
export interface WorkingTime {
  readonly timeZone: string;
  /** No day of the week has working time. */
  readonly empty: boolean;
  /** Working intervals of the `index`-th seven days of UTC since 1970-01-01; the same index gives the same answer. */
  readonly week: (index: number) => WorkingWeek;
}

/** Sorted intervals, apart from each other, as `[start, end, start, end, …]` in milliseconds since 1970. */
export interface WorkingWeek {
  readonly bounds: readonly number[];
  /** Sum of their lengths in milliseconds. */
  readonly total: number;
}

/** A business clock was asked for a deadline and its calendar has too little working time ever to reach one. */
export class NoWorkingTimeError extends Error {
  override readonly name = 'NoWorkingTimeError';

  constructor(timeZone: string) {
    super(
      `the calendar (${timeZone}) does not have enough working time within ${String(horizonYears)} years`,
    );
  }
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
/** How far ahead a deadline may lie. Farther is a mistake in the policy, and the search must end. */
const horizonYears = 20;
const horizonMs = horizonYears * 366 * dayMs;
/** Weeks kept per calendar: more than one horizon, a few hundred kB at the very most. */
const cachedWeeks = 1_100;

/** A clock that never stops. */
export const always: WorkingTime = {
  timeZone: 'UTC',
  empty: false,
  week: (index) => ({ bounds: [index * weekMs, (index + 1) * weekMs], total: weekMs }),
};

/** A stretch of time, `until` not included. */
export interface Span {
  readonly from: IsoInstant;
  readonly until: IsoInstant;
}

/**
 * A calendar less the stretches in which its rep is away, to the millisecond: half days and an hour at the dentist
 * are absences like any other.
 */
export function without(calendar: WorkingTime, away: readonly Span[]): WorkingTime {
  if (away.length === 0) return calendar;
  const spans = away.map(({ from, until }) => [epochMs(from), epochMs(until)] as const);
  return {
    ...calendar,
    week: (index) => {
      const week = calendar.week(index);
      const near = spans.filter(([from, until]) => from < (index + 1) * weekMs && until > index * weekMs);
      if (near.length === 0) return week;
      const bounds = near.reduce(cutOut, week.bounds);
      return { bounds, total: lengthOf(bounds) };
    },
  };
}

/** @throws CalendarError naming the first field that means nothing, and what was expected there. */
export function compileCalendar(spec: CalendarSpec, isHoliday: HolidayLookup): WorkingTime {
  const plan = readCalendar(spec, isHoliday);
  const cache = new Map<number, WorkingWeek>();
  return {
    timeZone: spec.timeZone,
    empty: plan.empty,
    week: (index) => {
      const known = cache.get(index);
      if (known !== undefined) return known;
      if (cache.size >= cachedWeeks) cache.clear();
      const built = buildWeek(plan, index * weekMs);
      cache.set(index, built);
      return built;
    },
  };
}

/**
 * The smallest instant by which `durationMs` of working time has elapsed since `start`: the end of a block rather
 * than the start of the next, and `start` itself for nothing or less. Undefined if that is not within 20 years.
 */
export function dueAt(calendar: WorkingTime, start: IsoInstant, durationMs: number): IsoInstant | undefined {
  if (durationMs <= 0) return start;
  if (calendar.empty) return undefined;
  const from = epochMs(start);
  const firstWeek = Math.floor(from / weekMs);
  const lastWeek = Math.floor((from + horizonMs) / weekMs);
  let rest = durationMs;
  for (let index = firstWeek; index <= lastWeek; index++) {
    const { bounds, total } = calendar.week(index);
    if (index > firstWeek && total < rest) {
      rest -= total;
      continue;
    }
    for (let i = 0; i < bounds.length; i += 2) {
      const begin = Math.max(bounds[i] as number, from);
      const length = Math.max((bounds[i + 1] as number) - begin, 0);
      if (length >= rest) return toInstant(Math.ceil(begin + rest));
      rest -= length;
    }
  }
  return undefined;
}

/** A wall clock never stops: plain addition, `durationMs` below zero counts as zero. */
export function dueAtWall(start: IsoInstant, durationMs: number): IsoInstant {
  return toInstant(epochMs(start) + Math.max(0, durationMs));
}

/** Milliseconds of working time in [from, to); 0 when `to` is not after `from`. */
export function workedMs(calendar: WorkingTime, from: IsoInstant, to: IsoInstant): number {
  const begin = epochMs(from);
  const end = epochMs(to);
  let worked = 0;
  for (let index = Math.floor(begin / weekMs); index * weekMs < end; index++) {
    const { bounds, total } = calendar.week(index);
    if (index * weekMs >= begin && (index + 1) * weekMs <= end) {
      worked += total;
      continue;
    }
    for (let i = 0; i < bounds.length; i += 2) {
      worked += Math.max(0, Math.min(bounds[i + 1] as number, end) - Math.max(bounds[i] as number, begin));
    }
  }
  return worked;
}

/** Is `at` in working time? The first instant of a block is, its end is not. */
export function isWorking(calendar: WorkingTime, at: IsoInstant): boolean {
  const ms = epochMs(at);
  const { bounds } = calendar.week(Math.floor(ms / weekMs));
  // an even number of bounds at or before `ms` means it lies outside
  return bounds.filter((bound) => bound <= ms).length % 2 === 1;
}

/**
 * The first instant at or after `at` that is in working time: `at` itself, or the start of the next block. Undefined if
 * there is none within 20 years.
 */
export function nextWorking(calendar: WorkingTime, at: IsoInstant): IsoInstant | undefined {
  const after = dueAt(calendar, at, 1);
  return after === undefined ? undefined : toInstant(epochMs(after) - 1);
}

function cutOut(bounds: readonly number[], [from, until]: readonly [number, number]): readonly number[] {
  const left: number[] = [];
  for (let i = 0; i < bounds.length; i += 2) {
    const [start, end] = [bounds[i] as number, bounds[i + 1] as number];
    if (start < Math.min(end, from)) left.push(start, Math.min(end, from));
    if (Math.max(start, until) < end) left.push(Math.max(start, until), end);
  }
  return left;
}

function lengthOf(bounds: readonly number[]): number {
  let total = 0;
  for (let i = 0; i < bounds.length; i += 2) total += (bounds[i + 1] as number) - (bounds[i] as number);
  return total;
}

function buildWeek(plan: LocalPlan, from: number): WorkingWeek {
  const bounds: number[] = [];
  for (const span of offsetSpans(plan.zone, from, from + weekMs)) addSpan(bounds, plan, span);
  return { bounds, total: lengthOf(bounds) };
}

/** A stretch of UTC in which local time is UTC plus `offset` milliseconds. */
interface OffsetSpan {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

/**
 * Within one offset a local block is one UTC interval; cut at the change, a repeated hour is met once in each span
 * and a skipped one in neither, which is exactly how often the wall clock showed it.
 */
function addSpan(bounds: number[], plan: LocalPlan, { from, to, offset }: OffsetSpan): void {
  for (let day = Math.floor((from + offset) / dayMs); day * dayMs < to + offset; day++) {
    const midnight = day * dayMs - offset;
    for (const [a, b] of plan.blocksOn(day)) {
      const start = Math.max(midnight + a * minuteMs, from);
      const end = Math.min(midnight + b * minuteMs, to);
      if (start >= end) continue;
      if (bounds.at(-1) === start) bounds[bounds.length - 1] = end;
      else bounds.push(start, end);
    }
  }
}

/** Cuts [from, to) where the zone's offset changes, to the second; looks once a day, as no zone changes and reverts faster. */
function offsetSpans(zone: IANAZone, from: number, to: number): readonly OffsetSpan[] {
  const spans: OffsetSpan[] = [];
  let begin = from;
  let offset = offsetMs(zone, from);
  for (let probe = from + dayMs; probe <= to; probe += dayMs) {
    while (offsetMs(zone, probe) !== offset) {
      const change = firstChange(zone, Math.max(begin, probe - dayMs), probe, offset);
      spans.push({ from: begin, to: change, offset });
      begin = change;
      offset = offsetMs(zone, change);
    }
  }
  spans.push({ from: begin, to, offset });
  return spans.filter((span) => span.from < span.to);
}

/** Binary search for the first second in (low, high] whose offset is not `offset`. */
function firstChange(zone: IANAZone, low: number, high: number, offset: number): number {
  let same = low;
  let changed = high;
  while (changed - same > 1_000) {
    const middle = same + Math.floor((changed - same) / 2_000) * 1_000;
    if (offsetMs(zone, middle) === offset) same = middle;
    else changed = middle;
  }
  return changed;
}

/** Rounded, because luxon counts in minutes and some old offsets have seconds. */
function offsetMs(zone: IANAZone, at: number): number {
  return Math.round(zone.offset(at) * minuteMs);
}
