import { startFakeEnricher, type FakeEnricher } from '../../connectors/enrich/fake';
import { startFakeReceiver, type FakeReceiver } from '../../connectors/notify/fake';
import { leadWhen, publishPolicy, startInstance, type Instance, type LeadBody } from '../support/instance';
import { until } from '../support/until';

const secret = `whsec_${Buffer.alloc(32, 11).toString('base64')}`;
const policy = `
calendars: { utc: { timeZone: Etc/UTC, week: { mon-sun: ["00:00-24:00"] } } }
reps:
  - { id: a, name: A, email: a@x.example, calendar: utc }
  - { id: b, name: B, email: b@x.example, calendar: utc }
  - { id: c, name: C, email: c@x.example, calendar: utc }
pools: { all: { members: [a, b] }, best: { members: [c] } }
scoring:
  fit: [{ when: 'account.employees >= 200', points: 80, because: big }]
  bands: { hot: 70, warm: 40 }
routing:
  - { rule: hot ones, when: "band == 'hot'", to: pool/best, sla: fast }
  - { rule: warm ones, when: "band == 'warm'", to: pool/all, sla: fast }
  - { rule: the rest, to: pool/all, sla: slow }
sla: { fast: { clock: wall, touch: 10m }, slow: { clock: wall, touch: 1d } }
`;
let provider: FakeEnricher;
let receiver: FakeReceiver;
let instance: Instance;

beforeAll(async () => {
  provider = await startFakeEnricher({
    companies: { 'big.example': { name: 'Big', employees: 900 }, 'huge.example': { employees: 9_000 } },
  });
  receiver = await startFakeReceiver({ secret });
  instance = await startInstance({
    namespace: 'score',
    env: { ENRICH_HTTP_URL: provider.url, NOTIFY_WEBHOOK_URL: receiver.url, NOTIFY_WEBHOOK_SECRET: secret },
  });
  await publishPolicy(instance, policy);
});
afterAll(async () => {
  await instance.stop();
  await Promise.all([receiver.close(), provider.close()]);
});

const assigned = async (email: string): Promise<LeadBody> => {
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', { email });
  return leadWhen(instance, body.id, ({ status }) => status === 'assigned');
};
const set = (id: string, body: object) => instance.call<LeadBody>('PUT', `/v1/leads/${id}/score`, body);
const read = (id: string): Promise<LeadBody> => leadWhen(instance, id, () => true);
const entries = ({ timeline }: LeadBody, what: string) => timeline.filter((entry) => entry.what === what);
const credits = async (pool: string, id: string): Promise<unknown[]> => {
  const { body } = await instance.call<{ data: { leadId: string; credit?: unknown }[] }>(
    'GET',
    `/v1/pools/${pool}/ledger?limit=200`,
  );
  return body.data.filter((entry) => entry.leadId === id).map(({ credit }) => credit);
};

test('a band set by hand moves an untouched lead once, with credit, and says who did it and why', async () => {
  const { id, owner } = await assigned('set@by-hand.example');
  const answer = await set(id, { band: 'hot', reason: 'met at the fair', by: 'boss' });
  expect(answer).toMatchObject({ status: 200, body: { status: 'assigned', owner: 'c' } });
  const lead = await read(id);
  expect(lead).toMatchObject({
    band: 'hot',
    scoreOverride: { band: 'hot', reason: 'met at the fair', by: 'boss' },
    sla: { policy: 'fast' },
  });
  expect(entries(lead, 'score_set')).toMatchObject([
    { band: 'hot', before: { band: 'cold' }, computed: { band: 'cold' }, by: 'boss' },
  ]);
  expect(entries(lead, 'assigned').map(({ cause }) => cause)).toEqual(['routed', 'band_changed']);
  expect(await credits('all', id)).toEqual([
    undefined,
    expect.objectContaining({ rep: owner?.id, cause: 'band_changed' }),
  ]);
  const { body } = await instance.call('GET', `/v1/leads/${id}/explanation`);
  expect(body).toMatchObject({ rule: 'hot ones', computed: { band: 'cold' }, scoreOverride: { by: 'boss' } });

  expect((await set(id, { score: 10, reason: 'not so good', by: 'boss' })).status).toBe(200);
  expect(await read(id)).toMatchObject({ score: 10, band: 'cold', owner: { id: 'c' } });
});

