import { DateTime } from 'luxon';
import type { IsoInstant } from '../instant';
import { toInstant } from '../instant';

/** The calendar day at `at` in an IANA zone, `YYYY-MM-DD`: what a cap per day counts by. */
export function localDay(zone: string, at: IsoInstant): string {
  return DateTime.fromISO(at, { zone }).toFormat('yyyy-MM-dd');
}

/** The first instant of the next calendar day in that zone, when a cap per day starts anew. */
export function nextLocalDay(zone: string, at: IsoInstant): IsoInstant {
  return toInstant(DateTime.fromISO(at, { zone }).plus({ days: 1 }).startOf('day').toMillis());
}
