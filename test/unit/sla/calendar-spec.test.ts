import { toInstant, type IsoInstant } from '../../../domain/instant';
import type { CalendarSpec } from '../../../domain/policy';
import {
  CalendarError,
  compileCalendar,
  isWorking,
  UnknownRegionError,
  workedMs,
  type WorkingTime,
} from '../../../domain/sla/calendar';

const hour = 3_600_000;
const at = (text: string): IsoInstant => toInstant(Date.parse(text));

/** `XX` and `YY` are regions; `XX` is free on Christmas Day. */
const isHoliday = (region: string, date: string): boolean => {
  if (region !== 'XX' && region !== 'YY') throw new UnknownRegionError(region);
  return region === 'XX' && date.endsWith('-12-25');
};

function calendar(week: CalendarSpec['week'], rest: Partial<CalendarSpec> = {}): WorkingTime {
  return compileCalendar({ timeZone: 'Europe/Berlin', holidays: [], ...rest, week }, isHoliday);
}

describe('blocks', () => {
  const monday = (week: CalendarSpec['week']): number =>
    workedMs(calendar(week), at('2026-02-09T00:00:00+01:00'), at('2026-02-10T00:00:00+01:00')) / hour;

  test('a second block of a day adds to the first, it does not replace it (6b.4)', () => {
    expect(monday({ mon: ['08:00-12:00', '13:00-15:00'] })).toBe(6);
  });

  test('blocks that overlap, touch or repeat are counted once', () => {
    expect(monday({ mon: ['13:00-15:00', '08:00-12:00', '11:00-13:00', '08:00-09:00', '08:00-12:00'] })).toBe(
      7,
    );
  });

  test('keys that cover the same day are united', () => {
    expect(
      monday({
        'mon-wed': ['08:00-12:00'],
        mon: ['10:00-14:00'],
        'sun-mon': ['20:00-21:00'],
        'mon-mon': ['21:00-22:00'],
      }),
    ).toBe(8);
  });

  test('a night block and the day after it are united', () => {
    expect(monday({ sun: ['22:00-06:00'], mon: ['05:00-07:00'] })).toBe(7);
  });
});

describe('holidays', () => {
  // 2026-12-24 is a Thursday; every night is worked
  const nights = { 'mon-sun': ['22:00-06:00'] };
  const worked = (working: WorkingTime, day: string): number =>
    workedMs(
      working,
      at(`${day}T00:00:00+01:00`),
      toInstant(Date.parse(`${day}T00:00:00+01:00`) + 24 * hour),
    ) / hour;

  test('take the calendar day out, the tail of the night before included, and leave its own tail to the next day', () => {
    const working = calendar(nights, { holidays: ['2026-12-25'] });
    expect(['2026-12-24', '2026-12-25', '2026-12-26'].map((day) => worked(working, day))).toEqual([8, 0, 8]);
  });

  test('of a region come from the look-up and add to dates', () => {
    const working = calendar(nights, { holidays: ['XX', 'YY', '2026-12-24'] });
    expect(
      ['2026-12-23', '2026-12-24', '2026-12-25', '2026-12-26'].map((day) => worked(working, day)),
    ).toEqual([8, 0, 0, 8]);
  });

  test('may take half a day (6b.8); the earliest entry of a date wins', () => {
    const half = (...from: string[]): number =>
      worked(
        calendar(
          { thu: ['09:00-12:00', '13:00-18:00'] },
          { holidays: from.map((time) => ({ date: '2026-12-24', from: time })) },
        ),
        '2026-12-24',
      );
    expect([
      half('18:00'),
      half('14:00'),
      half('12:30'),
      half('09:00'),
      half('00:00'),
      half('14:00', '10:00', '16:00'),
    ]).toEqual([8, 4, 3, 0, 0, 1]);
    expect(
      worked(
        calendar(
          { thu: ['09:00-18:00'] },
          { holidays: [{ date: '2026-12-24', from: '12:00' }, '2026-12-24'] },
        ),
        '2026-12-24',
      ),
    ).toBe(0);
  });

  test('are not looked up on days nobody works', () => {
    const asked: string[] = [];
    const working = compileCalendar(
      { timeZone: 'UTC', week: { mon: ['09:00-10:00'] }, holidays: ['XX'] },
      (_, date) => (asked.push(date), false),
    );
    asked.length = 0;
    isWorking(working, at('2026-02-09T09:00:00Z'));
    expect(asked).toEqual(['2026-02-09']);
  });
});

describe('a calendar that means nothing is refused, naming the field', () => {
  test.each<[string, Partial<CalendarSpec>, string]>([
    ['unknown zone', { timeZone: 'Europe/Munich' }, 'timeZone'],
    ['empty zone', { timeZone: '' }, 'timeZone'],
    ['offset as zone', { timeZone: '+01:00' }, 'timeZone'],
    ['unknown day', { week: { monday: [] } }, 'week.monday'],
    ['capital', { week: { Mon: [] } }, 'week.Mon'],
    ['open range', { week: { 'mon-': [] } }, 'week.mon-'],
    ['range of three', { week: { 'mon-tue-wed': [] } }, 'week.mon-tue-wed'],
    ['one digit', { week: { 'tue-fri': ['09:00-12:00', '9:00-12:00'] } }, 'week.tue-fri[1]'],
    ['no end', { week: { mon: ['09:00'] } }, 'week.mon[0]'],
    ['two ends', { week: { mon: ['09:00-10:00-11:00'] } }, 'week.mon[0]'],
    ['25 o’clock', { week: { mon: ['09:00-25:00'] } }, 'week.mon[0]'],
    ['60 minutes', { week: { mon: ['09:60-10:00'] } }, 'week.mon[0]'],
    ['start at 24:00', { week: { mon: ['24:00-10:00'] } }, 'week.mon[0]'],
    ['minutes after 24:00', { week: { mon: ['09:00-24:01'] } }, 'week.mon[0]'],
    ['date that does not exist', { holidays: ['XX', '2026-02-30'] }, 'holidays[1]'],
    ['month 13', { holidays: ['2026-13-01'] }, 'holidays[0]'],
    ['date without zeros', { holidays: ['2026-1-1'] }, 'holidays[0]'],
    ['half day on no date', { holidays: [{ date: '24.12.', from: '12:00' }] }, 'holidays[0].date'],
    ['half day from no time', { holidays: [{ date: '2026-12-24', from: 'noon' }] }, 'holidays[0].from'],
    ['half day from its end', { holidays: [{ date: '2026-12-24', from: '24:00' }] }, 'holidays[0].from'],
    ['unknown region', { holidays: ['Bavaria'] }, 'holidays[0]'],
  ])('%s', (_, part, field) => {
    const compile = (): WorkingTime => calendar(part.week ?? {}, part);
    expect(compile).toThrow(CalendarError);
    expect(compile).toThrow(expect.objectContaining({ field, expected: expect.any(String) as string }));
    expect(compile).toThrow(field);
  });

  test('a look-up that fails for another reason is not taken for a bad calendar', () => {
    const broken = (): boolean => {
      throw new TypeError('boom');
    };
    expect(() => compileCalendar({ timeZone: 'UTC', week: {}, holidays: ['XX'] }, broken)).toThrow(TypeError);
  });
});
