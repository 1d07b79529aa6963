import { isRecord, objectAt, textOf } from './json';
import { leadFromLabels } from './labels';
import type { WebhookScheme } from './scheme';
import { afterPrefix, hmac, judge } from './signature';

/**
 * Intercom: `X-Hub-Signature: sha1=<hex HMAC-SHA1 of the body>` with the client secret. A new lead, or an address given
 * by one, is a lead; the `ping` sent when the hook is saved is a test.
 * @see https://developers.intercom.com/docs/webhooks/webhook-notifications
 */
export const intercom: WebhookScheme = {
  verify: (secrets, { header, body }) =>
    judge({
      secrets,
      given: afterPrefix(header('x-hub-signature'), 'sha1='),
      encoding: 'hex',
      digest: (secret) => hmac('sha1', secret, body),
    }),
  events: (payload) => {
    const { id, topic } = objectAt(payload);
    const isLead = topic === 'contact.lead.created' || topic === 'contact.lead.added_email';
    const nature = isLead ? 'lead' : 'other';
    return [
      { nature: topic === 'ping' ? 'test' : nature, id: textOf(id), type: textOf(topic), data: payload },
    ];
  },
  lead: (notification) => {
    const item = objectAt(notification, 'data', 'item');
    // Some topics wrap the contact.
    const contact = isRecord(item['contact']) ? item['contact'] : item;
    const { name, email, phone, location, custom_attributes: own } = contact;
    const { city, region, country } = objectAt(location);
    return leadFromLabels(Object.entries({ name, email, phone, city, region, country, ...objectAt(own) }));
  },
};
