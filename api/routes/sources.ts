import { standardGate, tokenFields, type GateSettings } from '../../domain/gate';
import type { SourceConfig } from '../ports';
import type { ApiDeps } from '../deps';
import { ApiError, invalid, type Issue } from '../errors';
import { present } from '../present';
import { route, type Api } from '../route';
import {
  EventList,
  EventQuery,
  SourceBody,
  SourceList,
  SourceParams,
  SourceTestBody,
  SourceTested,
  SourceView,
} from '../schemas/sources';
import type { z } from '../schemas/zod';
import { importSource } from '../lead-id';
import { crmSource } from '../webhooks/crm-change';
import { mappingIssues, unfound } from '../webhooks/mapping';
import { readPayload } from '../webhooks/payload';
import { fetchesLeads, liveSecrets, mapEvent } from '../webhooks/receive';
import { webhookSchemes } from '../webhooks/registry';
import type { Delivery, WebhookEvent } from '../webhooks/scheme';
import type { SourceBook } from '../webhooks/source-book';

const tag = 'webhooks';

/** Making, rotating and trying out sources. */
export function sourceRoutes(api: Api, deps: ApiDeps, book: SourceBook): void {
  const { sources, publicUrl, clock } = deps;
  const viewOf = (source: SourceConfig) => {
    const { name, kind, previousUntil, mapping, gate } = source;
    const liveCount = liveSecrets(source, clock.now()).length;
    return present({
      source: name,
      kind,
      liveSecrets: liveCount,
      previousValidUntil: liveCount > 1 ? previousUntil : undefined,
      mapping,
      fetchesLeads: fetchesLeads(source) ? (true as const) : undefined,
      gate: shownGate(gate),
      url: `${publicUrl().replace(/\/$/, '')}/v1/webhooks/${name}`,
    });
  };
  route(api, {
    method: 'put',
    path: '/v1/sources/:source',
    tag,
    summary: 'Make a source, or rotate its secret',
    description:
      'After a rotation the secret before stays valid until `previousValidUntil`, or else until the next rotation. `mapping`, `gate` and what leads are fetched with (`accessToken` or `oauth`) stay as they are when absent, unless the kind is another one; `null` takes a mapping or a gate away.',
    scope: 'admin',
    params: SourceParams,
    body: SourceBody,
    replies: { 200: SourceView },
    handle: async ({ params: { source: name }, body }) => {
      refuseUnusable(name, body);
      const before = (await sources.all()).find((source) => source.name === name);
      const { kind, verifyToken } = body;
      const rotation = rotated(before, body, clock.now());
      // A setting for another kind of source means nothing to this one.
      const earlier = before?.kind === kind ? before : undefined;
      const { accessToken, oauth } = (body.accessToken ?? body.oauth) ? body : (earlier ?? {});
      const mapping = settled(body.mapping, earlier?.mapping);
      const gate = settled(body.gate, earlier?.gate);
      const source = present({ name, kind, ...rotation, verifyToken, accessToken, oauth, mapping, gate });
      await sources.put(source);
      await book.reload();
      return viewOf(source);
    },
  });
  route(api, {
    method: 'get',
    path: '/v1/sources',
    tag,
    summary: 'List sources, without their secrets',
    scope: 'admin',
    replies: { 200: SourceList },
    handle: async () => ({ data: (await sources.all()).map(viewOf) }),
  });
  testRoute(api, deps);
  eventsRoute(api, deps);
}

/** A setting that is not sent stays, so that a new secret takes nothing else away; `null` does. */
const settled = <T>(sent: T | null | undefined, before: T | undefined): T | undefined =>
  sent === null ? undefined : (sent ?? before);

/** Without the captcha's secret. */
function shownGate({ captcha, ...gate }: GateSettings = standardGate) {
  if (!captcha) return gate;
  const { secret: _secret, tokenField = tokenFields[captcha.provider], ...shown } = captcha;
  return { ...gate, captcha: { ...shown, tokenField } };
}

function testRoute(api: Api, { sources, clock }: ApiDeps): void {
  route(api, {
    method: 'post',
    path: '/v1/sources/:source/test',
    tag,
    summary: 'Read a sample as the source would, without writing anything',
    description: 'The signature is not asked for.',
    scope: 'admin',
    params: SourceParams,
    body: SourceTestBody,
    replies: { 200: SourceTested },
    errors: ['unknown_source'],
    handle: async ({ params, body }) => {
      const known = await sourceNamed(sources, params.source);
      const source = present({ ...known, mapping: body.mapping ?? known.mapping });
      const issues = mappingIssues(source.mapping ?? {});
      if (issues.length > 0) throw invalid(issues);
      const scheme = webhookSchemes[source.kind];
      const delivery = sampleOf(body, scheme.contentType ?? 'application/json', clock.now());
      const events = scheme.events(await readPayload(scheme, delivery), delivery);
      return { events: events.map((event) => tested(source, event)) };
    },
  });
}

