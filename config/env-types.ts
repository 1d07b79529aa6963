import { z } from 'zod';
import { holdsKey } from '../domain/standard-webhooks';

export const httpUrl = z.url({ protocol: /^https?$/, error: 'an http:// or https:// URL' });

/** Signs or proves by the Standard Webhooks scheme. */
export const webhookSecret = z.string().refine(holdsKey, 'whsec_ and a key in base64');
