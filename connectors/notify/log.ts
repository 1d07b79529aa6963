import type { NotifyPort } from '../../activities/ports-vendors';

/** Writes one structured line: constant message, data in fields. */
export type LogLine = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/**
 * The channel that always works: one line per notification, ids and times only. Links stay out because whoever
 * reads the log could act with them. The key is called `notificationKey`, since loggers drop a field named `key`.
 */
export function createLogNotifier(log: LogLine): NotifyPort {
  return {
    channel: 'log',
    // eslint-disable-next-line @typescript-eslint/require-await -- a caller who has given up gets a rejection, not a throw
    send: async ({ key, kind, leadId, to, dueAt }, signal) => {
      signal.throwIfAborted();
      log({ notificationKey: key, kind, leadId, repId: to.id, ...(dueAt ? { dueAt } : {}) }, 'notification');
      return 'logged';
    },
  };
}
