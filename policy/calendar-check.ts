import type { CalendarSpec } from '../domain/policy';
import { CalendarError, compileCalendar, UnknownRegionError } from '../domain/sla/calendar';
import { isHolidayRegion } from './holidays';
import type { PathStep } from './problem';

/** A fault of one calendar; `path` starts inside it. */
export interface CalendarFault {
  readonly path: readonly PathStep[];
  readonly message: string;
  readonly expected: string;
}

/** The first fault of a calendar by the rules of the business clock itself; undefined when there is none. */
export function calendarFault(spec: CalendarSpec): CalendarFault | undefined {
  try {
    // A business clock would never end; nobody means that, and the lead would wait for ever.
    if (!compileCalendar(spec, knowsRegion).empty) return undefined;
    return {
      path: ['week'],
      message: 'the week has no working time, so no deadline could ever come',
      expected: 'at least one block',
    };
  } catch (error) {
    if (!(error instanceof CalendarError)) throw error;
    return { path: stepsOf(error.field), message: error.message, expected: error.expected };
  }
}

/** Only whether the region exists: working out its holidays takes up to 40 ms a year. */
function knowsRegion(region: string): boolean {
  if (!isHolidayRegion(region)) throw new UnknownRegionError(region);
  return false;
}

/** `week.tue-fri[1]` → `['week', 'tue-fri', 1]`. */
function stepsOf(field: string): PathStep[] {
  return [...field.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, key]) =>
    index === undefined ? (key ?? '') : Number(index),
  );
}
