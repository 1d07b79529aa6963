import { Client, Connection, WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { startFakeCrm, type FakeCrm } from '../../connectors/crm/fake';
import * as contract from '../../workflows/contract';
import { leadWhen, startInstance, type Instance, type LeadBody } from '../support/instance';

/** Signals are sent again by retries, by reconciliation and by people who press twice, and come when all is over. */
const secret = `whsec_${Buffer.alloc(32, 13).toString('base64')}`;
let crm: FakeCrm;
let instance: Instance;
let connection: Connection;
let client: Client;

beforeAll(async () => {
  crm = await startFakeCrm({ secret });
  instance = await startInstance({
    namespace: 'signals',
    env: { CRM: 'http', CRM_HTTP_URL: crm.url, CRM_HTTP_SECRET: secret },
  });
  connection = await Connection.connect({ address: instance.temporalAddress });
  client = new Client({ connection, namespace: instance.namespace });
});
afterAll(async () => {
  await connection.close();
  await instance.stop();
  await crm.close();
});

const post = async (email: string, more: object = {}): Promise<string> =>
  (await instance.call<{ id: string }>('POST', '/v1/leads', { email, ...more })).body.id;
const read = (id: string): Promise<LeadBody> => leadWhen(instance, id, () => true);
const runOf = (id: string): WorkflowHandle => client.workflow.getHandle(contract.leadRoutingId(id));
const what = ({ timeline }: LeadBody): readonly string[] => timeline.map((entry) => entry.what);
const ledgerSize = async (): Promise<number> =>
  (await instance.sql<{ n: number }>('SELECT count(*)::int AS n FROM ledger'))[0]!.n;

const other = 'lead_0123456789abcdef01234567';
const past = '2020-01-01T00:00:00.000Z';
const signals: readonly (readonly [string, (run: WorkflowHandle) => Promise<void>])[] = [
  ['retryRequested', (run) => run.signal(contract.retryRequested, { step: 'route' })],
  ['repeatReceived', (run) => run.signal(contract.repeatReceived, { leadId: other, touchDueAt: past })],
  ['capacityFreed', (run) => run.signal(contract.capacityFreed)],
  ['timeChanged', (run) => run.signal(contract.timeChanged)],
];

test('all of them, twice, to a lead that is over but for the CRM change nothing, and its last write is not lost', async () => {
  crm.failNext('auth');
  const id = await post('late@closed.example');
  const waits = await leadWhen(instance, id, ({ status }) => status === 'needs_attention');
  expect(waits.owner).toBeDefined();
  await instance.call('POST', `/v1/leads/${id}/disposition`, { outcome: 'disqualified' });
  const [before, charged] = [await read(id), await ledgerSize()];
  for (const [, send] of [...signals, ...signals]) await send(runOf(id));
  for (let n = 0; n < 2; n++) await runOf(id).signal(contract.retryRequested, { step: 'crm' });
  expect(await runOf(id).result()).toMatchObject({ kind: 'closed', outcome: 'disqualified' });
  const after = await read(id);
  expect(after).toMatchObject({ status: 'disqualified', owner: before.owner, sla: before.sla });
  const more = what(after).slice(before.timeline.length);
  expect([...more].sort()).toEqual([...more.filter((one) => one === 'crm_written'), 'resumed']);
  expect(more).toContain('crm_written');
  expect(crm.counts.creates.get(id)).toBe(1);
  expect(crm.records.get(id)?.lead.status).toBe('disqualified');
  expect(await ledgerSize()).toBe(charged);
});

test('a run that has ended says so to each of them, and the lead stays as it is', async () => {
  const older = await post('twice@joined.example');
  await leadWhen(instance, older, ({ status }) => status === 'assigned');
  const joined = await post('twice@joined.example', { message: 'again' });
  await leadWhen(instance, joined, ({ status }) => status === 'merged');
  expect(await runOf(joined).result()).toEqual({ kind: 'merged', into: older });
  const before = await read(joined);
  for (const [, send] of [...signals, ...signals])
    await expect(send(runOf(joined))).rejects.toBeInstanceOf(WorkflowNotFoundError);
  expect(await read(joined)).toEqual(before);
});

test('all of them, twice, to a lead that is being worked leave it with one owner, one charge and one message', async () => {
  const id = await post('open@twice.example');
  const before = await leadWhen(instance, id, (lead) => what(lead).includes('crm_written'));
  const charged = await ledgerSize();
  for (const [name, send] of signals)
    if (name !== 'repeatReceived') for (let n = 0; n < 2; n++) await send(runOf(id));
  for (let n = 0; n < 2; n++) await runOf(id).signal(contract.repeatReceived, { leadId: other });
  const told = (lead: LeadBody) => lead.timeline.filter(({ kind }) => kind === 're_engaged');
  await leadWhen(instance, id, (lead) => told(lead).length > 0);
  for (let n = 0; n < 2; n++) await runOf(id).signal(contract.repeatReceived, { leadId: other });
  // What came before a request is dealt with before the one after it.
  for (const kind of ['call', 'meeting', 'call'])
    expect((await instance.call('POST', `/v1/leads/${id}/touches`, { kind })).status).toBe(200);
  const after = await read(id);
  expect(told(after)).toHaveLength(1);
  expect(what(after).filter((one) => ['assigned', 'rebased', 'needs_attention'].includes(one))).toEqual([
    'assigned',
  ]);
  expect(after).toMatchObject({ owner: before.owner, sla: { touchDueAt: before.sla?.touchDueAt } });
  expect(await ledgerSize()).toBe(charged);
});

test('another lead of the customer of a lead that is worked is one reply, however often it is told', async () => {
  const id = await post('open@replies.example');
  await leadWhen(instance, id, ({ status }) => status === 'assigned');
  expect((await instance.call('POST', `/v1/leads/${id}/touches`, { kind: 'call' })).status).toBe(200);
  const again = 'lead_0123456789abcdef01234568';
  const replies = (lead: LeadBody) => what(lead).filter((one) => one === 'customer_replied').length;
  for (let n = 0; n < 3; n++) {
    await runOf(id).signal(contract.repeatReceived, { leadId: other });
    // What came before a request is dealt with before the one after it.
    expect((await instance.call('POST', `/v1/leads/${id}/touches`, { kind: 'email' })).status).toBe(200);
    await leadWhen(instance, id, (lead) => replies(lead) > 0);
  }
  expect(replies(await read(id))).toBe(1);
  await runOf(id).signal(contract.repeatReceived, { leadId: again });
  await leadWhen(instance, id, (lead) => replies(lead) === 2);
});

test('room that becomes free twice gives a parked lead one owner', async () => {
  const reps = ['vp-sales', 'anna', 'ben', 'mira', 'jordan', 'sofia', 'wei', 'priya'];
  const setAll = (status: string, these = reps) =>
    Promise.all(these.map((rep) => instance.call('PUT', `/v1/reps/${rep}/status`, { status })));
  await setAll('paused');
  const id = await post('parked@waiting.example');
  await leadWhen(instance, id, ({ status }) => status === 'parked');
  await setAll('active', reps.slice(1)); // tells it as well, once for each
  for (let n = 0; n < 2; n++) await runOf(id).signal(contract.capacityFreed);
  const lead = await leadWhen(instance, id, ({ status }) => status === 'assigned');
  expect(what(lead).filter((one) => one === 'assigned')).toHaveLength(1);
  const [row] = await instance.sql<{ n: number }>(
    'SELECT count(*)::int AS n FROM ledger WHERE lead_id = $1',
    [id],
  );
  expect(row?.n).toBe(1);
});
