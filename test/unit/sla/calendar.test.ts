import { toInstant, type IsoInstant } from '../../../domain/instant';
import type { CalendarSpec } from '../../../domain/policy';
import {
  compileCalendar,
  dueAt,
  dueAtWall,
  isWorking,
  NoWorkingTimeError,
  workedMs,
  type WorkingTime,
} from '../../../domain/sla/calendar';

const minute = 60_000;
const hour = 60 * minute;
const at = (text: string): IsoInstant => toInstant(Date.parse(text));

function calendar(week: CalendarSpec['week'], rest: Partial<CalendarSpec> = {}): WorkingTime {
  return compileCalendar({ timeZone: 'Europe/Berlin', holidays: [], ...rest, week }, () => false);
}

const office = calendar({ 'mon-fri': ['09:00-12:30', '13:30-18:00'] });

describe('deadlines', () => {
  test.each<[string, WorkingTime, string, number, string]>([
    [
      'a lead on Saturday evening is due an hour after Monday opens, not after Tuesday opens or at its own time of day (6b.1)',
      calendar({ 'mon-fri': ['10:00-18:00'] }),
      '2026-02-07T17:55:00+01:00',
      hour,
      '2026-02-09T11:00:00+01:00',
    ],
    [
      'the clock stands still over lunch (3.19)',
      office,
      '2026-02-09T12:15:00+01:00',
      30 * minute,
      '2026-02-09T13:45:00+01:00',
    ],
    [
      'a deadline at the end of a block is that end, not the next start',
      office,
      '2026-02-09T12:15:00+01:00',
      15 * minute,
      '2026-02-09T12:30:00+01:00',
    ],
    [
      'the end of a block no longer counts',
      office,
      '2026-02-09T12:30:00+01:00',
      1,
      '2026-02-09T13:30:00.001+01:00',
    ],
    [
      'seconds and milliseconds are kept',
      office,
      '2026-02-09T17:59:59.250+01:00',
      1_000,
      '2026-02-10T09:00:00.250+01:00',
    ],
    [
      'part of a millisecond is rounded up, never due too early',
      office,
      '2026-02-09T10:00:00+01:00',
      0.5,
      '2026-02-09T10:00:00.001+01:00',
    ],
    [
      'nothing to wait for is due at once, even at night',
      office,
      '2026-02-08T03:00:00+01:00',
      0,
      '2026-02-08T03:00:00+01:00',
    ],
    [
      'the skipped hour does not count (6b.5)',
      calendar({ sat: ['22:00-06:00'] }),
      '2026-03-28T22:00:00+01:00',
      7 * hour,
      '2026-03-29T06:00:00+02:00',
    ],
    [
      'the repeated hour counts twice (6b.5)',
      calendar({ sat: ['22:00-06:00'] }),
      '2026-10-24T22:00:00+02:00',
      9 * hour,
      '2026-10-25T06:00:00+01:00',
    ],
    [
      'office hours keep their local time through a change (6b.5)',
      office,
      '2026-03-27T17:00:00+01:00',
      2 * hour,
      '2026-03-30T10:00:00+02:00',
    ],
    [
      'half an hour of daylight saving',
      calendar({ 'mon-sun': ['00:00-24:00'] }, { timeZone: 'Australia/Lord_Howe' }),
      '2026-04-05T00:00:00+11:00',
      24.5 * hour,
      '2026-04-06T00:00:00+10:30',
    ],
    [
      '00:00-00:00 is a whole day',
      calendar({ mon: ['00:00-00:00'] }),
      '2026-02-09T00:00:00+01:00',
      24 * hour,
      '2026-02-10T00:00:00+01:00',
    ],
    [
      'a block of 24 hours from noon',
      calendar({ mon: ['12:00-12:00'] }),
      '2026-02-09T12:00:00+01:00',
      24 * hour,
      '2026-02-10T12:00:00+01:00',
    ],
    [
      'Sunday night runs into Monday',
      calendar({ sun: ['22:00-02:00'] }),
      '2026-02-08T23:00:00+01:00',
      3 * hour,
      '2026-02-09T02:00:00+01:00',
    ],
    [
      'the date Samoa skipped never counts',
      calendar({ 'mon-sun': ['09:00-10:00'] }, { timeZone: 'Pacific/Apia' }),
      '2011-12-29T09:30:00-10:00',
      hour,
      '2011-12-31T09:30:00+14:00',
    ],
    [
      'a range may pass the weekend',
      calendar({ 'sun-thu': ['09:00-10:00'] }),
      '2026-02-05T09:30:00+01:00',
      hour,
      '2026-02-08T09:30:00+01:00',
    ],
  ])('%s', (_, working, start, duration, due) => {
    expect(dueAt(working, at(start), duration)).toBe(at(due));
  });

  test('a wall clock does not care for working time, and never runs backwards', () => {
    expect(dueAtWall(at('2026-03-28T23:00:00+01:00'), 24 * hour)).toBe(at('2026-03-30T00:00:00+02:00'));
    expect(dueAtWall(at('2026-03-28T23:00:00+01:00'), -1)).toBe(at('2026-03-28T23:00:00+01:00'));
  });

  test('a week without working time has no deadlines, and says so without searching', () => {
    const empty = calendar({ 'mon-sun': [] });
    expect(
      dueAt(
        {
          ...empty,
          week: () => {
            throw new Error('searched');
          },
        },
        at('2026-01-01T00:00:00Z'),
        1,
      ),
    ).toBeUndefined();
    expect(dueAt(empty, at('2026-01-01T00:00:00Z'), 0)).toBe(at('2026-01-01T00:00:00Z'));
    expect(new NoWorkingTimeError('Europe/Berlin').message).toContain('20 years');
  });

  test('a week that holidays empty for ever ends the search', () => {
    const never = compileCalendar(
      { timeZone: 'UTC', week: { mon: ['09:00-10:00'] }, holidays: ['XX'] },
      () => true,
    );
    expect(dueAt(never, at('2026-01-01T00:00:00Z'), 1)).toBeUndefined();
  });

  test('a deadline further off than the horizon is none; one after most of it is still exact', () => {
    const rare = calendar({ mon: ['09:00-10:00'] }, { timeZone: 'UTC' });
    expect(dueAt(rare, at('2026-02-09T09:00:00Z'), 1_000 * hour)).toBe(at('2045-04-03T10:00:00Z'));
    expect(dueAt(rare, at('2026-02-09T09:00:00Z'), 2_000 * hour)).toBeUndefined();
  });

  test('the cache forgets, the answers do not change', () => {
    const rare = calendar({ mon: ['09:00-10:00'] }, { timeZone: 'UTC' });
    for (const start of ['2026-02-09T09:00:00Z', '1990-01-01T09:00:00Z', '2026-02-09T09:00:00Z']) {
      expect(dueAt(rare, at(start), 2_000 * hour)).toBeUndefined();
      expect(dueAt(rare, at(start), 2 * hour)).toBe(toInstant(Date.parse(start) + 7 * 24 * hour + hour));
    }
  });
});

