import { MockActivityEnvironment } from '@temporalio/testing';
import { createCrmChangeActivities } from '../../../activities/crm-change';
import { createCrmSyncActivities } from '../../../activities/crm-sync';
import { ConnectorError } from '../../../activities/failures';
import type { CrmChanges, CrmRecord } from '../../../activities/ports-crm-sync';
import { openDatabase, type Database } from '../../../db/client';
import { createStores } from '../../../db/stores';
import type { Authority, Verdict } from '../../../domain/crm/change';
import { deriveLeadId, type LeadId } from '../../../domain/ids';
import { toInstant, type IsoInstant } from '../../../domain/instant';
import { cloneDatabase, type TestDatabase } from '../../support/database';

const startMs = Date.UTC(2026, 10, 24, 9);
/** Seconds after the lead came. */
const t = (seconds: number): IsoInstant => toInstant(startMs + seconds * 1_000);
const system = 'test';
const crm: Authority = { owner: 'crm', status: 'crm' };
let database: TestDatabase;
let db: Database;
let stores: ReturnType<typeof createStores>;

beforeAll(async () => {
  database = await cloneDatabase();
  db = openDatabase({ databaseUrl: database.url, maxConnections: 8, onFault: () => undefined });
  stores = createStores(db, { secretKey: Buffer.alloc(32) });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(async () => {
  await db.pool.query(
    'TRUNCATE leads, assignments, timeline, crm_links, crm_states, crm_cursors, crm_reports',
  );
});

/** A lead of jordan's that was assigned at second 10 and is in the CRM. */
async function lead(event: string): Promise<LeadId> {
  const leadId = deriveLeadId('test', event);
  await db.pool.query(
    `INSERT INTO leads (id, source, event_key, raw_body, fields, received_at, progress, owner_id)
     VALUES ($1, 'test', $2, '{}', '{}', $3, 'assigned', 'jordan')`,
    [leadId, event, t(0)],
  );
  await db.pool.query(
    `INSERT INTO assignments (lead_id, hop, rep_id, rule, cause, assigned_at, sla, touch_due_at)
     VALUES ($1, 0, 'jordan', 'r', 'routed', $2, '{}', $2)`,
    [leadId, t(10)],
  );
  const found = await stores.crm.crmLead(leadId, system);
  await stores.crm.synced(found!.lead, system, `x-${event}`, t(11));
  return leadId;
}
const judge = (
  leadId: LeadId,
  field: 'owner' | 'status',
  value: string,
  at: number,
  authority = crm,
): Promise<Verdict> =>
  new MockActivityEnvironment().run(
    createCrmChangeActivities({
      payloadKey: Buffer.alloc(32, 5),
      crmSync: stores.crmSync,
      authority,
    }).judgeCrmChange,
    { leadId, field, value, at: t(at), now: t(at + 1) },
  );
const timeline = async (leadId: LeadId) =>
  (
    await db.pool.query<{ what: string; details: object }>(
      `SELECT what, details FROM timeline WHERE lead_id = $1 AND what <> 'crm_written' ORDER BY id`,
      [leadId],
    )
  ).rows;

describe('a change in the CRM', () => {
  it('is followed once, however often it is told', async () => {
    const id = await lead('one');
    expect(await judge(id, 'owner', 'sofia', 20)).toBe('apply');
    // The run died before it heard the answer, and asks again.
    expect(await judge(id, 'owner', 'sofia', 20)).toBe('apply');
    expect(await timeline(id)).toEqual([
      { what: 'crm_changed', details: { field: 'owner', value: 'sofia' } },
    ]);
    expect(await judge(id, 'owner', 'mira', 15)).toBe('stale');
  });

  it('that we wrote ourselves is none, written or still being written', async () => {
    const id = await lead('echo');
    expect(await judge(id, 'owner', 'jordan', 20)).toBe('same');
    await db.pool.query(`UPDATE leads SET progress = 'touched' WHERE id = $1`, [id]);
    await stores.crm.crmLead(id, system);
    await db.pool.query(`UPDATE leads SET progress = 'assigned' WHERE id = $1`, [id]);
    expect(await judge(id, 'status', 'touched', 21)).toBe('echo');
    expect(await timeline(id)).toEqual([]);
  });

  it('is taken back where the router decides, and the CRM is known to show it until then', async () => {
    const id = await lead('router');
    const router: Authority = { owner: 'router', status: 'router' };
    expect(await judge(id, 'owner', 'sofia', 20, router)).toBe('overrule');
    expect(await timeline(id)).toMatchObject([{ what: 'crm_change_overruled' }]);
    const { rows } = await db.pool.query<{ shown: object }>('SELECT shown FROM crm_states');
    expect(rows).toEqual([{ shown: { owner: 'sofia', status: 'assigned' } }]);
  });

  it('of a lead that nobody knows is nothing', async () => {
    expect(await judge(deriveLeadId('test', 'nobody'), 'owner', 'sofia', 20)).toBe('stale');
  });
});

describe('reading the changes of a CRM', () => {
  const record = (event: string, at: number, more: Partial<CrmRecord> = {}): CrmRecord => ({
    externalId: `x-${event}`,
    modifiedAt: t(at),
    stamp: `${String(at)} ${JSON.stringify(more)}`,
    status: ['assigned'],
    ownerEmail: 'jordan@example.com',
    ...more,
  });
  let told: object[];
  let records: CrmRecord[];
  let failing: boolean;
  /** Pages that a question has, and those of them that are refused once. */
  let pageSize: number;
  let refused: string[];
  const nowMs = startMs + 3_600_000;
  const activities = () => {
    const changes: CrmChanges = {
      everyMs: 1_000,
      lagMs: 30_000,
      since: async (since, page) => {
        if (refused[0] === page && refused.shift() !== undefined)
          throw new ConnectorError('busy', 'test: HTTP 429');
        const found = records.filter(({ modifiedAt }) => modifiedAt >= since);
        const end = Number(page ?? 0) + pageSize;
        return {
          records: found.slice(end - pageSize, end),
          nextPage: end < found.length ? String(end) : undefined,
        };
      },
      read: async (ids) => records.filter(({ externalId }) => ids.includes(externalId)),
    };
    return createCrmSyncActivities({
      ...stores,
      system,
      changes,
      authority: crm,
      tell: async ({ leadId }, change) => {
        if (failing) throw new Error('Temporal is away');
        told.push({ leadId, ...change });
      },
      clock: { now: () => nowMs },
    });
  };
  const env = () => new MockActivityEnvironment();
  const read = () => env().run(activities().readCrmChanges);
  type Compare = ReturnType<typeof activities>['compareCrmPage'];
  const compare = (afterSeq: string) =>
    env().run<[{ afterSeq: string }], Awaited<ReturnType<Compare>>, Compare>(activities().compareCrmPage, {
      afterSeq,
    });
  beforeEach(async () => {
    [told, records, failing] = [[], [], false];
    [pageSize, refused] = [1_000, []];
    await stores.crmSync.saveCursor(system, { since: t(0), seen: {} }, t(0));
  });
  /** Addresses of the reps in the policy of the template. */
  const emailOf = async (rep: string) =>
    (await stores.policies.live())!.policy.reps.find(({ id }) => id === rep)!.email;

  it('wakes only the runs of leads that people changed', async () => {
    const [mine, other] = [await lead('mine'), await lead('other')];
    const jordan = await emailOf('jordan');
    records = [
      record('mine', 20, { ownerEmail: jordan }),
      record('other', 21, { ownerEmail: (await emailOf('sofia')).toUpperCase() }),
      record('nobodys', 22, { status: ['qualified'] }),
    ];
    await read();
    expect(told).toEqual([{ leadId: other, field: 'owner', value: 'sofia', at: t(21) }]);
    records.push(record('mine', 23, { ownerEmail: jordan, status: ['qualified'] }));
    await read();
    expect(told.slice(1)).toEqual([{ leadId: mine, field: 'status', value: 'qualified', at: t(23) }]);
  });

  it('does not go on before every run was told', async () => {
    const id = await lead('told');
    records = [record('told', 20, { status: ['touched'] })];
    failing = true;
    await expect(read()).rejects.toThrow('away');
    failing = false;
    await read();
    await read();
    expect(told).toEqual([{ leadId: id, field: 'status', value: 'touched', at: t(20) }]);
  });

  it('goes on at the page where it was interrupted, and rests only when all is read', async () => {
    const ids = [await lead('p0'), await lead('p1'), await lead('p2')];
    records = ids.map((_id, n) => record(`p${String(n)}`, 20, { status: ['touched'] }));
    pageSize = 1;
    refused = ['1', '1', '2'];
    for (let n = 0; n < 3; n += 1) await expect(read()).rejects.toThrow('429');
    expect(await read()).toEqual({ everyMs: 1_000, more: false });
    expect(told).toMatchObject(ids.map((leadId) => ({ leadId })));
  });

  it('reads more records of one instant than one turn takes', async () => {
    const last = await lead('last');
    records = Array.from({ length: 4_500 }, (_, n) => record(`many${String(n)}`, 20));
    records.push(record('last', 20, { status: ['touched'] }));
    expect(await read()).toMatchObject({ more: true });
    expect(await read()).toMatchObject({ more: false });
    expect(told).toMatchObject([{ leadId: last }]);
  });

  it('takes a date far ahead for now, so that the next change is newer', async () => {
    const id = await lead('ahead');
    records = [record('ahead', 400 * 86_400, { status: ['touched'] })];
    await read();
    await compare('0');
    const change = { leadId: id, field: 'status', value: 'touched', at: toInstant(nowMs) };
    expect(told.filter((one) => 'field' in one && one.field === 'status')).toEqual([change, change]);
  });

  it('trusts the link, not our id in a copied record', async () => {
    const leadId = await lead('original');
    records = [{ ...record('copy', 20, { status: ['qualified'] }), leadId }];
    await read();
    expect(told).toEqual([]);
  });

  /** Two people with one mailbox: the second one's lead was written to the contact of the first one's. */
  const sharing = async (): Promise<readonly [LeadId, LeadId]> => {
    const [first, second] = [await lead('first'), await lead('second')];
    await db.pool.query(`UPDATE crm_links SET external_id = 'x-first' WHERE lead_id = $1`, [second]);
    return [first, second];
  };

  it('tells only the lead that a shared record was written for last', async () => {
    const [, second] = await sharing();
    const theirs = { leadId: second, ownerEmail: await emailOf('sofia'), status: ['touched'] } as const;
    records = [record('first', 20, theirs)];
    await read();
    expect(told).toEqual([
      { leadId: second, field: 'owner', value: 'sofia', at: t(20) },
      { leadId: second, field: 'status', value: 'touched', at: t(20) },
    ]);
    records = [record('first', 30, { deleted: true, leadId: second })];
    told = [];
    await read();
    expect(told).toHaveLength(2); // it is gone for both
  });

  it('compares a shared record with that lead, until it is over and the other one takes the record', async () => {
    const [first, second] = await sharing();
    records = [record('first', 20, { leadId: second, ownerEmail: await emailOf('sofia') })];
    expect((await compare('0')).differences).toEqual([
      { leadId: second, field: 'owner', ours: 'jordan', theirs: 'sofia', repair: 'taken' },
    ]);
    await db.pool.query('UPDATE leads SET closed_at = now() WHERE id = $1', [second]);
    told = [];
    expect((await compare('0')).differences).toEqual([
      { leadId: first, field: 'record', ours: first, theirs: second, repair: 'written' },
    ]);
    expect(told).toMatchObject([{ leadId: first, field: 'record', value: 'differs' }]);
  });

  it('re-points a lead whose record was merged, and flags one whose record is gone', async () => {
    const [merged, gone] = [await lead('merged'), await lead('gone')];
    await lead('into');
    const jordan = await emailOf('jordan');
    records = [
      record('merged', 20, { mergedInto: 'x-into', status: [] }),
      record('gone', 21, { deleted: true }),
      record('into', 22, { ownerEmail: jordan }),
    ];
    await read();
    expect(told).toEqual([{ leadId: gone, field: 'record', value: 'deleted', at: t(21) }]);
    expect(await stores.crm.crmLead(gone, system)).toMatchObject({ deleted: 'unasked' });
    expect(await stores.crm.crmLead(merged, system)).toMatchObject({ knownId: 'x-into' });
    expect(await timeline(merged)).toMatchObject([{ what: 'crm_record_merged' }]);
  });

  it('compares page by page, and names what differs', async () => {
    const ids: LeadId[] = [];
    for (let n = 0; n < 101; n += 1) ids.push(await lead(`n${String(n)}`));
    const [jordan, sofia] = [await emailOf('jordan'), await emailOf('sofia')];
    records = ids.map((_id, n) => record(`n${String(n)}`, 20, { ownerEmail: n === 7 ? sofia : jordan }));
    records.splice(9, 1);
    const { ownerEmail: _nobody, ...ownerless } = record('n5', 20);
    records[5] = ownerless;
    // Of the one after the next nothing is known over there.
    records[10] = { ...ownerless, externalId: 'x-n11', status: [], unclear: true };
    const first = await compare('0');
    expect(first.counts).toEqual({ checked: 100, differing: 3, taken: 1, written: 1, asked: 1 });
    expect(first.differences).toEqual([
      { leadId: ids[5], field: 'owner', ours: 'jordan', theirs: '', repair: 'written' },
      { leadId: ids[7], field: 'owner', ours: 'jordan', theirs: 'sofia', repair: 'taken' },
      { leadId: ids[9], field: 'record', ours: 'x-n9', theirs: 'deleted', repair: 'asked' },
    ]);
    expect(told).toMatchObject([
      { leadId: ids[5], field: 'record', value: 'differs' },
      { leadId: ids[7], field: 'owner', value: 'sofia' },
      { leadId: ids[9], field: 'record', value: 'deleted' },
    ]);
    const rest = await compare(first.nextSeq!);
    expect(rest).toEqual({
      counts: { checked: 1, differing: 0, taken: 0, written: 0, asked: 0 },
      differences: [],
    });
  });
});
