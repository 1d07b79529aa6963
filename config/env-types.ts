import { z } from 'zod';

/** A variable that may be absent; an empty one counts as absent, as compose files and shells leave them. */
export const optional = <T extends z.ZodType>(type: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), type.optional());

/** @param error what is expected, in words */
export const urlOf = (protocol: RegExp, error: string) =>
  z.url({ protocol, error }).refine(hasReadableCredentials, 'user and password percent-encoded: % is %25');

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
