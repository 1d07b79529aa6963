import { objectAt, textOf } from './json';
import { leadFromLabels } from './labels';
import type { WebhookScheme } from './scheme';
import { timedHmac } from './signature';

/**
 * Stripe and senders after its model: `Stripe-Signature: t=<s>,v1=<hex HMAC-SHA256 over t.body>`. The secret is used
 * as the text it is, `whsec_` included. A new customer is a lead.
 * @see https://docs.stripe.com/webhooks
 */
export const stripe: WebhookScheme = {
  verify: timedHmac('stripe-signature'),
  events: (payload) => {
    const { id, type, livemode } = objectAt(payload);
    const nature = type === 'customer.created' ? 'lead' : 'other';
    return [
      { nature: livemode === false ? 'test' : nature, id: textOf(id), type: textOf(type), data: payload },
    ];
  },
  lead: (event) => {
    const { name, email, phone, address } = objectAt(event, 'data', 'object');
    const { line1: street, postal_code: postalCode, city, state, country } = objectAt(address);
    return leadFromLabels(Object.entries({ name, email, phone, street, postalCode, city, state, country }));
  },
};
