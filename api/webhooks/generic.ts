import { bearerOf } from '../auth';
import { isRecord, textOf } from './json';
import { leadFromLabels } from './labels';
import type { WebhookScheme } from './scheme';
import { afterPrefix, hmac, judge, refused, sameText, usableSecrets } from './signature';

/**
 * For senders without a scheme of their own (Zapier, Make, n8n, curl, plain forms): `X-Signature: sha256=<hex
 * HMAC-SHA256 of the body>`, or the secret itself as bearer token. A signature that is there must be right: a wrong one
 * is not made good by a token.
 */
export const generic: WebhookScheme = {
  takesForms: true,
  verify: (secrets, { header, body }) => {
    const signature = header('x-signature');
    if (signature !== undefined) {
      const given = afterPrefix(signature.trim(), 'sha256=');
      return judge({ secrets, given, encoding: 'hex', digest: (secret) => hmac('sha256', secret, body) });
    }
    return bearer(secrets, header('authorization'));
  },
  events: (payload) => [{ nature: 'lead', id: idOf(payload), data: payload }],
  lead: namedFields,
};

export function bearer(secrets: readonly string[], authorization: string | undefined) {
  const usable = usableSecrets(secrets);
  if (usable.length === 0) return refused('no_secret');
  if (authorization === undefined) return refused('missing_header');
  const token = bearerOf(authorization);
  const genuine = token !== undefined && usable.some((secret) => sameText(secret, token));
  return genuine ? ({ ok: true } as const) : refused('bad_signature');
}

function idOf(body: unknown): string | undefined {
  return isRecord(body)
    ? (textOf(body['id']) ?? textOf(body['externalId']) ?? textOf(body['external_id']))
    : undefined;
}

/** Our own names are taken as they are; others (`first_name`, `Company Name`) by what they are usually called. */
export function namedFields(body: unknown): unknown {
  return isRecord(body) ? { ...leadFromLabels(Object.entries(body)), ...body } : body;
}
