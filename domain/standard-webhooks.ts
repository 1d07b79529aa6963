import { createHmac, timingSafeEqual } from 'node:crypto';

/** Seconds a signature may be old or early, as the Standard Webhooks libraries have it. */
const toleranceS = 300;

export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * Signs a body by the Standard Webhooks scheme: base64 HMAC-SHA256 over `id.timestamp.body`.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @throws RangeError when the secret holds no key
 */
export function signWebhook(
  secret: string,
  message: { readonly id: string; readonly body: string; readonly nowMs: number },
): SignedHeaders {
  const timestamp = String(Math.floor(message.nowMs / 1_000));
  const key = keyOf(secret);
  if (key.length === 0) throw new RangeError('the webhook secret holds no base64 key');
  const digest = digestOf(key, message.id, timestamp, Buffer.from(message.body)).toString('base64');
  return { 'webhook-id': message.id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${digest}` };
}

export type WebhookVerdict =
  | { readonly ok: true; readonly id: string }
  | {
      readonly ok: false;
      readonly reason: 'missing_header' | 'bad_timestamp' | 'stale' | 'bad_signature' | 'no_secret';
    };

/**
 * Checks a delivery against every live secret, in constant time for each. Signatures of other versions are skipped,
 * the first matching `v1` accepts. Authenticity is decided before age, so a forger learns nothing about our clock.
 */
export function verifyWebhook(
  secrets: readonly string[],
  delivery: {
    readonly header: (name: string) => string | undefined;
    readonly body: Buffer;
    readonly nowMs: number;
  },
): WebhookVerdict {
  const keys = secrets.map(keyOf).filter((key) => key.length > 0);
  if (keys.length === 0) return { ok: false, reason: 'no_secret' };
  const [id, timestamp, signature] = (['id', 'timestamp', 'signature'] as const).map(
    (part) => delivery.header(`webhook-${part}`) ?? delivery.header(`svix-${part}`),
  );
  if (!id || !timestamp || !signature) return { ok: false, reason: 'missing_header' };
  if (!/^\d{1,16}$/.test(timestamp)) return { ok: false, reason: 'bad_timestamp' };
  const given = signature
    .split(' ')
    .flatMap((part) => (part.startsWith('v1,') ? [Buffer.from(part.slice(3), 'base64')] : []));
  const genuine = keys.some((key) => {
    const expected = digestOf(key, id, timestamp, delivery.body);
    return given.some((digest) => digest.length === expected.length && timingSafeEqual(digest, expected));
  });
  if (!genuine) return { ok: false, reason: 'bad_signature' };
  if (Math.abs(Math.floor(delivery.nowMs / 1_000) - Number(timestamp)) > toleranceS)
    return { ok: false, reason: 'stale' };
  return { ok: true, id };
}

/**
 * The key is the base64-decoded part after `whsec_`; the prefix may be absent. Text without any base64 digit gives an
 * empty key, under which anybody could sign, so both sides refuse it.
 */
function keyOf(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
}

function digestOf(key: Buffer, id: string, timestamp: string, body: Buffer): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}
