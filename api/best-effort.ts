import type { Logger } from '../config/logger';

/** Something that only speeds things up: a failure is logged, the answer stays a success. */
export async function bestEffort(log: Logger, what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (err) {
    log.warn({ err, what }, 'skipped');
  }
}
