import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFakeHubspot, type FakeHubspot } from '../../connectors/crm/fake-hubspot';
import { startInstance, type Instance } from '../support/instance';
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

test('a CRM that refuses half of the calls gets no more than its budget, and loses nothing', async () => {
  crm.busyShare(0.5);
  const [startedAt, requestsBefore] = [Date.now(), crm.requests()];
  const ids = await Promise.all(Array.from({ length: 12 }, (_, n) => cold('half', n)));
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
});
