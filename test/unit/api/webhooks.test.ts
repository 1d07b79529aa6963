import { createHmac } from 'node:crypto';
import { signWebhook } from '../../../domain/standard-webhooks';
import { RunsUnavailableError, UnknownLeadError } from '../../../api/errors';
import { leadId, startApi, type Answer, type TestApi } from './support';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const token = 'a-generic-secret';
const lead = { email: 'ada@example.com', lastName: 'Okafor' };

let api: TestApi;
beforeEach(async () => {
  api = await startApi((_deps, world) => {
    world.sources = [
      { name: 'forms', kind: 'standard-webhooks', secrets: [secret] },
      { name: 'zap', kind: 'generic', secrets: [token, 'the-one-before'] },
      {
        name: 'ads',
        kind: 'generic',
        secrets: [token],
        mapping: {
          email: 'user.mails.0',
          phone: 'user.phone',
          'utm.campaign': 'campaign',
          consent: 'ok',
          eventId: 'meta.id',
          company: 'form.company name',
        },
      },
    ];
    return {};
  });
});
afterEach(() => api.close());

interface Signed {
  readonly source?: string;
  readonly with?: string;
  readonly id?: string;
  readonly atMs?: number;
  readonly type?: string;
}

function standard(
  body: unknown,
  {
    source = 'forms',
    with: key = secret,
    id = 'msg_1',
    atMs = api.world.nowMs,
    type = 'application/json',
  }: Signed = {},
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { ...signWebhook(key, { id, body: text, nowMs: atMs }), 'content-type': type };
  return api.call('POST', `/v1/webhooks/${source}`, { as: null, body: text, headers });
}

