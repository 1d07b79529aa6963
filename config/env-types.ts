import { z } from 'zod';

/** A variable that may be absent; an empty one counts as absent, as compose files and shells leave them. */
export const optional = <T extends z.ZodType>(type: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), type.optional());

export const httpUrl = z.url({ protocol: /^https?$/, error: 'an http:// or https:// URL' });
