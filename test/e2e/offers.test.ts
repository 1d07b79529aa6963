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
pools:
  floor: { members: [a, b, c], offer: { for: 10m, atMost: 2 }, whenNobody: d }
  tank: { members: [a, b, c], offer: { for: 10m, to: all } }
onCall: [d]
routing:
  - { rule: tank, when: "lead.country == 'FR'", to: pool/tank, sla: s }
  - { rule: all, to: pool/floor, sla: s }
sla:
  s:
    clock: wall
    touch: 1h
    steps: [{ after: 30m, do: remind }, { after: 1h, do: reassign }]
    qualify: { within: 2d, clock: business }
    maxHops: 2
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

type Offered = LeadBody & { readonly offer?: { readonly until: string; readonly to?: readonly string[] } };
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
const message = (id: string, to: string | undefined, kind = 'offered') =>
  until('message', () =>
    receiver.received.find((one) => one.leadId === id && one.kind === kind && one.to.id === to),
  );
const opened = async (): Promise<Offered> => {
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', {
    email: `p@op${++count}.example`,
    country: 'FR',
  });
  return leadWhen(instance, body.id, ({ status }) => status === 'parked');
};
const ledgerOf = async (id: string, pool = 'floor') => {
  const path = `/v1/pools/${pool}/ledger?limit=200`;
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
  // pressed twice it is one claim, and no touch
  const again = await instance.call<string>('POST', new URL(told.links.claim!).pathname, '', form);
  expect(again.body).toContain('the clock for the first touch runs');
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

test('a claim that cannot be dated waits until the owner has working time again, and operations see why', async () => {
  const { id, owner } = await offered();
  const from = new Date(Date.now() + minuteMs).toISOString();
  const absent = (until: string) => instance.call('PUT', `/v1/reps/${owner!.id}/absence`, { from, until });
  expect((await absent('2070-01-01T00:00:00Z')).status).toBe(200);
  const claim = act(id, 'claim', { by: owner?.id });
  const errorOf = async () => {
    type Errors = { data: { id: string; leadId: string; step: string; code: string }[] };
    const { body } = await instance.call<Errors>('GET', '/v1/errors?state=open');
    return body.data.find(({ leadId, step }) => leadId === id && step === 'route');
  };
  const error = await until('the claim waits', errorOf);
  expect(error).toMatchObject({ code: 'no_working_time' });
  expect(await read(id)).toMatchObject({ status: 'needs_attention', owner: { id: owner?.id } });
  expect((await absent(from)).status).toBe(200);
  expect((await instance.call('POST', `/v1/errors/${error.id}/retry`)).status).toBeLessThan(300);
  expect((await claim).body).toMatchObject({ status: 'assigned', owner: owner?.id });
  expect(await errorOf()).toBeUndefined();
});

test('a lead that is open to all is his who claims it first; the others and their links are told who has it', async () => {
  const { id, offer, timeline } = await opened();
  expect(offer).toEqual({ until: expect.any(String), to: ['a', 'b', 'c'] });
  const [open] = timeline.filter(({ what }) => what === 'opened');
  expect(open).toMatchObject({ pool: 'tank', to: ['a', 'b', 'c'] });
  const told = await Promise.all(['a', 'b', 'c'].map((rep) => message(id, rep, 'open')));
  for (const one of told) {
    expect(Object.keys(one.links).sort()).toEqual(['claim', 'open']);
    expect(one.facts).toContainEqual({ label: 'Open until', text: expect.stringMatching(/UTC/) });
  }
  expect((await act(id, 'claim', { by: 'd' })).body.detail).toContain('open to a, b, c');
  await instance.call('PUT', '/v1/reps/d/status', { status: 'active' }); // wakes what is parked, but not this one

  const answers = await Promise.all(['b', 'a', 'c'].map((by) => act(id, 'claim', { by })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  const won = answers.find(({ status }) => status === 200)!.body.owner;
  for (const lost of answers.filter(({ status }) => status === 409))
    expect(lost.body.detail).toContain(`taken by ${won}`);
  const lead = await read(id);
  expect(lead).toMatchObject({ status: 'assigned', owner: { id: won } });
  expect(lead.offer).toBeUndefined();
  const [assigned] = entries(lead, 'assigned');
  expect(assigned).toMatchObject({ cause: 'claimed', pool: 'tank', owner: won });
  expect(Date.parse(lead.sla!.touchDueAt) - Date.parse(assigned!.at)).toBe(60 * minuteMs);
  expect(await ledgerOf(id, 'tank')).toMatchObject([{ rep: won }]);

  const late = told.find(({ to }) => to.id !== won)!;
  const page = await instance.call<string>('GET', new URL(late.links.claim!).pathname);
  expect(page.status).toBe(409);
  expect(page.body).toContain(`taken by ${won.toUpperCase()}`);
});

test('an open lead that nobody claims in time goes to whoever is next, with his whole time to touch', async () => {
  const { id } = await opened();
  const page = await instance.call<string>(
    'GET',
    new URL((await message(id, 'a', 'open')).links.claim!).pathname,
  );
  expect(page.body).toContain('Open to several until');
  await instance.skipTime(id);
  const lead = await leadWhen(instance, id, (one) => entries(one, 'assigned').length > 0);
  const [open, assigned] = [entries(lead, 'opened')[0], entries(lead, 'assigned')[0]];
  expect(assigned).toMatchObject({ cause: 'routed', pool: 'tank' });
  const waited = Date.parse(assigned!.at) - Date.parse(open!.at);
  expect(waited).toBeGreaterThanOrEqual(10 * minuteMs);
  expect(waited).toBeLessThan(11 * minuteMs);
});

test('an open lead that nobody can take afterwards is parked, and who is on call hears of it', async () => {
  const { id } = await opened();
  const { links } = await message(id, 'a', 'open');
  const all = (status: string) =>
    Promise.all(['a', 'b', 'c'].map((rep) => instance.call('PUT', `/v1/reps/${rep}/status`, { status })));
  await all('paused');
  await instance.skipTime(id);
  await message(id, 'd', 'parked');
  const late = await instance.call<string>('GET', new URL(links.claim!).pathname);
  expect([late.status, late.body]).toEqual([409, expect.stringContaining('no longer open to you')]);
  await all('active');
});

test('a lead that was parked when its offer lapsed looks on for that cause', async () => {
  await instance.call('PUT', '/v1/reps/d/status', { status: 'paused' });
  const { id, owner } = await offered();
  await act(id, 'decline', { by: owner?.id });
  await instance.skipTime(id);
  await leadWhen(instance, id, ({ status }) => status === 'parked');
  await instance.call('PUT', '/v1/reps/d/status', { status: 'active' });
  const lead = await leadWhen(instance, id, ({ status }) => status === 'assigned');
  expect(entries(lead, 'assigned').at(-1)).toMatchObject({ cause: 'lapsed', owner: 'd' });
});

test('the clocks besides the touch of a lead that is only offered move with an absence', async () => {
  const { id, owner, sla } = await offered();
  const from = new Date().toISOString();
  const absence = (ms: number): Promise<unknown> =>
    instance.call('PUT', `/v1/reps/${owner?.id}/absence`, {
      from,
      until: new Date(Date.parse(from) + ms).toISOString(),
    });
  await absence(24 * 60 * minuteMs);
  const lead = await leadWhen(instance, id, (one) => entries(one, 'rebased').length > 0);
  await absence(0);
  const dueOf = (one: LeadBody['sla']): number =>
    Date.parse(one!.clocks.find(({ name }) => name === 'qualify')!.dueAt);
  expect(Math.round((dueOf(lead.sla) - dueOf(sla)) / minuteMs)).toBe(24 * 60 - 10);
  expect(lead.sla!.touchDueAt).toBe(sla!.touchDueAt);
});
