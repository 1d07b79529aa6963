import { startFakeReceiver, type FakeReceiver } from '../../connectors/notify/fake';
import { leadWhen, publishPolicy, startInstance, type Instance, type LeadBody } from '../support/instance';
import { until } from '../support/until';

const secret = `whsec_${Buffer.alloc(32, 12).toString('base64')}`;
const policy = `
calendars: { utc: { timeZone: Etc/UTC, week: { mon-sun: ["00:00-24:00"] } } }
reps:
  - { id: a, name: A, email: a@x.example, calendar: utc }
  - { id: b, name: B, email: b@x.example, calendar: utc }
  - { id: c, name: C, email: c@x.example, calendar: utc }
  - { id: d, name: D, email: d@x.example, calendar: utc }
pools: { floor: { members: [a, b, c], offer: { for: 10m, atMost: 2 }, whenNobody: d } }
routing: [{ rule: all, to: pool/floor, sla: s }]
sla: { s: { clock: wall, touch: 1h, steps: [{ after: 30m, do: remind }, { after: 1h, do: reassign }], maxHops: 2 } }
`;
const minuteMs = 60_000;
let receiver: FakeReceiver;
let instance: Instance;
let count = 0;

beforeAll(async () => {
  receiver = await startFakeReceiver({ secret });
  instance = await startInstance({
    namespace: 'offers',
    env: { NOTIFY_WEBHOOK_URL: receiver.url, NOTIFY_WEBHOOK_SECRET: secret },
  });
  await publishPolicy(instance, policy);
});
afterAll(async () => {
  await instance.stop();
  await receiver.close();
});

type Offered = LeadBody & { readonly offer?: { readonly until: string } };
const offered = async (): Promise<Offered> => {
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', {
    email: `p@of${++count}.example`,
  });
  return leadWhen(instance, body.id, ({ status }) => status === 'assigned');
};
const act = (id: string, verb: string, body: object = {}) =>
  instance.call<{ status: string; owner: string; detail: string }>('POST', `/v1/leads/${id}/${verb}`, body);
const read = (id: string): Promise<Offered> => leadWhen(instance, id, () => true);
const entries = ({ timeline }: LeadBody, what: string) => timeline.filter((entry) => entry.what === what);
const message = (id: string, to: string | undefined) =>
  until('message', () =>
    receiver.received.find((one) => one.leadId === id && one.kind === 'offered' && one.to.id === to),
  );
const ledgerOf = async (id: string) => {
  const path = '/v1/pools/floor/ledger?limit=200';
  const { body } = await instance.call<{
    data: { leadId: string; rep: string; credit?: { rep: string; cause: string } }[];
  }>('GET', path);
  return body.data.filter(({ leadId }) => leadId === id);
};

test('he who is next is told until when it is his to take; a claim takes it, and the time to touch begins then', async () => {
  const { id, owner, offer } = await offered();
  const told = await message(id, owner?.id);
  expect(told.facts).toContainEqual({ label: 'Offered until', text: expect.stringMatching(/UTC/) });
  expect(Object.keys(told.links).sort()).toEqual(['claim', 'decline', 'open']);
  expect(told.dueAt).toBe(offer!.until);
  expect((await act(id, 'snooze', { for: '1h' })).body.detail).toContain('only offered');

  const page = await instance.call<string>('GET', new URL(told.links.claim!).pathname);
  expect(page.body).toContain('Offered until');
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const done = await instance.call<string>('POST', new URL(told.links.claim!).pathname, '', form);
  expect(done.body).toContain('the clock for the first touch runs');
  const lead = await read(id);
  expect(lead).toMatchObject({ status: 'assigned', owner: { id: owner?.id } });
  expect(lead.offer).toBeUndefined();
  const [accepted] = entries(lead, 'offer_accepted');
  expect(Date.parse(lead.sla!.touchDueAt) - Date.parse(accepted!.at)).toBe(60 * minuteMs);
  // a second claim is the touch that it is anywhere else
  expect((await act(id, 'claim')).body.status).toBe('touched');
});

test('who declines, and who lets the time pass, is charged no longer; then the pool’s fallback has it', async () => {
  const { id, owner } = await offered();
  const next = (await act(id, 'decline', { by: owner?.id })).body.owner;
  expect(next).not.toBe(owner?.id);
  await message(id, next);
  await instance.skipTime(id);
  const lead = await leadWhen(instance, id, (one) => entries(one, 'assigned').length >= 3);
  expect(entries(lead, 'assigned').slice(0, 3)).toMatchObject([
    { cause: 'routed', owner: owner?.id, offeredUntil: expect.any(String) },
    { cause: 'declined', owner: next, offeredUntil: expect.any(String) },
    { cause: 'lapsed', owner: 'd' },
  ]);
  expect((await ledgerOf(id)).map(({ credit }) => credit)).toEqual([
    undefined,
    expect.objectContaining({ rep: owner?.id, cause: 'declined' }),
    expect.objectContaining({ rep: next, cause: 'lapsed' }),
  ]);
});

test('an offer that is touched is taken, and the ladder runs as ever', async () => {
  const { id } = await offered();
  expect((await act(id, 'touches', { kind: 'call' })).status).toBe(200);
  const lead = await read(id);
  expect(lead.status).toBe('touched');
  expect(entries(lead, 'offer_accepted')).toHaveLength(1);
  expect((await act(id, 'decline')).status).toBe(409);

  const late = await offered();
  await act(late.id, 'claim');
  await instance.skipTime(late.id);
  const moved = await leadWhen(instance, late.id, (one) => entries(one, 'reassigned').length > 0);
  expect(entries(moved, 'reminded')).toHaveLength(1);
});
