import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Caller } from '../auth';

export const sessionMs = 12 * 3_600_000;
const cookie = 'lr_session';

/** Who is signed in: an API key, which is looked up on every request, so that revoking it ends its sessions. */
export interface Session {
  readonly keyId: string;
  readonly expiresAtMs: number;
  /** Goes into every form; only our own pages know it. */
  readonly csrf: string;
}

/** Who looks at a page or presses a button of it. */
export interface Visitor {
  readonly session: Session;
  readonly caller: Caller;
}

export type Show = (visitor: Visitor, req: Request, res: Response) => Promise<void>;
type Act = (visitor: Visitor, form: URLSearchParams, req: Request, res: Response) => Promise<void>;

/** Handlers for those who are signed in. */
export interface Visits {
  readonly page: (show: Show) => RequestHandler;
  readonly action: (act: Act) => RequestHandler;
}

/** The session of a request's cookie; undefined when it has none, or one we did not sign, or an old one. */
export function readSession(key: Buffer, req: Request, nowMs: number): Session | undefined {
  const token = cookieOf(req.headers.cookie);
  const [payload = '', mac = ''] = token?.split('.') ?? [];
  if (token === undefined || !same(mac, macOf(key, 'session', payload))) return undefined;
  const [keyId, expiresAtMs] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [string, number];
  return nowMs > expiresAtMs ? undefined : { keyId, expiresAtMs, csrf: macOf(key, 'csrf', token) };
}

/** Signs in. Strict: no other site's link or form ever carries the cookie. */
export function startSession(
  key: Buffer,
  res: Response,
  session: { readonly keyId: string; readonly nowMs: number; readonly secure: boolean },
): void {
  const payload = Buffer.from(JSON.stringify([session.keyId, session.nowMs + sessionMs])).toString(
    'base64url',
  );
  setCookie(res, `${payload}.${macOf(key, 'session', payload)}`, {
    maxAgeS: sessionMs / 1_000,
    secure: session.secure,
  });
}

export function endSession(res: Response): void {
  setCookie(res, '', { maxAgeS: 0, secure: false });
}

/** Was the form made by a page of this session? */
export function isOwnForm(session: Session, form: URLSearchParams): boolean {
  return same(form.get('csrf') ?? '', session.csrf);
}

function setCookie(
  res: Response,
  value: string,
  { maxAgeS, secure }: { readonly maxAgeS: number; readonly secure: boolean },
): void {
  const attributes = [
    'Path=/console',
    'HttpOnly',
    'SameSite=Strict',
    `Max-Age=${String(maxAgeS)}`,
    ...(secure ? ['Secure'] : []),
  ];
  res.setHeader('set-cookie', [`${cookie}=${value}`, ...attributes].join('; '));
}

function cookieOf(header: string | undefined): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${cookie}=`))?.slice(cookie.length + 1);
}

function macOf(key: Buffer, purpose: string, text: string): string {
  return createHmac('sha256', key).update(`${purpose}:${text}`).digest('base64url');
}

function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
