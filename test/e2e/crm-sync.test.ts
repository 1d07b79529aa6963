import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { startFakeHubspot, type FakeHubspot } from '../../connectors/crm/fake-hubspot';
import { followP95 } from '../support/follow-times';
import { leadWhen, publishPolicy, startInstance, type Instance, type LeadBody } from '../support/instance';
import { until } from '../support/until';

const policy = readFileSync(join(__dirname, '../../examples/policy.yaml'), 'utf8');
const owners: Record<string, string> = {
  ...Object.fromEntries(
    [...policy.matchAll(/email: (\S+@[\w.-]+)/g)].map(([, email], n) => [email, String(500 + n)]),
  ),
  'nova@example.com': '600',
};
let crm: FakeHubspot;
let instance: Instance;
let client: Client;

beforeAll(async () => {
  crm = await startFakeHubspot({ owners });
  instance = await startInstance({
    namespace: 'crm-sync',
    env: {
      CRM: 'hubspot',
      HUBSPOT_URL: crm.url,
      HUBSPOT_TOKEN: crm.token,
      CRM_WRITES_PER_SECOND: '50',
      // The pace of a CRM without a budget, so that the promise also holds while other tests run.
      CRM_ASK_SECONDS: '0.5',
    },
  });
  const connection = await Connection.connect({ address: instance.temporalAddress });
  client = new Client({ connection, namespace: instance.namespace });
});
afterAll(async () => {
  await client.connection.close();
  await instance.stop();
  await crm.close();
});

/** A lead with an owner, and its contact. */
async function written(name: string): Promise<LeadBody & { readonly contact: string }> {
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', {
    firstName: name,
    email: `${name}@${name}.example`,
    country: 'US',
  });
  const lead = await leadWhen(instance, body.id, ({ crm: link, owner }) => !!link && !!owner);
  return { ...lead, contact: lead.crm!.externalId };
}
const ownerIdOf = (rep: string): string => {
  const email = new RegExp(`id: ${rep}\\b[^]*?email: (\\S+@[\\w.-]+)`).exec(policy)?.[1];
  return owners[email ?? ''] ?? '';
};
const other = (rep: string | undefined): string => (rep === 'jordan' ? 'sofia' : 'jordan');
const changesOf = (lead: LeadBody) => lead.timeline.filter(({ what }) => what.startsWith('crm_change'));
const read = async (id: string): Promise<LeadBody> =>
  (await instance.call<LeadBody>('GET', `/v1/leads/${id}`)).body;
const compare = async () =>
  client.workflow.execute('compareCrm', { taskQueue: 'leads', workflowId: 'compare-crm', args: [] });

test('what people change in the CRM reaches the lead within 2 s, and our own writes are no changes', async () => {
  const leads = await Promise.all(Array.from({ length: 30 }, (_, n) => written(`fast${String(n)}`)));
  const changedAt = new Map<string, number>();
  for (const { id, contact } of leads) {
    changedAt.set(id, Date.now());
    crm.change(contact, { hs_lead_status: 'IN_PROGRESS' });
    // Spread over the seconds, so that they do not all fall into the same moment between two questions.
    await delay(237);
  }
  expect(await followP95(instance, changedAt)).toBeLessThanOrEqual(2_000);

  for (const { id, contact } of leads) {
    const lead = await leadWhen(instance, id, ({ timeline }) =>
      timeline.some(({ what }, n) => what === 'crm_written' && n > 5),
    );
    expect(changesOf(lead)).toEqual([
      { at: expect.any(String), what: 'crm_changed', field: 'status', value: 'touched' },
    ]);
    expect(lead.sla?.firstTouchAt).toBe(lead.timeline.find(({ what }) => what === 'touched')!.at);
    expect(crm.contacts.get(contact)).toMatchObject({ hs_lead_status: 'IN_PROGRESS' });
  }
});

