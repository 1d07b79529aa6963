import { createHmac } from 'node:crypto';
import type { SourceConfig } from '../../../api/ports';
import { toInstant } from '../../../domain/instant';
import { recorded } from '../webhooks/recorded';
import { startApi, startMs, type Answer, type TestApi } from './support';

const secret = 'a-secret-of-the-vendor';
const meta: SourceConfig = { name: 'meta', kind: 'meta', secrets: [secret], verifyToken: 'my-verify-token' };
const known: readonly SourceConfig[] = [
  meta,
  { name: 'li', kind: 'linkedin', secrets: [secret] },
  { name: 'google', kind: 'google-ads', secrets: [secret] },
  { name: 'slack', kind: 'slack', secrets: [secret] },
  { name: 'hub', kind: 'hubspot', secrets: [secret] },
  { name: 'seg', kind: 'segment', secrets: [secret] },
  { name: 'ce', kind: 'cloudevents', secrets: [secret] },
  { name: 'type', kind: 'typeform', secrets: [secret] },
  { name: 'zap', kind: 'generic', secrets: [secret] },
];

let api: TestApi;
beforeEach(async () => {
  api = await startApi((_deps, world) => {
    world.sources = [...known];
    return {};
  });
});
afterEach(() => api.close());

const hmac = (algorithm: string, text: string, encoding: 'hex' | 'base64' = 'hex'): string =>
  createHmac(algorithm, secret).update(text).digest(encoding);

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return api.call('POST', `/v1/webhooks/${path}`, {
    as: null,
    body: text,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

const bearer = { authorization: `Bearer ${secret}` };

describe('handshakes', () => {
  const challenge = '?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=';

  test('Meta gets its challenge back as plain text, only with the verify token', async () => {
    const good = await api.call('GET', `/v1/webhooks/meta${challenge}my-verify-token`, { as: null });
    expect([good.status, good.text]).toEqual([200, '1158201444']);
    expect(good.headers.get('content-type')).toContain('text/plain');
    const bad = await api.call('GET', `/v1/webhooks/meta${challenge}${secret}`, { as: null });
    expect([bad.status, bad.json.code, bad.text.includes('1158201444')]).toEqual([
      403,
      'handshake_refused',
      false,
    ]);
  });

  test('LinkedIn gets its code signed, but nobody gets a body signed by it', async () => {
    const code = '890e4665-4dfe-4ab1-b689-ed553bceeed0';
    const good = await api.call('GET', `/v1/webhooks/li?challengeCode=${code}`, { as: null });
    expect(good.json).toEqual({ challengeCode: code, challengeResponse: hmac('sha256', code) });
    const forgery = encodeURIComponent('hmacsha256={"type":"LEAD_ACTION"}');
    expect((await api.call('GET', `/v1/webhooks/li?challengeCode=${forgery}`, { as: null })).status).toBe(
      403,
    );
  });

  test('CloudEvents may ask whether they may send', async () => {
    const answer = await api.call('OPTIONS', '/v1/webhooks/ce', {
      as: null,
      headers: { 'WebHook-Request-Origin': 'emitter.example', 'WebHook-Request-Rate': '120' },
    });
    expect([
      answer.status,
      answer.headers.get('webhook-allowed-origin'),
      answer.headers.get('webhook-allowed-rate'),
    ]).toEqual([200, 'emitter.example', '*']);
  });

  test('Slack gets the challenge of a signed POST', async () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: '3eZbrw1aBm2r' });
    const time = String(startMs / 1_000);
    const headers = {
      'x-slack-request-timestamp': time,
      'x-slack-signature': `v0=${hmac('sha256', `v0:${time}:${body}`)}`,
    };
    expect(await post('slack', body, headers)).toMatchObject({ status: 200, text: '3eZbrw1aBm2r' });
    expect((await post('slack', `${body} `, headers)).status).toBe(401);
  });

  test('other kinds know no GET, unknown sources nothing', async () => {
    expect((await api.call('GET', '/v1/webhooks/zap', { as: null })).json.code).toBe('method_not_allowed');
    expect((await api.call('OPTIONS', '/v1/webhooks/nobody', { as: null })).json.code).toBe('unknown_source');
  });
});

