import { z } from 'zod';
import type { SourceKind } from '../ports';
import { objectAt, textOf } from './json';
import { payloadOf } from './payload';
import { webhookSchemes } from './registry';
import type { Delivery, Refusal, WebhookEvent, WebhookScheme } from './scheme';

/** Names under which recorded requests know our kinds of source. */
const kinds: Readonly<Record<string, SourceKind>> = {
  'hubspot-v1': 'hubspot-v1',
  'hubspot-v2': 'hubspot-v2',
  'hubspot-v3': 'hubspot',
  'hub-sha256': 'meta',
  'meta-handshake': 'meta',
  'google-ads-key': 'google-ads',
  'linkedin-hmac': 'linkedin',
  'linkedin-handshake': 'linkedin',
  'typeform-sha256-b64': 'typeform',
  'webflow-hmac': 'webflow',
  'calendly-t-v1': 'calendly',
  'stripe-t-v1': 'stripe',
  'hub-sha1': 'intercom',
  'segment-sha1': 'segment',
  'standard-webhooks': 'standard-webhooks',
  svix: 'standard-webhooks',
  'slack-v0': 'slack',
  'basic-auth': 'pipedrive',
  'bearer-static': 'generic',
  'cloudevents-http': 'cloudevents',
  'cloudevents-webhook-handshake': 'cloudevents',
};

/** The kind of source that a recorded request's scheme stands for. */
export function kindOf(scheme: string): SourceKind | undefined {
  return Object.hasOwn(kinds, scheme) ? kinds[scheme] : undefined;
}

/** A recorded request, as `npm run webhooks` reads it. */
const RecordedRequest = z.object({
  id: z.string(),
  scheme: z.string(),
  /** Absent, it is what its method says where the scheme has a handshake. */
  kind: z.enum(['delivery', 'handshake']).optional(),
  secret: z.string().nullish(),
  method: z.string().default('POST'),
  url: z.string().default(''),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).default({}),
  rawBody: z.string().nullish(),
  rawBodyBase64: z.string().nullish(),
  now: z.number(),
});
type RecordedRequest = z.output<typeof RecordedRequest>;

export interface Decision {
  readonly id: string;
  readonly accepted: boolean;
  /** `genuine`, `test` and `handshake` when accepted. */
  readonly reason:
    'genuine' | 'test' | 'handshake' | 'handshake_refused' | 'unknown_scheme' | 'unreadable_case' | Refusal;
  readonly eventIds: readonly string[];
}

/** Decides one recorded request by the verifier of its scheme, at its own time. Never throws: a bad case is refused. */
export function decideCase(input: unknown): Decision {
  const { data: request } = RecordedRequest.safeParse(input);
  if (!request) return no({ id: textOf(objectAt(input)['id']) ?? '' }, 'unreadable_case');
  const kind = kindOf(request.scheme);
  if (kind === undefined) return no(request, 'unknown_scheme');
  const scheme = webhookSchemes[kind];
  const delivery = deliveryOf(request);
  const secrets = typeof request.secret === 'string' ? [request.secret] : [];
  const shakes = request.kind === 'handshake' || (request.kind === undefined && delivery.method !== 'POST');
  if (shakes && scheme.handshake) {
    const answer = scheme.handshake({ secrets, verifyToken: request.secret ?? undefined }, delivery);
    return answer ? yes(request, 'handshake') : no(request, 'handshake_refused');
  }
  const verdict = scheme.verify(secrets, delivery);
  if (!verdict.ok) return no(request, verdict.reason);
  const events = eventsOf(scheme, delivery);
  const noNews = events.every(({ nature }) => nature === 'test');
  if (request.kind === 'handshake')
    return noNews ? yes(request, 'handshake') : no(request, 'handshake_refused');
  const allTests = events.length > 0 && noNews;
  return yes(request, allTests ? 'test' : 'genuine', events);
}

/** None when the bytes are genuine but cannot be read: the verifier has spoken, the rest is answered with 400. */
function eventsOf(scheme: WebhookScheme, delivery: Delivery): readonly WebhookEvent[] {
  try {
    return scheme.events(payloadOf(scheme, delivery), delivery);
  } catch {
    return [];
  }
}

const no = ({ id }: Pick<RecordedRequest, 'id'>, reason: Decision['reason']): Decision => ({
  id,
  accepted: false,
  reason,
  eventIds: [],
});

const yes = (
  { id }: RecordedRequest,
  reason: Decision['reason'],
  events: readonly WebhookEvent[] = [],
): Decision => ({
  id,
  accepted: true,
  reason,
  eventIds: events.flatMap((event) => event.id ?? []),
});

/** A recorded request as the API would see it: headers in any case, repeated ones joined. */
export function deliveryOf(
  request: Pick<RecordedRequest, 'method' | 'url' | 'headers' | 'rawBody' | 'rawBodyBase64' | 'now'>,
): Delivery {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(request.headers)) {
    const values = [headers.get(name.toLowerCase()) ?? [], value].flat().map((one) => one.trim());
    headers.set(name.toLowerCase(), values.join(', '));
  }
  return {
    method: request.method,
    url: request.url,
    header: (name) => headers.get(name),
    headerNames: [...headers.keys()],
    body:
      typeof request.rawBody === 'string'
        ? Buffer.from(request.rawBody)
        : Buffer.from(request.rawBodyBase64 ?? '', 'base64'),
    nowMs: request.now,
  };
}
