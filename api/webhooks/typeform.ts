import { isRecord, objectAt, objectsIn, textOf } from './json';
import { leadFromLabels } from './labels';
import type { WebhookScheme } from './scheme';
import { afterPrefix, hmac, judge } from './signature';

/**
 * Typeform: `Typeform-Signature: sha256=<base64 HMAC-SHA256 of the body>`. An answer is known by the question's `ref`,
 * else its title; hidden fields carry campaigns. A partial response is no lead yet.
 * @see https://www.typeform.com/developers/webhooks/secure-your-webhooks/
 */
export const typeform: WebhookScheme = {
  verify: (secrets, { header, body }) =>
    judge({
      secrets,
      given: afterPrefix(header('typeform-signature'), 'sha256='),
      encoding: 'base64',
      digest: (secret) => hmac('sha256', secret, body),
    }),
  events: (payload) => {
    const { event_id: id, event_type: type, form_response: response } = objectAt(payload);
    return [
      {
        nature: type === 'form_response' ? 'lead' : 'other',
        id: textOf(id) ?? textOf(objectAt(response)['token']),
        type: textOf(type),
        data: payload,
      },
    ];
  },
  lead: (payload) => {
    const response = objectAt(payload, 'form_response');
    const answers = objectsIn(response['answers']);
    const titles = new Map(
      objectsIn(objectAt(response, 'definition')['fields']).map((field) => [
        field['id'],
        textOf(field['title']),
      ]),
    );
    return leadFromLabels([
      ...answers.map((answer) => [textOf(objectAt(answer, 'field')['ref']) ?? '', answerOf(answer)] as const),
      ...answers.map(
        (answer) => [titles.get(objectAt(answer, 'field')['id']) ?? '', answerOf(answer)] as const,
      ),
      ...Object.entries(objectAt(response, 'hidden')),
      // The kind of question says enough where its words do not.
      ...answers.map((answer) => [kindLabels[textOf(answer['type']) ?? ''] ?? '', answerOf(answer)] as const),
    ]);
  },
};

const kindLabels: Readonly<Record<string, string>> = { email: 'email', phone_number: 'phone' };

/** `{ type: "email", email: … }`; choices have a label. */
function answerOf(answer: Readonly<Record<string, unknown>>): unknown {
  const value = answer[textOf(answer['type']) ?? ''];
  if (!isRecord(value)) return value;
  return value['label'] ?? (Array.isArray(value['labels']) ? value['labels'].join(', ') : value['other']);
}
