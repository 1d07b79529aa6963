import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { errorTable, type ErrorCode } from './errors';
import type { RouteSpec } from './route';
import { Problem } from './schemas/common';
import { z } from './schemas/zod';

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

/** The document of all registered operations. */
export function buildOpenApi(operations: readonly RouteSpec[], publicUrl: string): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  const bearer = registry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key (`lr_…`) with the scope the operation names',
  });
  for (const operation of operations) registry.registerPath(describe(operation, bearer.name));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'lead-router',
      version: '1.0.0',
      description:
        'Takes in sales leads, routes each to one owner and watches the clock. Errors are RFC 9457 problem details with a stable `code`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
  });
}

function describe(spec: RouteSpec, bearer: string): RouteConfig {
  const headers = Object.entries(spec.headers ?? {}).map(
    ([name, description]) => [name, z.string().optional().meta({ description })] as const,
  );
  const scope = spec.scope === undefined ? '' : `Scope: \`${spec.scope}\`.`;
  return {
    method: spec.method,
    path: spec.path.replace(/:(\w+)/g, '{$1}'),
    operationId: operationId(spec),
    tags: [spec.tag],
    summary: spec.summary,
    description: [spec.description, scope].filter(Boolean).join(' '),
    security: spec.scope === undefined ? [] : [{ [bearer]: [] }],
    request: {
      ...(spec.params ? { params: spec.params } : {}),
      ...(spec.query ? { query: spec.query } : {}),
      ...(headers.length > 0 ? { headers: z.object(Object.fromEntries(headers)) } : {}),
      ...bodyOf(spec),
    },
    responses: { ...successes(spec), ...refusals(spec) },
  };
}

function bodyOf(spec: RouteSpec): Pick<NonNullable<RouteConfig['request']>, 'body'> {
  if (spec.body)
    return {
      body: {
        required: spec.bodyAs !== 'optional-json',
        content: { 'application/json': { schema: spec.body } },
      },
    };
  if (spec.bodyAs === undefined) return {};
  const schema = spec.bodyAs === 'text' ? z.string() : z.looseObject({});
  return {
    body: {
      required: true,
      content: Object.fromEntries((spec.contentTypes ?? []).map((type) => [type, { schema }])),
    },
  };
}

function successes(spec: RouteSpec): RouteConfig['responses'] {
  const entries = Object.entries(spec.replies).map(([status, schema]) => {
    const content = schema === null ? {} : { content: { 'application/json': { schema } } };
    return [status, { description: 'Done', ...content }] as const;
  });
  return Object.fromEntries(entries);
}

/** Refusals by status; several codes share one. */
function refusals(spec: RouteSpec): RouteConfig['responses'] {
  const codes = new Set<ErrorCode>(spec.errors ?? []);
  if (spec.scope !== undefined)
    for (const code of ['unauthenticated', 'missing_scope', 'rate_limited'] as const) codes.add(code);
  if (spec.body)
    for (const code of ['malformed_body', 'payload_too_large', 'unsupported_media_type'] as const)
      codes.add(code);
  if (spec.body ?? spec.query) codes.add('invalid_request');
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes)
    byStatus.set(errorTable[code].status, [...(byStatus.get(errorTable[code].status) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, sharing]) => [
      String(status),
      {
        description: sharing.map((code) => `\`${code}\`: ${errorTable[code].title}`).join('; '),
        content: { 'application/problem+json': { schema: Problem } },
      },
    ]),
  );
}

/** `GET /v1/leads/:leadId` → `getV1LeadsLeadId`. */
function operationId({ method, path }: RouteSpec): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter(Boolean);
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
