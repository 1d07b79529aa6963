import { MockActivityEnvironment } from '@temporalio/testing';
import { createCrmActivities } from '../../../activities/crm';
import type { CrmPort } from '../../../activities/ports-vendors';
import { startFakePipedrive, type FakePipedrive } from '../../../connectors/crm/fake-pipedrive';
import { createPipedriveCrm } from '../../../connectors/crm/pipedrive';
import { openDatabase, type Database } from '../../../db/client';
import { createStores } from '../../../db/stores';
import { deriveLeadId, type LeadId } from '../../../domain/ids';
import type { LeadFields } from '../../../domain/lead';
import { cloneDatabase, type TestDatabase } from '../../support/database';
import { until } from '../../support/until';

let database: TestDatabase;
let databases: readonly Database[];
let crm: FakePipedrive;

beforeAll(async () => {
  database = await cloneDatabase();
  databases = [0, 1].map(() =>
    openDatabase({ databaseUrl: database.url, maxConnections: 8, onFault: () => undefined }),
  );
});
afterAll(async () => {
  for (const one of databases) await one.close();
  await database.drop();
});
beforeEach(async () => {
  crm = await startFakePipedrive({ users: {} });
  await databases[0]!.pool.query('TRUNCATE leads, crm_links, crm_states, crm_leases');
});
afterEach(() => crm.close());

async function leadOf(person: string, event: string, fields: LeadFields = {}): Promise<LeadId> {
  const leadId = deriveLeadId('form', event);
  await databases[0]!.pool.query(
    `INSERT INTO leads (id, source, event_key, raw_body, fields, received_at, progress, person_id)
     VALUES ($1, 'form', $2, '{}', $3, now(), 'parked', $4)`,
    [leadId, event, { email: `${person}@leased.example`, ...fields }, person],
  );
  return leadId;
}

interface Attempt {
  /** Until what a broken attempt sent can be found. */
  readonly settleMs?: number;
  readonly timeoutMs?: number;
}

/** An attempt of one of two workers; each has its own connections to the database and the CRM. */
function attempt(worker: 0 | 1, leadId: LeadId, { settleMs = 300, timeoutMs = 20_000 }: Attempt = {}) {
  const clock = { now: () => Date.now() };
  const options = { url: crm.url, tokenUrl: `${crm.url}/oauth/token`, auth: { token: crm.token }, clock };
  const port: CrmPort = { ...createPipedriveCrm(options), settleMs };
  const stores = createStores(databases[worker]!, { secretKey: Buffer.alloc(32) });
  const store = { ...stores.crm, deleted: stores.crmSync.deleted };
  const { writeCrm } = createCrmActivities({ crm: port, store, clock });
  const environment = new MockActivityEnvironment({ startToCloseTimeoutMs: timeoutMs });
  return environment.run(writeCrm, { leadId, key: 'k' }).then(
    () => 'written',
    (error: unknown) => (error as { readonly type?: string }).type ?? String(error),
  );
}

const written = (worker: 0 | 1, leadId: LeadId, how?: Attempt): Promise<true> =>
  until('the lead is written', async () => (await attempt(worker, leadId, how)) === 'written');
const persons = (): number => crm.persons.length;

test('attempts of two workers at one lead at once make one record of it, and those that come late wait', async () => {
  const leadId = await leadOf('once', 'once');
  const ends = await Promise.all(Array.from({ length: 20 }, (_, n) => attempt(n % 2 ? 1 : 0, leadId)));
  expect(new Set(ends)).toEqual(new Set(['written', 'crm.under_way']));
  await written(1, leadId);
  expect([crm.leads.size, persons()]).toEqual([1, 1]);
});

test('two leads of one person at once make one person there', async () => {
  const [one, other] = [await leadOf('twice', 'first'), await leadOf('twice', 'second')];
  await Promise.all([written(0, one), written(1, other)]);
  expect([crm.leads.size, persons()]).toEqual([2, 1]);
});

test('two people of ours who share an address at once are one person there', async () => {
  const [one, other] = [
    await leadOf('ada', 'ada', { email: 'info@leased.example', lastName: 'Stone' }),
    await leadOf('bob', 'bob', { email: 'Info@leased.example', lastName: 'Winter' }),
  ];
  await Promise.all([written(0, one), written(1, other)]);
  expect([crm.leads.size, persons()]).toEqual([2, 1]);
});

// Without owner and SLA the calls are: find the person, make it, list its leads, make the lead.
test.each([
  [1, 'crm.unreachable'],
  [2, 'crm.unknown_outcome'],
  [3, 'crm.unreachable'],
  [4, 'crm.unknown_outcome'],
])('call %s takes effect after its answer was lost: nothing is made twice', async (call, end) => {
  const leadId = await leadOf(`late${String(call)}`, `late${String(call)}`);
  crm.commitLate(call);
  expect(await attempt(0, leadId)).toBe(end);
  crm.commitLate(0);
  if (end === 'crm.unknown_outcome') expect(await attempt(1, leadId)).toBe('crm.under_way');
  crm.takeEffect();
  await written(1, leadId);
  expect([crm.leads.size, persons()]).toEqual([1, 1]);
});

test('an attempt that takes too long ends by itself, and its successor waits until what it sent can be found', async () => {
  const leadId = await leadOf('slow', 'slow');
  crm.failNext('hang');
  const started = Date.now();
  expect(await attempt(0, leadId, { timeoutMs: 2_300 })).toBe('crm.unknown_outcome');
  expect(Date.now() - started).toBeLessThan(2_300);
  expect(await attempt(1, leadId)).toBe('crm.under_way');
  await written(1, leadId);
  expect([crm.leads.size, persons()]).toEqual([1, 1]);
});

test('a worker that dies keeps others out for as long as its attempt could have lasted; one of yesterday lets nobody in', async () => {
  const leadId = await leadOf('dead', 'dead');
  const { crm: store } = createStores(databases[0]!, { secretKey: Buffer.alloc(32) });
  expect(await store.lease({ person: 'dead@leased.example', holder: 'the dead one', forMs: 400 })).toBe(true);
  expect(await attempt(1, leadId)).toBe('crm.under_way');
  await store.release({ person: 'dead@leased.example', holder: 'one of yesterday' });
  expect(await attempt(1, leadId)).toBe('crm.under_way');
  await written(1, leadId);
  expect(await databases[0]!.pool.query('SELECT FROM crm_leases')).toMatchObject({ rowCount: 0 });
});
