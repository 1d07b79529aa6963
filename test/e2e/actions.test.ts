import { startFakeReceiver, type FakeReceiver } from '../../connectors/notify/fake';
import { leadWhen, startInstance, type Instance, type LeadBody } from '../support/instance';
import { until } from '../support/until';

const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
let receiver: FakeReceiver;
let instance: Instance;
let count = 0;

beforeAll(async () => {
  receiver = await startFakeReceiver({ secret });
  instance = await startInstance({
    namespace: 'actions',
    env: { NOTIFY_WEBHOOK_URL: receiver.url, NOTIFY_WEBHOOK_SECRET: secret },
  });
});
afterAll(async () => {
  await instance.stop();
  await receiver.close();
});

const assigned = async (): Promise<LeadBody> => {
  count += 1;
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', {
    email: `person@actions-${count}.example`,
    country: 'DE',
  });
  return leadWhen(instance, body.id, ({ status }) => status === 'assigned');
};
const act = (id: string, action: string, body: object = {}) =>
  instance.call<{ status?: string; owner?: string | { id: string }; code?: string; detail?: string }>(
    'POST',
    `/v1/leads/${id}/${action}`,
    body,
  );
const linksOf = (id: string) =>
  until(
    'notification',
    () => receiver.received.find(({ leadId, kind }) => leadId === id && kind === 'assigned')?.links,
  );

test('a touch stops the clock, is measured, and the second one changes nothing', async () => {
  const { id } = await assigned();
  expect((await act(id, 'touches', { kind: 'call' })).status).toBe(200);
  const touched = await leadWhen(instance, id, ({ status }) => status === 'touched');
  expect(touched.sla).toMatchObject({ breached: false, firstTouchAt: expect.any(String) });
  expect(touched.timeline.find(({ what }) => what === 'touched')).toMatchObject({
    kind: 'call',
    first: true,
    speedToLeadMs: expect.any(Number),
  });
  expect((await act(id, 'touches', { kind: 'email' })).status).toBe(200);
  const again = await leadWhen(
    instance,
    id,
    ({ timeline }) => timeline.filter(({ what }) => what === 'touched').length === 2,
  );
  expect(again.sla?.firstTouchAt).toBe(touched.sla?.firstTouchAt);
});

test('a declined lead goes to somebody else and its pool gives the charge back', async () => {
  const { id, owner } = await assigned();
  expect((await act(id, 'decline', { reason: 'conflict of interest' })).status).toBe(200);
  const moved = await leadWhen(
    instance,
    id,
    (lead) => lead.owner !== undefined && lead.owner.id !== owner?.id,
  );
  const { body } = await instance.call<{ data: { leadId: string; hop: number; credit?: { rep: string } }[] }>(
    'GET',
    '/v1/pools/emea/ledger?limit=200',
  );
  expect(body.data.find((entry) => entry.leadId === id && entry.hop === 1)?.credit).toMatchObject({
    rep: owner?.id,
    cause: 'declined',
  });
  expect(moved.status).toBe('assigned');
});

test('claim, reassign to a named rep, snooze and disposition each do what they say', async () => {
  const claimed = await assigned();
  expect((await act(claimed.id, 'claim')).status).toBe(200);
  expect(
    (await leadWhen(instance, claimed.id, ({ status }) => status === 'touched')).timeline.some(
      ({ what, kind }) => what === 'touched' && kind === 'claim',
    ),
  ).toBe(true);

  const moved = await assigned();
  expect((await act(moved.id, 'reassign', { to: 'wei' })).status).toBe(200);
  expect((await leadWhen(instance, moved.id, ({ owner }) => owner?.id === 'wei')).status).toBe('assigned');

  const snoozed = await assigned();
  expect((await act(snoozed.id, 'snooze', { for: '7d' })).status).toBe(200);
  const later = await leadWhen(instance, snoozed.id, ({ timeline }) =>
    timeline.some(({ what }) => what === 'snoozed'),
  );
  expect(later.sla!.touchDueAt > snoozed.sla!.touchDueAt).toBe(true);

  const won = await assigned();
  expect((await act(won.id, 'disposition', { outcome: 'qualified' })).status).toBe(200);
  expect((await act(won.id, 'disposition', { outcome: 'converted', reason: 'signed' })).status).toBe(200);
  expect(
    (await leadWhen(instance, won.id, ({ status }) => status === 'converted')).timeline.some(
      ({ what }) => what === 'converted',
    ),
  ).toBe(true);
});

