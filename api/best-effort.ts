import type { Logger } from '../config/logger';

/** Something that only makes things better: a failure is logged, the answer stays a success. @returns undefined then */
export async function bestEffort<T>(
  log: Logger,
  what: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (err) {
    log.warn({ err, what }, 'skipped');
    return undefined;
  }
}
