import { DateTime } from 'luxon';
import { parseDuration, type DurationText } from '../duration';
import { epochMs, toInstant, type IsoInstant } from '../instant';

/** How much a rep may be given. Amounts are what leads cost (`Policy.capacity`), 1 each unless a band costs more. */
export interface Caps {
  /** In one hour, day or week (from Monday) of his own clock. */
  readonly perHour?: number | undefined;
  readonly perDay?: number | undefined;
  readonly perWeek?: number | undefined;
  /** In any stretch of that length, wherever it begins. */
  readonly rolling?: Readonly<Record<DurationText, number>> | undefined;
  /** Held at once. */
  readonly open?: number | undefined;
}

/** A stretch of time and how much of it a rep may be given. */
export interface CapWindow {
  readonly skip: 'hour_cap' | 'daily_cap' | 'week_cap' | 'rolling_cap';
  readonly max: number;
  /** First instant that counts. */
  readonly since: IsoInstant;
  /** First instant that does not count any more; absent for a rolling window, which goes on. */
  readonly until?: IsoInstant;
  /** Length of a rolling window in milliseconds: what it holds leaves it after this. */
  readonly lastsMs?: number;
}

/**
 * The windows a lead given at `at` would count in. A rolling window of length d is (at − d, at], and everything later
 * than `at` counts too: a pick that was delayed must not fill a stretch that others have filled since.
 */
export function capWindows(caps: Caps, zone: string, at: IsoInstant): readonly CapWindow[] {
  const local = DateTime.fromISO(at, { zone });
  const fixed = (max: number | undefined, unit: 'hour' | 'day' | 'week', skip: CapWindow['skip']) => {
    if (max === undefined) return [];
    const start = local.startOf(unit);
    const until = toInstant(
      start
        .plus({ [unit]: 1 })
        .startOf(unit)
        .toMillis(),
    );
    return [{ skip, max, since: toInstant(start.toMillis()), until }];
  };
  const rolling = Object.entries(caps.rolling ?? {}).map(([length, max]): CapWindow => {
    const lastsMs = parseDuration(length) ?? 0;
    return { skip: 'rolling_cap', max, since: toInstant(epochMs(at) - lastsMs + 1), lastsMs };
  });
  return [
    ...fixed(caps.perHour, 'hour', 'hour_cap'),
    ...fixed(caps.perDay, 'day', 'daily_cap'),
    ...fixed(caps.perWeek, 'week', 'week_cap'),
    ...rolling,
  ];
}

/** When a full window may have room again: at its end, or when the oldest it holds has left it. */
export function freeAgain(
  { until, lastsMs }: CapWindow,
  oldest: IsoInstant | undefined,
): IsoInstant | undefined {
  if (until !== undefined) return until;
  return oldest === undefined ? undefined : toInstant(epochMs(oldest) + (lastsMs ?? 0));
}
