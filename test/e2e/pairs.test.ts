import { startFakeCrm, type FakeCrm } from '../../connectors/crm/fake';
import { startFakeReceiver, type FakeReceiver } from '../../connectors/notify/fake';
import { leadWhen, publishPolicy, startInstance, type Instance, type LeadBody } from '../support/instance';
import { until } from '../support/until';

const secret = `whsec_${Buffer.alloc(32, 13).toString('base64')}`;
const policy = `
calendars: { utc: { timeZone: Etc/UTC, week: { mon-sun: ["00:00-24:00"] } } }
reps:
  - { id: ae, name: Ae One, email: ae@x.example, calendar: utc }
  - { id: ae2, name: Ae Two, email: ae2@x.example, calendar: utc }
  - { id: sdr, name: Sdr One, email: sdr@x.example, calendar: utc }
  - { id: sdr2, name: Sdr Two, email: sdr2@x.example, calendar: utc }
  - { id: boss, name: Boss, email: boss@x.example, calendar: utc }
pools: { closers: { members: [ae, ae2] }, openers: { members: [sdr] }, both: { members: [sdr, sdr2] } }
routing:
  - { rule: two, when: "lead.country == 'FR'", to: pool/closers, sla: s, pair: { pool: both } }
  - { rule: all, to: pool/closers, sla: s, pair: { pool: openers } }
sla: { s: { clock: wall, touch: 1h } }
onCall: boss
`;
let crm: FakeCrm;
let receiver: FakeReceiver;
let instance: Instance;

beforeAll(async () => {
  crm = await startFakeCrm({ secret });
  receiver = await startFakeReceiver({ secret });
  instance = await startInstance({
    namespace: 'pairs',
    env: {
      CRM: 'http',
      CRM_HTTP_URL: crm.url,
      CRM_HTTP_SECRET: secret,
      NOTIFY_WEBHOOK_URL: receiver.url,
      NOTIFY_WEBHOOK_SECRET: secret,
    },
  });
  await publishPolicy(instance, policy);
});
afterAll(async () => {
  await instance.stop();
  await Promise.all([crm.close(), receiver.close()]);
});

type Paired = LeadBody & {
  readonly personId?: string;
  readonly partner?: { readonly id: string; readonly name: string };
};
const assigned = async (email: string, country = 'DE'): Promise<Paired> => {
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', { email, country });
  return leadWhen(instance, body.id, ({ status }) => status === 'assigned');
};
const message = (id: string, kind: string) =>
  until(kind, () => receiver.received.find((one) => one.leadId === id && one.kind === kind));

test('owner and partner are picked together, each is told of the other, and the CRM gets both', async () => {
  const { id, owner, partner } = await assigned('both@pairs.example');
  expect(partner).toEqual({ id: 'sdr', name: 'Sdr One' });
  const paired = await message(id, 'paired');
  expect(paired).toMatchObject({ to: { id: 'sdr' } });
  expect(paired.facts).toContainEqual({ label: 'Owner', text: expect.stringMatching(/^Ae/) });
  expect((await message(id, 'assigned')).facts).toContainEqual({ label: 'Beside you', text: 'Sdr One' });
  const record = await until('crm', () => crm.records.get(id)?.lead);
  expect(record).toMatchObject({ owner: { id: owner?.id }, partner: { id: 'sdr', email: 'sdr@x.example' } });
  const { body } = await instance.call<{ ledger: { pool: string; rep: string; partner: boolean }[] }>(
    'GET',
    `/v1/leads/${id}/explanation`,
  );
  expect(body.ledger.map(({ pool, rep, partner: beside }) => [pool, rep, beside])).toEqual(
    expect.arrayContaining([
      ['closers', owner?.id, false],
      ['openers', 'sdr', true],
    ]),
  );

  const declined = await instance.call<LeadBody>('POST', `/v1/leads/${id}/decline`, { by: owner?.id });
  expect(declined.body.owner).not.toBe(owner?.id);
  const lead: Paired = await leadWhen(instance, id, () => true);
  expect(lead.partner?.id).toBe('sdr');
});

test('a partner declines by his link, or goes away, and the next one takes his place beside the same owner', async () => {
  const { id, owner, partner } = await assigned('two@pairs.example', 'FR');
  expect(partner?.id).toBe('sdr');
  const { links } = await message(id, 'paired');
  expect(Object.keys(links).sort()).toEqual(['decline', 'open']);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const page = await instance.call<string>('POST', new URL(links.decline!).pathname, 'reason=not+mine', form);
  expect(page.status).toBe(200);
  const left: Paired = await leadWhen(instance, id, (one) => (one as Paired).partner?.id === 'sdr2');
  expect(left.owner?.id).toBe(owner?.id);
  expect(left.timeline).toContainEqual(
    expect.objectContaining({
      what: 'partner_left',
      partner: 'sdr',
      because: 'declined',
      reason: 'not mine',
    }),
  );
  await until('told', () => receiver.received.find((one) => one.leadId === id && one.to.id === 'sdr2'));

  const away = await assigned('away@pairs.example', 'FR');
  const [gone, next] = away.partner?.id === 'sdr' ? ['sdr', 'sdr2'] : ['sdr2', 'sdr'];
  const from = new Date(Date.now() - 1_000).toISOString();
  const absence = (ms: number): Promise<unknown> =>
    instance.call('PUT', `/v1/reps/${gone}/absence`, {
      from,
      until: new Date(Date.parse(from) + ms).toISOString(),
    });
  await absence(3_600_000);
  const changed = await leadWhen(instance, away.id, (one) => (one as Paired).partner?.id === next);
  expect(changed.owner?.id).toBe(away.owner?.id);
  await absence(0);
});

test('with nobody for the second place the owner has it alone, and who is on call is told', async () => {
  await instance.call('PUT', '/v1/reps/sdr/status', { status: 'paused' });
  const { id, partner, timeline } = await assigned('alone@pairs.example');
  expect(partner).toBeUndefined();
  expect(timeline.find(({ what }) => what === 'unpaired')).toMatchObject({
    skipped: [{ rep: 'sdr', skip: 'paused' }],
  });
  expect(await message(id, 'unpaired')).toMatchObject({ to: { id: 'boss' } });
});

test('a lead that goes on as an older one of the same person is over for its partner too, who hears of it', async () => {
  const older = await assigned('first.address@pairs.example', 'FR');
  const younger = await assigned('second.address@pairs.example', 'FR');
  expect(younger.partner?.id).not.toBe(older.owner?.id);
  const { status } = await instance.call('POST', `/v1/people/${younger.personId!}/merge`, {
    into: older.personId,
    because: 'she told us',
  });
  expect(status).toBe(200);
  const told = await until('the partner is told', () =>
    receiver.received.find(
      (one) => one.leadId === younger.id && one.kind === 'joined' && one.to.id === younger.partner?.id,
    ),
  );
  expect(told.facts).toContainEqual(expect.objectContaining({ label: 'Owner now' }));
  expect(told.links.open).toContain(older.id);
});
