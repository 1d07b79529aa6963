import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { Services } from '../../services/embedded';
import { reconcileScheduleId, repeatReceived, updates } from '../../workflows/contract';
import { leadWhen, startInstance, type Instance, type LeadBody, publishPolicy } from '../support/instance';
import { startScratchServers } from '../support/servers';
import { until } from '../support/until';

// Servers of its own: Temporal is killed here, and takes only a few updates per run, as it takes 2,000 elsewhere.
jest.setTimeout(120_000);

const maxUpdates = 80;
let services: Services;
let dataDir: string;
let instance: Instance;
let connection: Connection;
let client: Client;

const connect = async (): Promise<void> => {
  connection = await Connection.connect({ address: services.temporalAddress });
  client = new Client({ connection, namespace: 'runs' });
};

beforeAll(async () => {
  ({ services, dataDir } = await startScratchServers(
    ['runs'],
    [`history.maxTotalUpdates=${String(maxUpdates)}`],
  ));
  instance = await startInstance({
    namespace: 'runs',
    servers: { databaseUrl: services.databaseUrl, temporalAddress: services.temporalAddress },
  });
  await connect();
  await publish();
});
afterAll(async () => {
  await connection.close();
  await instance.stop();
  await services.stop();
  rmSync(join(dataDir, '..'), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

const publish = async ({ touch = '4h', more = '' } = {}): Promise<void> => {
  const policy = `
calendars: { utc: { timeZone: Etc/UTC, week: { mon-sun: ["00:00-24:00"] } } }
reps:
  - { id: a, name: A, email: a@x.example, calendar: utc }
  - { id: b, name: B, email: b@x.example, calendar: utc }
pools: { both: { members: { a: 1, b: 1 } }, one: { members: { a: 1 } } }
scoring: { fit: [], engagement: { points: {} }, bands: { hot: 70, warm: 40 } }
routing: [{ rule: alone, when: "lead.country == 'NO'", to: pool/one, sla: s }, { rule: all, to: pool/both, sla: s }]
sla: { s: { clock: wall, touch: ${touch}, closeAfter: 9d, qualify: { within: 2d, steps: [{ after: 1d, do: remind }] } } }
${more}`;
  await publishPolicy(instance, policy);
};

const send = async (lead: { email: string; country?: string }): Promise<string> =>
  (await instance.call<{ id: string }>('POST', '/v1/leads', lead)).body.id;
const assigned = async (lead: { email: string; country?: string }): Promise<LeadBody> =>
  leadWhen(instance, await send(lead), ({ status }) => status === 'assigned');
const act = (id: string, verb: string, body: object) =>
  instance.call<{ status: string }>('POST', `/v1/leads/${id}/${verb}`, body);
const count = ({ timeline }: LeadBody, what: string): number =>
  timeline.filter((entry) => entry.what === what).length;
const runOf = (id: string) => client.workflow.getHandle(`lead/${id}`).describe();
const reconcile = (which: 'all' | 'waiting') =>
  client.schedule.getHandle(`${reconcileScheduleId}-${which}`).trigger();
/** The run of the lead after one that was terminated. */
const restarted = async (id: string): Promise<void> => {
  const { runId } = await runOf(id);
  await client.workflow.getHandle(`lead/${id}`).terminate('by a test');
  const again = async (): Promise<boolean> => {
    const run = await runOf(id);
    return run.runId !== runId && run.status.name === 'RUNNING';
  };
  // one that is triggered while another one is under way is skipped
  await until('another run', async () => {
    await reconcile('all');
    return until('this time', again, 3_000);
  });
};

test('a lead with many updates goes on in a new run, under the same id, and nothing happens twice', async () => {
  const { id } = await assigned({ email: 'busy@many.example' });
  const { runId: firstRun } = await runOf(id);
  const press = (updateId: string) =>
    client.workflow
      .getHandle(`lead/${id}`)
      .executeUpdate(updates.recordTouch, { args: [{ kind: 'call' }], updateId });
  const touch = async (): Promise<void> => {
    expect((await act(id, 'touches', { kind: 'call' })).status).toBe(200);
  };
  const tellRepeat = () =>
    client.workflow.getHandle(`lead/${id}`).signal(repeatReceived, { leadId: 'lead_of_the_same_person' });
  // a button pressed twice is one request, though the run that answered it is over; so is a repeat one reply
  await press('pressed');
  await tellRepeat();
  while ((await runOf(id)).runId === firstRun) await touch();
  await press('pressed');
  await tellRepeat();
  // also when so many ask at once that the run never comes to rest
  const total = 3 * maxUpdates;
  const before = count(await leadWhen(instance, id, () => true), 'touched');
  const senders = Array.from({ length: 6 }, async (_each, sender) => {
    for (let n = before + sender; n < total; n += 6) await touch();
  });
  await Promise.all(senders);
  const run = await runOf(id);
  expect([run.status.name, run.runId === firstRun]).toEqual(['RUNNING', false]);
  const busy = await leadWhen(instance, id, () => true);
  expect(['assigned', 'touched', 'customer_replied'].map((what) => count(busy, what))).toEqual([1, total, 1]);
  expect(busy.timeline.filter(({ what }) => what === 'notified').map(({ kind }) => kind)).toEqual([
    'assigned',
    're_engaged',
  ]);
  const [crm] = await instance.sql('SELECT revision FROM local_crm_leads WHERE lead_id = $1', [id]);
  expect(crm).toEqual({ revision: 2 }); // assigned, touched
  await instance.skipTime(id);
  const closed = await leadWhen(instance, id, (lead) => count(lead, 'closed') === 1);
  expect(['reminded', 'sla_missed'].map((what) => count(closed, what))).toEqual([1, 1]);
  const [first] = busy.timeline.filter(({ what }) => what === 'touched');
  expect(await client.workflow.getHandle(`lead/${id}`).result()).toMatchObject({
    kind: 'closed',
    speedToLeadMs: first?.['speedToLeadMs'],
  });
});

describe('a run that was terminated is made again', () => {
  test('in the middle, by the reconciliation: the same owner, told once, the clocks as they were', async () => {
    const lead = await assigned({ email: 'killed@mid-flight.example' });
    const { id, owner, sla } = lead;
    await leadWhen(instance, id, (seen) => count(seen, 'notified') === 1);
    await restarted(id);
    const after = await act(id, 'snooze', { for: '1h' });
    expect(after.status).toBe(200);
    const seen = await leadWhen(instance, id, () => true);
    expect([seen.owner, count(seen, 'assigned'), count(seen, 'notified')]).toEqual([owner, 1, 1]);
    expect(Date.parse(seen.sla!.touchDueAt) - Date.parse(sla!.touchDueAt)).toBe(3_600_000);
    const rows = await instance.sql('SELECT hop FROM assignments WHERE lead_id = $1', [id]);
    const picks = await instance.sql('SELECT hop FROM ledger WHERE lead_id = $1', [id]);
    expect([rows, picks]).toEqual([[{ hop: 0 }], [{ hop: 0 }]]);
    // touched, it has its first touch and its measure from the run before
    await act(id, 'touches', { kind: 'call' });
    await restarted(id);
    await act(id, 'disposition', { outcome: 'converted' });
    expect(await client.workflow.getHandle(`lead/${id}`).result()).toMatchObject({
      outcome: 'converted',
      speedToLeadMs: expect.any(Number),
    });
  });

  test('parked, and not for the rep who declined it', async () => {
    const { id } = await assigned({ email: 'declined@parked.example', country: 'NO' });
    expect((await act(id, 'decline', {})).status).toBe(200);
    await leadWhen(instance, id, ({ status }) => status === 'parked');
    await restarted(id);
    const claimed = await act(id, 'claim', { by: 'b' });
    expect(claimed.status).toBe(200);
    const lead = await leadWhen(instance, id, ({ status }) => status === 'touched');
    expect([lead.owner?.id, count(lead, 'assigned')]).toEqual(['b', 2]);
  });

  test('but not one that came to its end, and a lead that is over is not worked again', async () => {
    const { id } = await assigned({ email: 'over@and-done.example' });
    await act(id, 'disposition', { outcome: 'disqualified' });
    const handle = client.workflow.getHandle(`lead/${id}`);
    await handle.result();
    const { runId } = await runOf(id);
    expect(await send({ email: 'over@and-done.example' })).toBe(id);
    await reconcile('all');
    await assigned({ email: 'behind@it.example' }); // by then the repeat has been dealt with
    expect(await runOf(id)).toMatchObject({ runId, status: { name: 'COMPLETED' } });

    // one that failed in its last steps only brings the CRM up to date
    const late = await assigned({ email: 'over@but-failed.example' });
    await client.workflow.getHandle(`lead/${late.id}`).terminate('by a test');
    await instance.sql(`UPDATE leads SET closed_at = now(), progress = 'converted' WHERE id = $1`, [late.id]);
    expect(await send({ email: 'over@but-failed.example' })).toBe(late.id);
    await until('another run', async () => (await runOf(late.id)).status.name === 'COMPLETED');
    const seen = await leadWhen(instance, late.id, () => true);
    expect([seen.status, count(seen, 'assigned')]).toEqual(['converted', 1]);
  });
});

test('a change of the policy or an absence while Temporal is away reaches running clocks when it is back', async () => {
  const waiting = await assigned({ email: 'waiting@outage.example' });
  const rebases = (lead: LeadBody): number => count(lead, 'rebased');
  process.kill(services.pids.temporal!, 'SIGKILL');
  await until('Temporal away', async () => {
    const { body } = await instance.call<{ temporal: boolean }>('GET', '/readyz');
    return !body.temporal;
  });
  await publish({ touch: '6h' });
  await connection.close();
  await services.restartTemporal();
  await connect();
  await until('the reconciliation', () => reconcile('waiting').then(() => true));
  const lead = await leadWhen(instance, waiting.id, (seen) => rebases(seen) === 1, 90_000);
  expect(Date.parse(lead.sla!.touchDueAt) - Date.parse(waiting.sla!.touchDueAt)).toBe(2 * 3_600_000);
  await until('nothing is owed any more', async () => {
    const owed = await instance.sql('SELECT FROM owed_rebases');
    return owed.length === 0;
  });
});