describe('deliveries', () => {
  test('each event of a batch is a lead of its own; a repeat makes none', async () => {
    const batch = ['m1', 'm2'].map((messageId) => ({
      type: 'identify',
      messageId,
      traits: { email: `${messageId}@example.com`, name: 'Ada Okafor' },
    }));
    const body = JSON.stringify([...batch, { type: 'page', messageId: 'm3' }]);
    const first = await post('seg', body, { 'x-signature': hmac('sha1', JSON.stringify(batch[0])) });
    expect(first.status).toBe(202);
    expect(first.json.events.map(({ eventId, status }: Record<string, string>) => [eventId, status])).toEqual(
      [
        ['m1', 'received'],
        ['m2', 'received'],
        ['m3', 'other'],
      ],
    );
    expect(
      api.world.accepted.map(({ eventKey, fields, rawBody }) => [eventKey, fields.email, rawBody]),
    ).toEqual([
      ['m1', 'm1@example.com', JSON.stringify(batch[0])],
      ['m2', 'm2@example.com', JSON.stringify(batch[1])],
    ]);
    expect(api.world.accepted[0]!.fields).toMatchObject({ firstName: 'Ada', lastName: 'Okafor' });
    const again = await post('seg', body, { 'x-signature': hmac('sha1', body) });
    expect(again.json).toEqual(first.json);
    expect(api.world.events).toHaveLength(1);
  });

  test('what happens in Slack is kept without the token that used to prove Slack', async () => {
    const token = 'slack-verification-token';
    const sign = (body: string, type: string) => {
      const time = String(Math.floor(startMs / 1_000));
      const signature = `v0=${hmac('sha256', `v0:${time}:${body}`)}`;
      const headers = { 'x-slack-request-timestamp': time, 'x-slack-signature': signature };
      return post('slack', body, { ...headers, 'content-type': type });
    };
    const form = 'application/x-www-form-urlencoded';
    const click = { type: 'block_actions', token, actions: [{ action_id: 'a', action_ts: '1' }] };
    const answers = [
      await sign(JSON.stringify({ token, type: 'event_callback', event_id: 'E1' }), 'application/json'),
      await sign(new URLSearchParams({ token, command: '/lead' }).toString(), form),
      await sign(new URLSearchParams({ payload: JSON.stringify(click) }).toString(), form),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const kept = api.world.events.map(({ rawBody }) => rawBody);
    expect(kept).toEqual([
      expect.stringContaining('E1'),
      expect.stringContaining('/lead'),
      expect.stringContaining('block_actions'),
    ]);
    expect(kept.join()).not.toContain(token);
  });

  test('a test from Google is acknowledged as Google wants it, kept, and no lead', async () => {
    const form = {
      google_key: secret,
      lead_id: 'L1',
      is_test: true,
      user_column_data: [{ column_id: 'EMAIL', string_value: 'test@example.com' }],
    };
    expect(await post('google', form)).toMatchObject({ status: 200, text: '{}' });
    expect(api.world.events).toMatchObject([{ state: 'test', eventKey: 'L1', source: 'google' }]);
    await post('google', { ...form, lead_id: 'L2', is_test: false, campaign_id: 7 });
    expect(api.world.accepted.map(({ fields }) => fields)).toEqual([
      { email: 'test@example.com', utm: { source: 'google', medium: 'cpc', campaign: '7' } },
    ]);
    expect((await post('google', { ...form, google_key: 'no' })).status).toBe(401);
    expect((await post('google', '{"google_key":')).status).toBe(400);
  });

  test('events that only name a lead are kept until somebody fetches it', async () => {
    const change = (id: string) => ({ field: 'leadgen', value: { leadgen_id: id, form_id: '5' } });
    const body = JSON.stringify({ object: 'page', entry: [{ changes: [change('901'), change('902')] }] });
    const answer = await post('meta', body, { 'x-hub-signature-256': `sha256=${hmac('sha256', body)}` });
    expect([answer.status, answer.text]).toEqual([200, 'EVENT_RECEIVED']);
    expect(api.world.events.map(({ state, eventKey }) => [state, eventKey])).toEqual([
      ['id_only', '901'],
      ['id_only', '902'],
    ]);
    const listed = await api.call('GET', '/v1/sources/meta/events?state=id_only');
    expect(listed.json.data.map(({ eventKey }: { eventKey: string }) => eventKey)).toEqual(['901', '902']);
  });

  test('HubSpot signs the public address, query included', async () => {
    const body = JSON.stringify({
      vid: 1,
      properties: { email: { value: 'hub@example.com' }, firstname: 'Hub' },
    });
    const time = String(api.world.nowMs);
    const signature = (url: string): string => hmac('sha256', `POST${url}${body}${time}`, 'base64');
    const send = (url: string) =>
      post('hub?to=https%3A%2F%2Fa.example', body, {
        'x-hubspot-request-timestamp': time,
        'x-hubspot-signature-v3': signature(url),
      });
    expect((await send(`${api.url}/v1/webhooks/hub?to=https://a.example`)).status).toBe(202);
    expect(api.world.accepted[0]!.fields).toEqual({ email: 'hub@example.com', firstName: 'Hub' });
    expect((await send(`${api.url}/v1/webhooks/hub`)).status).toBe(401);
  });

  test('answers of a Typeform are found by reference, title and kind', async () => {
    const sample = recorded.find(({ id }) => id === 'typeform-valid')!.rawBody;
    const signature = { 'typeform-signature': `sha256=${hmac('sha256', sample, 'base64')}` };
    expect((await post('type', sample, signature)).status).toBe(202);
    expect(api.world.accepted[0]!.fields).toEqual({
      email: 'laura@example.com',
      utm: { source: 'newsletter' },
    });
  });

  test('a plain form is a lead by what its fields are usually called', async () => {
    const form = 'First+Name=Zo%C3%AB&work_email=zoe%40example.com&utm_source=ads&external_id=row-17';
    const answer = await post('zap', form, {
      ...bearer,
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(answer.status).toBe(202);
    expect(api.world.accepted[0]).toMatchObject({
      eventKey: 'row-17',
      rawBody: form,
      fields: { firstName: 'Zoë', email: 'zoe@example.com', utm: { source: 'ads' }, externalId: 'row-17' },
    });
  });

  test('who fills in the field that nobody can see is told nothing, and goes to the gate as such', async () => {
    const mapping = { email: 'email', honeypot: 'fax' };
    await api.call('PUT', '/v1/sources/zap', { json: { kind: 'generic', secret, mapping } });
    const robot = await post('zap', { email: 'robot@example.com', fax: 'x' }, bearer);
    expect([robot.status, robot.json.status]).toEqual([202, 'received']);
    expect((await post('zap', { email: 'ada@example.com', fax: ' ' }, bearer)).json.status).toBe('received');
    expect(api.world.accepted.map(({ fields, door }) => [fields.email, door])).toEqual([
      ['robot@example.com', { honeypot: true }],
      ['ada@example.com', undefined],
    ]);
    // What is no usable lead either is kept, and needs nobody's attention.
    const nonsense = await post('zap', { email: 'x', fax: 'x' }, bearer);
    expect(nonsense.json.events[0].status).toBe('spam');
    expect([api.world.events.map(({ state }) => state), api.world.errors]).toEqual([['spam'], []]);
  });

  test('a CloudEvent is known by its source and id, whatever the mode', async () => {
    const data = { email: 'kim@example.com' };
    const attributes = { specversion: '1.0', type: 'lead', source: '/forms', id: 'ä 1' };
    const structured = await post(
      'ce',
      { ...attributes, data },
      {
        ...bearer,
        'content-type': 'application/cloudevents+json; charset=UTF-8',
      },
    );
    const binary = await post('ce', data, {
      ...bearer,
      'ce-specversion': '1.0',
      'ce-type': 'lead',
      'ce-source': '/forms',
      'ce-id': '%C3%A4%201',
    });
    expect([structured.status, binary.json.id]).toEqual([202, structured.json.id]);
    expect(
      (await post('ce', data, { ...bearer, 'ce-id': '%C0%A0', 'ce-source': '/', 'ce-type': 'x' })).status,
    ).toBe(400);
    expect((await post('ce', { ...attributes, data }, { authorization: 'Bearer x' })).status).toBe(401);
  });

  test('kept events need the database: without it the sender is asked to come again', async () => {
    api.world.postgres = false;
    const form = { google_key: secret, lead_id: 'L1', is_test: true };
    await api.call('GET', '/readyz', { as: null });
    const answer = await post('google', form);
    expect([answer.status, answer.json.code]).toEqual([503, 'store_unavailable']);
  });
});

describe('dead letters', () => {
  test('become leads when the mapping is corrected and the error retried', async () => {
    const answer = await post('zap', { id: 'e1', contact: { mails: ['ada@example.com'] } }, bearer);
    const [event] = answer.json.events;
    expect([answer.status, event.status]).toEqual([202, 'dead_lettered']);
    const [error] = (await api.call('GET', '/v1/errors')).json.data;
    expect(error).toMatchObject({ step: 'map', fingerprint: 'map.zap', leadId: event.leadId });
    const retry = () => api.call('POST', `/v1/errors/${String(error.id)}/retry`);
    expect((await retry()).json).toEqual({ retried: 0 });
    await api.call('PUT', '/v1/sources/zap', {
      json: { kind: 'generic', secret, mapping: { email: '/contact/mails/0' } },
    });
    expect((await retry()).json).toEqual({ retried: 1 });
    expect(api.world.accepted).toMatchObject([
      { leadId: event.leadId, eventKey: 'e1', fields: { email: 'ada@example.com' } },
    ]);
    expect((await retry()).status).toBe(404);
  });
});

describe('trying out a source', () => {
  const sample = { contact: { mails: ['ada@example.com'] } };
  const tryOut = (json: unknown, source = 'zap') => api.call('POST', `/v1/sources/${source}/test`, { json });

  test('shows the lead and what a mapping does not find, and writes nothing', async () => {
    const mapping = { email: 'contact.mails.0', phone: '/contact/phones/0' };
    const answer = await tryOut({ body: sample, mapping });
    expect(answer.json.events).toEqual([
      {
        status: 'received',
        lead: { email: 'ada@example.com' },
        findings: [
          {
            path: 'mapping.phone',
            message: 'finds nothing at /contact/phones/0',
            expected: 'a path to a value',
          },
        ],
      },
    ]);
    const unmapped = (await tryOut({ body: sample })).json.events[0];
    expect([unmapped.status, unmapped.findings[0].path]).toEqual(['dead_lettered', 'email']);
    expect([api.world.accepted, api.world.events]).toEqual([[], []]);
  });

  test('takes forms as text, and says what is wrong with a sample or mapping', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await tryOut({ body: 'email=ada%40example.com', headers })).json.events[0].lead).toEqual({
      email: 'ada@example.com',
    });
    expect((await tryOut({ body: '{' })).json.code).toBe('malformed_body');
    expect((await tryOut({ body: {}, mapping: { surname: 'x' } })).json.issues[0].path).toBe(
      'mapping.surname',
    );
    expect((await tryOut({ body: {} }, 'nobody')).status).toBe(404);
  });
});

