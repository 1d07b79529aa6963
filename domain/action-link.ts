import { createHmac, timingSafeEqual } from 'node:crypto';
import { asLeadId, type LeadId } from './ids';

export const linkActions = ['claim', 'decline', 'snooze', 'reassign'] as const;
export type LinkAction = (typeof linkActions)[number];

/** What a link in a notification allows its holder: one action on one lead, as one rep, until it expires. */
export interface ActionLink {
  readonly leadId: LeadId;
  /** Assignment the link was made for; after a reassignment it is void. */
  readonly hop: number;
  readonly repId: string;
  readonly action: LinkAction;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** Signs a link; the token is URL-safe and says nothing about the person. `key` is 32 bytes. */
export function signActionLink(key: Buffer, link: ActionLink): string {
  const payload = Buffer.from(
    JSON.stringify([link.leadId, link.hop, link.repId, link.action, link.expiresAtMs]),
  ).toString('base64url');
  return `${payload}.${macOf(key, payload)}`;
}

/** @returns the link, or why the token is not honoured. */
export function verifyActionLink(
  key: Buffer,
  token: string,
  nowMs: number,
):
  | { readonly ok: true; readonly link: ActionLink }
  | { readonly ok: false; readonly reason: 'forged' | 'expired' } {
  const [payload = '', mac = '', ...rest] = token.split('.');
  const expected = Buffer.from(macOf(key, payload));
  const given = Buffer.from(mac);
  if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected))
    return { ok: false, reason: 'forged' };
  const link = readLink(Buffer.from(payload, 'base64url').toString());
  if (link === undefined) return { ok: false, reason: 'forged' };
  return nowMs > link.expiresAtMs ? { ok: false, reason: 'expired' } : { ok: true, link };
}

/** A genuine signature says who made the payload, not that this release knows the action in it. */
function readLink(json: string): ActionLink | undefined {
  const parts = parseArray(json);
  const [leadId, hop, repId, action, expiresAtMs] = parts;
  const lead = typeof leadId === 'string' ? asLeadId(leadId) : undefined;
  const known = linkActions.find((name) => name === action);
  if (parts.length !== 5 || lead === undefined || known === undefined || typeof repId !== 'string')
    return undefined;
  if (typeof hop !== 'number' || typeof expiresAtMs !== 'number') return undefined;
  return { leadId: lead, hop, repId, action: known, expiresAtMs };
}

function parseArray(json: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function macOf(key: Buffer, payload: string): string {
  return createHmac('sha256', key).update(payload).digest('base64url');
}
