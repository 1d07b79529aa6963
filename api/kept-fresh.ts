import type { Clock } from '../activities/ports';
import type { Logger } from '../config/logger';

/** Older than this is reloaded in the background. */
const freshMs = 30_000;
/** Older than this is waited for, so that a quiet process does not honour a key that was revoked an hour ago. */
const staleMs = 60_000;
/** How often, at most, a miss or an outage makes us ask the database. */
const retryMs = 1_000;
/** How long a request waits for a database that does not answer before it uses what is known. */
const patienceMs = 1_500;

/** A small table that is read on every request and outlives an outage of its database. */
export interface KeptFresh<T> {
  /** What is known; reloads when it is old. @throws what `load` throws when nothing was ever loaded. */
  current(): Promise<T>;
  /** For something that is not in `current`: reloads unless that was tried within the last second. */
  afterMiss(): Promise<T>;
  /** After a change made by this process. */
  reload(): Promise<T>;
}

/** @param load reads the whole table; when it fails, what was read before stays in use. */
export function keptFresh<T>(options: {
  readonly what: string;
  readonly load: () => Promise<T>;
  readonly clock: Clock;
  readonly log: Logger;
}): KeptFresh<T> {
  const { what, load, clock, log } = options;
  let known: { readonly value: T; readonly at: number } | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let loading: Promise<T> | undefined;

  const start = (): Promise<T> => {
    triedAt = clock.now();
    loading ??= load()
      .then((value) => {
        known = { value, at: clock.now() };
        return value;
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };
  const refreshed = async (): Promise<T> => {
    const started = start();
    if (!known) return started;
    try {
      return await within(patienceMs, started);
    } catch (err) {
      log.warn({ err, what }, 'reload failed, the last known state stays in use');
      return known.value;
    }
  };
  const mayTry = (): boolean => loading !== undefined || clock.now() - triedAt >= retryMs;

  return {
    current: async () => {
      if (!known) return start();
      const age = clock.now() - known.at;
      if (age > staleMs && mayTry()) return refreshed();
      if (age > freshMs && mayTry()) void refreshed();
      return known.value;
    },
    afterMiss: async () => (!known || mayTry() ? refreshed() : known.value),
    reload: async () => {
      // A load that is under way may have read the table before the change.
      await loading?.catch(() => undefined);
      return refreshed();
    },
  };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${String(ms)} ms`));
    }, ms);
  });
  try {
    return await Promise.race([work, patience]);
  } finally {
    clearTimeout(timer);
  }
}
