import { inheritDeadline } from '../../../activities/clock-lead';
import type { LeadActivityDeps } from '../../../activities/lead-deps';
import { disposeLead, recordTouch } from '../../../activities/work-lead';
import { openDatabase, type Database } from '../../../db/client';
import { createOwedRebases } from '../../../db/owed-rebases';
import { createPolicyStore } from '../../../db/policy-store';
import { createRepStore } from '../../../db/rep-store';
import { toInstant } from '../../../domain/instant';
import { cloneDatabase, type TestDatabase } from '../../support/database';
import { Distribution, policyText } from '../../support/distribution';

let database: TestDatabase;
let distribution: Distribution;
let db: Database;
beforeAll(async () => {
  database = await cloneDatabase();
  distribution = new Distribution(database.url);
  db = openDatabase({ databaseUrl: database.url, maxConnections: 2, onFault: () => undefined });
});
afterAll(async () => {
  await distribution.pool.end();
  await db.close();
  await database.drop();
});

test('a lead that joins an older one leaves that one’s clocks to its own run, which loses nothing', async () => {
  await distribution.start(policyText());
  const { store, pool } = distribution;
  const [older, younger] = [await distribution.lead(), await distribution.lead()];
  for (const id of [older, younger]) await distribution.assign(id);
  const strict = toInstant(distribution.now + 60_000);
  await pool.query('UPDATE assignments SET touch_due_at = $2 WHERE lead_id = $1', [younger, strict]);
  const slaOf = async () => (await store.history(older))[0]!.sla;
  const read = await slaOf(); // the older run is about to move its clocks by what it read
  const at = toInstant(distribution.now);
  const { joined } = await store.join({ leadId: younger, into: older, at, longestWaitMs: 0 });
  const [owner, heir] = [(await store.history(younger))[0]!.repId, (await store.history(older))[0]!.repId];
  expect(joined).toEqual({ kind: 'joined', into: older, touchDueAt: strict, owner, heir });
  const again = await store.join({ leadId: younger, into: older, at, longestWaitMs: 0 });
  expect(again.joined).toMatchObject({ owner, heir }); // its owner is told, though the answer was lost
  expect(await slaOf()).toEqual(read);

  const held = { ...read, acknowledged: { by: 'boss', until: at } };
  await store.moveClocks({ leadId: older, hop: 0, at, sla: held, what: 'acknowledged', details: {} });
  const deps = {
    assignments: store,
    identities: { lead: () => Promise.resolve({ leadId: older, policyVersion: 1 }) },
    policies: { calendarOf: () => Promise.resolve(distribution.policy.calendar('utc')) },
  } as unknown as LeadActivityDeps;
  const asked = { leadId: older, hop: 0, at, from: younger, touchDueAt: strict };
  for (let n = 0; n < 2; n++)
    expect(await inheritDeadline(deps, asked)).toMatchObject({ touchDueAt: strict });
  const { touchMs: _promised, ...kept } = held;
  expect(await slaOf()).toEqual({ ...kept, touchDueAt: strict });
  const { rows } = await pool.query(
    `SELECT details FROM timeline WHERE lead_id = $1 AND what = 'deadline_inherited'`,
    [older],
  );
  expect(rows).toEqual([{ details: { from: younger, touchDueAt: strict } }]);
});

test('a verdict that is heard late counts from when it was given, but not from before its owner had the lead', async () => {
  await distribution.start(policyText());
  const { store, pool, policy, now: assignedMs } = distribution;
  const minutes = (n: number) => toInstant(assignedMs + n * 60_000);
  const given = async (decidedAt: number) => {
    const id = await distribution.lead();
    await distribution.assign(id);
    const deps = {
      assignments: store,
      identities: { lead: () => Promise.resolve({ leadId: id, receivedAt: minutes(-60), policyVersion: 1 }) },
      policies: {
        of: () => Promise.resolve(policy),
        calendarOf: () => Promise.resolve(policy.calendar('utc')),
      },
      errors: { resolve: () => Promise.resolve() },
      wake: () => Promise.resolve(),
    } as unknown as LeadActivityDeps;
    const of = { leadId: id, hop: 0 };
    const touched = await recordTouch(deps, { ...of, at: minutes(decidedAt), kind: 'crm_status' });
    // The outage ended long after the hour in which the lead was to be touched.
    await disposeLead(deps, {
      ...of,
      at: minutes(300),
      decidedAt: minutes(decidedAt),
      outcome: 'converted',
    });
    const { rows } = await pool.query<{ closed_at: Date }>('SELECT closed_at FROM leads WHERE id = $1', [id]);
    return [touched.touchedAt, touched.breached, toInstant(rows[0]!.closed_at.getTime())];
  };
  expect(await given(30)).toEqual([minutes(30), false, minutes(30)]);
  expect(await given(-30)).toEqual([minutes(0), false, minutes(0)]);
});

test('what running clocks must be told of is owed from the very change on, until they were told of that change', async () => {
  const rebases = createOwedRebases(db.pool);
  const [reps, policies] = [createRepStore(db), createPolicyStore(db)];
  const now = toInstant(Date.now());
  const away = (days: number) =>
    reps.setAbsence('anna', { from: now, until: toInstant(Date.now() + days * 86_400_000) }, now);
  await db.pool.query('DELETE FROM owed_rebases');
  await away(1);
  const [first] = await rebases.owed();
  expect(first).toMatchObject({ rep: 'anna' });
  await away(2); // while the runs are being told of the first
  await rebases.done(first!);
  const [second, ...more] = await rebases.owed();
  expect([second?.rep, more]).toEqual(['anna', []]);
  await rebases.done(second!);
  await policies.publish((await policies.live())!.version, now);
  const [everybody] = await rebases.owed();
  expect(Object.keys(everybody!)).toEqual(['change']);
  await rebases.done(everybody!);
  expect(await rebases.owed()).toEqual([]);
});
