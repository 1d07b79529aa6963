import type { Request } from 'express';
import { decodeText, readBytes } from './body';
import { ApiError } from './errors';

/** Forms of our own pages are small. */
const formLimit = 16 * 1_024;

/** Fields of a posted form; text that cannot be stored is refused. */
export async function readForm(req: Request): Promise<URLSearchParams> {
  const type = (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  const bytes = await readBytes(req, formLimit);
  if (bytes.length > 0 && type !== 'application/x-www-form-urlencoded') {
    throw new ApiError('unsupported_media_type', 'Send the form as application/x-www-form-urlencoded.');
  }
  const form = new URLSearchParams(decodeText(bytes));

  if ([...form.values()].some((value) => /\u0000/.test(value)))
    throw new ApiError('malformed_body', 'The form has NUL characters.');
  return form;
}