test('what the state does not allow is a 409 that says why', async () => {
  const { id, owner } = await assigned();
  await act(id, 'touches', { kind: 'call' });
  expect(await act(id, 'decline')).toMatchObject({
    status: 409,
    body: { code: 'lead_conflict', detail: expect.stringContaining('worked already') },
  });
  expect(await act(id, 'reassign', { to: owner?.id })).toMatchObject({ status: 409 });
  await act(id, 'disposition', { outcome: 'disqualified', reason: 'student' });
  await leadWhen(instance, id, ({ status }) => status === 'disqualified');
  expect(await act(id, 'claim')).toMatchObject({ status: 409, body: { code: 'lead_conflict' } });
});

test('requests that reach a run before it knows its lead are answered when it does, and none is lost', async () => {
  instance.kill('worker');
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', { email: 'early@bird.example' });
  const early = until(
    'run started',
    async () => {
      const answer = await act(body.id, 'touches', { kind: 'call' });
      return answer.status === 200;
    },
    60_000,
  );
  await instance.start('worker');
  await early;
  await leadWhen(instance, body.id, ({ status }) => status === 'touched');
});

test('a signed link shows a page on GET and acts on POST; a forged, used-up or foreign one does not', async () => {
  const { id } = await assigned();
  const { claim, decline } = await linksOf(id);
  const path = (link: string | undefined) => new URL(link!).pathname;
  const page = await instance.call<string>('GET', path(claim));
  expect(page.status).toBe(200);
  expect(page.body).toContain('<form');
  expect((await instance.call<LeadBody>('GET', `/v1/leads/${id}`)).body.status).toBe('assigned');
  const forged = `${path(claim).slice(0, -4)}AAAA`;
  expect((await instance.call('POST', forged)).status).toBeGreaterThanOrEqual(400);
  expect(
    (await instance.call('POST', path(claim), '', { 'content-type': 'application/x-www-form-urlencoded' }))
      .status,
  ).toBe(200);
  await leadWhen(instance, id, ({ status }) => status === 'touched');
  expect(
    (await instance.call('POST', path(decline), '', { 'content-type': 'application/x-www-form-urlencoded' }))
      .status,
  ).toBe(409);
});

test('a paused or absent rep is passed over, and parked leads move when he is back', async () => {
  const pause = (rep: string, status: string) =>
    instance.call('PUT', `/v1/reps/${rep}/status`, { status, reason: 'test' });
  const everybody = (await instance.call<{ data: { id: string }[] }>('GET', '/v1/reps')).body.data.map(
    ({ id }) => id,
  );
  for (const rep of everybody) expect((await pause(rep, 'paused')).status).toBe(200);
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', { email: 'nobody@home.example' });
  const parked = await leadWhen(instance, body.id, ({ status }) => status === 'parked');
  expect(parked.timeline.find(({ what }) => what === 'parked')).toMatchObject({
    skipped: expect.arrayContaining([{ rep: 'anna', skip: 'paused' }]),
  });
  for (const rep of everybody) await pause(rep, 'active');
  expect((await leadWhen(instance, body.id, ({ status }) => status === 'assigned')).owner).toBeDefined();
  expect((await instance.call<{ balanced: boolean }>('GET', '/v1/accounting')).body.balanced).toBe(true);
});
