import { epochMs, toInstant, type IsoInstant } from '../instant';

/** A record as far as the cursor is concerned. */
export interface Stamped {
  readonly externalId: string;
  readonly modifiedAt: IsoInstant;
  /** Differs whenever anything of the record that matters here does, also within one tick of the CRM's clock. */
  readonly stamp: string;
}

/**
 * How far a CRM's changes have been read. `since`, `seen` and `newest` are in the CRM's own time, `at` in ours: the two
 * clocks may differ, so only lengths of time are compared across them.
 */
export interface CrmCursor {
  /** Everything before this has been read. */
  readonly since: IsoInstant;
  /** What was read at or after `since`, by record. */
  readonly seen: Readonly<Record<string, { readonly at: IsoInstant; readonly stamp: string }>>;
  /** When everything from `since` on was last read, and the newest instant then. */
  readonly whole?: { readonly at: IsoInstant; readonly newest: IsoInstant };
  /** A reading that has pages left. */
  readonly reading?: CrmReading;
}

/** One pass over what was changed from an instant on, page by page, however often it is interrupted. */
export interface CrmReading {
  readonly from: IsoInstant;
  /** Where it goes on. */
  readonly page?: string;
  /** It has everything from `since` on, not only what is newest. */
  readonly whole: boolean;
  readonly begunAt: IsoInstant;
}

/** Most records that are read again at each question for the sake of those that come into sight late. */
const againMax = 100;

/** A record dated further ahead of our clock than this has a wrong date, as clocks differ by less. */
const aheadMaxMs = 3_600_000;
const isAhead = (at: IsoInstant, nowMs: number): boolean => epochMs(at) - nowMs > aheadMaxMs;

/** The records with those dates that cannot be replaced by now, so that no later change seems older than they are. */
export function dated<T extends Stamped>(records: readonly T[], nowMs: number): readonly T[] {
  return records.map((one) =>
    isAhead(one.modifiedAt, nowMs) ? { ...one, modifiedAt: toInstant(nowMs) } : one,
  );
}

/** A cursor for a CRM that was never asked; from a little before now, as its clock may be behind ours. */
export const firstCursor = (nowMs: number): CrmCursor => ({ since: toInstant(nowMs - 600_000), seen: {} });

/**
 * Where to go on. A cursor that is far ahead of our clock, as wrong dates moved it once, would pass over everything until
 * then: it begins anew, and what it passed over is found by the comparison of all leads.
 */
export function cursorFrom(kept: CrmCursor | undefined, nowMs: number): CrmCursor {
  if (kept === undefined) return firstCursor(nowMs);
  const reaches = [kept.since, kept.whole?.newest, kept.reading?.from];
  return reaches.some((at) => at !== undefined && isAhead(at, nowMs)) ? firstCursor(nowMs) : kept;
}

/**
 * What to ask for next: the rest of a reading, or everything from `since` on. After a burst that would be much at each
 * question, so it is asked for once every `lagMs` and otherwise only what is newer than the newest hundred.
 */
export function nextReading(
  { since, seen, whole, reading }: CrmCursor,
  nowMs: number,
  lagMs: number,
): CrmReading {
  if (reading) return reading;
  const begunAt = toInstant(nowMs);
  const again = Object.values(seen)
    .map(({ at }) => at)
    .filter((at) => !isAhead(at, nowMs))
    .sort()
    .at(-againMax - 1);
  return again === undefined || whole === undefined || nowMs - epochMs(whole.at) >= lagMs
    ? { from: since, whole: true, begunAt }
    : { from: toInstant(epochMs(again) + 1), whole: false, begunAt };
}

/** Those among the records that were not read before in this state. */
export function unread<T extends Stamped>(cursor: CrmCursor, records: readonly T[]): readonly T[] {
  return records.filter(({ externalId, stamp }) => cursor.seen[externalId]?.stamp !== stamp);
}

/** A page of a reading, oldest first. */
export interface CrmPage {
  readonly records: readonly Stamped[];
  readonly nextPage?: string | undefined;
}

/**
 * The cursor after a page of a reading; the same one when it brought nothing. `since` passes no record that comes into
 * sight up to `lagMs` after its instant: it stays as far behind the newest one as that and the reading took together, or
 * where the newest one was `lagMs` before the reading began. A date far ahead of our clock moves nothing.
 */
export function advanced(
  cursor: CrmCursor,
  reading: CrmReading,
  { records, nextPage }: CrmPage,
  { nowMs, lagMs }: { readonly nowMs: number; readonly lagMs: number },
): CrmCursor {
  if (!reading.whole && nextPage === cursor.reading?.page && unread(cursor, records).length === 0)
    return cursor;
  const seen = new Map(Object.entries(cursor.seen));
  for (const { externalId, modifiedAt: at, stamp } of records) seen.set(externalId, { at, stamp });
  const ended = nextPage === undefined;
  const since = reading.whole ? passed(cursor, reading, { records, ended }, { nowMs, lagMs }) : cursor.since;
  const left = [...seen].filter(([, { at }]) => at >= since);
  const newest = latest([since, ...left.map(([, { at }]) => at).filter((at) => !isAhead(at, nowMs))]);
  const whole = reading.whole && ended ? { at: toInstant(nowMs), newest } : cursor.whole;
  return {
    since,
    seen: Object.fromEntries(left),
    ...(whole ? { whole } : {}),
    ...(ended ? {} : { reading: { ...reading, page: nextPage } }),
  };
}

function passed(
  { since, whole }: CrmCursor,
  { begunAt }: CrmReading,
  { records, ended }: { readonly records: readonly Stamped[]; readonly ended: boolean },
  { nowMs, lagMs }: { readonly nowMs: number; readonly lagMs: number },
): IsoInstant {
  const tookMs = nowMs - epochMs(begunAt);
  const behind = records
    .filter(({ modifiedAt }) => !isAhead(modifiedAt, nowMs))
    .map(({ modifiedAt }) => toInstant(epochMs(modifiedAt) - lagMs - tookMs));
  const settled = ended && whole && epochMs(begunAt) - epochMs(whole.at) >= lagMs ? [whole.newest] : [];
  return latest([since, ...behind, ...settled]);
}

const latest = (instants: readonly IsoInstant[]): IsoInstant =>
  instants.reduce((last, at) => (at > last ? at : last));
