import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startFakeHubspot, type FakeHubspot } from '../../connectors/crm/fake-hubspot';
import { followP95 } from '../support/follow-times';
import { leadWhen, startInstance, type Instance, type LeadBody } from '../support/instance';
import { until } from '../support/until';

const policy = readFileSync(join(__dirname, '../../examples/policy.yaml'), 'utf8');
const emails = [...policy.matchAll(/email: (\S+@[\w.-]+)/g)].map(([, email = '']) => email);
const secret = 'the-client-secret-of-the-app';
let crm: FakeHubspot;
let instance: Instance;
let address: string;

beforeAll(async () => {
  // What is heard in time was not found by a search.
  crm = await startFakeHubspot({
    owners: Object.fromEntries(emails.map((email, n) => [email, String(500 + n)])),
    searchLagMs: 30_000,
  });
  instance = await startInstance({
    namespace: 'crm-named',
    env: {
      CRM: 'hubspot',
      HUBSPOT_URL: crm.url,
      HUBSPOT_TOKEN: crm.token,
      CRM_WRITES_PER_SECOND: '50',
    },
  });
  const source = await instance.call<{ url: string }>('PUT', '/v1/sources/hub', { kind: 'hubspot', secret });
  address = source.body.url;
});
afterAll(async () => {
  await instance.stop();
  await crm.close();
});

/** A lead with an owner, and its contact. */
async function written(name: string): Promise<LeadBody & { readonly contact: string }> {
  const email = `${name}@${name}.example`;
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', { email, country: 'US' });
  const lead = await leadWhen(instance, body.id, ({ crm: link, owner }) => !!link && !!owner);
  return { ...lead, contact: lead.crm!.externalId };
}

let eventId = 0;
const changed = (objectId: string, more: object = {}) => ({
  eventId: (eventId += 1),
  portalId: 62515,
  objectId: Number(objectId),
  occurredAt: Date.now(),
  subscriptionType: 'contact.propertyChange',
  propertyName: 'hs_lead_status',
  ...more,
});
const deleted = (objectId: string) => changed(objectId, { subscriptionType: 'contact.deletion' });

