import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { startApi, type TestApi } from './support';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const csv = { 'content-type': 'text/csv' };
const file = 'E-Mail;Firma\nada@example.com;Example GmbH\n';
const send = (query = '', body: string | Buffer = file, headers: Record<string, string> = csv) =>
  api.call('POST', `/v1/imports${query}`, { as: 'intake', body, headers });

test('a file is kept before it is answered, and has a run', async () => {
  const { status, json } = await send('?source=fair');
  expect(status).toBe(202);
  expect(json).toMatchObject({
    status: 'queued',
    source: 'fair',
    format: 'csv',
    accepted: 0,
    workflowId: `import/${json.id}`,
    links: { self: `/v1/imports/${json.id}`, errors: `/v1/imports/${json.id}/errors` },
  });
  expect(api.world.files[0]).toMatchObject({
    reading: { source: 'fair', format: 'csv' },
    file: Buffer.from(file),
  });
  expect(api.world.importRuns).toEqual([json.id]);
  expect((await api.call('GET', json.links.self, { as: 'intake' })).json).toEqual(json);
});

test('the same file read in the same way is the same import; read differently it is another one', async () => {
  const ids = await Promise.all(
    ['', '', '?source=fair', `?mapping=${encodeURIComponent('{"email":"E-Mail"}')}`].map(
      async (query) => (await send(query)).json.id,
    ),
  );
  expect([ids[0] === ids[1], new Set(ids).size]).toEqual([true, 3]);
});

test('the mapping of a source is used unless the import brings its own', async () => {
  api.world.sources = [
    { name: 'fair', kind: 'generic', secrets: ['a-secret'], mapping: { email: 'E-Mail' } },
  ];
  await send('?source=fair');
  await send(`?source=fair&mapping=${encodeURIComponent('{"company":"Firma","email":"E-Mail"}')}`);
  expect(api.world.files.map(({ reading }) => reading.mapping)).toEqual([
    { email: 'E-Mail' },
    { company: 'Firma', email: 'E-Mail' },
  ]);
});

test('Temporal being away does not keep a file out', async () => {
  await api.close();
  api = await startApi((deps) => ({
    runs: { ...deps.runs, startImport: () => Promise.reject(new Error('no connection')) },
  }));
  expect((await send()).status).toBe(202);
});

test.each([
  ['an empty file', '', '', 'is empty'],
  ['a source that is no name', '?source=No%20Name', file, 'source'],
  ['a mapping that is no JSON', '?mapping=email', file, 'mapping'],
  ['a mapping to no field', `?mapping=${encodeURIComponent('{"mail":"E-Mail"}')}`, file, 'mapping.mail'],
  ['too many lines', '', '\n'.repeat(200_001), 'too many lines'],
])('%s is refused by name', async (_what, query, body, named) => {
  const { status, text } = await send(query, body);
  expect([status, text.includes(named)]).toEqual([422, true]);
});

const mapped = (mapping: object) => `?mapping=${encodeURIComponent(JSON.stringify(mapping))}`;

test.each([
  ['a header and nothing below it', '', 'E-Mail;Firma\n', csv, '', 'has no lines'],
  ['empty lines', '', '\n\r\n , \n', csv, '', 'has no lines'],
  ['no JSON at all', '', '\n \n', { 'content-type': 'application/x-ndjson' }, '', 'has no lines'],
  ['columns that no lead has', '', 'Firma;Ort\nExample;Berlin\n', csv, '', 'has no column for an e-mail'],
  ['no header', '', 'ada@example.com;Example\nben@example.com;Example\n', csv, '', 'has no column'],
  [
    'a header with an open quote',
    '',
    '"E-Mail;Firma\nada@example.com;Example\n',
    csv,
    '',
    'header has a quote',
  ],
  [
    'a mapping to columns that are not there',
    mapped({ email: 'Mail' }),
    file,
    csv,
    'mapping.email',
    'is no column',
  ],
  ['a mapping without an address', mapped({ company: 'Firma' }), file, csv, 'mapping', 'names neither'],
])('%s can give no lead and is refused', async (_what, query, body, type, path, message) => {
  const { status, json } = await send(query, body, type);
  expect([status, json.issues]).toMatchObject([422, [{ path, message: expect.stringContaining(message) }]]);
  expect(json.detail).not.toContain('ada@');
  expect(api.world.files).toEqual([]);
});

test('what is no text is refused at once, odd characters in a text are not', async () => {
  const zip = Buffer.concat([Buffer.from('PK\x03\x04'), deflateRawSync(randomBytes(600)), Buffer.from('\n')]);
  for (const headers of [csv, { 'content-type': 'application/x-ndjson' }])
    expect((await send('', zip, headers)).json).toMatchObject({ status: 400, code: 'malformed_body' });
  expect((await send('', `${file}b@example.com;a\0b\n`)).status).toBe(202);
  expect((await send('', Buffer.from(`\ufeff${file}`, 'utf16le'))).status).toBe(202);
  const long = Buffer.from(`E-Mail;Firma\n${'ada@example.com;Müller\n'.repeat(8_000)}`);
  expect((await send(mapped({ email: 'E-Mail', company: 'Firma' }), long)).status).toBe(202);
});

test('other content, no key and the wrong scope are refused', async () => {
  expect((await send('', file, { 'content-type': 'application/vnd.ms-excel' })).json.code).toBe(
    'unsupported_media_type',
  );
  expect((await api.call('POST', '/v1/imports', { as: null, body: file, headers: csv })).status).toBe(401);
  expect((await api.call('POST', '/v1/imports', { as: 'read', body: file, headers: csv })).status).toBe(403);
  expect((await send('', Buffer.alloc(20 * 1024 * 1024 + 1, 'a'))).status).toBe(413);
});

test('the error file is CSV or lines of JSON', async () => {
  const { json } = await send();
  const asCsv = await api.call('GET', json.links.errors, { as: 'intake' });
  expect(asCsv.headers.get('content-type')).toContain('text/csv');
  expect(asCsv.text).toBe('line,field,reason\r\n3,"email","is not an ""address"""\r\n');
  const asJson = await api.call('GET', `${json.links.errors}?format=jsonl`, { as: 'intake' });
  expect(JSON.parse(asJson.text)).toEqual({ line: 3, field: 'email', reason: 'is not an "address"' });
});

test('an import is cancelled once; one that nobody knows is 404', async () => {
  const { json } = await send();
  const cancel = () => api.call('POST', `${json.links.self}/cancel`, { as: 'intake' });
  expect((await cancel()).json.status).toBe('cancelled');
  expect((await cancel()).json.code).toBe('import_over');
  const nobody = '/v1/imports/imp_00000000000000000000000000';
  for (const path of [nobody, `${nobody}/errors`])
    expect((await api.call('GET', path, { as: 'intake' })).json.code).toBe('unknown_import');
  expect((await api.call('GET', '/v1/imports/1', { as: 'intake' })).json.code).toBe('not_found');
});