describe('rotation', () => {
  test('the secret before is good until its time, and then no longer', async () => {
    const until = toInstant(startMs + 60_000);
    const put = await api.call('PUT', '/v1/sources/zap', {
      json: { kind: 'generic', secret: 'the-new-secret', previousValidUntil: until },
    });
    expect(put.json).toMatchObject({ liveSecrets: 2, previousValidUntil: until });
    const send = async (token: string): Promise<number> =>
      (await post('zap', { email: 'ada@example.com' }, { authorization: `Bearer ${token}` })).status;
    expect([await send(secret), await send('the-new-secret')]).toEqual([202, 202]);
    api.world.nowMs = startMs + 60_000;
    expect([await send(secret), await send('the-new-secret')]).toEqual([401, 202]);
    expect((await api.call('GET', '/v1/sources')).text).not.toContain(secret);
    // A later change of something else does not bring it back.
    const changed = await api.call('PUT', '/v1/sources/zap', {
      json: { kind: 'generic', secret: 'the-new-secret' },
    });
    expect([changed.json.liveSecrets, await send(secret)]).toEqual([1, 401]);
  });

  test('takes nothing else away: a setting that is not sent stays, until null or another kind', async () => {
    const put = (json: object) => api.call('PUT', '/v1/sources/set', { json: { kind: 'generic', ...json } });
    const mapping = { email: 'contact.mail' };
    const gate = { disposableMail: 'accept' };
    await put({ secret: 'the-first-secret', mapping, gate });
    expect((await put({ secret: 'the-second-secret' })).json).toMatchObject({
      liveSecrets: 2,
      mapping,
      gate,
    });
    const without = (await put({ secret: 'the-second-secret', mapping: null, gate: null })).json;
    expect(without).toMatchObject({ gate: { disposableMail: 'reject' } });
    expect(without).not.toHaveProperty('mapping');
    await put({ secret: 'the-second-secret', mapping });
    expect((await put({ kind: 'typeform', secret: 'the-second-secret' })).json).not.toHaveProperty('mapping');
  });

  test('an OAuth client takes the place of an access token, and is never shown', async () => {
    const put = (json: object) =>
      api.call('PUT', '/v1/sources/app', { json: { kind: 'hubspot', secret, ...json } });
    const oauth = { clientId: 'client', refreshToken: 'a-refresh-token' };
    await put({ accessToken: 'a-token-of-the-app' });
    const made = await put({ oauth });
    expect(made.json.fetchesLeads).toBe(true);
    expect(made.text).not.toContain('a-refresh-token');
    const stored = () => api.world.sources.find(({ name }) => name === 'app');
    expect([stored()?.oauth, stored()?.accessToken]).toEqual([oauth, undefined]);
    await put({});
    expect(stored()?.oauth).toEqual(oauth);
    expect((await put({ oauth, accessToken: 'x' })).json.issues[0].path).toBe('oauth');
    expect((await put({ kind: 'generic', oauth })).json.issues[0].path).toBe('oauth');
  });

  test.each(['crm', 'import'])('the name %s is taken', async (name) => {
    const { json } = await api.call('PUT', `/v1/sources/${name}`, { json: { kind: 'generic', secret } });
    expect([json.status, json.issues[0].path]).toEqual([422, 'source']);
  });

  test.each<[unknown, string]>([
    [{ kind: 'meta', secret }, 'verifyToken'],
    [{ kind: 'typeform', secret, verifyToken: 'x' }, 'verifyToken'],
    [{ kind: 'pipedrive', secret: 'no-colon-here' }, 'secret'],
    [{ kind: 'generic', secret, previousValidUntil: 'tomorrow' }, 'previousValidUntil'],
  ])('%j is refused', async (json, field) => {
    const answer = await api.call('PUT', '/v1/sources/x', { json });
    expect([answer.status, answer.json.issues[0].path]).toEqual([422, field]);
  });
});
