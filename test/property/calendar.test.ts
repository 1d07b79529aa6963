import fc from 'fast-check';
import { epochMs, toInstant } from '../../domain/instant';
import type { CalendarSpec } from '../../domain/policy';
import { compileCalendar, dueAt, isWorking, workedMs } from '../../domain/sla/calendar';
import { countedMinutes, oracleDue, oracleWorked, wallMinutes } from './wall-clock-oracle';

const dayMs = 86_400_000;

/** A zone and the UTC day in the middle of the window: nearly all are days on which its clocks changed. */
const windows: readonly (readonly [zone: string, day: string, why: string])[] = [
  ['UTC', '2026-12-31', 'no changes, New Year'],
  ['Europe/Berlin', '2026-03-29', 'forward at 02:00'],
  ['Europe/Berlin', '2026-10-25', 'back at 03:00'],
  ['America/New_York', '2026-03-08', 'forward'],
  ['America/New_York', '2026-11-01', 'back'],
  ['Asia/Kathmandu', '2026-02-28', 'UTC+5:45'],
  ['Asia/Kathmandu', '1985-12-31', 'forward by 15 minutes'],
  ['Australia/Lord_Howe', '2026-10-03', 'forward by half an hour'],
  ['Australia/Lord_Howe', '2026-04-04', 'back by half an hour'],
  ['America/St_Johns', '2026-03-08', 'UTC−3:30, forward'],
  ['America/St_Johns', '2010-11-07', 'back across midnight: two local dates interleave'],
  ['America/St_Johns', '2011-03-13', 'forward at 00:01'],
  ['Africa/Casablanca', '2026-02-15', 'back for Ramadan'],
  ['Africa/Casablanca', '2026-03-22', 'forward after Ramadan'],
  ['Pacific/Apia', '2011-12-30', 'a date that never was'],
  ['Pacific/Kwajalein', '1993-08-21', 'another one'],
  ['Asia/Tehran', '2022-03-21', 'forward at midnight'],
  ['Asia/Tehran', '2022-09-21', 'back at midnight, for good'],
  ['America/Sao_Paulo', '2018-11-04', 'a day without a midnight'],
  ['America/Sao_Paulo', '2019-02-17', 'a date with two last hours'],
  ['America/Havana', '2026-11-01', 'two midnights'],
  ['Africa/Cairo', '2026-04-24', 'forward at midnight'],
  ['Antarctica/Troll', '2026-10-25', 'back by two hours'],
  ['America/Caracas', '2007-12-09', 'back by half an hour, no daylight saving'],
  ['Asia/Pyongyang', '2018-05-04', 'forward by half an hour before midnight'],
  ['Pacific/Chatham', '2026-04-04', 'UTC+12:45, back'],
];

