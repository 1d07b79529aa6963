import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { NothingDurableError } from '../../../api/errors';
import { keys, startApi, type Answer, type CallOptions, type TestApi } from './support';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const good = {
  firstName: 'Ada',
  lastName: 'Okafor',
  email: 'ada@example.com',
  company: 'Example GmbH',
  unknown: { nested: [1, 2] },
};
const post = (options: CallOptions): Promise<Answer> =>
  api.call('POST', '/v1/leads', { as: 'intake', ...options });
const raw = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> =>
  post({ body, headers: { 'content-type': 'application/json', ...headers } });
const fieldsOf = (answer: Answer): string[] =>
  (answer.json.issues as { path: string }[]).map(({ path }) => path);

describe('a good lead', () => {
  test('is accepted with its links, and kept as it was sent', async () => {
    const answer = await post({ json: good });
    expect(answer.status).toBe(202);
    const { id } = answer.json;
    expect(answer.json).toEqual({
      id: expect.stringMatching(/^lead_[0-9a-f]{26}$/),
      status: 'received',
      workflowId: `lead/${id}`,
      links: { self: `/v1/leads/${id}`, explanation: `/v1/leads/${id}/explanation` },
    });
    const [lead] = api.world.accepted;
    expect(lead).toMatchObject({
      leadId: id,
      source: 'api',
      rawBody: JSON.stringify(good),
      receivedAt: '2026-11-24T09:00:00.000Z',
    });
    expect(lead?.fields).toEqual({
      firstName: 'Ada',
      lastName: 'Okafor',
      email: 'ada@example.com',
      company: 'Example GmbH',
    });
  });

  test.each([
    [
      'empty fields of a form',
      { email: 'a@b.co', phone: '', firstName: '   ', utm: '' },
      { email: 'a@b.co' },
    ],
    [
      'null for "no value"',
      { email: null, phone: '+49 89 123456', consent: null },
      { phone: '+49 89 123456' },
    ],
    ['spaces around values', { email: '  a@b.co ', city: ' Köln\n' }, { email: 'a@b.co', city: 'Köln' }],
    ['an international address', { email: 'дима@пример.рф' }, { email: 'дима@пример.рф' }],
    [
      'an address with tag, dots and quotes',
      { email: "o'neil+x.y@sub-domain.example.museum" },
      { email: "o'neil+x.y@sub-domain.example.museum" },
    ],
    ['an extension', { phone: '(089) 123-456 ext. 12' }, { phone: '(089) 123-456 ext. 12' }],
    ['digits of another script', { phone: '٠١٢٣٤٥٦' }, { phone: '٠١٢٣٤٥٦' }],
    [
      'lines in a message',
      { email: 'a@b.co', message: 'one\n\ttwo' },
      { email: 'a@b.co', message: 'one\n\ttwo' },
    ],
    ['emoji', { email: 'a@b.co', firstName: '👩‍🚀' }, { email: 'a@b.co', firstName: '👩‍🚀' }],
    [
      'campaign parameters',
      { email: 'a@b.co', utm: { source: 'x' } },
      { email: 'a@b.co', utm: { source: 'x' } },
    ],
    [
      'keys of the prototype',
      JSON.parse('{"email":"a@b.co","__proto__":{"admin":true},"constructor":{"prototype":1}}'),
      { email: 'a@b.co' },
    ],
  ])('may have %s', async (_name, body, fields) => {
    expect((await post({ json: body })).status).toBe(202);
    expect(JSON.parse(JSON.stringify(api.world.accepted[0]?.fields))).toEqual(fields);
  });

  test('may start with a byte order mark and name its charset', async () => {
    expect(
      (await raw(`\ufeff${JSON.stringify(good)}`, { 'content-type': 'application/json; charset=UTF-8' }))
        .status,
    ).toBe(202);
    expect((await raw(JSON.stringify(good), { 'content-type': 'application/vnd.acme+json' })).status).toBe(
      202,
    );
  });
});

