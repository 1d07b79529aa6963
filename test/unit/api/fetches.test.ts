import { createHmac } from 'node:crypto';
import { openError, startApi, type TestApi } from './support';

const secret = 'a-secret-of-the-vendor';
let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const put = (name: string, body: object) =>
  api.call('PUT', `/v1/sources/${name}`, { json: { secret, ...body } });
const meta = { kind: 'meta', verifyToken: 'word' };

function deliver(id: string) {
  const body = JSON.stringify({ entry: [{ changes: [{ field: 'leadgen', value: { leadgen_id: id } }] }] });
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  return api.call('POST', '/v1/webhooks/ads', {
    as: null,
    body,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature },
  });
}

test('with an access token, leads that are only named are kept to be fetched, and their fetch is started', async () => {
  await put('ads', meta);
  await deliver('901');
  expect([api.world.events[0]!.state, api.world.fetchRuns]).toEqual(['id_only', []]);
  await put('ads', { ...meta, accessToken: 'a-page-token' });
  expect((await deliver('902')).status).toBe(200);
  const { leadId, state } = api.world.events[1]!;
  expect([state, api.world.fetchRuns]).toEqual(['fetching', [leadId]]);
  const sample = { entry: [{ changes: [{ field: 'leadgen', value: { leadgen_id: '7' } }] }] };
  const tried = await api.call('POST', '/v1/sources/ads/test', { json: { body: sample } });
  expect(tried.json.events).toMatchObject([{ status: 'fetching' }]);
});

test('the answer does not wait for Temporal', async () => {
  await api.close();
  api = await startApi((deps) => ({
    runs: { ...deps.runs, fetchLead: () => Promise.reject(new Error('no connection')) },
  }));
  await put('ads', { ...meta, accessToken: 'a-page-token' });
  expect((await deliver('903')).status).toBe(200);
  expect(api.world.events).toMatchObject([{ state: 'fetching' }]);
});

test('a token is never returned, stays when it is not sent again, and goes with the kind of source', async () => {
  const first = await put('ads', { ...meta, accessToken: 'a-page-token' });
  const again = await put('ads', { ...meta, mapping: { email: 'value.x' } });
  const list = await api.call('GET', '/v1/sources');
  expect([first, again, list].map(({ text }) => text.includes('a-page-token'))).toEqual([
    false,
    false,
    false,
  ]);
  expect([again.json.fetchesLeads, api.world.sources[0]!.accessToken]).toEqual([true, 'a-page-token']);
  const other = await put('ads', { kind: 'linkedin' });
  expect([other.json.fetchesLeads, api.world.sources[0]!.accessToken]).toEqual([undefined, undefined]);
  const refused = await put('forms', { kind: 'generic', accessToken: 'x' });
  expect(refused.json.issues).toMatchObject([{ path: 'accessToken' }]);
  expect(api.world.logs.join('')).not.toContain('a-page-token');
});

test('after re-authorisation all that failed for it are fetched again by one fingerprint', async () => {
  await put('ads', { ...meta, accessToken: 'a-page-token' });
  await deliver('904');
  const [event] = api.world.events;
  api.world.events = [{ ...event!, state: 'dead_lettered', reason: 'meta: HTTP 400 code 190' }];
  api.world.errors = [openError('err_1', 'fetch.ads.auth', { leadId: event!.leadId, step: 'fetch' })];
  api.world.fetchRuns = [];
  const retried = await api.call('POST', '/v1/errors/retry', { json: { fingerprint: 'fetch.ads.auth' } });
  expect(retried.json).toEqual({ retried: 1 });
  expect([api.world.events[0]!.state, api.world.fetchRuns]).toEqual(['fetching', [event!.leadId]]);
});