test('data that comes late moves a lead once, and not one whose band was set by hand until that is taken back', async () => {
  provider.setDelay(8_000);
  const free = await assigned('ada@big.example');
  const kept = await assigned('leo@huge.example');
  await set(kept.id, { band: 'cold', reason: 'a student', by: 'boss' });
  const moved = await leadWhen(instance, free.id, ({ owner }) => owner?.id === 'c');
  expect(entries(moved, 'rescored')).toMatchObject([
    { because: 'late data', score: 80, band: 'hot', before: { score: 0, band: 'cold' } },
  ]);
  expect(entries(moved, 'assigned').at(-1)).toMatchObject({ cause: 'band_changed', rule: 'hot ones' });
  const rescored = await leadWhen(instance, kept.id, (lead) => entries(lead, 'rescored').length > 0);
  expect(rescored).toMatchObject({ score: 80, band: 'cold', owner: kept.owner });
  provider.setDelay(0);

  const cleared = await instance.call<LeadBody>('DELETE', `/v1/leads/${kept.id}/score?by=boss`);
  expect(cleared).toMatchObject({ status: 200, body: { owner: 'c' } });
  const lead = await read(kept.id);
  expect(lead).toMatchObject({ score: 80, band: 'hot' });
  expect(lead).not.toHaveProperty('scoreOverride');
  expect(entries(lead, 'score_cleared')).toMatchObject([{ by: 'boss' }]);
});

test('late data that only a lost try had filled moves the lead as well', async () => {
  provider.setDelay(8_000);
  const { id } = await assigned('zoe@medium.example');
  // As a worker leaves it that died, or whose next provider failed, before it could say so; the next try fills nothing.
  await instance.sql(
    `UPDATE leads SET facts = jsonb_set(facts, '{account,employees}', '700') WHERE id = $1`,
    [id],
  );
  const moved = await leadWhen(instance, id, ({ owner }) => owner?.id === 'c');
  expect(entries(moved, 'rescored')).toMatchObject([{ because: 'late data', score: 80, band: 'hot' }]);
  provider.setDelay(0);
});

test('an owner whom the new rule takes as well keeps the lead under its promise, and hears of it', async () => {
  const { id, owner, sla } = await assigned('keep@by-hand.example');
  const { body } = await set(id, { score: 50, reason: 'called us', by: 'boss' });
  expect(body).toMatchObject({ owner: owner?.id });
  const lead = await read(id);
  expect(lead).toMatchObject({ owner: { id: owner?.id }, sla: { policy: 'fast' } });
  expect(lead.sla!.touchDueAt < sla!.touchDueAt).toBe(true);
  expect(entries(lead, 'rerouted')).toMatchObject([{ kept: true, rule: 'warm ones', sla: 'fast' }]);
  await until('message', () =>
    receiver.received.some(({ leadId, kind }) => leadId === id && kind === 'band_changed'),
  );
  await instance.skipTime(id);
  const missed = await leadWhen(instance, id, (late) => entries(late, 'sla_missed').length > 0);
  expect(missed.sla?.breached).toBe(true);
});

test('a lead that was worked gets its score, but stays where it is', async () => {
  const { id, owner } = await assigned('worked@by-hand.example');
  await instance.call('POST', `/v1/leads/${id}/touches`, { kind: 'call' });
  await set(id, { band: 'hot', reason: 'wants to buy', by: 'boss' });
  expect(await read(id)).toMatchObject({ band: 'hot', owner: { id: owner?.id }, status: 'touched' });
});

test.each([
  [{ band: 'hot', score: 90, reason: 'x', by: 'boss' }, 'score'],
  [{ reason: 'x', by: 'boss' }, 'score'],
  [{ score: 101, reason: 'x', by: 'boss' }, 'score'],
  [{ band: 'boiling', reason: 'x', by: 'boss' }, 'band'],
  [{ band: 'hot', by: 'boss' }, 'reason'],
  [{ band: 'hot', reason: 'x' }, 'by'],
])('%j is refused and the field named', async (body, path) => {
  const answer = await set('lead_0123456789abcdef01234567', body);
  expect(answer).toMatchObject({ status: 422, body: { issues: [{ path }] } });
});