/** HubSpot posts events. */
async function post(events: readonly object[]): Promise<void> {
  const [body, time] = [JSON.stringify(events), String(Date.now())];
  const signature = createHmac('sha256', secret).update(`POST${address}${body}${time}`).digest('base64');
  const headers = { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': time };
  const answer = await instance.call('POST', '/v1/webhooks/hub', body, headers);
  expect(answer.status).toBe(202);
}

const reads = (): readonly string[][] =>
  crm.exchanges
    .filter(({ path }) => path.includes('batch/read'))
    .map(({ sent }) => (sent as { inputs: { id: string }[] }).inputs.map(({ id }) => id));
const told = async () =>
  (await instance.sql(`SELECT lead_id FROM timeline WHERE what LIKE 'crm\\_%' AND what <> 'crm_written'`))
    .length;

test('a change that HubSpot tells of reaches the lead within 2 s, long before its search shows it', async () => {
  const leads = await Promise.all(Array.from({ length: 20 }, (_, n) => written(`named${String(n)}`)));
  const changedAt = new Map<string, number>();
  for (const { id, contact } of leads) {
    changedAt.set(id, Date.now());
    crm.change(contact, { hs_lead_status: 'IN_PROGRESS' });
    await post([changed(contact)]);
  }
  expect(await followP95(instance, changedAt)).toBeLessThanOrEqual(2_000);
  for (const { id } of leads) await leadWhen(instance, id, ({ status }) => status === 'touched');
});

test('a contact that is none of ours costs one read and wakes nobody', async () => {
  crm.change('9001', { email: 'somebody@else.example', hs_lead_status: 'OPEN' });
  const before = await told();
  await post([changed('9001')]);
  await until('it is read', () => reads().some((ids) => ids.includes('9001')));
  // The next one to be read shows that this one is through.
  const lead = await written('after');
  crm.change(lead.contact, { hs_lead_status: 'IN_PROGRESS' });
  await post([changed(lead.contact)]);
  await leadWhen(instance, lead.id, ({ status }) => status === 'touched');
  expect(reads().filter((ids) => ids.includes('9001'))).toEqual([['9001']]);
  expect(await told()).toBe(before + 1);
});

test('a burst of 500 events is a few reads, and the lead among them hears in time', async () => {
  const lead = await written('burst');
  const contacts = Array.from({ length: 249 }, (_, n) => String(20_000 + n));
  for (const id of contacts) crm.change(id, { email: `${id}@burst.example` });
  const ids = [...contacts, lead.contact];
  const events = [...ids, ...ids].map((id) => changed(id));
  const before = reads().length;
  crm.change(lead.contact, { hs_lead_status: 'IN_PROGRESS' });
  const changedAt = new Map([[lead.id, Date.now()]]);
  const posts = Array.from({ length: 5 }, (_, n) => post(events.slice(n * 100, n * 100 + 100)));
  await Promise.all(posts);
  expect(await followP95(instance, changedAt)).toBeLessThanOrEqual(2_000);
  await until('all are read', () => contacts.every((id) => reads().some((one) => one.includes(id))));
  const since = reads().slice(before);
  console.info(`500 events of 250 contacts: ${String(since.length)} reads`);
  expect(since.length).toBeLessThanOrEqual(8);
});

test('a contact that people deleted waits for a person at once; one that is only not found does not', async () => {
  const [gone, missing] = [await written('gone'), await written('missing')];
  crm.remove(gone.contact);
  crm.contacts.delete(missing.contact);
  await post([deleted(gone.contact), deleted(missing.contact)]);
  const parked = await leadWhen(instance, gone.id, ({ status }) => status === 'needs_attention');
  expect(parked.timeline.some(({ what }) => what === 'crm_record_deleted')).toBe(true);
  const { body } = await instance.call<LeadBody>('GET', `/v1/leads/${missing.id}`);
  expect(body.status).toBe('assigned');
});

test('what HubSpot named while it could not be read is read when it can', async () => {
  const gone = await written('late-gone');
  crm.remove(gone.contact);
  const away = { status: 503, text: '{"status":"error","message":"away"}' };
  for (let n = 0; n < 4; n += 1) crm.answerNext(away, /batch\/read/);
  await post([deleted(gone.contact)]);
  // Four tries that fail take eight seconds at least.
  await leadWhen(instance, gone.id, ({ status }) => status === 'needs_attention', 40_000);
});

test('a deletion in a flood of 2,000 events is heard', async () => {
  const gone = await written('flooded');
  crm.remove(gone.contact);
  const events = Array.from({ length: 2_000 }, (_, n) => changed(String(30_000 + n)));
  events.splice(1_500, 1, deleted(gone.contact));
  const posts = Array.from({ length: 20 }, (_, n) => post(events.slice(n * 100, n * 100 + 100)));
  await Promise.all(posts);
  await leadWhen(instance, gone.id, ({ status }) => status === 'needs_attention', 20_000);
});

test('leads whose contacts were merged go on with the one that is left', async () => {
  const [one, two] = [await written('loser'), await written('winner')];
  const into = crm.merge(one.contact, two.contact);
  const merge = { subscriptionType: 'contact.merge', newObjectId: Number(into), mergedObjectIds: [] };
  await post([changed(two.contact, merge)]);
  for (const { id } of [one, two])
    await leadWhen(instance, id, ({ crm: link }) => link!.externalId === into, 5_000);
});

test('what HubSpot named while it refused the credential is read a minute later', async () => {
  const [gone, next] = [await written('refused-gone'), await written('refused-next')];
  crm.remove(gone.contact);
  const refused = { status: 401, text: '{"status":"error","category":"INVALID_AUTHENTICATION"}' };
  crm.answerNext(refused, /batch\/read/);
  await post([deleted(gone.contact)]);
  await delay(1_500);
  expect(reads().flat()).not.toContain(gone.contact);
  // What is named meanwhile does not wait for it.
  crm.remove(next.contact);
  await post([deleted(next.contact)]);
  await leadWhen(instance, next.id, ({ status }) => status === 'needs_attention', 10_000);
  await leadWhen(instance, gone.id, ({ status }) => status === 'needs_attention', 80_000);
}, 120_000);
