import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFakeHubspot, type FakeHubspot } from '../../connectors/crm/fake-hubspot';
import { leadWhen, startInstance, type Instance } from '../support/instance';
import { until } from '../support/until';

/** Leads written per second; each takes three calls once the owners are known. */
const perSecond = 5;
const policy = readFileSync(join(__dirname, '../../examples/policy.yaml'), 'utf8');
const owners = Object.fromEntries(
  [...policy.matchAll(/email: (\S+@[\w.-]+)/g)].map(([, email], n) => [email, String(500 + n)]),
);
let crm: FakeHubspot;
let instance: Instance;

beforeAll(async () => {
  crm = await startFakeHubspot({ owners });
  instance = await startInstance({
    namespace: 'crm',
    env: {
      CRM: 'hubspot',
      HUBSPOT_URL: crm.url,
      HUBSPOT_TOKEN: crm.token,
      CRM_WRITES_PER_SECOND: String(perSecond),
    },
  });
});
afterAll(async () => {
  await instance.stop();
  await crm.close();
});

const post = async (lead: object): Promise<string> => {
  const { status, body } = await instance.call<{ id: string }>('POST', '/v1/leads', lead);
  expect(status).toBe(202);
  return body.id;
};
const cold = (name: string, n: number) =>
  post({ firstName: `${name}${n}`, email: `info@${name}-${n}.example` });
const written = async (ids: readonly string[]): Promise<boolean> => {
  const rows = await instance.sql('SELECT 1 FROM crm_links WHERE lead_id = ANY($1::text[])', [ids]);
  return rows.length === ids.length;
};
/** Leads in the order in which the CRM first had them. */
const order = (): (string | undefined)[] =>
  [...crm.contacts.values()].map((contact) => contact['lead_router_id']);

/**
 * From the moment a hot lead has its owner no write of a colder one begins until it is in the CRM, also while the CRM
 * tells it to come back. Those that are being written at that moment are finished.
 */
test('a hot lead that comes last is the next to be written, though the CRM refuses half of the calls', async () => {
  crm.busyShare(0.5);
  const backlog = await Promise.all(Array.from({ length: 30 }, (_, n) => cold('backlog', n)));
  await until('the first are written', () => crm.contacts.size >= 2);
  const hot = await post({
    firstName: 'Ida',
    lastName: 'Nilsen',
    email: 'ida.nilsen@fjordworks.example',
    country: 'Norway',
    title: 'Head of Sales',
    utm: { event: 'demo_request' },
  });
  const { band, timeline } = await leadWhen(instance, hot, ({ status }) => status === 'assigned');
  expect(band).toBe('hot');
  await until('the hot lead is written', () => written([hot]), 60_000);
  crm.busyShare(0);
  await until('all in the CRM', () => written(backlog), 60_000);
  const before = await instance.sql(
    `SELECT 1 FROM crm_links c, crm_links h WHERE h.lead_id = $1 AND c.lead_id = ANY($2::text[])
     AND c.synced_at > $3 AND c.synced_at < h.synced_at`,
    [hot, backlog, timeline.find(({ what }) => what === 'assigned')?.at],
  );
  expect(before.length).toBeLessThanOrEqual(perSecond); // what a second hands out may be under way; without turns it was 9
  // Nobody waits for a turn that is over.
  expect(await instance.sql('SELECT 1 FROM crm_turns')).toEqual([]);
}, 180_000);

test('a CRM that refuses half of the calls gets no more than its budget, and loses nothing', async () => {
  crm.busyShare(0.5);
  const [startedAt, requestsBefore] = [Date.now(), crm.requests()];
  const ids = await Promise.all(Array.from({ length: 6 }, (_, n) => cold('half', n)));
  await until('all in the CRM', () => written(ids), 120_000);
  const seconds = (Date.now() - startedAt) / 1_000;
  // The server hands out a second's worth at the start.
  expect(crm.requests() - requestsBefore).toBeLessThanOrEqual((seconds + 1) * perSecond * 3);
  expect(crm.refusals()).toBeGreaterThan(0);
  for (const id of ids) {
    expect(order().filter((leadId) => leadId === id)).toHaveLength(1);
    const tasks = [...crm.tasks.values()].filter((task) => task['lead_router_id'] === id);
    expect(tasks).toHaveLength(1);
  }
}, 180_000);
