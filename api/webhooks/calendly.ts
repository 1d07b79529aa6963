import { idFrom, objectAt, objectsIn, textOf } from './json';
import { leadFromLabels } from './labels';
import type { WebhookScheme } from './scheme';
import { timedHmac } from './signature';

/**
 * Calendly: `Calendly-Webhook-Signature: t=<s>,v1=<hex HMAC-SHA256 over t.body>`. Who books a meeting is a lead; a
 * cancellation is none.
 * @see https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures
 */
export const calendly: WebhookScheme = {
  verify: timedHmac('calendly-webhook-signature'),
  events: (payload) => {
    const type = textOf(objectAt(payload)['event']);
    return [
      {
        nature: type === 'invitee.created' ? 'lead' : 'other',
        id: idFrom(':', type, objectAt(payload, 'payload')['uri']),
        type,
        data: payload,
      },
    ];
  },
  lead: (event) => {
    const invitee = objectAt(event, 'payload');
    return leadFromLabels([
      ['first name', invitee['first_name']],
      ['last name', invitee['last_name']],
      ['full name', invitee['name']],
      ['email', invitee['email']],
      ['phone', invitee['text_reminder_number']],
      ...Object.entries(objectAt(invitee, 'tracking')),
      ...objectsIn(invitee['questions_and_answers']).map(
        ({ question, answer }) => [textOf(question) ?? '', answer] as const,
      ),
    ]);
  },
};
