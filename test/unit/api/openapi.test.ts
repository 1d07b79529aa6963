import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import fc from 'fast-check';
import { toCollection } from '../../../api/collection/collection';
import type { OpenApi } from '../../../api/collection/openapi';
import { leadId, startApi, type TestApi } from './support';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

interface Operation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> };
  readonly responses: Record<
    string,
    { readonly description: string; readonly content?: Record<string, { readonly schema: object }> }
  >;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object>; readonly securitySchemes: object };
}

async function load(): Promise<Document> {
  return (await api.call('GET', '/openapi.json', { as: null })).json as Document;
}
const operationsOf = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

/** Calls that prove themselves by a signature instead of a key. */
const signed = ['/v1/webhooks/{source}', '/v1/slack/interactions'];

/** The contract's table, without rehearsals and reports, which live elsewhere. */
const contract = `
POST /v1/leads intake
POST /v1/webhooks/{source} -
GET /v1/webhooks/{source} -
OPTIONS /v1/webhooks/{source} -
POST /v1/slack/interactions -
PUT /v1/sources/{source} admin
POST /v1/sources/{source}/test admin
GET /v1/sources/{source}/events admin
GET /v1/sources admin
POST /v1/imports intake
GET /v1/imports/{id} intake
GET /v1/imports/{id}/errors intake
POST /v1/imports/{id}/cancel intake
GET /v1/leads read
GET /v1/leads/{leadId} read
GET /v1/leads/{leadId}/explanation read
POST /v1/leads/{leadId}/touches act
POST /v1/leads/{leadId}/claim act
POST /v1/leads/{leadId}/decline act
POST /v1/leads/{leadId}/reassign act
POST /v1/leads/{leadId}/snooze act
POST /v1/leads/{leadId}/disposition act
POST /v1/leads/{leadId}/acknowledge act
POST /v1/leads/{leadId}/hold act
POST /v1/leads/{leadId}/resume act
POST /v1/leads/{leadId}/replies act
POST /v1/leads/{leadId}/release act
PUT /v1/leads/{leadId}/score act
DELETE /v1/leads/{leadId}/score act
GET /v1/policy read
PUT /v1/policy operate
GET /v1/policy/versions read
GET /v1/policy/versions/{version} read
GET /v1/policy/diff read
POST /v1/policy/preview read
POST /v1/policy/publish operate
POST /v1/policy/rollback operate
DELETE /v1/policy/versions/{version}/schedule operate
POST /v1/sla/preview read
GET /v1/pools/{pool}/ledger read
GET /v1/reports/crm read
POST /v1/crm/news act
GET /v1/reps read
PUT /v1/reps/{rep}/absence operate
PUT /v1/reps/{rep}/status operate
GET /v1/accounting read
GET /v1/reviews admin
POST /v1/reviews/{id}/verdict admin
GET /v1/people/{id} admin
POST /v1/people/{id}/merge admin
POST /v1/merges/{id}/undo admin
POST /v1/identity/thresholds admin
POST /v1/identity/models/{version}/publish admin
GET /v1/errors read
GET /v1/errors/groups read
GET /v1/errors/{id} read
POST /v1/errors/{id}/retry operate
POST /v1/errors/retry operate
POST /v1/keys admin
GET /v1/keys admin
DELETE /v1/keys/{id} admin
`
  .trim()
  .split('\n');

test('the document has every call of the contract and each route once', async () => {
  const described = operationsOf(await load()).map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect([...described].sort()).toEqual(contract.map((line) => line.split(' ').slice(0, 2).join(' ')).sort());
  expect(new Set(operationsOf(await load()).map(({ operation }) => operation.operationId)).size).toBe(
    described.length,
  );
});

/** A file in the repository that follows from the code; the fresh one is written to dist/ where it differs. */
function expectCommitted(file: string, content: unknown): void {
  const root = join(__dirname, '../../..');
  const text = `${JSON.stringify(content, null, 2)}\n`;
  if (readFileSync(join(root, file), 'utf8') === text) return;
  const fresh = `dist/${basename(file)}`;
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(join(root, fresh), text);
  throw new Error(`the API serves another document; if that is meant: cp ${fresh} ${file}`);
}

// Clients are generated from the file; a change that breaks them must be seen in review.
test('openapi.json in the repository is what the API serves', async () => {
  expectCommitted('openapi.json', { ...(await load()), servers: [{ url: 'http://127.0.0.1:8080' }] });
});

test('the collection in the repository is made of what the API serves', async () => {
  const collection = toCollection((await load()) as unknown as OpenApi);
  expectCommitted('docs/lead-router.postman_collection.json', collection);
  const requests = collection.item.flatMap(({ item }) => item);
  expect(requests).toHaveLength(operationsOf(await load()).length);
});

