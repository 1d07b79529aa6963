import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { bearerOf } from '../auth';
import { isRecord } from './mapping';
import type { Verdict, WebhookScheme } from './scheme';

/**
 * For senders without a scheme of their own (Zapier, Make, n8n, curl): `X-Signature: sha256=<hex HMAC-SHA256 of the
 * body>`, or the secret itself as bearer token. A signature that is there must be right: a wrong one is not made good
 * by a token.
 */
export const generic: WebhookScheme = {
  verify: (secrets, { header, body }): Verdict => {
    const usable = secrets.filter((secret) => secret !== '');
    if (usable.length === 0) return { ok: false, reason: 'no_secret' };
    const signature = header('x-signature');
    if (signature !== undefined) return verdictOf(usable.some((secret) => signed(secret, body, signature)));
    const token = bearerOf(header('authorization'));
    if (token === undefined) return { ok: false, reason: 'missing_header' };
    return verdictOf(usable.some((secret) => same(secret, token)));
  },
  read: (body) => ({
    lead: body,
    eventId: isRecord(body) ? (idText(body['id']) ?? idText(body['externalId'])) : undefined,
  }),
};

function verdictOf(ok: boolean): Verdict {
  return ok ? { ok } : { ok, reason: 'bad_signature' };
}

function signed(secret: string, body: Buffer, signature: string): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(signature.trim())?.[1];
  if (hex === undefined) return false;
  return timingSafeEqual(Buffer.from(hex, 'hex'), createHmac('sha256', secret).update(body).digest());
}

/** Compares hashes, which have one length, so that time says nothing about the secret. */
function same(secret: string, given: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(secret), hash(given));
}

/** An id as text; numbers that lost digits never get here, as long integers are parsed as text. */
export function idText(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
