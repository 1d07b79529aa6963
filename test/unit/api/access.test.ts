import { hashKey } from '../../../api/auth';
import { keys, startApi, type TestApi } from './support';

let api: TestApi;
afterEach(() => api.close());

describe('keys', () => {
  beforeEach(async () => {
    api = await startApi();
  });

  test.each([
    [null, {}],
    [null, { authorization: 'Bearer lr_wrong' }],
    [null, { authorization: 'Basic bHI6eA==' }],
    [null, { authorization: `Bearer ${keys.read} x` }],
  ])('none or a wrong one is 401 with a challenge', async (as, headers) => {
    const answer = await api.call('GET', '/v1/leads', { as, headers });
    expect([answer.status, answer.json.code]).toEqual([401, 'unauthenticated']);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm=/);
  });

  test('a key without the scope is 403 and names it; admin holds all scopes', async () => {
    const refused = await api.call('POST', '/v1/leads', { as: 'read', json: { email: 'a@b.co' } });
    expect([refused.status, refused.json.code]).toEqual([403, 'missing_scope']);
    expect(refused.json.detail).toContain('"intake"');
    expect((await api.call('POST', '/v1/leads', { as: 'admin', json: { email: 'a@b.co' } })).status).toBe(
      202,
    );
  });

  test('are refused before the body is looked at', async () => {
    expect(
      (
        await api.call('POST', '/v1/leads', {
          as: null,
          body: '{',
          headers: { 'content-type': 'text/plain' },
        })
      ).status,
    ).toBe(401);
  });

  test('are made, shown once, used at once, listed without the key and revoked at once', async () => {
    const made = await api.call('POST', '/v1/keys', { json: { name: 'Shop', scopes: ['intake'] } });
    expect([made.status, made.json.key]).toEqual([201, expect.stringMatching(/^lr_[\w-]{32}$/)]);
    const { id, key } = made.json;
    const send = () =>
      api.call('POST', '/v1/leads', {
        as: null,
        json: { email: 'a@b.co' },
        headers: { authorization: `Bearer ${String(key)}` },
      });
    expect((await send()).status).toBe(202);
    const listed = await api.call('GET', '/v1/keys');
    expect(listed.json.data).toContainEqual({
      id,
      name: 'Shop',
      scopes: ['intake'],
      createdAt: expect.any(String),
    });
    expect(listed.text).not.toMatch(/hash|lr_/);
    expect((await api.call('DELETE', `/v1/keys/${String(id)}`)).status).toBe(204);
    expect((await send()).status).toBe(401);
    expect((await api.call('DELETE', `/v1/keys/${String(id)}`)).status).toBe(404);
  });

  test('cannot revoke themselves', async () => {
    expect((await api.call('DELETE', '/v1/keys/key_admin')).json.code).toBe('key_in_use');
  });

  test.each([
    [{ name: '', scopes: ['read'] }],
    [{ name: 'x', scopes: [] }],
    [{ name: 'x', scopes: ['root'] }],
    [{ name: 'x', scopes: ['read'], ratePerSecond: 0 }],
  ])('%j is 422', async (json) => {
    expect((await api.call('POST', '/v1/keys', { json })).status).toBe(422);
  });

  test('stay known while Postgres is away, and unknown keys ask it at most once a second', async () => {
    expect((await api.call('GET', '/v1/leads')).status).toBe(200);
    api.world.postgres = false;
    api.world.nowMs += 3_600_000;
    expect((await api.call('GET', '/v1/leads')).status).toBe(200);
    const before = api.world.keyLoads;
    for (let index = 0; index < 5; index += 1) {
      expect(
        (await api.call('GET', '/v1/leads', { as: null, headers: { authorization: 'Bearer lr_unknown' } }))
          .status,
      ).toBe(401);
    }
    expect(api.world.keyLoads - before).toBeLessThanOrEqual(1);
  });

  test('made by another process are found on the first use', async () => {
    await api.call('GET', '/v1/leads');
    api.world.nowMs += 2_000;
    const [admin] = api.world.keys;
    if (!admin) throw new Error('no key');
    api.world.keys = [...api.world.keys.filter(({ id }) => id !== 'key_read')];
    api.world.keys.push({ ...admin, id: 'key_new', hash: hashKey('lr_made-elsewhere') });
    expect(
      (
        await api.call('GET', '/v1/leads', {
          as: null,
          headers: { authorization: 'Bearer lr_made-elsewhere' },
        })
      ).status,
    ).toBe(200);
  });

  test('revoked by another process stop working within a minute', async () => {
    expect((await api.call('GET', '/v1/leads', { as: 'read' })).status).toBe(200);
    api.world.keys = api.world.keys.filter(({ id }) => id !== 'key_read');
    api.world.nowMs += 61_000;
    expect((await api.call('GET', '/v1/leads', { as: 'read' })).status).toBe(401);
  });
});

