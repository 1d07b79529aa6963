import { decodeText, parseJson } from '../body';
import { isRecord, objectAt, objectsIn, textOf, without } from './json';
import { leadFromLabels } from './labels';
import { jsonAnswer, type WebhookScheme } from './scheme';
import { refused, sameText, usableSecrets } from './signature';

const keyField = 'google_key';

/**
 * Google Ads lead forms: not signed; the key that was typed into the form's settings comes back inside the body,
 * and is left out of what is kept. Unknown fields are ignored, ids beyond 2^53 keep their digits.
 * @see https://developers.google.com/google-ads/webhook/docs/implementation
 */
export const googleAds: WebhookScheme = {
  verify: (secrets, { body }) => {
    const usable = usableSecrets(secrets);
    if (usable.length === 0) return refused('no_secret');
    const payload = parsed(body);
    if (!isRecord(payload)) return refused('malformed');
    const key = payload[keyField];
    if (typeof key !== 'string') return refused('missing_header');
    return usable.some((secret) => sameText(secret, key)) ? { ok: true } : refused('bad_signature');
  },
  secretInBody: true,
  events: (payload) => {
    const form = without(keyField, objectAt(payload));
    return [{ nature: form['is_test'] === true ? 'test' : 'lead', id: textOf(form['lead_id']), data: form }];
  },
  lead: (form) => ({
    ...leadFromLabels(
      objectsIn(objectAt(form)['user_column_data']).map((column) => [
        textOf(column['column_id']) ?? textOf(column['column_name']) ?? '',
        column['string_value'],
      ]),
    ),
    ...campaign(objectAt(form)),
  }),
  answer: () => jsonAnswer({}),
};

function campaign(form: Readonly<Record<string, unknown>>): {
  readonly utm: Readonly<Record<string, string>>;
} {
  const id = textOf(form['campaign_id']);
  return { utm: { source: 'google', medium: 'cpc', ...(id === undefined ? {} : { campaign: id }) } };
}

/** Undefined for anything but JSON, which then cannot hold the key. */
function parsed(body: Buffer): unknown {
  try {
    return parseJson(decodeText(body));
  } catch {
    return undefined;
  }
}
