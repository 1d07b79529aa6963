import type { SourceConfig } from '../ports';
import type { ApiDeps } from '../deps';
import { ApiError, invalid, type Issue } from '../errors';
import { present } from '../present';
import { route, type Api, type Call } from '../route';
import { LeadAccepted } from '../schemas/leads';
import { SourceBody, SourceList, SourceParams, SourceView } from '../schemas/operations';
import { z } from '../schemas/zod';
import { CrmChangeAccepted, crmSource, takeCrmChange } from '../webhooks/crm-change';
import { mappingIssues } from '../webhooks/mapping';
import { genuine, jsonOf, leadOf, webhookSchemes } from '../webhooks/receive';
import type { Delivery } from '../webhooks/scheme';
import type { SourceBook } from '../webhooks/source-book';
import { standardWebhooks } from '../webhooks/standard-webhooks';
import { acceptedReply } from './intake';

/** `POST /v1/webhooks/{source}`: each source proves itself by its own scheme. */
export function webhookRoutes(api: Api, deps: ApiDeps, book: SourceBook): void {
  route(api, {
    method: 'post',
    path: '/v1/webhooks/:source',
    tag: 'webhooks',
    summary: 'Take in what a source sends',
    description:
      'Verified on the raw bytes by the scheme of the source. `crm` is built in and takes changes made in the CRM.',
    params: z.object({ source: z.string() }),
    bodyAs: 'bytes',
    contentTypes: ['application/json'],
    replies: { 202: z.union([LeadAccepted, CrmChangeAccepted]) },
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
    ],
    handle: async (call) => {
      const { source } = call.params;
      const delivery = { header: call.header, body: call.bytes, nowMs: deps.clock.now() };
      return source === crmSource
        ? crmChange(deps, delivery, call)
        : lead(deps, await sourceOf(book, source, call), delivery, call);
    },
  });
}

type Spend = Pick<Call<undefined, undefined, undefined>, 'spend'>;

async function sourceOf(book: SourceBook, name: string, { spend }: Spend): Promise<SourceConfig> {
  const source = await book.find(name);
  if (source) return source;
  await spend(undefined);
  throw new ApiError(
    'unknown_source',
    'There is no source with this name; make it with PUT /v1/sources/{source}.',
  );
}

async function lead({ intake }: ApiDeps, source: SourceConfig, delivery: Delivery, { spend }: Spend) {
  const verdict = webhookSchemes[source.kind].verify(source.secrets, delivery);
  // A forger spends his own address, never the budget of the source.
  await spend(verdict.ok ? `source/${source.name}` : undefined);
  const accepted = leadOf(source, delivery, genuine(verdict));
  await intake.accept(accepted);
  return acceptedReply(accepted);
}

async function crmChange(deps: ApiDeps, delivery: Delivery, { spend }: Spend) {
  if (deps.crmSecret === undefined)
    throw new ApiError('unknown_source', 'No CRM is configured that sends changes here.');
  const verdict = standardWebhooks.verify([deps.crmSecret], delivery);
  await spend(verdict.ok ? `source/${crmSource}` : undefined);
  genuine(verdict);
  return takeCrmChange(deps, jsonOf(delivery).json);
}

/** Making and rotating sources. */
export function sourceRoutes(api: Api, { sources, publicUrl }: ApiDeps, book: SourceBook): void {
  const viewOf = ({ name, kind, secrets, mapping }: SourceConfig) =>
    present({
      source: name,
      kind,
      liveSecrets: secrets.length,
      mapping,
      url: `${publicUrl().replace(/\/$/, '')}/v1/webhooks/${name}`,
    });
  route(api, {
    method: 'put',
    path: '/v1/sources/:source',
    tag: 'webhooks',
    summary: 'Make a source, or rotate its secret',
    description: 'After a rotation the secret before stays valid until the next one.',
    scope: 'admin',
    params: SourceParams,
    body: SourceBody,
    replies: { 200: SourceView },
    handle: async ({ params: { source: name }, body: { kind, secret, mapping } }) => {
      refuseUnusable(name, kind, secret, mapping);
      const before = (await sources.all()).find((source) => source.name === name);
      const source = present({ name, kind, secrets: rotated(before, kind, secret), mapping });
      await sources.put(source);
      await book.reload();
      return viewOf(source);
    },
  });
  route(api, {
    method: 'get',
    path: '/v1/sources',
    tag: 'webhooks',
    summary: 'List sources, without their secrets',
    scope: 'admin',
    replies: { 200: SourceList },
    handle: async () => ({ data: (await sources.all()).map(viewOf) }),
  });
}

/** Live secrets, newest first. A secret of another kind of source is of no use to this one. */
function rotated(
  before: SourceConfig | undefined,
  kind: SourceConfig['kind'],
  secret: string,
): readonly string[] {
  const earlier = before?.kind === kind ? before.secrets.filter((known) => known !== secret) : [];
  if (before?.kind === kind && before.secrets[0] === secret) return before.secrets;
  return [secret, ...earlier].slice(0, 2);
}

function refuseUnusable(
  name: string,
  kind: SourceConfig['kind'],
  secret: string,
  mapping: SourceConfig['mapping'],
): void {
  const issues: Issue[] = [...mappingIssues(mapping ?? {})];
  if (name === crmSource) issues.push({ path: 'source', message: 'is built in', expected: 'another name' });
  const key = secret.replace(/^whsec_/, '');
  const expected =
    kind === 'generic' ? 'at least 8 characters' : 'base64 of at least 8 bytes, with or without whsec_';
  const usable =
    kind === 'generic'
      ? secret.length >= 8
      : /^[A-Za-z0-9+/_-]+={0,2}$/.test(key) && Buffer.from(key, 'base64').length >= 8;
  if (!usable) issues.push({ path: 'secret', message: 'cannot sign anything safely', expected });
  if (issues.length > 0) throw invalid(issues);
}