const time = fc
  .oneof(
    fc.integer({ min: 0, max: 1_439 }),
    fc.integer({ min: 0, max: 47 }).map((half) => half * 30),
  )
  .map(
    (minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`,
  );
const block = fc
  .tuple(time, fc.oneof({ weight: 9, arbitrary: time }, { weight: 1, arbitrary: fc.constant('24:00') }))
  .map(([start, end]) => `${start}-${end}`);
const blocks = fc.oneof(
  fc.constantFrom(['09:00-12:30', '13:30-18:00'], ['22:00-06:00'], ['00:00-00:00'], ['00:00-24:00'], []),
  fc.array(block, { maxLength: 3 }),
);
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const weekKey = fc
  .tuple(fc.constantFrom(...weekdays), fc.option(fc.constantFrom(...weekdays), { nil: undefined }))
  .map(([from, to]) => (to === undefined ? from : `${from}-${to}`));

/** Calendars in `zone` with holidays in the days after `first`. */
function specs(zone: string, first: number, days: number): fc.Arbitrary<CalendarSpec> {
  const date = fc
    .integer({ min: 0, max: days - 1 })
    .map((n) => new Date(first + n * dayMs).toISOString().slice(0, 10));
  const holiday = fc.oneof(date, fc.record({ date, from: time }));
  return fc.record({
    timeZone: fc.constant(zone),
    week: fc.dictionary(weekKey, blocks, { maxKeys: 6 }),
    holidays: fc.array(holiday, { maxLength: 3 }),
  });
}

const noHolidays = (): boolean => false;

describe.each(windows)(
  '%s around %s (%s): the engine agrees with a wall clock read minute by minute',
  (zone, day) => {
    const days = 7;
    const first = Date.parse(day) - 3 * dayMs;
    const last = first + days * dayMs;
    const minutes = wallMinutes(zone, first, days);

    test('in which minutes count', () => {
      fc.assert(
        fc.property(specs(zone, first, days), (spec) => {
          const calendar = compileCalendar(spec, noHolidays);
          const counted = countedMinutes(spec, minutes);
          const wrong = minutes.find(({ at }, i) => isWorking(calendar, toInstant(at)) !== counted[i]);
          expect(wrong).toBeUndefined();
        }),
        { numRuns: 8 },
      );
    });

    test('in deadlines and measured time, to the millisecond', () => {
      const start = fc.integer({ min: first, max: last });
      const length = fc.integer({ min: 0, max: 4 * dayMs });
      fc.assert(
        fc.property(specs(zone, first, days), start, length, (spec, from, ms) => {
          const calendar = compileCalendar(spec, noHolidays);
          const counted = countedMinutes(spec, minutes);
          const to = Math.min(from + ms, last);
          const worked = oracleWorked(minutes, counted, from, to);
          expect(workedMs(calendar, toInstant(from), toInstant(to))).toBe(worked);
          for (const duration of [ms, worked, 1, 0]) {
            const due = oracleDue(minutes, counted, from, duration);
            if (due !== undefined) expect(dueAt(calendar, toInstant(from), duration)).toBe(toInstant(due));
          }
        }),
        { numRuns: 25 },
      );
    });
  },
);

describe('over years, in any zone', () => {
  const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
  const start = fc.integer({ min: Date.parse('1990-01-01'), max: Date.parse('2040-01-01') });
  const anywhere = fc
    .tuple(zones, start)
    .chain(([zone, at]) => fc.tuple(specs(zone, at, 30), fc.constant(toInstant(at))));
  const duration = fc.integer({ min: 1, max: 60 * dayMs });

  test('a deadline is the first instant by which the duration has been worked', () => {
    fc.assert(
      fc.property(anywhere, duration, ([spec, from], ms) => {
        const calendar = compileCalendar(spec, noHolidays);
        const due = dueAt(calendar, from, ms);
        if (due === undefined) {
          // a calendar that works an hour a week would need a lifetime
          expect(workedMs(calendar, from, toInstant(epochMs(from) + 19 * 365 * dayMs))).toBeLessThan(ms);
          return;
        }
        expect(workedMs(calendar, from, due)).toBe(ms);
        expect(workedMs(calendar, from, toInstant(epochMs(due) - 1))).toBe(ms - 1);
      }),
      { numRuns: 150 },
    );
  });

  test('two steps reach the deadline of one', () => {
    fc.assert(
      fc.property(anywhere, duration, duration, ([spec, from], first, second) => {
        const calendar = compileCalendar(spec, noHolidays);
        const middle = dueAt(calendar, from, first);
        const whole = dueAt(calendar, from, first + second);
        fc.pre(middle !== undefined && whole !== undefined);
        expect(dueAt(calendar, middle, second)).toBe(whole);
      }),
      { numRuns: 150 },
    );
  });

  test('measured time adds up over any split', () => {
    fc.assert(
      fc.property(anywhere, duration, duration, ([spec, from], first, second) => {
        const calendar = compileCalendar(spec, noHolidays);
        const middle = toInstant(epochMs(from) + first);
        const end = toInstant(epochMs(middle) + second);
        const parts = workedMs(calendar, from, middle) + workedMs(calendar, middle, end);
        expect(workedMs(calendar, from, end)).toBe(parts);
      }),
      { numRuns: 150 },
    );
  });
});