function eventsRoute(api: Api, { sources, events }: ApiDeps): void {
  route(api, {
    method: 'get',
    path: '/v1/sources/:source/events',
    tag,
    summary: 'Genuine events that made no lead when they came, newest first',
    scope: 'admin',
    params: SourceParams,
    query: EventQuery,
    replies: { 200: EventList },
    errors: ['unknown_source'],
    handle: async ({ params, query: { state, limit, startingAfter } }) => {
      const { name: source } = await sourceNamed(sources, params.source);
      const page = await events.list({ source, state, limit, startingAfter });
      return { ...page, data: page.data.map(({ source: _source, ...event }) => present(event)) };
    },
  });
}

async function sourceNamed(sources: ApiDeps['sources'], name: string): Promise<SourceConfig> {
  const source = (await sources.all()).find((one) => one.name === name);
  if (!source) throw new ApiError('unknown_source', 'There is no source with this name.');
  return source;
}

function sampleOf(
  { body, headers }: z.output<typeof SourceTestBody>,
  contentType: string,
  nowMs: number,
): Delivery {
  const sent = new Map(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? null);
  const standard = new Map([['content-type', contentType]]);
  return {
    method: 'POST',
    url: '',
    header: (name) => sent.get(name) ?? standard.get(name),
    headerNames: [...new Set([...sent.keys(), ...standard.keys()])],
    body: Buffer.from(text),
    nowMs,
  };
}

function tested(source: SourceConfig, event: WebhookEvent) {
  const { id: eventId, type, nature } = event;
  if (nature !== 'lead') {
    const fetching = nature === 'id_only' && fetchesLeads(source);
    return present({ eventId, type, status: fetching ? ('fetching' as const) : nature, findings: [] });
  }
  const { fields, found, issues, isSpam, eventId: mappedId } = mapEvent(source, event);
  const lead = fields ?? found;
  return present({
    eventId: mappedId ?? eventId,
    type,
    status: isSpam ? ('spam' as const) : fields ? ('received' as const) : ('dead_lettered' as const),
    lead: typeof lead === 'object' && lead !== null ? { ...lead } : undefined,
    findings: [...issues, ...unfound(source.mapping ?? {}, event.data)],
  });
}

/** Secrets, newest first: what expired stays so, and a secret of another kind of source is of no use to this one. */
function rotated(
  before: SourceConfig | undefined,
  { kind, secret, previousValidUntil }: z.output<typeof SourceBody>,
  nowMs: number,
): Pick<SourceConfig, 'secrets'> & { readonly previousUntil: SourceConfig['previousUntil'] | undefined } {
  const live = before?.kind === kind ? liveSecrets(before, nowMs) : [];
  if (live[0] === secret)
    return { secrets: live, previousUntil: previousValidUntil ?? before?.previousUntil };
  const earlier = live.filter((known) => known !== secret);
  return { secrets: [secret, ...earlier].slice(0, 2), previousUntil: previousValidUntil };
}

function refuseUnusable(name: string, body: z.output<typeof SourceBody>): void {
  const { kind, secret, verifyToken, accessToken, oauth, mapping } = body;
  const issues: Issue[] = [...mappingIssues(mapping ?? {})];
  if (name === crmSource || name === importSource)
    issues.push({ path: 'source', message: 'is built in', expected: 'another name' });
  const expected =
    webhookSchemes[kind].secretFault?.(secret) ?? (secret.length < 8 ? 'at least 8 characters' : undefined);
  if (expected !== undefined)
    issues.push({ path: 'secret', message: 'cannot sign anything safely', expected });
  if (kind === 'meta' && verifyToken === undefined)
    issues.push({
      path: 'verifyToken',
      message: 'is missing',
      expected: 'the word typed into "Verify token"',
    });
  if (kind !== 'meta' && verifyToken !== undefined)
    issues.push({
      path: 'verifyToken',
      message: 'is of no use here',
      expected: 'only for sources of kind meta',
    });
  if (accessToken !== undefined && webhookSchemes[kind].fetchesLeads !== true)
    issues.push({
      path: 'accessToken',
      message: 'is of no use here',
      expected: 'only for sources of kind meta, linkedin or hubspot',
    });
  if (oauth !== undefined && !(webhookSchemes[kind].fetchesLeads === true && kind !== 'meta'))
    issues.push({
      path: 'oauth',
      message: 'is of no use here',
      expected: 'only for sources of kind linkedin or hubspot',
    });
  if (accessToken !== undefined && oauth !== undefined)
    issues.push({ path: 'oauth', message: 'comes with an accessToken', expected: 'one of the two' });
  if (issues.length > 0) throw invalid(issues);
}
