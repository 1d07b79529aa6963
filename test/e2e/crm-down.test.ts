import { startFakeCrm } from '../../connectors/crm/fake';
import { leadWhen, publishPolicy, startInstance, type Instance } from '../support/instance';
import { until } from '../support/until';

const secret = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const policy = `
calendars: { utc: { timeZone: Etc/UTC, week: { mon-sun: ["00:00-24:00"] } } }
reps:
  - { id: a, name: A, email: a@x.example, manager: boss, calendar: utc }
  - { id: boss, name: Boss, email: boss@x.example, calendar: utc }
pools: { all: { members: { a: 1 } } }
scoring: { fit: [], engagement: { points: {} }, bands: { hot: 70, warm: 40 } }
routing: [{ rule: all, to: pool/all, sla: hot }]
sla:
  hot:
    clock: wall
    touch: 8s
    closeAfter: 30d
    steps: [{ after: 3s, do: remind }, { after: 6s, do: escalate, to: manager }]
`;
let instance: Instance;
let port: number;

beforeAll(async () => {
  const gone = await startFakeCrm({ secret });
  port = Number(new URL(gone.url).port);
  await gone.close();
  instance = await startInstance({
    namespace: 'crm-down',
    env: { CRM: 'http', CRM_HTTP_URL: gone.url, CRM_HTTP_SECRET: secret },
  });
  await publishPolicy(instance, policy);
});
afterAll(() => instance.stop());

/** Time cannot be skipped while a step is tried again and again: the deadlines of this policy are seconds. */
test('a CRM that is down past all deadlines delays its own step only, and has one record of the latest state once it is back', async () => {
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', { email: 'ada@down.example' });
  await leadWhen(instance, body.id, ({ status }) => status === 'assigned');
  const late = await leadWhen(instance, body.id, ({ timeline }) =>
    timeline.some(({ what }) => what === 'sla_missed'),
  );
  const at = (what: string): number => Date.parse(late.timeline.find((entry) => entry.what === what)!.at);
  const seconds = (what: string): number => (at(what) - at('assigned')) / 1_000;
  for (const [what, due] of [
    ['reminded', 3],
    ['escalated', 6],
    ['sla_missed', 8],
  ] as const) {
    expect(seconds(what)).toBeGreaterThanOrEqual(due);
    expect(seconds(what)).toBeLessThan(due + 2);
  }
  expect(late.crm).toBeUndefined();

  await instance.call('POST', `/v1/leads/${body.id}/disposition`, { outcome: 'qualified' });
  const crm = await startFakeCrm({ secret, port });
  await leadWhen(instance, body.id, ({ crm: link }) => link !== undefined, 90_000);
  await until('the latest state', () => crm.records.get(body.id)?.lead.status === 'qualified', 90_000);
  expect(crm.records.size).toBe(1);
  expect(crm.counts.creates).toEqual(new Map([[body.id, 1]]));
  expect(crm.records.get(body.id)!.lead.owner?.id).toBe('a');
  await crm.close();
}, 240_000);
