import { IANAZone } from 'luxon';
import type { CalendarSpec } from '../policy';

/**
 * Is `date` (`YYYY-MM-DD`, the region's own calendar day) a public holiday in `region` (`DE-BY`)?
 * Throws UnknownRegionError for a region it has no list for, so that a typo never means "no holidays".
 */
export type HolidayLookup = (region: string, date: string) => boolean;

/** A holiday list was asked for a region nobody keeps one for. */
export class UnknownRegionError extends Error {
  override readonly name = 'UnknownRegionError';

  constructor(region: string) {
    super(`no holidays are known for region "${region}"`);
  }
}

/** A calendar that means nothing; names the field and what belongs there. */
export class CalendarError extends Error {
  override readonly name = 'CalendarError';
  /** Path inside the calendar, e.g. `week.tue-fri[1]`. */
  readonly field: string;
  readonly expected: string;

  constructor(field: string, expected: string, got: unknown) {
    super(`${field}: expected ${expected}, got ${JSON.stringify(got)}`);
    this.field = field;
    this.expected = expected;
  }
}

/** Half-open stretches of one local day in minutes since its midnight, sorted and apart: `[[540, 1020]]`. */
export type DayBlocks = readonly (readonly [start: number, end: number])[];

/** A calendar in local terms: what the wall clock shows while people work. */
export interface LocalPlan {
  readonly zone: IANAZone;
  /** No block on any day of the week. */
  readonly empty: boolean;
  /** Blocks of a local date, counted in days since 1970-01-01; holidays are already out. */
  readonly blocksOn: (day: number) => DayBlocks;
}

/** Local dates with their own rule: minute of the day from which the rest is free (0: the whole day). */
interface Holidays {
  readonly freeFrom: ReadonlyMap<string, number>;
  readonly regions: readonly string[];
}

const dayMinutes = 1_440;
const dayMs = 86_400_000;
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** 1970-01-01 was a Thursday. */
const epochWeekday = 3;
/** Any date will do to ask whether a region is known; a fixed one keeps this pure. */
const probeDate = '2024-01-01';

/**
 * Gives a calendar's text its meaning.
 *
 * A minute is working time if its local date is no holiday and its local time of day lies in a block of that date.
 * The part of a block after midnight belongs to the date it falls on: a holiday on Saturday takes the early hours of
 * Friday's night shift, one on Friday leaves them.
 *
 * @throws CalendarError for the first field that is wrong.
 */
export function readCalendar(spec: CalendarSpec, isHoliday: HolidayLookup): LocalPlan {
  // offsets such as `+01:00` pass Intl on newer Node versions only, and have no daylight-saving rule
  if (!/^[A-Za-z]/.test(spec.timeZone) || !IANAZone.isValidZone(spec.timeZone)) {
    throw new CalendarError('timeZone', 'an IANA zone such as "Europe/Berlin"', spec.timeZone);
  }
  const week = readWeek(spec.week);
  const holidays = readHolidays(spec.holidays, isHoliday);
  return {
    zone: IANAZone.create(spec.timeZone),
    empty: week.every((blocks) => blocks.length === 0),
    blocksOn: (day) => {
      const blocks = week[modulo(day + epochWeekday, weekdays.length)] as DayBlocks;
      // no look-ups for a day nobody works anyway
      return blocks.length === 0 ? blocks : clip(blocks, freeFrom(holidays, isHoliday, day));
    },
  };
}

function freeFrom(holidays: Holidays, isHoliday: HolidayLookup, day: number): number {
  const date = new Date(day * dayMs).toISOString().slice(0, 10);
  if (holidays.regions.some((region) => isHoliday(region, date))) return 0;
  return holidays.freeFrom.get(date) ?? dayMinutes;
}

function clip(blocks: DayBlocks, end: number): DayBlocks {
  if (end >= dayMinutes) return blocks;
  return blocks.filter(([a]) => a < end).map(([a, b]) => [a, Math.min(b, end)]);
}

