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

/** What a confirmation mail allows its holder: to say that the address of one lead is his. */
export interface ConfirmLink {
  readonly leadId: LeadId;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

type Verified<Link> =
  { readonly ok: true; readonly link: Link } | { readonly ok: false; readonly reason: 'forged' | 'expired' };

/** Signs a link; the token is URL-safe and says nothing about the person. `key` is 32 bytes. */
export function signActionLink(key: Buffer, link: ActionLink): string {
  return sign(key, [link.leadId, link.hop, link.repId, link.action, link.expiresAtMs]);
}

/** @returns the link, or why the token is not honoured. */
export function verifyActionLink(key: Buffer, token: string, nowMs: number): Verified<ActionLink> {
  return verify(key, token, nowMs, readLink);
}

/** As `signActionLink`; neither is taken for the other. */
export function signConfirmLink(key: Buffer, link: ConfirmLink): string {
  return sign(key, [link.leadId, 'confirm', link.expiresAtMs]);
}

/** @returns the link, or why the token is not honoured. */
export function verifyConfirmLink(key: Buffer, token: string, nowMs: number): Verified<ConfirmLink> {
  return verify(key, token, nowMs, readConfirmLink);
}

function sign(key: Buffer, parts: readonly unknown[]): string {
  const payload = Buffer.from(JSON.stringify(parts)).toString('base64url');
  return `${payload}.${macOf(key, payload)}`;
}

function verify<Link extends { readonly expiresAtMs: number }>(
  key: Buffer,
  token: string,
  nowMs: number,
  read: (parts: readonly unknown[]) => Link | undefined,
): Verified<Link> {
  const [payload = '', mac = '', ...rest] = token.split('.');
  const expected = Buffer.from(macOf(key, payload));
  const given = Buffer.from(mac);
  if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected))
    return { ok: false, reason: 'forged' };
  const link = read(parseArray(Buffer.from(payload, 'base64url').toString()));
  if (link === undefined) return { ok: false, reason: 'forged' };
  return nowMs > link.expiresAtMs ? { ok: false, reason: 'expired' } : { ok: true, link };
}

/** A genuine signature says who made the payload, not that this release knows the action in it. */
function readLink(parts: readonly unknown[]): ActionLink | undefined {
  const [leadId, hop, repId, action, expiresAtMs] = parts;
  const lead = typeof leadId === 'string' ? asLeadId(leadId) : undefined;
  const known = linkActions.find((name) => name === action);
  if (parts.length !== 5 || lead === undefined || known === undefined || typeof repId !== 'string')
    return undefined;
  if (typeof hop !== 'number' || typeof expiresAtMs !== 'number') return undefined;
  return { leadId: lead, hop, repId, action: known, expiresAtMs };
}

function readConfirmLink(parts: readonly unknown[]): ConfirmLink | undefined {
  const [leadId, what, expiresAtMs] = parts;
  const lead = typeof leadId === 'string' ? asLeadId(leadId) : undefined;
  return parts.length === 3 && lead !== undefined && what === 'confirm' && typeof expiresAtMs === 'number'
    ? { leadId: lead, expiresAtMs }
    : undefined;
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