describe('measured time', () => {
  test('comes from the same intervals as the deadlines', () => {
    expect(workedMs(office, at('2026-02-06T12:00:00+01:00'), at('2026-02-09T14:00:00+01:00'))).toBe(
      (0.5 + 4.5 + 3.5 + 0.5) * hour,
    );
  });

  test('is nothing backwards and nothing at night', () => {
    expect(workedMs(office, at('2026-02-10T00:00:00Z'), at('2026-02-09T00:00:00Z'))).toBe(0);
    expect(workedMs(office, at('2026-02-09T18:00:00+01:00'), at('2026-02-10T09:00:00+01:00'))).toBe(0);
  });

  test('of 30 days takes a handful of steps, not one per second (6b.3)', () => {
    let steps = 0;
    const counting = { ...office, week: (index: number) => (steps++, office.week(index)) };
    expect(workedMs(counting, at('2026-02-02T00:00:00+01:00'), at('2026-03-04T00:00:00+01:00'))).toBe(
      22 * 8 * hour,
    );
    expect(steps).toBeLessThan(7);
  });

  test('days without a break are one interval, through a clock change as well', () => {
    const always = calendar({ 'mon-sun': ['00:00-24:00'] });
    const week = Math.floor(Date.parse('2026-03-29T00:00:00Z') / (7 * 24 * hour));
    expect(always.week(week)).toEqual({
      bounds: [week * 7 * 24 * hour, (week + 1) * 7 * 24 * hour],
      total: 7 * 24 * hour,
    });
  });

  test('the first instant of a block works, its end does not', () => {
    const shown = ['08:59:59.999', '09:00:00', '12:29:59.999', '12:30:00'].map((time) =>
      isWorking(office, at(`2026-02-09T${time}+01:00`)),
    );
    expect(shown).toEqual([false, true, true, false]);
  });

  test('before 1970 and in years with odd seconds in the offset', () => {
    const liberia = calendar({ 'mon-sun': ['09:00-10:00'] }, { timeZone: 'Africa/Monrovia' });
    expect(workedMs(liberia, at('1969-06-01T00:00:00Z'), at('1969-06-08T00:00:00Z'))).toBe(7 * hour);
    expect(isWorking(liberia, at('1969-06-01T09:44:29Z'))).toBe(false);
    expect(isWorking(liberia, at('1969-06-01T09:44:30Z'))).toBe(true);
  });
});
