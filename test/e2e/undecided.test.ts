import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import * as contract from '../../workflows/contract';
import { leadWhen, publishPolicy, startInstance, type Instance, type LeadBody } from '../support/instance';
import { until } from '../support/until';

/**
 * The routing rule of this policy no longer takes a lead once what its person did has faded. Where that stopped the run,
 * nobody was told of the lead any more, and its owner could neither touch nor decline it.
 */
const fading = ({ touch = '1h', offer = '', more = '', recycle = '' } = {}): string => `
calendars: { utc: { timeZone: Etc/UTC, week: { mon-sun: ["00:00-24:00"] } } }
reps:
  - { id: a, name: A, email: a@x.example, calendar: utc, manager: boss }
  - { id: b, name: B, email: b@x.example, calendar: utc, manager: boss }
  - { id: boss, name: Boss, email: boss@x.example, calendar: utc }
pools: { all: { members: [a, b]${offer} } }
scoring:
  engagement: { halfLife: 10m, points: { demo_request: 80 } }
  bands: { hot: 70, warm: 40, hysteresis: 0 }
routing: [{ rule: hot ones, when: "band == 'hot'", to: pool/all, sla: fast }${more}]
sla:
  fast:
    clock: wall
    touch: ${touch}
    steps: [{ after: ${touch}, do: reassign }, { after: 2h, do: escalate, to: manager }]
    closeAfter: 10d
    maxHops: 3
${recycle}`;
let instance: Instance;
let count = 0;

beforeAll(async () => {
  instance = await startInstance({ namespace: 'undecided' });
});
afterAll(async () => {
  await instance.stop();
});

const publish = (policy: Parameters<typeof fading>[0] = {}) => publishPolicy(instance, fading(policy));
const assigned = async (): Promise<LeadBody> => {
  const sent = { email: `p@un${++count}.example`, utm: { event: 'demo_request' } };
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', sent);
  return leadWhen(instance, body.id, ({ status }) => status === 'assigned');
};
const act = (id: string, verb: string, body: object = {}) =>
  instance.call<{ status: string; owner: string; detail: string }>('POST', `/v1/leads/${id}/${verb}`, body);
const what = ({ timeline }: LeadBody): readonly string[] => timeline.map((entry) => entry.what);
const errorsOf = async (id: string) => {
  const { body } = await instance.call<{
    data: { leadId: string; step: string; code: string; id: string }[];
  }>('GET', '/v1/errors?state=open');
  return body.data.filter(({ leadId }) => leadId === id);
};
/** A lead whose person did something long ago. */
const faded = async (): Promise<LeadBody> => {
  const lead = await assigned();
  await instance.sql(`UPDATE leads SET received_at = received_at - interval '1 day' WHERE id = $1`, [
    lead.id,
  ]);
  return lead;
};
/** One that its owner was to lose. */
const stuck = async (): Promise<LeadBody> => {
  await publish({ touch: '2s' });
  const { id } = await faded();
  return leadWhen(instance, id, ({ status }) => status === 'needs_attention');
};
const withRun = async <T>(id: string, work: (run: WorkflowHandle) => Promise<T>): Promise<T> => {
  const connection = await Connection.connect({ address: instance.temporalAddress });
  try {
    const { workflow } = new Client({ connection, namespace: instance.namespace });
    return await work(workflow.getHandle(contract.leadRoutingId(id)));
  } finally {
    await connection.close();
  }
};
const details = async (id: string): Promise<string> =>
  withRun(id, async (run) => {
    const metadata = await run.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    return metadata.currentDetails ?? '';
  });
const retry = async (id: string): Promise<void> => {
  const [error] = await errorsOf(id);
  expect((await instance.call('POST', `/v1/errors/${error!.id}/retry`)).status).toBeLessThan(300);
};
/** From now on its rule takes it, whatever has faded. */
const setHot = async (id: string): Promise<void> => {
  const hot = { band: 'hot', reason: 'called us', by: 'boss' };
  expect((await instance.call('PUT', `/v1/leads/${id}/score`, hot)).status).toBe(200);
};

test('a lead that should be taken away while no rule takes it stays with its owner, and his ladder goes on', async () => {
  await publish();
  const { id, owner } = await assigned();
  await instance.skipTime(id);
  const lead = await leadWhen(instance, id, (seen) => what(seen).includes('resumed'));
  expect(what(lead).filter((entry) => !['notified', 'crm_written'].includes(entry))).toEqual([
    'received',
    'identified',
    'assigned',
    'sla_missed',
    'needs_attention',
    'escalated',
    'closed',
    'resumed', // nothing is to be decided any more
  ]);
  expect(lead.owner).toEqual(owner);
  expect(lead.timeline.find((entry) => entry.what === 'needs_attention')).toMatchObject({
    step: 'route',
    code: 'no_rule',
  });
  expect(await errorsOf(id)).toEqual([]);
});