describe('the same lead again', () => {
  const idOf = async (options: CallOptions): Promise<string> => {
    const answer = await post(options);
    expect(answer.status).toBe(202);
    return answer.json.id as string;
  };
  const withKey = (key: string, json: unknown): CallOptions => ({
    json,
    headers: { 'idempotency-key': key },
  });

  test('has the same id when content is the same, however it is written', async () => {
    const id = await idOf({ json: { email: 'a@b.co', x: { b: 1, a: [2] } } });
    expect(
      await idOf({
        body: '{ "x": {"a":[2], "b":1},\n "email":"a@b.co " }',
        headers: { 'content-type': 'application/json' },
      }),
    ).toBe(id);
    expect(await idOf({ json: { email: 'a@b.co', x: { b: 1, a: [3] } } })).not.toBe(id);
  });

  test('has the same id with the same Idempotency-Key, whatever the body says', async () => {
    const id = await idOf(withKey('k-1', { email: 'a@b.co' }));
    expect(await idOf(withKey('k-1', { email: 'other@b.co', source: 'elsewhere', externalId: '7' }))).toBe(
      id,
    );
    expect(await idOf(withKey('k-2', { email: 'a@b.co' }))).not.toBe(id);
  });

  test('is another one when another sender uses the same Idempotency-Key or id, and stays with a new key', async () => {
    const ownId = { json: { email: 'a@b.co', externalId: '7' } };
    const ofIntake = [await idOf(withKey('1001', good)), await idOf(ownId)];
    const other = { as: 'admin' } as const;
    const ofOther = [await idOf({ ...withKey('1001', good), ...other }), await idOf({ ...ownId, ...other })];
    expect(new Set([...ofIntake, ...ofOther]).size).toBe(4);
    expect(await idOf({ json: good, ...other })).toBe(await idOf({ json: good }));

    const key = await api.call('POST', '/v1/keys', {
      as: 'admin',
      json: { name: 'intake key', scopes: ['intake'] },
    });
    const headers = { authorization: `Bearer ${String(key.json.key)}` };
    expect(await idOf({ ...ownId, as: null, headers })).toBe(ofIntake[1]);
  });

  test('has the same id with the same external id of the same source', async () => {
    const id = await idOf({ json: { email: 'a@b.co', source: 'shop', externalId: '7' } });
    expect(await idOf({ json: { email: 'x@b.co', source: 'shop', externalId: '7' } })).toBe(id);
    expect(await idOf({ json: { email: 'a@b.co', source: 'fair', externalId: '7' } })).not.toBe(id);
  });

  test('is not confused by integers that JavaScript would round', async () => {
    const id = await idOf({
      body: '{"email":"a@b.co","form":12345678901234567890}',
      headers: { 'content-type': 'application/json' },
    });
    expect(
      await idOf({
        body: '{"email":"a@b.co","form":12345678901234567891}',
        headers: { 'content-type': 'application/json' },
      }),
    ).not.toBe(id);
  });

  test('needs a usable Idempotency-Key', async () => {
    const answer = await post(withKey('x'.repeat(256), good));
    expect([answer.status, fieldsOf(answer)]).toEqual([422, ['Idempotency-Key']]);
  });
});

