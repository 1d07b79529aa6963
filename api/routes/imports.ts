import type { ImportFormat, LineFault } from '../../activities/ports-imports';
import { deriveImportId } from '../../domain/ids';
import { toInstant } from '../../domain/instant';
import { importLeadsId } from '../../workflows/contract';
import { bestEffort } from '../best-effort';
import type { ApiDeps } from '../deps';
import { ApiError, invalid } from '../errors';
import { checkFile } from '../imports/check-file';
import type { ImportView as Seen } from '../ports';
import { present } from '../present';
import { ForeignReply, route, type Api } from '../route';
import { FaultsQuery, ImportParams, ImportQuery, ImportView } from '../schemas/imports';
import { z } from '../schemas/zod';
import { mappingIssues, type Mapping } from '../webhooks/mapping';

const tag = 'imports';
/** Held in memory while it is received, as its hash is its name; a lead is a few hundred bytes. */
const fileMax = 20 * 1024 * 1024;

/**
 * Files of leads. Who may send one lead may send many: the id of an import can only be known by who sent the file, and
 * nothing here tells what is in it.
 */
export function importRoutes(api: Api, deps: ApiDeps): void {
  sendRoute(api, deps);
  route(api, {
    method: 'get',
    path: '/v1/imports/:id',
    tag,
    summary: 'How far an import has come',
    scope: 'intake',
    params: ImportParams,
    replies: { 200: ImportView },
    errors: ['unknown_import'],
    handle: async ({ params }) => shown(await importOf(deps, params.id)),
  });
  faultsRoute(api, deps);
  route(api, {
    method: 'post',
    path: '/v1/imports/:id/cancel',
    tag,
    summary: 'Take no more lines of the file in',
    description: 'Leads that were taken in stay. The same file sent again starts over.',
    scope: 'intake',
    params: ImportParams,
    replies: { 200: ImportView },
    errors: ['unknown_import', 'import_over'],
    handle: async ({ params: { id } }) => {
      await importOf(deps, id);
      if (!(await deps.imports.cancel(id, toInstant(deps.clock.now()))))
        throw new ApiError('import_over', 'The import is finished or cancelled already.');
      return shown(await importOf(deps, id));
    },
  });
}

function sendRoute(api: Api, deps: ApiDeps): void {
  const { imports, runs, clock, log } = deps;
  route(api, {
    method: 'post',
    path: '/v1/imports',
    tag,
    summary: 'Take in a file of leads',
    description:
      'CSV with a header line, or one JSON object a line; at most 20 MB and 200 000 lines. Answered once the file is durable; its lines are taken in behind all other leads. A file in which no line can be a lead is refused: one that is no text, has no lines, or no column for an e-mail address or a phone number. The same file read in the same way is the same import.',
    scope: 'intake',
    query: ImportQuery,
    bodyAs: 'bytes',
    bodyLimit: fileMax,
    contentTypes: ['text/csv', 'application/x-ndjson'],
    replies: { 202: ImportView },
    errors: ['malformed_body', 'payload_too_large', 'unsupported_media_type', 'store_unavailable'],
    handle: async ({ query, bytes, header }) => {
      const format = formatOf(header('content-type'));
      const { source } = query;
      const mapping = query.mapping === undefined ? await mappingOf(deps, source) : mappingIn(query.mapping);
      const reading = present({ source, format, mapping });
      checkFile(bytes, reading);
      const id = deriveImportId(bytes, [source, format, mapping ?? null]);
      await imports.open({ id, file: bytes, reading, at: toInstant(clock.now()) });
      // Behind the answer; the reconciliation starts it should this fail.
      void bestEffort(log, 'start of an import', () => runs.startImport(id));
      return shown(await importOf(deps, id));
    },
  });
}

function faultsRoute(api: Api, deps: ApiDeps): void {
  route(api, {
    method: 'get',
    path: '/v1/imports/:id/errors',
    tag,
    summary: 'Lines that are no leads, with the reason',
    description:
      'A file with `line`, `field` and `reason`, as CSV or one JSON object a line; no value of a line is in it.',
    scope: 'intake',
    params: ImportParams,
    query: FaultsQuery,
    replies: { 200: z.unknown() },
    errors: ['unknown_import'],
    handle: async ({ params, query: { format } }) => {
      await importOf(deps, params.id);
      const faults = await deps.imports.faults(params.id);
      const body =
        format === 'csv' ? csvOf(faults) : faults.map((one) => `${JSON.stringify(one)}\n`).join('');
      const type = format === 'csv' ? 'text/csv' : 'application/x-ndjson';
      return new ForeignReply({
        status: 200,
        headers: {
          'content-type': `${type}; charset=utf-8`,
          'content-disposition': `attachment; filename="${params.id}-errors.${format}"`,
        },
        body,
      });
    },
  });
}

async function importOf({ imports }: ApiDeps, id: string): Promise<Seen> {
  const found = await imports.view(id);
  if (!found) throw new ApiError('unknown_import', 'There is no import with this id.');
  return found;
}

function shown(found: Seen): z.input<typeof ImportView> {
  const self = `/v1/imports/${found.id}`;
  return { ...found, workflowId: importLeadsId(found.id), links: { self, errors: `${self}/errors` } };
}

function formatOf(contentType: string | undefined): ImportFormat {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  if (type === 'text/csv') return 'csv';
  if (type === 'application/x-ndjson') return 'jsonl';
  throw new ApiError('unsupported_media_type', 'Send the file as text/csv or application/x-ndjson.');
}

async function mappingOf({ sources }: ApiDeps, name: string): Promise<Mapping | undefined> {
  return (await sources.all()).find((source) => source.name === name)?.mapping;
}

function mappingIn(text: string): Mapping {
  const parsed = z.record(z.string(), z.string()).safeParse(jsonOf(text));
  if (!parsed.success)
    throw invalid([
      { path: 'mapping', message: 'cannot be used', expected: 'a JSON object: lead field → column' },
    ]);
  const issues = mappingIssues(parsed.data);
  if (issues.length > 0) throw invalid(issues);
  return parsed.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function csvOf(faults: readonly ({ readonly line: number } & LineFault)[]): string {
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const rows = faults.map(({ line, field, reason }) => `${String(line)},${quoted(field)},${quoted(reason)}`);
  return ['line,field,reason', ...rows, ''].join('\r\n');
}