function generic(
  body: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${token}` },
  source = 'zap',
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return api.call('POST', `/v1/webhooks/${source}`, {
    as: null,
    body: text,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

const hmac = (key: string, text: string): string =>
  `sha256=${createHmac('sha256', key).update(text).digest('hex')}`;

describe('Standard Webhooks', () => {
  test('a genuine delivery is a lead of its source; a repeat of the event is the same lead', async () => {
    const first = await standard({ type: 'lead.created', data: lead });
    expect([first.status, first.json.status]).toEqual([202, 'received']);
    expect(api.world.accepted[0]).toMatchObject({ source: 'forms', eventKey: 'msg_1', fields: lead });
    expect((await standard({ type: 'lead.created', data: { ...lead, city: 'Rome' } })).json.id).toBe(
      first.json.id,
    );
    expect((await standard(lead, { id: 'msg_2' })).json.id).not.toBe(first.json.id);
  });

  test.each<[string, Signed, number, string]>([
    ['a wrong secret', { with: 'whsec_d3JvbmctYnV0LWxvbmctZW5vdWdo' }, 401, 'bad_signature'],
    ['six minutes old', { atMs: Date.UTC(2026, 10, 24, 8, 54) }, 400, 'stale_timestamp'],
    ['six minutes early', { atMs: Date.UTC(2026, 10, 24, 9, 6) }, 400, 'stale_timestamp'],
    ['not JSON by its type', { type: 'text/plain' }, 415, 'unsupported_media_type'],
    ['to an unknown source', { source: 'nobody' }, 404, 'unknown_source'],
    ['to a source named like a part of objects', { source: '__proto__' }, 404, 'unknown_source'],
  ])('%s is refused', async (_name, options, status, code) => {
    const answer = await standard(lead, options);
    expect([answer.status, answer.json.code]).toEqual([status, code]);
    expect(api.world.accepted).toEqual([]);
  });

  test('no signature is 401, a changed body too, and neither is parsed', async () => {
    expect((await generic('{', {}, 'forms')).status).toBe(401);
    const headers = signWebhook(secret, { id: 'm', body: '{}', nowMs: api.world.nowMs });
    expect((await generic(lead, { ...headers }, 'forms')).json.code).toBe('bad_signature');
  });

  test('genuine but unusable: 400 when not JSON, a dead letter with its reasons when no lead', async () => {
    expect((await standard('{"email":')).json.code).toBe('malformed_body');
    const answer = await standard({ type: 'x', data: { email: 'nope' } });
    expect([answer.status, answer.json.events[0].status, answer.json.events[0].issues[0].path]).toEqual([
      202,
      'dead_lettered',
      'email',
    ]);
    expect((await standard([1], { id: 'msg_list' })).json.events[0].status).toBe('dead_lettered');
    expect(api.world.events.map(({ reason }) => reason)).not.toContain(undefined);
    expect(JSON.stringify(api.world.errors)).not.toContain('nope');
    expect(api.world.accepted).toEqual([]);
  });
});

describe('generic sources', () => {
  test.each<[string, (text: string) => Record<string, string>, number]>([
    ['the secret as token', () => ({ authorization: `Bearer ${token}` }), 202],
    ['the secret before as token', () => ({ authorization: 'bearer the-one-before' }), 202],
    ['a signature', (text) => ({ 'x-signature': hmac(token, text) }), 202],
    [
      'a signature with the secret before',
      (text) => ({ 'X-Signature': hmac('the-one-before', text).toUpperCase().replace('SHA256', 'sha256') }),
      202,
    ],
    ['a signature of other bytes', (text) => ({ 'x-signature': hmac(token, `${text} `) }), 401],
    [
      'a wrong signature beside the right token',
      () => ({ authorization: `Bearer ${token}`, 'x-signature': 'sha256=00' }),
      401,
    ],
    ['a wrong token', () => ({ authorization: 'Bearer x' }), 401],
    ['nothing', () => ({}), 401],
  ])('with %s', async (_name, headers, status) => {
    expect((await generic(lead, headers(JSON.stringify(lead)))).status).toBe(status);
  });

  test('the id in the body names the event, else the content does', async () => {
    const id = (await generic({ ...lead, id: 77 })).json.id;
    expect((await generic({ ...lead, city: 'Rome', id: 77 })).json.id).toBe(id);
    const byContent = (await generic(lead)).json.id;
    expect((await generic(lead)).json.id).toBe(byContent);
    expect((await generic({ ...lead, city: 'Rome' })).json.id).not.toBe(byContent);
  });

  test('a mapping finds the fields and converts what the sender cannot', async () => {
    const body = {
      user: { mails: ['ada@example.com'], phone: 4_989_123_456 },
      campaign: 12,
      ok: 'yes',
      meta: { id: 9 },
      form: { 'company name': 'Example' },
    };
    expect((await generic(body, undefined, 'ads')).status).toBe(202);
    expect(api.world.accepted[0]).toMatchObject({
      source: 'ads',
      eventKey: '9',
      fields: {
        email: 'ada@example.com',
        phone: '4989123456',
        consent: true,
        utm: { campaign: '12' },
        company: 'Example',
      },
      rawBody: JSON.stringify(body),
    });
    const unmapped = (await generic({ user: null }, undefined, 'ads')).json.events[0];
    expect(unmapped.issues.map(({ path }: { path: string }) => path)).toEqual(['email', 'phone']);
  });
});

describe('sources', () => {
  const put = (source: string, json: unknown) => api.call('PUT', `/v1/sources/${source}`, { json });

  test('are made without ever showing the secret; after a rotation both secrets are good', async () => {
    const old = 'whsec_b2xkLXNlY3JldC1vbGQtc2VjcmV0LW9sZA==';
    const made = await put('new', { kind: 'standard-webhooks', secret: old });
    expect(made.json).toEqual({
      source: 'new',
      kind: 'standard-webhooks',
      liveSecrets: 1,
      gate: { disposableMail: 'reject' },
      url: `${api.url}/v1/webhooks/new`,
    });
    expect((await standard(lead, { source: 'new', with: old })).status).toBe(202);
    expect((await put('new', { kind: 'standard-webhooks', secret })).json.liveSecrets).toBe(2);
    for (const key of [old, secret])
      expect((await standard(lead, { source: 'new', with: key })).status).toBe(202);
    expect((await put('new', { kind: 'standard-webhooks', secret })).json.liveSecrets).toBe(2);
    await put('new', { kind: 'standard-webhooks', secret: 'whsec_dGhpcmQtc2VjcmV0LXRoaXJkLXNlY3JldA==' });
    expect((await standard(lead, { source: 'new', with: old })).status).toBe(401);
    const listed = await api.call('GET', '/v1/sources');
    expect(listed.json.data.map(({ source }: { source: string }) => source)).toContain('new');
    expect(listed.text).not.toMatch(/whsec|secret"/);
  });

  test.each<[string, unknown, string]>([
    ['x', { kind: 'telepathy', secret: 'long-enough' }, 'kind'],
    ['x', { kind: 'generic' }, 'secret'],
    ['x', { kind: 'generic', secret: 'short' }, 'secret'],
    ['x', { kind: 'standard-webhooks', secret: '!!!!!!!!!!!!' }, 'secret'],
    ['x', { kind: 'generic', secret: 'long-enough', mapping: { surname: 'a' } }, 'mapping.surname'],
    ['x', { kind: 'generic', secret: 'long-enough', mapping: { email: '' } }, 'mapping.email'],
    ['crm', { kind: 'generic', secret: 'long-enough' }, 'source'],
  ])('PUT /v1/sources/%s %j is 422', async (source, json, field) => {
    const answer = await put(source, json);
    expect([answer.status, answer.json.issues[0].path]).toEqual([422, field]);
  });

  test('stay known while Postgres is away', async () => {
    expect((await standard(lead)).status).toBe(202);
    api.world.postgres = false;
    api.world.nowMs += 3_600_000;
    expect((await standard(lead, { id: 'msg_9' })).status).toBe(202);
  });
});

describe('changes made in the CRM', () => {
  const change = {
    externalId: 'crm-1',
    field: 'status',
    value: 'qualified',
    at: '2026-11-24T08:59:00Z',
    by: 'mira',
    version: 7,
  };
  const crm = (body: unknown, options: Signed = {}) =>
    standard(body, { source: 'crm', with: api.deps.crmSecret ?? '', ...options });

  test("reach the lead, named by our id or the CRM's", async () => {
    expect(await crm(change)).toMatchObject({ status: 202, json: { leadId, status: 'accepted' } });
    expect((await crm({ leadId, field: 'owner', value: 'ben', at: '2026-11-24T08:59:00Z' })).status).toBe(
      202,
    );
    expect(api.world.crmChanges).toEqual([
      {
        leadId,
        change: {
          field: 'status',
          value: 'qualified',
          at: '2026-11-24T08:59:00.000Z',
          by: 'mira',
          version: '7',
        },
      },
      { leadId, change: { field: 'owner', value: 'ben', at: '2026-11-24T08:59:00.000Z' } },
    ]);
  });

  test('tell the run nothing of a status in words that are not ours', async () => {
    expect((await crm({ ...change, value: 'Zoe called back' })).status).toBe(202);
    expect(api.world.crmChanges).toMatchObject([{ leadId, change: { field: 'status', value: 'other' } }]);
  });

  test('dated in the future count as made now', async () => {
    expect((await crm({ ...change, at: '2027-11-24T09:00:00Z' })).status).toBe(202);
    expect(api.world.crmChanges).toMatchObject([{ change: { at: new Date(api.world.nowMs).toISOString() } }]);
  });

  test('of the record as a whole are kept before the run hears of them', async () => {
    const gone = { externalId: 'crm-1', field: 'record', value: 'deleted', at: '2026-11-24T08:59:00Z' };
    expect((await crm(gone)).status).toBe(202);
    expect(api.world.crmDeleted).toEqual([leadId]);
    expect(api.world.crmChanges).toMatchObject([{ leadId, change: { field: 'record', value: 'deleted' } }]);
  });

  test.each<[string, unknown, string]>([
    ['an unknown record', { ...change, externalId: 'crm-2' }, 'externalId'],
    ['an id that is none', { ...change, leadId: 'x' }, 'leadId'],
    ['no id', { ...change, externalId: undefined }, 'leadId'],
    ['an unknown field', { ...change, field: 'name' }, 'field'],
    ['an unknown word about the record', { ...change, field: 'record', value: 'gone' }, 'value'],
    ['an owner who is no rep id', { ...change, field: 'owner', value: 'Zoe Nowak' }, 'value'],
    ['no value', { ...change, value: '' }, 'value'],
    ['no time', { ...change, at: 'today' }, 'at'],
  ])('with %s are 422', async (_name, body, field) => {
    const answer = await crm(body);
    expect([answer.status, answer.json.issues[0].path]).toEqual([422, field]);
  });

  test("must be signed with the CRM's secret; without one there is no such source", async () => {
    expect((await crm(change, { with: secret })).status).toBe(401);
    await api.close();
    api = await startApi(() => ({ crmSecret: undefined }));
    expect((await crm(change, { with: secret })).json.code).toBe('unknown_source');
  });

  test('are not lost when Temporal is away, and never 404 for a lead without a run', async () => {
    const failing = async (error: Error): Promise<Answer> => {
      await api.close();
      api = await startApi((deps) => ({ runs: { ...deps.runs, crmChanged: () => Promise.reject(error) } }));
      return crm(change);
    };
    expect((await failing(new RunsUnavailableError('x'))).status).toBe(503);
    expect((await failing(new UnknownLeadError('x'))).status).toBe(422);
  });
});

test('a source has a budget of its own that forgers cannot spend', async () => {
  await api.close();
  api = await startApi((_deps, world) => {
    world.sources = [{ name: 'zap', kind: 'generic', secrets: [token] }];
    return { ratePerSecond: 1 };
  });
  const statuses: number[] = [];
  for (let index = 0; index < 12; index += 1)
    statuses.push((await generic(lead, { authorization: 'Bearer forged' })).status);
  expect(statuses.slice(-2)).toEqual([429, 429]);
  expect((await generic(lead)).status).toBe(202);
});
