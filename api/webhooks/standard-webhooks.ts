import { verifyWebhook } from '../../domain/standard-webhooks';
import { namedFields } from './generic';
import { isRecord, objectAt, textOf } from './json';
import type { WebhookScheme } from './scheme';

/**
 * Standard Webhooks (and Svix, its origin). The body is `{ type, data: { …lead } }` as the standard advises, or the
 * lead itself; `webhook-id` is the same on a repeat and names the event.
 */
export const standardWebhooks: WebhookScheme = {
  verify: (secrets, delivery) => {
    const verdict = verifyWebhook(secrets, delivery);
    return verdict.ok ? { ok: true } : verdict;
  },
  events: (payload, { header }) => [
    {
      nature: 'lead',
      id: header('webhook-id') ?? header('svix-id'),
      type: textOf(objectAt(payload)['type']),
      data: payload,
    },
  ],
  lead: (body) =>
    namedFields(
      isRecord(body) && typeof body['type'] === 'string' && isRecord(body['data']) ? body['data'] : body,
    ),
  secretFault: (secret) => {
    const key = secret.replace(/^whsec_|^whpk_/, '');
    const usable = /^[A-Za-z0-9+/_-]+={0,2}$/.test(key) && Buffer.from(key, 'base64').length >= 8;
    return usable ? undefined : 'base64 of at least 8 bytes, with or without whsec_';
  },
};
