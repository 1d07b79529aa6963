import { createHmac } from 'node:crypto';
import { startFakeCrm, type FakeCrm } from '../../connectors/crm/fake';
import { signWebhook } from '../../domain/standard-webhooks';
import { leadWhen, startInstance, type Instance } from '../support/instance';
import { until } from '../support/until';

const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
let crm: FakeCrm;
let instance: Instance;

beforeAll(async () => {
  crm = await startFakeCrm({ secret });
  instance = await startInstance({
    namespace: 'intake',
    env: { CRM: 'http', CRM_HTTP_URL: crm.url, CRM_HTTP_SECRET: secret },
  });
});
afterAll(async () => {
  await instance.stop();
  await crm.close();
});

const deliver = <Body = { id: string; code?: string }>(
  source: string,
  body: string,
  headers: Record<string, string>,
) =>
  instance.call<Body>('POST', `/v1/webhooks/${source}`, body, {
    authorization: '',
    ...headers,
  });

test('a Standard Webhooks delivery becomes a lead once, however often it is delivered', async () => {
  expect(
    (await instance.call('PUT', '/v1/sources/forms', { kind: 'standard-webhooks', secret })).status,
  ).toBe(200);
  const body = JSON.stringify({
    type: 'lead.created',
    data: { email: 'hook@standard.example', firstName: 'Hook', favouriteColour: 'green' },
  });
  const headers = { ...signWebhook(secret, { id: 'msg_1', body, nowMs: Date.now() }) };
  const answers = await Promise.all([
    deliver('forms', body, headers),
    deliver('forms', body, headers),
    deliver('forms', body, headers),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
  const lead = await leadWhen(instance, answers[0].body.id, ({ status }) => status === 'assigned');
  const [row] = await instance.sql<{ raw_body: string; source: string }>(
    'SELECT raw_body, source FROM leads WHERE id = $1',
    [lead.id],
  );
  expect(row).toMatchObject({ source: 'forms', raw_body: expect.stringContaining('favouriteColour') });
});

test('a forged or stale delivery starts nothing', async () => {
  const body = JSON.stringify({ email: 'forged@standard.example' });
  const before = await instance.sql<{ count: string }>('SELECT count(*) FROM leads');
  expect(
    (
      await deliver('forms', body, {
        ...signWebhook(`whsec_${Buffer.alloc(32, 4).toString('base64')}`, {
          id: 'msg_2',
          body,
          nowMs: Date.now(),
        }),
      })
    ).status,
  ).toBe(401);
  expect(
    (
      await deliver('forms', body, {
        ...signWebhook(secret, { id: 'msg_3', body, nowMs: Date.now() - 400_000 }),
      })
    ).status,
  ).toBe(400);
  expect((await deliver('forms', body, {})).status).toBe(401);
  expect(await instance.sql('SELECT count(*) FROM leads')).toEqual(before);
});

test('a generic source takes a bearer token or an HMAC, old and new secret alike', async () => {
  await instance.call('PUT', '/v1/sources/zap', {
    kind: 'generic',
    secret: 'first-secret-0123456789',
    mapping: { email: 'contact.mail', firstName: 'contact.first' },
  });
  await instance.call('PUT', '/v1/sources/zap', {
    kind: 'generic',
    secret: 'second-secret-0123456789',
    mapping: { email: 'contact.mail', firstName: 'contact.first' },
  });
  const body = JSON.stringify({ id: 'evt-1', contact: { mail: 'zap@generic.example', first: 'Zoe' } });
  const bearer = await deliver('zap', body, { authorization: 'Bearer first-secret-0123456789' });
  const digest = createHmac('sha256', 'second-secret-0123456789').update(body).digest('hex');
  const signed = await deliver('zap', body, { 'x-signature': `sha256=${digest}` });
  expect([bearer.status, signed.status]).toEqual([202, 202]);
  expect(bearer.body.id).toBe(signed.body.id);
  expect((await deliver('zap', body, { authorization: 'Bearer wrong' })).status).toBe(401);
  await instance.call('PUT', '/v1/sources/zap', {
    kind: 'generic',
    secret: 'third-secret-0123456789',
    previousValidUntil: '2020-01-01T00:00:00Z',
  });
  expect((await deliver('zap', body, { authorization: 'Bearer second-secret-0123456789' })).status).toBe(401);
  expect(
    (await instance.sql<{ fields: object }>('SELECT fields FROM leads WHERE id = $1', [bearer.body.id]))[0]
      ?.fields,
  ).toMatchObject({ email: 'zap@generic.example', firstName: 'Zoe' });
});

test('an event without a usable lead is kept in the books and becomes one when the mapping is right', async () => {
  const token = 'batch-secret-0123456789';
  const put = (mapping?: object) =>
    instance.call('PUT', '/v1/sources/letters', {
      kind: 'generic',
      secret: token,
      ...(mapping && { mapping }),
    });
  await put();
  const send = (body: object) =>
    deliver<{ events: { status: string; leadId: string }[] }>('letters', JSON.stringify(body), {
      authorization: `Bearer ${token}`,
    });
  const books = async () =>
    (
      await instance.call<{ accepted: number; deadLettered: number; balanced: boolean }>(
        'GET',
        '/v1/accounting',
      )
    ).body;
  const before = await books();
  const letter = { id: 'letter-1', who: { mail: 'letter@dead.example' } };
  for (const answer of [await send(letter), await send(letter)])
    expect([answer.status, answer.body.events[0]?.status]).toEqual([202, 'dead_lettered']);
  expect(await books()).toMatchObject({ accepted: before.accepted + 1, deadLettered: 1, balanced: true });

  const openErrors = async () =>
    (
      await instance.call<{ data: { leadId: string; fingerprint: string; count: number; code: string }[] }>(
        'GET',
        '/v1/errors?state=open',
      )
    ).body.data;
  const [error] = await openErrors();
  expect(error).toMatchObject({ fingerprint: 'map.letters', code: 'unmappable', count: 2 });
  const retry = () =>
    instance.call<{ retried: number }>('POST', '/v1/errors/retry', { fingerprint: 'map.letters' });
  expect((await retry()).body).toEqual({ retried: 0 });
  await put({ email: '/who/mail' });
  expect((await retry()).body).toEqual({ retried: 1 });
  await leadWhen(instance, error!.leadId, ({ status }) => status === 'assigned');
  expect(await openErrors()).toEqual([]);
  expect(await books()).toMatchObject({ accepted: before.accepted + 1, deadLettered: 0, balanced: true });
  const listed = await instance.call<{ data: { state: string }[]; hasMore: boolean }>(
    'GET',
    '/v1/sources/letters/events?limit=1',
  );
  expect(listed.body).toMatchObject({ data: [{ state: 'replayed', eventKey: 'letter-1' }], hasMore: false });
});

test('each lead of a batch is routed; the tests and ids among them are kept once', async () => {
  const key = 'meta-app-secret-0123';
  await instance.call('PUT', '/v1/sources/meta', {
    kind: 'meta',
    secret: key,
    verifyToken: 'a-verify-token',
  });
  const handshake = '?hub.mode=subscribe&hub.challenge=77&hub.verify_token=a-verify-token';
  expect((await instance.call<number>('GET', `/v1/webhooks/meta${handshake}`)).body).toBe('77');
  const change = (id: string, email?: string) => ({
    field: 'leadgen',
    value: { leadgen_id: id, ...(email && { field_data: [{ name: 'email', values: [email] }] }) },
  });
  const body = JSON.stringify({
    object: 'page',
    entry: [
      { changes: [change('901', 'one@batch.example'), change('902', 'two@batch.example')] },
      { changes: [change('903'), change('444444444444')] },
    ],
  });
  const signature = `sha256=${createHmac('sha256', key).update(body).digest('hex')}`;
  for (const answer of [1, 2].map(() => deliver('meta', body, { 'x-hub-signature-256': signature })))
    expect((await answer).status).toBe(200);
  const leads = await instance.sql<{ id: string; event_key: string }>(
    `SELECT id, event_key FROM leads WHERE source = 'meta' ORDER BY event_key`,
  );
  expect(leads.map(({ event_key }) => event_key)).toEqual(['901', '902']);
  for (const { id } of leads) await leadWhen(instance, id, ({ status }) => status === 'assigned');
  const kept = await instance.sql<object>(
    `SELECT event_key, state FROM webhook_events WHERE source = 'meta' ORDER BY seq`,
  );
  expect(kept).toEqual([
    { event_key: '903', state: 'id_only' },
    { event_key: '444444444444', state: 'test' },
  ]);
});

test('the key that Google sends inside the body is kept nowhere', async () => {
  const key = 'google-key-nobody-may-read';
  await instance.call('PUT', '/v1/sources/google', { kind: 'google-ads', secret: key });
  const send = (id: string, column: string, isTest: boolean) =>
    deliver(
      'google',
      JSON.stringify({
        google_key: key,
        lead_id: id,
        is_test: isTest,
        user_column_data: [{ column_id: column, string_value: `${id}@google.example` }],
      }),
      {},
    );
  const answers = [
    await send('g-lead', 'EMAIL', false),
    await send('g-letter', 'SHOE_SIZE', false),
    await send('g-test', 'EMAIL', true),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  const rows = await instance.sql<{ event_key: string; raw_body: string }>(
    `SELECT event_key, raw_body FROM leads WHERE source = 'google'
     UNION ALL SELECT event_key, raw_body FROM webhook_events WHERE source = 'google' ORDER BY 1`,
  );
  expect(rows.map(({ event_key }) => event_key)).toEqual(['g-lead', 'g-letter', 'g-test']);
  for (const { event_key, raw_body } of rows) expect(raw_body).toContain(`${event_key}@google.example`);
  const listed = await instance.call<{ data: object[] }>('GET', '/v1/sources/google/events');
  expect(listed.body.data).toHaveLength(2);
  expect(JSON.stringify([rows, listed.body])).not.toContain(key);
});

test('a change in the CRM stops the clock of the lead', async () => {
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', { email: 'crm@change.example' });
  await leadWhen(instance, body.id, ({ crm: written }) => written !== undefined);
  await crm.sendChange({
    apiUrl: instance.url,
    leadId: body.id,
    field: 'status',
    value: 'qualified',
    by: 'anna',
  });
  const lead = await leadWhen(instance, body.id, ({ status }) => status === 'qualified');
  expect(lead.sla?.firstTouchAt).toBeDefined();
  // Written back as well, twice: as touched and as qualified. Still under way, it would meet the faults of the next test.
  await until('the CRM has every state', async () => {
    const [row] = await instance.sql<{ writes: number }>(
      `SELECT count(*)::int AS writes FROM timeline WHERE lead_id = $1 AND what = 'crm_written'`,
      [body.id],
    );
    return row?.writes === 3;
  });
});

/** A write of an earlier lead that is still under way would meet the faults meant for the next one. */
const crmIsQuiet = () =>
  until('every lead is in the CRM', async () => {
    const [row] = await instance.sql<{ missing: number }>(
      `SELECT count(*)::int AS missing FROM leads l WHERE progress <> 'merged' AND NOT EXISTS (SELECT 1 FROM crm_links c WHERE c.lead_id = l.id)`,
    );
    return row?.missing === 0;
  });

test('a CRM that fails for a while gets the lead once; one that refuses it parks the step until it is retried', async () => {
  await crmIsQuiet();
  crm.failNext('error', 2);
  crm.failNext('crashAfterWrite', 1);
  const flaky = (await instance.call<{ id: string }>('POST', '/v1/leads', { email: 'flaky@crm.example' }))
    .body.id;
  await leadWhen(instance, flaky, ({ crm: written }) => written !== undefined);
  expect(crm.counts.creates.get(flaky)).toBe(1);

  crm.failNext('reject', 1);
  const refused = (await instance.call<{ id: string }>('POST', '/v1/leads', { email: 'refused@crm.example' }))
    .body.id;
  const stuck = await leadWhen(instance, refused, ({ status }) => status === 'needs_attention');
  expect(stuck.owner).toBeDefined(); // routing and the clock go on
  const { body } = await instance.call<{
    data: { id: string; leadId: string; step: string; fingerprint: string; state: string }[];
  }>('GET', '/v1/errors?state=open');
  const error = body.data.find(({ leadId }) => leadId === refused);
  expect(error).toMatchObject({ step: 'crm', fingerprint: 'crm.rejected', state: 'open' });
  expect((await instance.call('POST', `/v1/errors/${error!.id}/retry`)).status).toBeLessThan(300);
  await leadWhen(
    instance,
    refused,
    ({ status, crm: written }) => status === 'assigned' && written !== undefined,
  );
  await until(
    'resolved',
    async () =>
      (
        await instance.call<{ state: string }[] & { data: { id: string; state: string }[] }>(
          'GET',
          '/v1/errors',
        )
      ).body.data.find(({ id }) => id === error!.id)?.state === 'resolved',
  );
});

test('errors of one cause are resumed together by their fingerprint', async () => {
  await crmIsQuiet();
  crm.failNext('auth', 3);
  const ids = await Promise.all(
    [1, 2, 3].map(
      async (n) =>
        (await instance.call<{ id: string }>('POST', '/v1/leads', { email: `auth@crm-${n}.example` })).body
          .id,
    ),
  );
  await Promise.all(ids.map((id) => leadWhen(instance, id, ({ status }) => status === 'needs_attention')));
  const { status } = await instance.call('POST', '/v1/errors/retry', { fingerprint: 'crm.auth' });
  expect(status).toBeLessThan(300);
  await Promise.all(
    ids.map((id) => leadWhen(instance, id, (lead) => lead.status === 'assigned' && lead.crm !== undefined)),
  );
});

// JSON can name characters that Postgres cannot store; fuzzed against a store that can store everything, nobody saw it.
test('what Postgres cannot store is kept otherwise when it comes with a genuine event, and refused when it is typed', async () => {
  const token = 'odd-characters-0123456789';
  const headers = { authorization: `Bearer ${token}` };
  const put = (mapping: object) =>
    instance.call<{ issues?: { path: string }[] }>('PUT', '/v1/sources/odd', {
      kind: 'generic',
      secret: token,
      mapping,
      gate: { rate: { client: 5, clientField: 'ip' } },
    });
  expect((await put({ email: 'email' })).status).toBe(200);
  for (const path of ['a\0b', 'a\ud800']) {
    const refused = await put({ email: path });
    expect([refused.status, refused.body.issues?.map((issue) => issue.path)]).toEqual([
      422,
      ['mapping.email'],
    ]);
  }
  const send = async (body: object) => {
    const answer = await deliver<{ id?: string; events?: { status: string; leadId: string }[] }>(
      'odd',
      JSON.stringify(body),
      headers,
    );
    expect(answer.status).toBe(202);
    return answer.body;
  };
  const odd = ['a\0', 'b\0', 'a\ud800', 'a\udbff'];
  const ids = await Promise.all(
    odd.map(async (id, n) => (await send({ id, email: `odd-${n}@characters.example`, ip: id, [id]: id })).id),
  );
  expect(new Set(ids).size).toBe(odd.length);
  expect((await send({ id: 'a\0', email: 'odd-0@characters.example' })).id).toBe(ids[0]);
  const letter = (await send({ id: 'c\0', email: 'a\0@b.example', utm: { ['\0'.padEnd(70, 'k')]: 'x' } }))
    .events?.[0];
  expect(letter?.status).toBe('dead_lettered');

  const form = await deliver('odd', 'email=odd-form@characters.example&note=a\0b', {
    ...headers,
    'content-type': 'application/x-www-form-urlencoded',
  });
  expect(form.status).toBe(202);
  expect(await instance.sql('SELECT raw_body FROM leads WHERE id = $1', [form.body.id])).toEqual([
    { raw_body: 'email=odd-form@characters.example&note=a%00b' },
  ]);
});

test('an event that is no lead is kept, whatever its type is called', async () => {
  const secret = 'segment-secret-0123456789';
  await instance.call('PUT', '/v1/sources/odd-types', { kind: 'segment', secret });
  const body = JSON.stringify({ type: 'page\0view\ud800', messageId: 'm\0' });
  const signature = createHmac('sha1', secret).update(body).digest('hex');
  expect((await deliver('odd-types', body, { 'x-signature': signature })).status).toBe(202);
  const { body: kept } = await instance.call('GET', '/v1/sources/odd-types/events');
  expect(kept).toMatchObject({ data: [{ type: 'page\ufffdview\ufffd', state: 'other' }] });
});
