import { verifyWebhook } from '../../domain/standard-webhooks';
import { isRecord } from './mapping';
import type { WebhookScheme } from './scheme';

/**
 * Standard Webhooks (and Svix, its origin). The body is `{ type, data: { …lead } }` as the standard advises, or the
 * lead itself; `webhook-id` is the same on a repeat and names the event.
 */
export const standardWebhooks: WebhookScheme = {
  verify: (secrets, delivery) => {
    const verdict = verifyWebhook(secrets, delivery);
    return verdict.ok ? { ok: true, eventId: verdict.id } : verdict;
  },
  read: (body, eventId) => ({
    lead: isRecord(body) && typeof body['type'] === 'string' && isRecord(body['data']) ? body['data'] : body,
    eventId,
  }),
};
