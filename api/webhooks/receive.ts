import type { NewLead } from '../../activities/ports';
import type { SourceConfig, SourceKind } from '../ports';
import { decodeText, parseJson, requireJson } from '../body';
import { ApiError } from '../errors';
import { leadFromWebhook } from '../lead-id';
import { check } from '../route';
import { LeadBody } from '../schemas/lead-body';
import { generic } from './generic';
import { applyMapping } from './mapping';
import type { Delivery, Verdict, WebhookScheme } from './scheme';
import { standardWebhooks } from './standard-webhooks';

/** Every kind of source; a new one is a file and a line here. */
export const webhookSchemes: Readonly<Record<SourceKind, WebhookScheme>> = {
  'standard-webhooks': standardWebhooks,
  generic,
};

/** The id of a genuine delivery's event, if it has one. @throws ApiError 401, or 400 when it is too old */
export function genuine(verdict: Verdict): string | undefined {
  if (verdict.ok) return verdict.eventId;
  switch (verdict.reason) {
    case 'stale':
      throw new ApiError(
        'stale_timestamp',
        'The delivery was signed more than 5 minutes ago or ahead of time.',
      );
    case 'bad_timestamp':
      throw new ApiError('bad_request', 'The timestamp of the signature is not a number of seconds.');
    case 'missing_header':
      throw new ApiError('bad_signature', 'The signature headers are missing.');
    case 'no_secret':
    case 'bad_signature':
      throw new ApiError('bad_signature', 'The signature is not made with a live secret of this source.');
  }
}

/** JSON of a body that is known to be genuine. */
export function jsonOf({ header, body }: Delivery): { readonly text: string; readonly json: unknown } {
  requireJson(header('content-type'));
  const text = decodeText(body);
  return { text, json: parseJson(text) };
}

/** The lead of a genuine delivery. @throws ApiError 400, 415 or 422 */
export function leadOf(source: SourceConfig, delivery: Delivery, eventId: string | undefined): NewLead {
  const { text, json } = jsonOf(delivery);
  const event = webhookSchemes[source.kind].read(json, eventId);
  const mapped = source.mapping && applyMapping(source.mapping, json);
  const fields = check(LeadBody, mapped ? mapped.lead : event.lead);
  return leadFromWebhook(
    { fields, json, text, nowMs: delivery.nowMs },
    source.name,
    mapped?.eventId ?? event.eventId,
  );
}
