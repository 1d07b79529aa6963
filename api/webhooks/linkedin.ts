import { namedFields } from './generic';
import { idFrom, objectAt, textOf } from './json';
import { jsonAnswer, type WebhookScheme } from './scheme';
import { hmac, judge, usableSecrets } from './signature';

/** Part of what is signed; some senders also write it in front of the digest. */
const prefix = 'hmacsha256=';

/**
 * LinkedIn Lead Sync: hex HMAC-SHA256 over the literal `hmacsha256=` and the body, with the app's client secret. Events
 * name a response by its URN; what is fetched has the answers by question.
 *
 * The handshake signs whatever it is asked to, so a challenge that is no plain id is not answered: one that begins like
 * a signed body would make us sign a forgery.
 * @see https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation
 */
export const linkedin: WebhookScheme = {
  verify: (secrets, { header, body }) => {
    const signature = header('x-li-signature');
    return judge({
      secrets,
      given: signature === undefined ? undefined : [signature.replace(/^hmacsha256=/, '')],
      encoding: 'hex',
      digest: (secret) => hmac('sha256', secret, prefix, body),
    });
  },
  events: (payload) => {
    const event = objectAt(payload);
    const { leadGenFormResponse, leadAction, occurredAt } = event;
    const created = leadAction === 'CREATED' && textOf(leadGenFormResponse) !== undefined;
    return [
      {
        nature: created ? 'id_only' : 'other',
        id: idFrom(':', leadGenFormResponse, leadAction, occurredAt),
        type: textOf(leadAction),
        data: payload,
      },
    ];
  },
  fetchesLeads: true,
  lead: (data) => namedFields(objectAt(data, 'answers')),
  handshake: ({ secrets }, { method, url }) => {
    const codes = new URLSearchParams(url.split('?')[1] ?? '').getAll('challengeCode');
    const [challengeCode = ''] = codes;
    const [secret] = usableSecrets(secrets);
    if (
      method !== 'GET' ||
      secret === undefined ||
      codes.length !== 1 ||
      !/^[\w-]{1,128}$/.test(challengeCode)
    )
      return undefined;
    return jsonAnswer({
      challengeCode,
      challengeResponse: hmac('sha256', secret, challengeCode).toString('hex'),
    });
  },
};