test('its owner touches it meanwhile, and nothing waits for the policy any more', async () => {
  const { id } = await stuck();
  expect(await errorsOf(id)).toMatchObject([{ step: 'route', code: 'no_rule' }]);
  expect(await details(id)).toMatch(
    /^\*\*needs attention\*\* — owner .*Step \*\*route\*\* waits for a person: no rule/s,
  );
  expect((await act(id, 'touches', { kind: 'call' })).body).toMatchObject({ status: 'touched' });
  const lead = await leadWhen(instance, id, ({ status }) => status === 'touched');
  expect(what(lead)).toContain('resumed');
  expect(await errorsOf(id)).toEqual([]);
});

test('the retry of its error takes it away as soon as a rule takes it', async () => {
  const { id, owner } = await stuck();
  await retry(id); // as before
  const tries = `SELECT count FROM errors WHERE lead_id = $1`;
  await until(
    'tried again',
    async () => (await instance.sql<{ count: number }>(tries, [id]))[0]?.count === 2,
  );
  await setHot(id);
  await retry(id);
  const lead = await leadWhen(instance, id, (seen) => seen.status === 'assigned');
  expect(lead.owner?.id).not.toBe(owner?.id);
  expect(what(lead).filter((entry) => entry === 'assigned' || entry === 'reassigned')).toHaveLength(3);
  expect(await errorsOf(id)).toEqual([]);
});

test('a corrected policy takes it away by itself, though it was routed by the one before', async () => {
  const { id, owner } = await stuck();
  await publish({ touch: '2s', more: ', { rule: the rest, to: pool/all, sla: fast }' });
  const lead = await leadWhen(instance, id, (seen) => seen.owner?.id !== owner?.id);
  expect(lead.timeline.findLast((entry) => entry.what === 'assigned')).toMatchObject({ rule: 'the rest' });
});

test.each([
  ['decline', {}],
  ['reassign', {}],
  ['reassign', { to: 'boss' }],
])(
  'who asks for a %s %j that the policy cannot decide is told so, and nothing changes',
  async (verb, body) => {
    await publish();
    const { id, owner } = await faded();
    const answer = await act(id, verb, body);
    expect(answer).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('no rule of policy') },
    });
    expect((await act(id, 'claim', { by: owner?.id })).body).toMatchObject({
      owner: owner?.id,
      status: 'touched',
    });
  },
);

test('an offer that is over while the policy cannot say who is next may still be taken', async () => {
  await publish({ offer: ', offer: { for: 2s, atMost: 2 }' });
  const { id, owner } = await faded();
  await leadWhen(instance, id, ({ status }) => status === 'needs_attention');
  expect((await act(id, 'claim', { by: owner?.id })).body).toMatchObject({
    owner: owner?.id,
    status: 'assigned',
  });
  expect(await errorsOf(id)).toEqual([]);
});

describe('a lead that nobody has touched for long', () => {
  /** Worked once, and to be given to somebody else while no rule takes it. */
  const forgotten = async (): Promise<LeadBody> => {
    await publish({ recycle: '    recycle: { after: 2s }\n' });
    const { id } = await faded();
    await act(id, 'touches', { kind: 'call' });
    return leadWhen(instance, id, ({ status }) => status === 'needs_attention');
  };

  test('stays with its rep, who works it as ever; operations see why it was not given on', async () => {
    const { id, owner, timeline } = await forgotten();
    expect(timeline.filter((entry) => entry.what === 'assigned')).toMatchObject([{ owner: owner?.id }]);
    expect(await errorsOf(id)).toMatchObject([{ step: 'route', code: 'no_rule' }]);
    expect(await details(id)).toMatch(/Step \*\*route\*\* waits for a person: no rule/);
    expect((await act(id, 'touches', { kind: 'email' })).body).toMatchObject({
      owner: owner?.id,
      status: 'touched',
    });
    await leadWhen(instance, id, ({ status }) => status === 'touched'); // nothing is to be decided any more
    expect(await errorsOf(id)).toEqual([]);
  });

  test('goes to somebody else at the retry once a rule takes it, with a first touch of his own', async () => {
    const { id, owner } = await forgotten();
    await setHot(id);
    await retry(id);
    const lead = await leadWhen(instance, id, ({ status }) => status === 'assigned');
    expect(lead.owner?.id).not.toBe(owner?.id);
    expect(lead.timeline.findLast((entry) => entry.what === 'assigned')).toMatchObject({ cause: 'recycled' });
    expect(await errorsOf(id)).toEqual([]);
  });
});

test('an owner set in the CRM whom the policy cannot decide about is taken back, and the timeline says why', async () => {
  await publish();
  const { id, owner } = await faded();
  const change = { field: 'owner', value: 'boss', at: new Date().toISOString() } as const;
  await withRun(id, (run) => run.signal(contract.crmChanged, change));
  const lead = await leadWhen(instance, id, (seen) => what(seen).includes('crm_change_refused'));
  expect(lead.timeline.find((entry) => entry.what === 'crm_change_refused')).toMatchObject({
    field: 'owner',
    value: 'boss',
    reason: expect.stringContaining('no rule of policy'),
  });
  expect(lead.owner).toEqual(owner);
  const written = (seen: LeadBody) => what(seen).filter((entry) => entry === 'crm_written').length;
  await leadWhen(instance, id, (seen) => what(seen).at(-1) === 'crm_written' && written(seen) === 2);
  expect(await errorsOf(id)).toEqual([]);
});