test('a new owner in the CRM owns the lead, a person we do not know does not', async () => {
  const lead = await written('moved');
  crm.change(lead.contact, { hubspot_owner_id: '999' });
  const rep = other(lead.owner?.id);
  crm.change(lead.contact, { hubspot_owner_id: ownerIdOf(rep) });
  const moved = await leadWhen(instance, lead.id, ({ owner }) => owner?.id === rep);
  expect(changesOf(moved)).toMatchObject([{ what: 'crm_changed', field: 'owner', value: rep }]);
});

test('a rep who is newer than the policy version of the lead owns it by the live one', async () => {
  const lead = await written('joins');
  const nova = '  - { id: nova, name: Nova, email: nova@example.com, calendar: berlin }';
  await publishPolicy(instance, policy.replace(/^reps:$/m, `reps:\n${nova}`));
  crm.change(lead.contact, { hubspot_owner_id: '600' });
  await leadWhen(instance, lead.id, ({ owner, timeline }) => {
    const isTold = timeline.some(({ what, to }) => what === 'notified' && to === 'nova');
    return owner?.id === 'nova' && isTold;
  });
});

const setStatus = (rep: string, status: 'active' | 'paused') =>
  instance.call('PUT', `/v1/reps/${rep}/status`, { status, reason: 'test' });
const refusals = (lead: LeadBody) => lead.timeline.filter(({ what }) => what === 'crm_change_refused');

test('what the lead cannot follow is taken back in the CRM, and the timeline says why', async () => {
  const lead = await written('refused');
  const [owner, rep] = [lead.owner!.id, other(lead.owner?.id)];
  await setStatus(rep, 'paused');
  crm.change(lead.contact, { hubspot_owner_id: ownerIdOf(rep) });
  const refused = await leadWhen(instance, lead.id, (one) => refusals(one).length > 0);
  expect(refusals(refused)).toEqual([
    {
      at: expect.any(String),
      what: 'crm_change_refused',
      field: 'owner',
      value: rep,
      reason: `${rep} paused`,
    },
  ]);
  const back = () => crm.contacts.get(lead.contact)?.['hubspot_owner_id'] === ownerIdOf(owner);
  await until('our owner is back', back);
  // A rule over there that sets him again at once is left alone until the night.
  crm.change(lead.contact, { hubspot_owner_id: ownerIdOf(rep) });
  const again = await leadWhen(instance, lead.id, (one) => refusals(one).length > 1);
  expect(again.owner).toEqual(lead.owner);
  expect(back()).toBe(false);
  await setStatus(rep, 'active');
});

test('a touch of a lead that nobody owns is taken back', async () => {
  const lead = await written('parked');
  const { body } = await instance.call<{ data: { id: string }[] }>('GET', '/v1/reps');
  const others = body.data.map(({ id }) => id).filter((id) => id !== lead.owner!.id);
  await Promise.all(others.map((rep) => setStatus(rep, 'paused')));
  await instance.call('POST', `/v1/leads/${lead.id}/decline`, {});
  await leadWhen(instance, lead.id, ({ status }) => status === 'parked');
  crm.change(lead.contact, { hs_lead_status: 'IN_PROGRESS' });
  const refused = await leadWhen(instance, lead.id, (one) => refusals(one).length > 0);
  expect(refusals(refused)).toMatchObject([{ value: 'touched', reason: 'nobody owns the lead yet' }]);
  await until('our status is back', () => crm.contacts.get(lead.contact)?.['hs_lead_status'] === 'NEW');
  await Promise.all(others.map((rep) => setStatus(rep, 'active')));
});

test('what is changed while no worker runs is read afterwards', async () => {
  const before = await Promise.all(['down1', 'down2', 'down3'].map(written));
  instance.kill('worker');
  await until('the worker is gone', () => !instance.alive().worker);
  for (const { contact } of before) crm.change(contact, { hs_lead_status: 'CONNECTED' });
  const startedAt = Date.now();
  await instance.start('worker');
  for (const { id } of before) {
    const lead = await leadWhen(instance, id, ({ status }) => status === 'qualified');
    // It counts from when it was set there.
    for (const fact of ['touched', 'qualified'])
      expect(Date.parse(lead.timeline.find(({ what }) => what === fact)!.at)).toBeLessThanOrEqual(startedAt);
    expect(Date.parse(lead.sla!.firstTouchAt!)).toBeLessThanOrEqual(startedAt);
  }
});

