import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';

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
 * Checks a delivery against every live secret, in constant time for each: `v1` (HMAC) with a `whsec_` secret, `v1a`
 * (Ed25519) with a `whpk_` public key. Signatures of other versions are skipped, the first that matches accepts.
 * Authenticity is decided before age, so a forger learns nothing about our clock.
 */
export function verifyWebhook(
  secrets: readonly string[],
  delivery: {
    readonly header: (name: string) => string | undefined;
    readonly body: Buffer;
    readonly nowMs: number;
  },
): WebhookVerdict {
  const keys = secrets.filter(holdsKey);
  if (keys.length === 0) return { ok: false, reason: 'no_secret' };
  const [id, timestamp, signature] = (['id', 'timestamp', 'signature'] as const).map(
    (part) => delivery.header(`webhook-${part}`) ?? delivery.header(`svix-${part}`),
  );
  if (!id || !timestamp || !signature) return { ok: false, reason: 'missing_header' };
  if (!/^\d{1,16}$/.test(timestamp)) return { ok: false, reason: 'bad_timestamp' };
  const given = signature.split(' ');
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), delivery.body]);
  if (!keys.some((secret) => isSignedBy(secret, signed, given)))
    return { ok: false, reason: 'bad_signature' };
  if (Math.abs(Math.floor(delivery.nowMs / 1_000) - Number(timestamp)) > toleranceS)
    return { ok: false, reason: 'stale' };
  return { ok: true, id };
}

function isSignedBy(secret: string, signed: Buffer, given: readonly string[]): boolean {
  if (secret.startsWith('whpk_')) return isSignedFor(keyOf(secret), signed, given);
  const expected = Buffer.from(`v1,${createHmac('sha256', keyOf(secret)).update(signed).digest('base64')}`);
  return given.some((signature) => {
    const one = Buffer.from(signature);
    return one.length === expected.length && timingSafeEqual(one, expected);
  });
}

/** @param key an Ed25519 public key, 32 bytes; any other verifies nothing. */
function isSignedFor(key: Buffer, signed: Buffer, given: readonly string[]): boolean {
  if (key.length !== 32) return false;
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') };
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  return given.some((signature) => {
    const encoded = /^v1a,([A-Za-z0-9+/]{86}==)$/.exec(signature)?.[1];
    return encoded !== undefined && verify(null, signed, publicKey, Buffer.from(encoded, 'base64'));
  });
}

/** Whether anything can be signed with a secret. */
export const holdsKey = (secret: string): boolean => keyOf(secret).length > 0;

/**
 * The key is the base64-decoded part after `whsec_` or `whpk_`; the prefix may be absent. Other text gives an empty
 * key, under which anybody could sign, so both sides refuse it.
 */
function keyOf(secret: string): Buffer {
  const encoded = secret.replace(/^whsec_|^whpk_/, '');
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(encoded) ? Buffer.from(encoded, 'base64') : Buffer.alloc(0);
}

function digestOf(key: Buffer, id: string, timestamp: string, body: Buffer): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}
