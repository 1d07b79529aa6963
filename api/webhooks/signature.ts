import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Refusal, Verdict, WebhookScheme } from './scheme';

/** How old, and how far ahead of our clock, a signed time may be. */
const toleranceMs = 300_000;

interface Claim {
  readonly secrets: readonly string[];
  /** Signatures in the delivery, any of which may match; undefined when the header is missing. */
  readonly given: readonly string[] | undefined;
  readonly encoding: 'hex' | 'base64';
  readonly digest: (secret: string) => Buffer;
  /** The signed time, for schemes that have one. */
  readonly time?: { readonly text: string | undefined; readonly unit: 's' | 'ms'; readonly nowMs: number };
}

/**
 * Decides about a signature: any live secret, in constant time for each. Authenticity is decided before age, so a
 * forger learns nothing about our clock.
 */
export function judge({ secrets, given, encoding, digest, time }: Claim): Verdict {
  const usable = usableSecrets(secrets);
  if (usable.length === 0) return refused('no_secret');
  if (given === undefined || (time && time.text === undefined)) return refused('missing_header');
  if (time && !/^\d{1,16}$/.test(time.text ?? '')) return refused('bad_timestamp');
  const genuine = usable.some((secret) => {
    const expected = digest(secret);
    return given.some((signature) => sameDigest(signature, expected, encoding));
  });
  if (!genuine) return refused('bad_signature');
  return time && isStale(Number(time.text), time.unit, time.nowMs) ? refused('stale') : { ok: true };
}

/** The key of nothing is known to everybody. */
export function usableSecrets(secrets: readonly string[]): readonly string[] {
  return secrets.filter((secret) => secret.trim() !== '');
}

export function refused(reason: Refusal): Verdict {
  return { ok: false, reason };
}

/** Seconds are compared as whole ones, as the vendors' libraries do. */
function isStale(time: number, unit: 's' | 'ms', nowMs: number): boolean {
  return unit === 'ms'
    ? Math.abs(nowMs - time) > toleranceMs
    : Math.abs(Math.floor(nowMs / 1_000) - time) > toleranceMs / 1_000;
}

/** Hex in either case; base64 only in its one canonical form. The length is compared first. */
function sameDigest(given: string, expected: Buffer, encoding: 'hex' | 'base64'): boolean {
  if (encoding === 'hex') {
    if (!/^[0-9a-f]+$/i.test(given) || given.length !== expected.length * 2) return false;
    return timingSafeEqual(Buffer.from(given, 'hex'), expected);
  }
  const [one, other] = [Buffer.from(given), Buffer.from(expected.toString('base64'))];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Compares hashes, which have one length, so that time says nothing about the secret. */
export function sameText(secret: string, given: string): boolean {
  return timingSafeEqual(sha256(secret), sha256(given));
}

export function sha256(...parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export function hmac(
  algorithm: 'sha1' | 'sha256',
  secret: string,
  ...parts: readonly (string | Buffer)[]
): Buffer {
  const mac = createHmac(algorithm, secret);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** The signature after a fixed word such as `sha256=`; without the word there is no usable signature. */
export function afterPrefix(header: string | undefined, prefix: string): readonly string[] | undefined {
  return header === undefined ? undefined : header.startsWith(prefix) ? [header.slice(prefix.length)] : [];
}

/** Stripe's model, which Calendly follows: a header `t=<s>,v1=<hex HMAC-SHA256 over t.body>`. */
export function timedHmac(name: string): WebhookScheme['verify'] {
  return (secrets, { header, body, nowMs }) => {
    const { given, time } = timedSignature(header(name));
    return judge({
      secrets,
      given,
      encoding: 'hex',
      digest: (secret) => hmac('sha256', secret, `${time ?? ''}.`, body),
      time: { text: time, unit: 's', nowMs },
    });
  };
}

/**
 * `t=…,v1=…[,v1=…]`, as Stripe and Calendly send it: several `v1` while a secret is rolled, other versions skipped,
 * exactly one `t`. Undefined parts when the header is missing or is something else.
 */
function timedSignature(header: string | undefined): {
  readonly given: readonly string[] | undefined;
  readonly time: string | undefined;
} {
  if (header === undefined || !/^\S+$/.test(header)) return { given: undefined, time: undefined };
  const valuesOf = (key: string): readonly string[] =>
    header.split(',').flatMap((part) => (part.startsWith(`${key}=`) ? [part.slice(key.length + 1)] : []));
  const times = valuesOf('t');
  return { given: valuesOf('v1'), time: times.length === 1 ? times[0] : undefined };
}
