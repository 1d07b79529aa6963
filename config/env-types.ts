import { z } from 'zod';
import { holdsKey } from '../domain/standard-webhooks';

/** @param error what is expected, in words */
export const urlOf = (protocol: RegExp, error: string) =>
  z
    .url({ protocol, error, abort: true })
    .refine(hasReadableCredentials, 'user and password percent-encoded: % is %25');

export const httpUrl = urlOf(/^https?$/, 'an http:// or https:// URL');

function hasReadableCredentials(url: string): boolean {
  try {
    const { username, password } = new URL(url);
    decodeURIComponent(`${username}:${password}`);
    return true;
  } catch {
    return false;
  }
}

/** Signs or proves by the Standard Webhooks scheme. */
export const webhookSecret = z.string().refine(holdsKey, 'whsec_ and a key in base64');
