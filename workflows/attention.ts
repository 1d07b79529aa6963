import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import type { Desk } from './desk';
import { local, now } from './steps';

/** Why a step waits for a person. */
interface Trouble {
  readonly code: string;
  readonly fingerprint: string;
  readonly message: string;
}

/** Told when a lead begins and ends to need attention, so that operations can filter on it. */
export interface AttentionWatcher {
  troubled(step: string, message: string): void;
  resolved(step: string): void;
}

/**
 * Runs a step until it succeeds. What Temporal may retry never gets here; what cannot succeed as things are writes the
 * error database and waits until somebody asks for a retry, then goes on from this very step.
 */
export async function withAttention<T>(
  {
    leadId,
    desk,
    watcher,
  }: { readonly leadId: string; readonly desk: Desk; readonly watcher: AttentionWatcher },
  step: string,
  run: () => Promise<T>,
): Promise<T> {
  let troubled = false;
  for (;;) {
    try {
      const result = await run();
      if (troubled) {
        await local.resolveError({ leadId, step, at: now() });
        watcher.resolved(step);
      }
      return result;
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      troubled = true;
      const asked = desk.retryOf(step);
      await local.openError({ leadId, step, at: now(), ...trouble });
      watcher.troubled(step, trouble.message);
      await asked;
    }
  }
}

/**
 * Does a step that nothing waits for.
 * @param opens the row of the error database that says so, when nobody else is told why not
 * @returns its result, or why it cannot succeed as things are
 */
export async function orWhyNot<T>(
  run: () => Promise<T>,
  opens?: { readonly leadId: string; readonly step: string },
): Promise<T | string> {
  try {
    return await run();
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    if (opens !== undefined) await local.openError({ ...opens, at: now(), ...trouble });
    return trouble.message;
  }
}

/**
 * Failures of the failure table; anything else (a cancellation, a bug) is not a person's to fix here. A local activity
 * throws its failure as it is, a regular one wrapped.
 */
function troubleOf(error: unknown): Trouble | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure) || cause.nonRetryable !== true) return undefined;
  const { code } = (cause.details?.[0] ?? {}) as { code?: string };
  return { code: code ?? 'unclassified', fingerprint: cause.type ?? 'unclassified', message: cause.message };
}
