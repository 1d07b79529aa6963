import type { Clock } from '../../activities/ports';
import type { Notification, NotifyPort } from '../../activities/ports-vendors';
import { signWebhook } from '../../domain/standard-webhooks';
import { callHttp } from '../http';

export interface WebhookNotifierOptions {
  readonly url: string;
  /** Standard Webhooks secret, with or without `whsec_`. */
  readonly secret: string;
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

/**
 * Posts every notification as signed JSON; the webhook id is the notification's key, so a repeat is recognisable.
 * @throws RangeError when the secret holds no key: at the start, not at the first notification
 */
export function createWebhookNotifier(options: WebhookNotifierOptions): NotifyPort {
  signWebhook(options.secret, { id: 'check', body: '', nowMs: 0 });
  return {
    channel: 'webhook',
    send: async (notification, signal) => {
      const nowMs = options.clock.now();
      const body = JSON.stringify(bodyOf(notification));
      const answer = await callHttp({
        system: 'webhook',
        method: 'POST',
        url: new URL(options.url),
        headers: { ...signWebhook(options.secret, { id: notification.key, body, nowMs }) },
        body,
        signal,
        timeoutMs: options.timeoutMs,
        nowMs,
      });
      return `HTTP ${String(answer.status)}`;
    },
  };
}

function bodyOf({ key, kind, leadId, to, subject, facts, dueAt, links }: Notification): unknown {
  return { key, kind, leadId, to, subject, facts, ...(dueAt === undefined ? {} : { dueAt }), links };
}