describe('bad input names the field', () => {
  const deep = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`;
  test.each<[string, unknown, string[]]>([
    ['neither e-mail nor phone', { firstName: 'Ada' }, ['email', 'phone']],
    ['empty e-mail and no phone', { email: ' ' }, ['email', 'phone']],
    ['an e-mail without @', { email: 'not-an-email' }, ['email']],
    ['an e-mail with two @', { email: 'a@b@c.de' }, ['email']],
    ['an e-mail with spaces', { email: 'a b@c.de' }, ['email']],
    ['an e-mail without a dot in its domain', { email: 'a@localhost' }, ['email']],
    ['an e-mail with an empty label', { email: 'a@b..de' }, ['email']],
    ['an e-mail without a name', { email: '@b.de' }, ['email']],
    ['an e-mail of 400 characters', { email: `${'a'.repeat(400)}@b.de` }, ['email']],
    ['a phone number of letters', { phone: 'call me maybe' }, ['phone']],
    ['a phone number of 3 digits', { phone: '110' }, ['phone']],
    ['a name of 10,000 characters', { email: 'a@b.co', firstName: 'x'.repeat(10_000) }, ['firstName']],
    ['a message of 10,001 characters', { email: 'a@b.co', message: 'x'.repeat(10_001) }, ['message']],
    ['NUL in a name', { email: 'a@b.co', lastName: 'O\u0000k' }, ['lastName']],
    ['an escape character', { email: 'a@b.co', company: 'x\u001b[2J' }, ['company']],
    ['a lone surrogate', { email: 'a@b.co', city: '\ud800' }, ['city']],
    ['a number for text', { email: 'a@b.co', phone: 4_989_123_456 }, ['phone']],
    ['text for a truth value', { email: 'a@b.co', consent: 'yes' }, ['consent']],
    ['a list for text', { email: ['a@b.co'] }, ['email']],
    ['an object for text', { email: 'a@b.co', title: {} }, ['title']],
    ['a number in utm', { email: 'a@b.co', utm: { campaign: 7 } }, ['utm.campaign']],
    ['NUL in utm', { email: 'a@b.co', utm: { campaign: '\u0000' } }, ['utm.campaign']],
    ['a list as body', [good], ['']],
    ['a number as body', 7, ['']],
    ['null as body', null, ['']],
    ['text as body', 'lead', ['']],
    ['several at once', { email: 'x', phone: 'y', firstName: 1 }, ['firstName', 'email', 'phone']],
  ])('%s', async (_name, body, fields) => {
    const answer = await post({ json: body });
    expect([answer.status, answer.json.code]).toEqual([422, 'invalid_request']);
    expect(fieldsOf(answer).sort()).toEqual([...fields].sort());
    for (const issue of answer.json.issues)
      expect([typeof issue.message, issue.expected.length > 0]).toEqual(['string', true]);
    expect(api.world.accepted).toEqual([]);
  });

  test.each<[string, string | Buffer, RegExp]>([
    ['no body', '', /position 0/],
    ['text that is not JSON', 'email=a@b.co', /position 0/],
    ['JSON that ends early', '{"email":"a@b.co"', /position 17/],
    ['a comma too many, on line two', '{"email":"a@b.co",\n}', /line 2, column 1/],
    ['a raw NUL byte', '{"email":"a\u0000@b.co"}', /position 11/],
    ['a raw NUL byte after the body', '{"email":"a@b.co"}\u0000', /position 18/],
    ['a broken escape', '{"email":"a\\x@b.co"}', /position 11/],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), /UTF-8/],
    ['an overlong encoding', Buffer.from([0x22, 0xc0, 0x80, 0x22]), /UTF-8/],
    ['UTF-16', Buffer.from(JSON.stringify(good), 'utf16le'), /JSON/],
    ['40 levels of objects', deep, /deeper than 32/],
    ['100,000 levels of lists', '['.repeat(100_000), /deeper than 32/],
  ])('%s is 400 and says where', async (_name, body, detail) => {
    const answer = await raw(body);
    expect([answer.status, answer.json.code]).toEqual([400, 'malformed_body']);
    expect(answer.json.detail).toMatch(detail);
    expect(answer.json.detail).not.toContain('a@b.co');
  });

  test.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/json; charset=iso-8859-1'],
    ['application/jsonp'],
    [''],
  ])('content type "%s" is 415', async (type) => {
    expect((await raw(JSON.stringify(good), { 'content-type': type })).status).toBe(415);
  });

  test('a body over 256 KB is 413, with and without a length', async () => {
    const huge = JSON.stringify({ email: 'a@b.co', filler: 'x'.repeat(300 * 1_024) });
    expect((await raw(huge)).status).toBe(413);
    const stream = new ReadableStream({
      start(controller) {
        for (let index = 0; index < 300; index += 1) controller.enqueue(new Uint8Array(1_024).fill(32));
        controller.close();
      },
    });
    const chunked = await fetch(`${api.url}/v1/leads`, {
      method: 'POST',
      headers: { authorization: 'Bearer lr_intake-key-for-tests', 'content-type': 'application/json' },
      body: stream,
      duplex: 'half',
    });
    expect(chunked.status).toBe(413);
  });

  test('a body that never ends is answered and cut off, not read to the end', async () => {
    // Who is still sending may find the connection gone before he reads the answer.
    const end = await new Promise<number | 'cut'>((resolve) => {
      const headers = { authorization: `Bearer ${keys.intake}`, 'content-type': 'application/json' };
      const sending = request(`${api.url}/v1/leads`, { method: 'POST', headers });
      const chunk = Buffer.alloc(1024 * 1024, 32);
      const more = (): void => {
        if (!sending.destroyed) sending.write(chunk, () => setImmediate(more));
      };
      sending.once('response', (response) => {
        resolve(response.statusCode ?? 0);
        sending.destroy();
      });
      sending.once('error', () => {
        resolve('cut');
      });
      more();
    });
    expect([413, 'cut']).toContain(end);
    expect(api.world.accepted).toEqual([]);
    expect(api.world.logs.some((line) => line.includes('request failed'))).toBe(false);
  });

  test.each([
    ['gzip', gzipSync(Buffer.alloc(64 * 1_024 * 1_024))],
    ['br', Buffer.from('x')],
    ['deflate, gzip', Buffer.from('x')],
  ])('a body compressed with %s is refused unopened', async (encoding, body) => {
    const answer = await raw(body, { 'content-encoding': encoding });
    expect([answer.status, answer.headers.get('accept-encoding')]).toEqual([415, 'identity']);
  });
});

test('when nothing is durable the sender is told to come back', async () => {
  await api.close();
  api = await startApi(() => ({
    intake: { accept: () => Promise.reject(new NothingDurableError('both away')) },
  }));
  const answer = await post({ json: good });
  expect([answer.status, answer.json.code, answer.headers.get('retry-after')]).toEqual([
    503,
    'nothing_durable',
    '5',
  ]);
});

test('no body and no header whatsoever gives 5xx', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.constantFrom('a@b.co', '\u0000', '\ud800', '__proto__', 'constructor'),
  );
  const key = fc.oneof(
    fc.constantFrom(
      'email',
      'phone',
      'firstName',
      'utm',
      'consent',
      'externalId',
      'source',
      'message',
      '__proto__',
      'toString',
    ),
    text,
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(key, tie('any'), { maxKeys: 4 }),
    ),
  })).any;
  const body = fc.oneof(
    fc.dictionary(key, value, { maxKeys: 6 }).map((lead) => Buffer.from(JSON.stringify(lead))),
    fc.json().map((json) => Buffer.from(json)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  );
  const headerValue = fc
    .string({ maxLength: 40 })
    .map((header) => header.replace(/[^\x20-\x7e]/g, '').trim());
  const headers = fc.record(
    {
      'content-type': fc.oneof({ weight: 6, arbitrary: fc.constant('application/json') }, headerValue),
      'idempotency-key': headerValue,
      'x-request-id': headerValue,
      'x-forwarded-for': headerValue,
    },
    { requiredKeys: ['content-type'] },
  );
  await fc.assert(
    fc.asyncProperty(body, headers, async (bytes, given) => {
      const answer = await raw(bytes, given);
      return answer.status < 500;
    }),
    { numRuns: 400 },
  );
  expect(api.world.logs.filter((line) => line.includes('request failed'))).toEqual([]);
}, 60_000);