test('a deleted contact waits for a person: a retry makes a new one, a closed lead needs none', async () => {
  const [kept, dropped] = await Promise.all(['kept', 'dropped'].map(written));
  const merged = await written('twin');
  const into = await written('main');
  for (const { contact } of [kept!, dropped!]) crm.remove(contact);
  // Of one it is written before the night has compared it, of the other one it is found by that.
  await instance.call('POST', `/v1/leads/${kept!.id}/touches`, { kind: 'call' });
  await leadWhen(instance, kept!.id, ({ status }) => status === 'needs_attention');
  await compare();
  for (const { id } of [kept!, dropped!])
    await leadWhen(instance, id, ({ status }) => status === 'needs_attention');
  const errors = await instance.call<{ data: { fingerprint: string; leads: number }[] }>(
    'GET',
    '/v1/errors/groups',
  );
  expect(errors.body.data).toMatchObject([{ fingerprint: 'crm.deleted', leads: 2 }]);

  await instance.call('POST', `/v1/leads/${dropped!.id}/disposition`, { outcome: 'disqualified' });
  await instance.call('POST', '/v1/errors/retry', { fingerprint: 'crm.deleted' });
  const again = await leadWhen(
    instance,
    kept!.id,
    ({ status, crm: link }) => status === 'touched' && link!.externalId !== kept!.contact,
  );
  expect(crm.contacts.get(again.crm!.externalId)).toMatchObject({ lead_router_id: kept!.id });
  await leadWhen(instance, dropped!.id, ({ status }) => status === 'disqualified');
  expect([...crm.contacts.values()].some(({ email }) => email === 'dropped@dropped.example')).toBe(false);

  // Merged by hand: both leads go on, on the contact that is left.
  const left = crm.merge(merged.contact, into.contact);
  for (const { id } of [merged, into])
    await leadWhen(instance, id, ({ crm: link }) => link!.externalId === left);
});

test('the nightly comparison repairs what was missed and says so', async () => {
  const [theirs, ours, same] = await Promise.all(['theirs', 'ours', 'same'].map(written));
  const rep = other(theirs!.owner?.id);
  // Behind the back of the cursor: the time of the last change stays.
  const unseen = (contact: string, properties: Record<string, string>) =>
    (crm.contacts as Map<string, Readonly<Record<string, string>>>).set(contact, {
      ...crm.contacts.get(contact)!,
      ...properties,
    });
  unseen(theirs!.contact, { hubspot_owner_id: ownerIdOf(rep) });
  unseen(ours!.contact, { hs_lead_status: 'NEW' });
  await compare();
  await leadWhen(instance, theirs!.id, ({ owner }) => owner?.id === rep);
  await until('our status is back', () => crm.contacts.get(ours!.contact)?.['hs_lead_status'] === 'OPEN');
  const { body } = await instance.call<{
    data: { counts: Record<string, number>; differences: Record<string, string>[] }[];
  }>('GET', '/v1/reports/crm?limit=1');
  const [report] = body.data;
  const mine = [theirs!, ours!, same!].map(({ id }) => id);
  expect(report!.counts['checked']).toBeGreaterThanOrEqual(3);
  // In the order in which the leads arrived.
  const found = report!.differences.filter(({ leadId }) => mine.includes(leadId!));
  expect(found.sort((a, b) => (a['field']! < b['field']! ? -1 : 1))).toEqual([
    { leadId: theirs!.id, field: 'owner', ours: theirs!.owner!.id, theirs: rep, repair: 'taken' },
    { leadId: ours!.id, field: 'status', ours: 'assigned', theirs: 'received', repair: 'written' },
  ]);
  await compare();
  const next = await instance.call<typeof body>('GET', '/v1/reports/crm?limit=1');
  expect(next.body.data[0]!.differences.filter(({ leadId }) => mine.includes(leadId!))).toEqual([]);
  expect(await read(same!.id)).toMatchObject({ status: 'assigned', owner: same!.owner });
});
