import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { startFakeHubspot, type FakeHubspot } from '../../connectors/crm/fake-hubspot';
import { followP95 } from '../support/follow-times';
import { leadWhen, startInstance, type Instance, type LeadBody } from '../support/instance';
import { until } from '../support/until';

const policy = readFileSync(join(__dirname, '../../examples/policy.yaml'), 'utf8');
const owners = Object.fromEntries(
  [...policy.matchAll(/email: (\S+@[\w.-]+)/g)].map(([, email], n) => [email, String(500 + n)]),
);
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

test('what is changed while no worker runs is read afterwards', async () => {
  const before = await Promise.all(['down1', 'down2', 'down3'].map(written));
  instance.kill('worker');
  await until('the worker is gone', () => !instance.alive().worker);
  for (const { contact } of before) crm.change(contact, { hs_lead_status: 'CONNECTED' });
  await instance.start('worker');
  for (const { id } of before) await leadWhen(instance, id, ({ status }) => status === 'qualified');
});

test('a deleted contact waits for a person: a retry makes a new one, a closed lead needs none', async () => {
  const [kept, dropped] = await Promise.all(['kept', 'dropped'].map(written));
  const merged = await written('twin');
  const into = await written('main');
  for (const { contact } of [kept!, dropped!]) crm.remove(contact);
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
    ({ status, crm: link }) => status === 'assigned' && link!.externalId !== kept!.contact,
  );
  expect(crm.contacts.get(again.crm!.externalId)).toMatchObject({ lead_router_id: kept!.id });
  await leadWhen(instance, dropped!.id, ({ status }) => status === 'disqualified');
  expect([...crm.contacts.values()].some(({ email }) => email === 'dropped@dropped.example')).toBe(false);

  // Merged by hand: both leads go on, on the contact that is left.
  crm.merge(merged.contact, into.contact);
  await leadWhen(instance, merged.id, ({ crm: link }) => link!.externalId === into.contact);
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
  expect(report!.differences.filter(({ leadId }) => mine.includes(leadId!))).toEqual([
    { leadId: theirs!.id, field: 'owner', ours: theirs!.owner!.id, theirs: rep, repair: 'taken' },
    { leadId: ours!.id, field: 'status', ours: 'assigned', theirs: 'received', repair: 'written' },
  ]);
  await compare();
  const next = await instance.call<typeof body>('GET', '/v1/reports/crm?limit=1');
  expect(next.body.data[0]!.differences.filter(({ leadId }) => mine.includes(leadId!))).toEqual([]);
  expect(await read(same!.id)).toMatchObject({ status: 'assigned', owner: same!.owner });
});
