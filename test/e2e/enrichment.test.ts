import { startFakeEnricher, type FakeEnricher } from '../../connectors/enrich/fake';
import { leadWhen, startInstance, type Instance } from '../support/instance';

let provider: FakeEnricher;
let instance: Instance;

beforeAll(async () => {
  provider = await startFakeEnricher({
    companies: {
      'bigco.example': { name: 'BigCo', employees: 5_000, industry: 'Machinery', country: 'DE' },
      'slowco.example': { name: 'SlowCo', employees: 700, industry: 'Tea' },
    },
  });
  instance = await startInstance({ namespace: 'enrichment', env: { ENRICH_HTTP_URL: provider.url } });
});
afterAll(async () => {
  await instance.stop();
  await provider.close();
});

const post = async (email: string): Promise<string> =>
  (await instance.call<{ id: string }>('POST', '/v1/leads', { email })).body.id;
const account = async (id: string): Promise<Record<string, unknown>> =>
  (
    await instance.sql<{ account: Record<string, unknown> }>(
      `SELECT facts -> 'account' AS account FROM leads WHERE id = $1`,
      [id],
    )
  )[0]!.account;

test('routing waits for a provider that answers in time and scores with what it said', async () => {
  const id = await post('ada@bigco.example');
  const lead = await leadWhen(instance, id, ({ status }) => status === 'assigned');
  expect(lead.timeline.map(({ what }) => what).slice(0, 4)).toEqual([
    'received',
    'identified',
    'enriched',
    'assigned',
  ]);
  expect(lead.timeline.find(({ what }) => what === 'enriched')).toMatchObject({
    fields: ['employees', 'industry', 'country'],
    late: false,
  });
  expect(await account(id)).toMatchObject({ employees: 5_000, country: 'DE' });
});

test('a slow provider delays routing by five seconds at most, and what it says later still lands', async () => {
  provider.setDelay(8_000);
  const from = Date.now();
  const id = await post('leo@slowco.example');
  const lead = await leadWhen(instance, id, ({ status }) => status === 'assigned');
  const waited = Date.now() - from;
  expect(waited).toBeGreaterThan(4_500);
  expect(waited).toBeLessThan(7_500);
  expect(lead.timeline.map(({ what }) => what)).not.toContain('enriched');
  const later = await leadWhen(instance, id, ({ timeline }) =>
    timeline.some(({ what }) => what === 'enriched'),
  );
  expect(later.timeline.find(({ what }) => what === 'enriched')).toMatchObject({ late: true });
  expect(await account(id)).toMatchObject({ employees: 700, industry: 'Tea' });
  provider.setDelay(0);
});

test('a provider that fails or knows nothing never stops a lead', async () => {
  provider.failNext('auth', 1);
  const refused = await post('kim@refusedco.example');
  const unknown = await post('kim@nobodyknows.example');
  for (const id of [refused, unknown])
    expect((await leadWhen(instance, id, ({ status }) => status === 'assigned')).owner).toBeDefined();
});

test('a free-mail lead is not asked about by its domain', async () => {
  const id = await post('someone.private@gmail.com');
  await leadWhen(instance, id, ({ status }) => status === 'assigned');
  expect(provider.queries.some((query) => JSON.stringify(query).includes('"domain":"gmail.com"'))).toBe(
    false,
  );
});
