import { objectAt, objectsIn, textOf } from './json';
import { leadFromLabels } from './labels';
import { eventsIn, textAnswer, type WebhookEvent, type WebhookScheme } from './scheme';
import { afterPrefix, hmac, judge, sameText } from './signature';

/**
 * Meta Lead Ads: `X-Hub-Signature-256: sha256=<hex HMAC-SHA256 of the body>` with the app secret; the older SHA-1 header
 * is ignored. Events name a lead by its id; its fields have to be fetched, unless somebody put `field_data` in.
 * @see https://developers.facebook.com/docs/graph-api/webhooks/getting-started
 */
export const meta: WebhookScheme = {
  verify: (secrets, { header, body }) =>
    judge({
      secrets,
      given: afterPrefix(header('x-hub-signature-256'), 'sha256='),
      encoding: 'hex',
      digest: (secret) => hmac('sha256', secret, body),
    }),
  events: (payload) => {
    const { entry: entries } = objectAt(payload);
    return eventsIn(payload, (Array.isArray(entries) ? entries : []).flatMap(changesIn), changeEvent);
  },
  lead: (change) =>
    leadFromLabels(
      objectsIn(objectAt(change, 'value')['field_data']).map(({ name, values }) => [
        textOf(name) ?? '',
        Array.isArray(values) ? values[0] : undefined,
      ]),
    ),
  handshake: ({ verifyToken }, { method, url }) => {
    const one = parameters(url);
    const [mode, token, challenge] = ['hub.mode', 'hub.verify_token', 'hub.challenge'].map(one);
    if (method !== 'GET' || mode !== 'subscribe' || token === undefined || challenge === undefined)
      return undefined;
    if (!verifyToken?.trim() || !sameText(verifyToken, token)) return undefined;
    return /^[\x20-\x7e]{1,500}$/.test(challenge) ? textAnswer(challenge) : undefined;
  },
  fetchesLeads: true,
  answer: () => textAnswer('EVENT_RECEIVED'),
};

/** The changes of an entry; the entry itself, which is no event, when it names none. */
function changesIn(entry: unknown): readonly unknown[] {
  const { changes } = objectAt(entry);
  return Array.isArray(changes) && changes.length > 0 ? changes : [entry];
}

function changeEvent(change: Readonly<Record<string, unknown>>): WebhookEvent | undefined {
  if (!Object.hasOwn(change, 'field')) return undefined;
  const value = objectAt(change, 'value');
  const id = textOf(value['leadgen_id']);
  const natureOf = (): WebhookEvent['nature'] => {
    if (change['field'] !== 'leadgen') return 'other';
    // What the "Test" button of the app's dashboard sends.
    if (id !== undefined && /^4{12,}$/.test(id)) return 'test';
    return objectsIn(value['field_data']).length > 0 ? 'lead' : 'id_only';
  };
  return { nature: natureOf(), id, type: textOf(change['field']), data: change };
}

/** A parameter that is there exactly once. */
function parameters(url: string): (name: string) => string | undefined {
  const query = new URLSearchParams(url.split('?').slice(1).join('?'));
  return (name) => {
    const values = query.getAll(name);
    return values.length === 1 ? values[0] : undefined;
  };
}
