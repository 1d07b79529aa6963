import type { CalendarSpec } from '../../domain/policy';

/**
 * A second, deliberately naive meaning of a calendar: it asks Intl what the wall clock shows in every minute of a
 * window and looks that up in the text of the calendar. No intervals, no offsets, no luxon, no code of the engine.
 * Holiday regions are not part of it.
 */

const names = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const keys = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const minuteMs = 60_000;

export interface WallMinute {
  /** Start of the minute, milliseconds since 1970. */
  readonly at: number;
  readonly date: string;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** `HH:MM` as shown. */
  readonly time: string;
}

/** What the wall clock of `zone` shows in each minute of [from, from + days). */
export function wallMinutes(zone: string, from: number, days: number): readonly WallMinute[] {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  return Array.from({ length: days * 1_440 }, (_, i) => {
    const at = from + i * minuteMs;
    const shown = /^(\w{3}), (\d\d)\/(\d\d)\/(\d{4}), (\d\d:\d\d)$/.exec(format.format(at));
    if (shown === null) throw new Error(`Intl says ${format.format(at)}`);
    const [, name = '', day = '', month = '', year = '', time = ''] = shown;
    return { at, date: `${year}-${month}-${day}`, weekday: names.indexOf(name), time };
  });
}

/** Which of the minutes count? Times compare as text. */
export function countedMinutes(spec: CalendarSpec, minutes: readonly WallMinute[]): readonly boolean[] {
  const blocks = keys.map((_, weekday) => blocksOf(spec, weekday));
  return minutes.map(({ date, weekday, time }) => {
    const free = spec.holidays.some((holiday) =>
      typeof holiday === 'string' ? holiday === date : holiday.date === date && time >= holiday.from,
    );
    const today = blocks[weekday]?.some(([start, end]) => start <= time && (time < end || end <= start));
    const tail = blocks[(weekday + 6) % 7]?.some(([start, end]) => end <= start && time < end);
    return !free && (today === true || tail === true);
  });
}

function blocksOf(spec: CalendarSpec, weekday: number): readonly (readonly [string, string])[] {
  return Object.entries(spec.week)
    .filter(([key]) => daysOf(key).includes(weekday))
    .flatMap(([, blocks]) => blocks.map((block) => [block.slice(0, 5), block.slice(6)] as const));
}

function daysOf(key: string): readonly number[] {
  const [from = '', to = from] = key.split('-');
  const days = [keys.indexOf(from)];
  while (keys[days.at(-1) as number] !== to) days.push(((days.at(-1) as number) + 1) % 7);
  return days;
}

/** Milliseconds of [from, to) that lie in a counting minute. */
export function oracleWorked(
  minutes: readonly WallMinute[],
  counted: readonly boolean[],
  from: number,
  to: number,
): number {
  return minutes.reduce(
    (sum, { at }, i) =>
      sum + (counted[i] === true ? Math.max(0, Math.min(at + minuteMs, to) - Math.max(at, from)) : 0),
    0,
  );
}

/** First millisecond by which `duration` has been worked since `start`; undefined when that is after the window. */
export function oracleDue(
  minutes: readonly WallMinute[],
  counted: readonly boolean[],
  start: number,
  duration: number,
): number | undefined {
  let rest = duration;
  if (rest === 0) return start;
  for (const [i, { at }] of minutes.entries()) {
    if (counted[i] !== true || at + minuteMs <= start) continue;
    const begin = Math.max(at, start);
    const available = at + minuteMs - begin;
    if (rest <= available) return begin + rest;
    rest -= available;
  }
  return undefined;
}
