import { setTimeout as delay } from 'node:timers/promises';

/** Polls until `read` gives something other than undefined or false. @throws Error after `limitMs`, saying what was awaited. */
export async function until<T>(
  what: string,
  read: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await read();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline)
      throw new Error(
        `not within ${limitMs} ms: ${what}${last instanceof Error ? ` (${last.message})` : ''}`,
      );
    await delay(50);
  }
}