/** Blocks per weekday, Monday first; what a block runs past midnight is put on the next day. */
function readWeek(week: CalendarSpec['week']): readonly DayBlocks[] {
  const days = weekdays.map((): [number, number][] => []);
  const put = (day: number, start: number, end: number): void => {
    if (start < end) days[day % weekdays.length]?.push([start, end]);
  };
  for (const [key, blocks] of Object.entries(week)) {
    const covered = readWeekdays(key);
    blocks.forEach((text, index) => {
      const [start, end] = readBlock(`week.${key}[${String(index)}]`, text);
      for (const day of covered) {
        put(day, start, Math.min(end, dayMinutes));
        put(day + 1, 0, end - dayMinutes);
      }
    });
  }
  return days.map(merge);
}

/** `tue-fri` → [1, 2, 3, 4]; a range may pass the end of the week, as a working week from Sunday does (`sun-thu`). */
function readWeekdays(key: string): readonly number[] {
  const names = key.split('-');
  const first = weekdays.indexOf(names[0] as string);
  const last = weekdays.indexOf(names.at(-1) as string);
  if (names.length > 2 || first < 0 || last < 0) {
    throw new CalendarError(`week.${key}`, 'a weekday (mon … sun) or a range such as "tue-fri"', key);
  }
  const count = modulo(last - first, weekdays.length) + 1;
  return Array.from({ length: count }, (_, i) => (first + i) % weekdays.length);
}

/** `22:00-06:00` → [1320, 1800]: an end not after its start lies on the next day. */
function readBlock(field: string, text: string): readonly [number, number] {
  const [start, end, ...more] = text.split('-').map((time) => readTime(time));
  if (start === undefined || end === undefined || more.length > 0 || start === dayMinutes) {
    throw new CalendarError(field, 'a block "HH:MM-HH:MM" (24:00 only as an end)', text);
  }
  return [start, end > start ? end : end + dayMinutes];
}

/** Minutes since midnight of `00:00` … `24:00`; undefined when it is no time of day. */
function readTime(text: string): number | undefined {
  if (!/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/.test(text)) return undefined;
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

/** The union of blocks that overlap or touch, so that no minute counts twice. */
function merge(blocks: readonly (readonly [number, number])[]): DayBlocks {
  const merged: [number, number][] = [];
  for (const [start, end] of [...blocks].sort((x, y) => x[0] - y[0])) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}

function readHolidays(entries: CalendarSpec['holidays'], isHoliday: HolidayLookup): Holidays {
  const freeFrom = new Map<string, number>();
  const regions = new Set<string>();
  entries.forEach((entry, index) => {
    const field = `holidays[${String(index)}]`;
    if (typeof entry === 'string' && !/^\d/.test(entry)) {
      regions.add(readRegion(field, entry, isHoliday));
      return;
    }
    const [date, from] =
      typeof entry === 'string'
        ? [readDate(field, entry), 0]
        : [readDate(`${field}.date`, entry.date), readFrom(`${field}.from`, entry.from)];
    freeFrom.set(date, Math.min(from, freeFrom.get(date) ?? dayMinutes));
  });
  return { freeFrom, regions: [...regions] };
}

function readFrom(field: string, text: string): number {
  const from = readTime(text);
  if (from === undefined || from === dayMinutes)
    throw new CalendarError(field, 'a time "HH:MM" before 24:00', text);
  return from;
}

function readDate(field: string, text: string): string {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
  // V8 rolls 2026-02-30 over instead of refusing it
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) {
    throw new CalendarError(field, 'a date "YYYY-MM-DD" that exists', text);
  }
  return text;
}

function readRegion(field: string, region: string, isHoliday: HolidayLookup): string {
  try {
    isHoliday(region, probeDate);
  } catch (error) {
    if (!(error instanceof UnknownRegionError)) throw error;
    throw new CalendarError(field, 'a date, { date, from } or a region such as "DE-BY"', region);
  }
  return region;
}

function modulo(n: number, base: number): number {
  return ((n % base) + base) % base;
}
