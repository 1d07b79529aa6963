import type { Logger } from './logger';

export interface ProcessOptions {
  readonly log: Logger;
  /** Settles when the process's work ends by itself, which is a fault. */
  readonly ended: Promise<unknown>;
  /** Finishes the work in hand and lets go of everything. */
  readonly stop: () => Promise<void>;
  /** Told to the parent, when there is one, once everything is up. */
  readonly port?: number;
}

/**
 * Runs until SIGTERM, SIGINT, or the loss of the parent that started the process, then drains. Resolves when drained;
 * the exit code says whether it was asked to stop.
 */
export async function runProcess({ log, ended, stop, port }: ProcessOptions): Promise<void> {
  const asked = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      // Not once: npm passes on the signal that a terminal sends to all, and the second one would cut the drain off.
      process.on(signal, () => {
        resolve(signal);
      });
    // A parent that is gone can neither restart nor stop us: end like it did.
    if (process.channel)
      process.once('disconnect', () => {
        resolve('parent gone');
      });
  });
  process.send?.({ ready: true, ...(port === undefined ? {} : { port }) });
  log.info({ port }, 'ready');
  const reason = await Promise.race([
    asked,
    ended.then(
      () => 'ended',
      (error: unknown) => error,
    ),
  ]);
  if (typeof reason !== 'string') log.fatal({ err: reason }, 'failed');
  else log.info({ reason }, 'stopping');
  await stop().catch((error: unknown) => {
    log.error({ err: error }, 'did not stop cleanly');
  });
  process.exit(typeof reason === 'string' && reason !== 'ended' ? 0 : 1);
}

/** Runs a process's main; a fault before it is up is one clear line and exit code 1. */
export function runMain(name: string, main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    console.error(`${name}: ${error instanceof Error ? lineOf(error) : String(error)}`);
    process.exit(1);
  });
}

/** Connection faults of several addresses come as one error without words of its own. */
function lineOf(error: Error): string {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  const text = error.message || (inner instanceof Error ? inner.message : error.name);
  return text.split('\n')[0] ?? error.name;
}