test('without any known key an outage of Postgres is 503, not 401', async () => {
  api = await startApi((_deps, world) => {
    world.postgres = false;
    return {};
  });
  const answer = await api.call('GET', '/v1/leads');
  expect([answer.status, answer.json.code, answer.headers.get('retry-after')]).toEqual([
    503,
    'store_unavailable',
    '5',
  ]);
});

describe('the rate limit', () => {
  test('counts per key, over ten seconds, and says when to come back', async () => {
    api = await startApi(() => ({ ratePerSecond: 1 }));
    const statuses = [];
    for (let index = 0; index < 11; index += 1)
      statuses.push((await api.call('GET', '/v1/leads', { as: 'read' })).status);
    expect(statuses).toEqual([...Array<number>(10).fill(200), 429]);
    const refused = await api.call('GET', '/v1/leads', { as: 'read' });
    expect(refused.json.code).toBe('rate_limited');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await api.call('GET', '/v1/leads', { as: 'admin' })).status).toBe(200);
  });

  test("is the key's own where it has one", async () => {
    api = await startApi((_deps, world) => {
      world.keys = world.keys.map((key) => (key.id === 'key_read' ? { ...key, ratePerSecond: 2 } : key));
      return { ratePerSecond: 1 };
    });
    const statuses = [];
    for (let index = 0; index < 21; index += 1)
      statuses.push((await api.call('GET', '/v1/leads', { as: 'read' })).status);
    expect(statuses.indexOf(429)).toBe(20);
  });

  test('limits strangers by address, and holders of keys stay in', async () => {
    api = await startApi(() => ({ ratePerSecond: 1 }));
    const statuses = [];
    for (let index = 0; index < 12; index += 1)
      statuses.push((await api.call('GET', '/v1/leads', { as: null })).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
    expect((await api.call('GET', '/v1/leads', { as: 'read' })).status).toBe(200);
  });
});

describe('every answer', () => {
  beforeEach(async () => {
    api = await startApi();
  });

  test("has a request id: the caller's own when it is harmless", async () => {
    const own = await api.call('GET', '/v1/nothing', { headers: { 'x-request-id': 'trace-1' } });
    expect([own.headers.get('x-request-id'), own.json.requestId]).toEqual(['trace-1', 'trace-1']);
    const odd = await api.call('GET', '/v1/nothing', { headers: { 'x-request-id': 'a b<script>' } });
    expect(odd.json.requestId).toMatch(/^req_[0-9a-f]{24}$/);
  });

  test('is a problem with code, status and type when it is a refusal', async () => {
    const answer = await api.call('GET', '/v1/leads/lead_nope');
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.json).toEqual({
      type: 'urn:lead-router:error:unknown_lead',
      title: 'No such lead',
      status: 404,
      detail: expect.any(String),
      code: 'unknown_lead',
      requestId: expect.any(String),
    });
  });

  test('has headers that keep browsers out of trouble and does not say what it runs on', async () => {
    const { headers } = await api.call('GET', '/healthz');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
  });

  test('tells a wrong method from a wrong address', async () => {
    const method = await api.call('PATCH', '/v1/leads');
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'POST, GET']);
    expect((await api.call('GET', '/v2/leads')).status).toBe(404);
    expect((await api.call('GET', '/v1/leads/%E0%A4%A')).status).toBe(400);
  });
});

test('an unknown fault is 500 without its text, and logged; logs have neither people nor query strings', async () => {
  api = await startApi((deps) => ({
    leads: { ...deps.leads, view: () => Promise.reject(new Error('password=hunter2')) },
  }));
  const answer = await api.call('GET', '/v1/leads/lead_00000000000000000000000000?email=ada@example.com');
  expect([answer.status, answer.json.code]).toEqual([500, 'internal_error']);
  expect(answer.text).not.toContain('hunter2');
  expect(
    api.world.logs.some((line) => line.includes('hunter2') && line.includes(answer.json.requestId as string)),
  ).toBe(true);
  expect(api.world.logs.join('')).not.toMatch(/ada@example|lr_admin/);
});

test('an outage of the database is 503', async () => {
  api = await startApi((deps) => ({
    leads: {
      ...deps.leads,
      view: () =>
        Promise.reject(
          new Error('query failed', { cause: Object.assign(new Error('x'), { code: '57P01' }) }),
        ),
    },
  }));
  expect((await api.call('GET', '/v1/leads/lead_00000000000000000000000000')).json.code).toBe(
    'store_unavailable',
  );
});
