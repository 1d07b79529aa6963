import type { SourceConfig } from '../ports';
import { bestEffort } from '../best-effort';
import { bodyLimit } from '../body';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { present } from '../present';
import { ForeignReply, route, type Api, type Call } from '../route';
import { WebhookAccepted } from '../schemas/sources';
import { z } from '../schemas/zod';
import { CrmChangeAccepted, crmSource, takeCrmChange } from '../webhooks/crm-change';
import { payloadOf, readPayload } from '../webhooks/payload';
import { liveSecrets, receive, requireGenuine, type Received } from '../webhooks/receive';
import { webhookSchemes } from '../webhooks/registry';
import { withoutOurOwn } from '../webhooks/our-own';
import type { Delivery, WebhookScheme } from '../webhooks/scheme';
import type { SourceBook } from '../webhooks/source-book';
import { standardWebhooks } from '../webhooks/standard-webhooks';
import { acceptedReply } from './intake';

/** Mails bring attachments, which are not kept. */
const mailMax = 5 * 1024 * 1024;

/** `POST /v1/webhooks/{source}`: each source proves itself by its own scheme. */
export function webhookRoutes(api: Api, deps: ApiDeps, book: SourceBook): void {
  route(api, {
    method: 'post',
    path: '/v1/webhooks/:source',
    tag: 'webhooks',
    summary: 'Take in what a source sends',
    description:
      'Verified on the raw bytes by the scheme of the source. A genuine event is never refused for what it says: what is no usable lead is kept. Senders that want an answer of their own get that. `crm` is built in and takes changes made in the CRM.',
    params: z.object({ source: z.string() }),
    bodyAs: 'bytes',
    bodyLimit: (type) => (/^message\/rfc822\b/i.test(type) ? mailMax : bodyLimit),
    contentTypes: ['application/json', 'application/x-www-form-urlencoded', 'message/rfc822'],
    replies: { 202: z.union([WebhookAccepted, CrmChangeAccepted]) },
    errors: [
      'bad_signature',
      'stale_timestamp',
      'malformed_body',
      'unknown_source',
      'payload_too_large',
      'unsupported_media_type',
      'invalid_request',
      'rate_limited',
      'nothing_durable',
      'runs_unavailable',
      'store_unavailable',
    ],
    handle: async (call) => {
      const { source } = call.params;
      const delivery = deliveryOf(deps, call, call.bytes);
      return source === crmSource
        ? crmChange(deps, delivery, call)
        : take(deps, await sourceOf(book, source, call), delivery, call);
    },
  });
  handshakeRoute(api, deps, book, 'get');
  handshakeRoute(api, deps, book, 'options');
}

function handshakeRoute(api: Api, deps: ApiDeps, book: SourceBook, method: 'get' | 'options'): void {
  route(api, {
    method,
    path: '/v1/webhooks/:source',
    tag: 'webhooks',
    summary:
      method === 'get' ? 'Prove to Meta or LinkedIn that the address is ours' : 'The same for CloudEvents',
    description: 'Answered in the form that the sender prescribes.',
    params: z.object({ source: z.string() }),
    replies: { 200: z.unknown() },
    errors: ['handshake_refused', 'unknown_source', 'method_not_allowed', 'rate_limited'],
    handle: async (call) => {
      await call.spend(undefined);
      const source = await sourceOf(book, call.params.source);
      const { handshake } = webhookSchemes[source.kind];
      if (!handshake)
        throw new ApiError('method_not_allowed', 'Sources of this kind only send POST.', {
          headers: { allow: 'POST' },
        });
      const request = deliveryOf(deps, call, Buffer.alloc(0));
      const keys = { ...source, secrets: liveSecrets(source, request.nowMs) };
      const answer = handshake(keys, request);
      if (!answer)
        throw new ApiError('handshake_refused', 'The request does not show what this source expects.');
      return new ForeignReply(answer);
    },
  });
}

type Heard = Pick<Call<undefined, undefined, undefined>, 'method' | 'path' | 'header' | 'headerNames'>;

function deliveryOf({ publicUrl, clock }: ApiDeps, heard: Heard, body: Buffer): Delivery {
  const { method, path, header, headerNames } = heard;
  const url = `${publicUrl().replace(/\/$/, '')}${path}`;
  return { method, url, header, headerNames, body, nowMs: clock.now() };
}

type Spend = Pick<Call<undefined, undefined, undefined>, 'spend'>;

async function sourceOf(book: SourceBook, name: string, caller?: Spend): Promise<SourceConfig> {
  const source = await book.find(name);
  if (source) return source;
  await caller?.spend(undefined);
  throw new ApiError(
    'unknown_source',
    'There is no source with this name; make it with PUT /v1/sources/{source}.',
  );
}

async function take(deps: ApiDeps, source: SourceConfig, delivery: Delivery, { spend }: Spend) {
  const scheme = webhookSchemes[source.kind];
  const verdict = scheme.verify(liveSecrets(source, delivery.nowMs), delivery);
  // A forger spends his own address, never the budget of the source.
  await spend(verdict.ok ? `source/${source.name}` : undefined);
  requireGenuine(verdict);
  const payload = await readPayload(scheme, delivery);
  const received = await withoutOurOwn(deps, scheme, receive(source, delivery, payload));
  await Promise.all(received.flatMap((one) => ('lead' in one ? deps.intake.accept(one.lead) : [])));
  const kept = received.flatMap((one) => ('kept' in one ? one.kept : []));
  if (kept.length > 0) await deps.events.keep(kept);
  wakeRuns(deps, scheme, received);
  return scheme.answer ? new ForeignReply(scheme.answer(payload)) : replyTo(received);
}

/** Behind the answer, as some senders wait for 3 s only. */
function wakeRuns(
  { runs, crmSystem, log }: ApiDeps,
  { crm }: WebhookScheme,
  received: readonly Received[],
): void {
  // Should this fail, the reconciliation starts it.
  for (const one of received)
    if ('kept' in one && one.kept.state === 'fetching')
      void bestEffort(log, 'start of a fetch', () => runs.fetchLead(one.kept.leadId));
  // Should this fail, the change is found when the CRM is asked the next time.
  const changed = new Set(crm === crmSystem ? received.flatMap(({ event }) => event.changed ?? []) : []);
  if (changed.size > 0) void bestEffort(log, 'news of the CRM', () => runs.askCrm([...changed]));
}

/** One lead is answered like one of `POST /v1/leads`. */
function replyTo(received: readonly Received[]): z.input<typeof WebhookAccepted> {
  const [only] = received;
  if (only && received.length === 1 && 'lead' in only) return acceptedReply(only.lead);
  return {
    events: received.map((one) => {
      const { id: eventId, type } = one.event;
      if ('lead' in one)
        return present({ eventId, type, status: 'received' as const, leadId: one.lead.leadId });
      const { state: status, leadId } = one.kept;
      return present({
        eventId,
        type,
        status,
        leadId,
        issues: one.issues.length > 0 ? one.issues : undefined,
      });
    }),
  };
}

async function crmChange(deps: ApiDeps, delivery: Delivery, { spend }: Spend) {
  if (deps.crmSecret === undefined)
    throw new ApiError('unknown_source', 'No CRM is configured that sends changes here.');
  const verdict = standardWebhooks.verify([deps.crmSecret], delivery);
  await spend(verdict.ok ? `source/${crmSource}` : undefined);
  requireGenuine(verdict);
  return takeCrmChange(deps, payloadOf(standardWebhooks, delivery));
}
