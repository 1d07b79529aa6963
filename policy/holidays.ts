import Holidays, { type HolidaysTypes } from 'date-holidays';
import { UnknownRegionError, type HolidayLookup } from '../domain/sla/calendar';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** Lists of countries and their parts only; holds no state of a year. */
const catalogue = new Holidays();

/** Is there a holiday list for `region`: a country (`US`), its state (`DE-BY`) or a part of that (`DE-BY-A`)? */
export function isHolidayRegion(region: string): boolean {
  const [country, state, part, ...more] = region.split('-') as [string, ...string[]];
  if (more.length > 0 || !has(catalogue.getCountries(), country)) return false;
  if (state === undefined) return true;
  if (!has(catalogue.getStates(country), state)) return false;
  return part === undefined || has(catalogue.getRegions(country, state), part);
}

/**
 * Public and bank holidays by region, from the `date-holidays` package. Each year of a region is worked out once
 * (3 to 40 ms) and kept.
 *
 * Only days that are free as a whole count: Christmas Eve "from 14:00" is custom, not law, in most of the places that
 * have it in their list. Who closes early writes `{ date, from }` into the calendar. Substitute days count beside the
 * day they stand for.
 *
 * The look-up throws UnknownRegionError for a region without a list.
 */
export function createHolidayLookup(): HolidayLookup {
  const regions = new Map<string, RegionYears>();
  return (region, date) => {
    let years = regions.get(region);
    if (years === undefined) {
      if (!isHolidayRegion(region)) throw new UnknownRegionError(region);
      years = regionYears(region);
      regions.set(region, years);
    }
    const year = Number(date.slice(0, 4));
    // a feast of several days may run over New Year
    return years(year).has(date) || years(year - 1).has(date);
  };
}

type RegionYears = (year: number) => ReadonlySet<string>;

function regionYears(region: string): RegionYears {
  const list = new Holidays(region);
  const cache = new Map<number, ReadonlySet<string>>();
  return (year) => {
    const known = cache.get(year);
    if (known !== undefined) return known;
    const dates = new Set(list.getHolidays(year).filter(isDayOff).flatMap(datesOf));
    cache.set(year, dates);
    return dates;
  };
}

function isDayOff({ type, date }: HolidaysTypes.Holiday): boolean {
  return (type === 'public' || type === 'bank') && date.slice(11, 19) === '00:00:00';
}

/**
 * The local dates a holiday covers in full. `date` is text in the region's own time, so the zone of this process does
 * not matter; an hour is allowed for a day shortened by a clock change.
 */
function datesOf({ date, start, end }: HolidaysTypes.Holiday): readonly string[] {
  const first = Date.parse(date.slice(0, 10));
  const days = Math.floor((end.getTime() - start.getTime() + hourMs) / dayMs);
  return Array.from({ length: days }, (_, day) => new Date(first + day * dayMs).toISOString().slice(0, 10));
}

function has(names: object | undefined, name: string): boolean {
  return names !== undefined && Object.hasOwn(names, name);
}
