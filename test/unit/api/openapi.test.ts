import Ajv2020 from 'ajv/dist/2020';
import fc from 'fast-check';
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

/** The contract's table, without rehearsals and reports, which live elsewhere. */
const contract = `
POST /v1/leads
POST /v1/webhooks/{source}
PUT /v1/sources/{source}
GET /v1/sources
GET /v1/leads
GET /v1/leads/{leadId}
GET /v1/leads/{leadId}/explanation
POST /v1/leads/{leadId}/touches
POST /v1/leads/{leadId}/claim
POST /v1/leads/{leadId}/decline
POST /v1/leads/{leadId}/reassign
POST /v1/leads/{leadId}/snooze
POST /v1/leads/{leadId}/disposition
GET /v1/policy
PUT /v1/policy
GET /v1/policy/versions
GET /v1/policy/versions/{version}
GET /v1/policy/diff
POST /v1/policy/preview
POST /v1/policy/publish
POST /v1/policy/rollback
POST /v1/sla/preview
GET /v1/pools/{pool}/ledger
GET /v1/reps
PUT /v1/reps/{rep}/absence
PUT /v1/reps/{rep}/status
GET /v1/accounting
GET /v1/errors
GET /v1/errors/groups
GET /v1/errors/{id}
POST /v1/errors/{id}/retry
POST /v1/errors/retry
POST /v1/keys
GET /v1/keys
DELETE /v1/keys/{id}
`
  .trim()
  .split('\n');

test('the document has every call of the contract and each route once', async () => {
  const described = operationsOf(await load()).map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect([...described].sort()).toEqual([...contract].sort());
  expect(new Set(operationsOf(await load()).map(({ operation }) => operation.operationId)).size).toBe(
    described.length,
  );
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
    expect(operation.security).toHaveLength(path === '/v1/webhooks/{source}' ? 0 : 1);
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
        const encode = (part: string): string => encodeURIComponent(part.toWellFormed());
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
