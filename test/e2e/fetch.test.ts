import { createHmac } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { startFakeMeta, type FakeMeta } from '../../connectors/leads/fake-meta';
import { leadWhen, startInstance, type Instance } from '../support/instance';
import { until } from '../support/until';

const secret = 'meta-app-secret-0123';
let meta: FakeMeta;
let instance: Instance;
beforeAll(async () => {
  meta = await startFakeMeta();
  instance = await startInstance({
    namespace: 'fetch',
    env: { META_URL: `${meta.url}/v25.0`, OUTBOUND_ALLOW: '127.0.0.1' },
  });
});
afterAll(async () => {
  await instance.stop();
  await meta.close();
});

const authorise = (accessToken: string) =>
  instance.call('PUT', '/v1/sources/ads', {
    kind: 'meta',
    secret,
    verifyToken: 'a-verify-token',
    accessToken,
  });

async function deliver(...ids: string[]): Promise<void> {
  const changes = ids.map((id) => ({ field: 'leadgen', value: { leadgen_id: id } }));
  const body = JSON.stringify({ object: 'page', entry: [{ changes }] });
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const { status } = await instance.call('POST', '/v1/webhooks/ads', body, {
    authorization: '',
    'x-hub-signature-256': signature,
  });
  expect(status).toBe(200);
}

const eventOf = (key: string, wanted: string) =>
  until(`event ${key} is ${wanted}`, async () => {
    const [row] = await instance.sql<{ lead_id: string; state: string; reason: string }>(
      `SELECT lead_id, state, reason FROM webhook_events WHERE source = 'ads' AND event_key = $1`,
      [key],
    );
    return row?.state === wanted && row;
  });

/** The search attributes that the run of a lead began with. */
async function startedAs(id: string): Promise<Record<string, unknown>> {
  const connection = await Connection.connect({ address: instance.temporalAddress });
  try {
    const { history } = await connection.workflowService.getWorkflowExecutionHistory({
      namespace: instance.namespace,
      execution: { workflowId: `lead/${id}` },
      maximumPageSize: 1,
    });
    const { searchAttributes } = history!.events![0]!.workflowExecutionStartedEventAttributes!;
    const read = Object.entries(searchAttributes?.indexedFields ?? {}).map(([name, { data }]) => [
      name,
      JSON.parse(Buffer.from(data ?? []).toString()) as unknown,
    ]);
    return Object.fromEntries(read) as Record<string, unknown>;
  } finally {
    await connection.close();
  }
}

test('a lead that Meta only names is fetched, through faults, and routed once', async () => {
  await authorise(meta.token);
  meta.leads.set('901', { email: 'ada@fetched.example', full_name: 'Ada Okafor' });
  meta.failNext('error', 2);
  await Promise.all([deliver('901'), deliver('901')]);
  const { lead_id: id } = await eventOf('901', 'fetched');
  await leadWhen(instance, id, ({ status }) => status === 'assigned');
  expect(await startedAs(id)).toEqual({ LeadStatus: 'received' }); // operations filter on it from the first moment
  await deliver('901');
  const [row] = await instance.sql('SELECT fields, raw_body FROM leads WHERE id = $1', [id]);
  expect(row).toMatchObject({
    fields: { email: 'ada@fetched.example', firstName: 'Ada', lastName: 'Okafor' },
    raw_body: expect.stringContaining('field_data'),
  });
  const leads = await instance.sql(`SELECT FROM leads WHERE source = 'ads'`);
  expect(leads).toHaveLength(1);
});

test('a revoked token parks all leads under one fingerprint; a new one and a retry bring them all in', async () => {
  await authorise('revoked-token');
  const ids = ['911', '912', '913'];
  for (const id of ids) meta.leads.set(id, { email: `p${id}@fetched.example` });
  await deliver(...ids);
  for (const id of ids) expect((await eventOf(id, 'dead_lettered')).reason).toBe('meta: HTTP 400 code 190');
  const groups = await instance.call<{ data: { fingerprint: string; leads: number }[] }>(
    'GET',
    '/v1/errors/groups',
  );
  expect(groups.body.data).toMatchObject([{ fingerprint: 'fetch.ads.auth', leads: 3 }]);
  expect((await instance.call('GET', '/v1/accounting')).body).toMatchObject({
    deadLettered: 3,
    balanced: true,
  });
  await authorise(meta.token);
  const retried = await instance.call('POST', '/v1/errors/retry', { fingerprint: 'fetch.ads.auth' });
  expect(retried.body).toEqual({ retried: 3 });
  for (const id of ids) {
    const { lead_id: leadId } = await eventOf(id, 'fetched');
    await leadWhen(instance, leadId, ({ status }) => status === 'assigned');
  }
  const open = await instance.call<{ data: unknown[] }>('GET', '/v1/errors?state=open');
  expect(open.body.data).toEqual([]);
  expect(instance.logs('worker') + instance.logs('api')).not.toContain(meta.token);
});

test('a lead that is gone is a dead letter of its own cause, one without an address is mapped anew when it can be', async () => {
  meta.leads.set('922', { contact_mail: 'mapped@fetched.example' });
  await deliver('921', '922');
  await eventOf('921', 'dead_lettered');
  await eventOf('922', 'dead_lettered');
  const errors = await instance.call<{ data: { fingerprint: string }[] }>('GET', '/v1/errors?state=open');
  expect(errors.body.data.map(({ fingerprint }) => fingerprint).sort()).toEqual([
    'fetch.ads.rejected',
    'map.ads',
  ]);
  await instance.call('PUT', '/v1/sources/ads', {
    kind: 'meta',
    secret,
    verifyToken: 'a-verify-token',
    mapping: { email: 'value.field_data.0.values.0' },
  });
  expect((await instance.call('POST', '/v1/errors/retry', { fingerprint: 'map.ads' })).body).toEqual({
    retried: 1,
  });
  await leadWhen(instance, (await eventOf('922', 'replayed')).lead_id, ({ status }) => status === 'assigned');
});
