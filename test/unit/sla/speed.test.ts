import { toInstant } from '../../../domain/instant';
import { compileCalendar, dueAt, without } from '../../../domain/sla/calendar';
import { createHolidayLookup } from '../../../policy/holidays';

/** Deadlines a second of CPU time; the caller's own loop included. */
function rate(calendar: ReturnType<typeof compileCalendar>, count: number): number {
  const first = Date.parse('2026-01-01T00:00:00Z');
  const before = process.cpuUsage();
  for (let n = 0; n < count; n++) {
    // spread over a year, from minutes to three weeks of working time
    const start = toInstant(first + ((n * 7_919_000) % (365 * 86_400_000)));
    if (dueAt(calendar, start, 60_000 + ((n * 104_729_000) % (120 * 3_600_000))) === undefined)
      throw new Error('no deadline');
  }
  const { user, system } = process.cpuUsage(before);
  return count / ((user + system) / 1e6);
}

test('at least 10,000 deadlines a second on one core, with holidays, split days, absences and daylight saving', () => {
  const berlin = compileCalendar(
    {
      timeZone: 'Europe/Berlin',
      week: { 'mon-thu': ['09:00-12:30', '13:15-18:00'], fri: ['09:00-15:00'] },
      holidays: ['DE-BE', { date: '2026-12-24', from: '12:00' }],
    },
    createHolidayLookup(),
  );
  const away = Array.from({ length: 20 }, (_, n) => ({
    from: toInstant(Date.parse('2026-01-05T11:00:00Z') + n * 15 * 86_400_000),
    until: toInstant(Date.parse('2026-01-06T10:30:00Z') + n * 15 * 86_400_000),
  }));
  expect(rate(berlin, 50_000)).toBeGreaterThan(10_000);
  expect(rate(without(berlin, away), 50_000)).toBeGreaterThan(10_000);
});
