import { epochMs, toInstant, type IsoInstant } from '../instant';

/** A record as far as the cursor is concerned. */
export interface Stamped {
  readonly externalId: string;
  readonly modifiedAt: IsoInstant;
  /** Differs whenever anything of the record that matters here does, also within one tick of the CRM's clock. */
  readonly stamp: string;
}

/** How far a CRM's changes have been read. Its instants are the CRM's own, never ours: the two clocks may differ. */
export interface CrmCursor {
  /** Everything before this has been read. */
  readonly since: IsoInstant;
  /** What was read at or after `since`, by record. */
  readonly seen: Readonly<Record<string, { readonly at: IsoInstant; readonly stamp: string }>>;
}

/** Most records that are read again each time for the sake of those that come into sight late. */
const againMax = 100;

/** A cursor for a CRM that was never asked; from a little before now, as its clock may be behind ours. */
export const firstCursor = (nowMs: number): CrmCursor => ({ since: toInstant(nowMs - 600_000), seen: {} });

/** Those among the records that were not read before in this state. */
export function unread<T extends Stamped>(cursor: CrmCursor, records: readonly T[]): readonly T[] {
  return records.filter(({ externalId, stamp }) => cursor.seen[externalId]?.stamp !== stamp);
}

/**
 * The cursor after records were read. It stays `lagMs` behind the newest of them: a record that was written before that
 * one, and became visible after it, is still ahead of the cursor. After a burst it stays less far behind, so that a burst
 * is not read again and again; never so far ahead that it passes the newest instant itself.
 */
export function advanced(cursor: CrmCursor, records: readonly Stamped[], lagMs: number): CrmCursor {
  const read = new Map(Object.entries(cursor.seen));
  for (const { externalId, modifiedAt, stamp } of records) read.set(externalId, { at: modifiedAt, stamp });
  const newestFirst = [...read].sort(([, a], [, b]) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  const newest = newestFirst[0]?.[1].at;
  if (newest === undefined) return cursor;
  const limits = [cursor.since, toInstant(epochMs(newest) - lagMs), newestFirst[againMax]?.[1].at];
  const since = limits.filter((at) => at !== undefined).reduce((last, at) => (at > last ? at : last));
  return { since, seen: Object.fromEntries(newestFirst.filter(([, { at }]) => at >= since)) };
}