test('every call asks for the scope of the contract, and another scope does not do', async () => {
  const scopes = ['intake', 'read', 'act', 'operate'] as const;
  for (const line of contract) {
    const [method = '', path = '', scope = ''] = line.split(' ');
    if (scope === '-') continue;
    const concrete = path.replace('{leadId}', leadId).replace(/\{\w+\}/g, '1');
    const passes: string[] = [];
    for (const as of scopes) {
      if (
        (await api.call(method, concrete, { as, ...(method === 'GET' ? {} : { json: {} }) })).status !== 403
      )
        passes.push(as);
    }
    expect([line, passes]).toEqual([line, scope === 'admin' ? [] : [scope]]);
  }
});

test('the document is sound: references resolve, schemas compile, path parameters are declared, keys are asked for', async () => {
  const document = await load();
  expect(document.openapi).toBe('3.1.0');
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
    ([, name]) => name ?? '',
  );
  expect(references.filter((name) => !(name in document.components.schemas))).toEqual([]);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'doc', ...document });
  for (const name of Object.keys(document.components.schemas))
    expect(() => ajv.compile({ $ref: `doc#/components/schemas/${name}` })).not.toThrow();
  for (const { path, operation } of operationsOf(document)) {
    const declared = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'path')
      .map(({ name }) => name);
    expect([path, declared]).toEqual([path, [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)]);
    expect(operation.security).toHaveLength(signed.includes(path) ? 0 : 1);
    for (const response of Object.values(operation.responses))
      expect(response.description.length).toBeGreaterThan(0);
  }
});

test('answers are what the document says', async () => {
  const document = await load();
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'doc', ...document });
  for (const { path, method, operation } of operationsOf(document)) {
    if (method !== 'get') continue;
    const concrete = path
      .replace('{leadId}', leadId)
      .replace('{version}', '1')
      .replace('{pool}', 'inbound')
      .replace('{id}', 'err_9');
    const answer = await api.call('GET', path === '/v1/policy/diff' ? `${concrete}?to=1` : concrete);
    const content = Object.values(operation.responses[String(answer.status)]?.content ?? {})[0];
    if (!content)
      throw new Error(`${path} answered ${String(answer.status)}, which the document does not have`);
    const schema = JSON.parse(JSON.stringify(content.schema).replaceAll('"#/', '"doc#/')) as object;
    const validate = ajv.compile(schema);
    expect([path, validate(answer.json), validate.errors]).toEqual([path, true, null]);
  }
});

test('the documentation page is served from here alone', async () => {
  const page = await api.call('GET', '/docs', { as: null });
  expect(page.text).not.toMatch(/https?:\/\//);
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  for (const [, path] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
    const asset = await api.call('GET', path ?? '', { as: null });
    expect([path, asset.status]).toEqual([path, 200]);
  }
  expect((await api.call('GET', '/docs/package.json', { as: null })).status).toBe(404);
  expect((await api.call('GET', '/docs/..%2fpackage.json', { as: null })).status).toBe(404);
});

test('no call of the document gives 5xx, whatever it is sent', async () => {
  const operations = operationsOf(await load());
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom('\u0000', leadId, '../..', "'", 'err_1', 'anna', '1'),
  );
  const name = fc.constantFrom(
    'kind',
    'at',
    'for',
    'to',
    'by',
    'reason',
    'outcome',
    'version',
    'lead',
    'calendar',
    'rep',
    'clock',
    'start',
    'durations',
    'from',
    'until',
    'status',
    'fingerprint',
    'name',
    'scopes',
    'secret',
    'mapping',
    'timeZone',
    'week',
    'holidays',
    '__proto__',
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom(
        '30m',
        '2026-11-24T09:00:00Z',
        'call',
        'qualified',
        'Europe/Berlin',
        'business',
        'generic',
      ),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(name, tie('any'), { maxKeys: 6 }),
    ),
  })).any;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...operations),
      fc.array(text, { minLength: 2, maxLength: 2 }),
      fc.dictionary(name, value, { maxKeys: 8 }),
      async ({ path, method }, [first = '', second = ''], body) => {
        const encode = (part: string): string => encodeURIComponent(part.replace(/\p{Cs}/gu, ''));
        const concrete = path.replace(/\{\w+\}/g, () => encode(first) || 'x');
        const query =
          method === 'get'
            ? `?limit=${encode(second)}&status=${encode(first)}&owner=${encode(second)}&to=${encode(second)}&startingAfter=${encode(first)}`
            : '';
        const answer = await api.call(
          method.toUpperCase(),
          concrete + query,
          method === 'get' || method === 'delete' ? {} : { json: body },
        );
        return answer.status < 500;
      },
    ),
    { numRuns: 800 },
  );
}, 60_000);
