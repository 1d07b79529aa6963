import { decodeText, parseJson, requireJson } from '../body';
import type { Delivery, WebhookScheme } from './scheme';

/** The parsed body of a genuine delivery, however its kind of source writes it. @throws ApiError 400 or 415 */
export async function readPayload(scheme: WebhookScheme, delivery: Delivery): Promise<unknown> {
  return scheme.read ? await scheme.read(delivery) : payloadOf(scheme, delivery);
}

/**
 * The parsed body of a delivery that is known to be genuine. Fields of a form that come several times are lists.
 * @throws ApiError 400 or 415
 */
export function payloadOf(scheme: WebhookScheme, { header, body }: Delivery): unknown {
  const type = header('content-type');
  if (scheme.takesForms === true && /^application\/x-www-form-urlencoded\b/i.test(type ?? ''))
    return formOf(decodeText(body));
  requireJson(type);
  return parseJson(decodeText(body));
}

function formOf(text: string): Record<string, string | readonly string[]> {
  const form = new URLSearchParams(text);
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}
