import { UnknownRegionError } from '../../../domain/sla/calendar';
import { createHolidayLookup, isHolidayRegion } from '../../../policy/holidays';

describe('holiday regions', () => {
  const isHoliday = createHolidayLookup();
  const freeDays = (region: string, year: number): string[] => {
    const days = Array.from({ length: 366 }, (_, n) =>
      new Date(Date.UTC(year, 0, 1 + n)).toISOString().slice(0, 10),
    );
    return days
      .filter((day) => day.startsWith(String(year)) && isHoliday(region, day))
      .map((day) => day.slice(5));
  };

  test('Bavaria 2026: the law’s list, without custom such as Christmas Eve from 14:00', () => {
    expect(freeDays('DE-BY', 2026)).toEqual([
      '01-01',
      '01-06',
      '04-03',
      '04-06',
      '05-01',
      '05-14',
      '05-25',
      '06-04',
      '10-03',
      '11-01',
      '12-25',
      '12-26',
    ]);
  });

  test('the United States 2026, with the substitute day beside Saturday 4 July', () => {
    expect(freeDays('US', 2026)).toEqual(
      expect.arrayContaining(['01-01', '01-19', '07-03', '07-04', '09-07', '11-26', '12-25']),
    );
    expect(freeDays('US', 2026)).not.toContain('02-14');
  });

  test('a state adds to its country, a town to its state', () => {
    expect([isHoliday('US', '2026-03-31'), isHoliday('US-CA', '2026-03-31')]).toEqual([false, true]);
    expect([isHoliday('DE-BY', '2026-08-08'), isHoliday('DE-BY-A', '2026-08-08')]).toEqual([false, true]);
  });

  test('a feast of several days is free on each, and on no further one', () => {
    const days = ['03-18', '03-19', '03-20', '03-21', '03-22', '03-23'];
    expect(days.map((day) => isHoliday('SA', `2026-${day}`))).toEqual([false, true, true, true, true, false]);
  });

  test('a day of 23 or 25 hours is one day', () => {
    expect([isHoliday('DE-BB', '2027-03-28'), isHoliday('AU-NSW', '2026-04-05')]).toEqual([true, true]);
    expect([isHoliday('DE-BB', '2027-03-27'), isHoliday('HT', '2026-11-03')]).toEqual([false, false]);
  });

  test('a feast that runs over New Year is free in the new year too', () => {
    expect(
      ['2006-12-30', '2006-12-31', '2007-01-02', '2007-01-03'].map((day) => isHoliday('AE', day)),
    ).toEqual([false, true, true, false]);
  });

  test.each(['DE', 'DE-BY', 'DE-BY-A', 'US-CA', 'US-LA-NO', 'CN'])('%s is one', (region) => {
    expect(isHolidayRegion(region)).toBe(true);
  });

  test.each([
    '',
    'XX',
    'de',
    'DE-XX',
    'DE-BY-XX',
    'DE-BY-A-B',
    'CN-XX',
    'DE-BE-X',
    'DE-',
    'constructor',
    'DE-constructor',
  ])('"%s" is not, and no date there is just "no holiday"', (region) => {
    expect(isHolidayRegion(region)).toBe(false);
    expect(() => isHoliday(region, '2026-01-01')).toThrow(UnknownRegionError);
  });
});
