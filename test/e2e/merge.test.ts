import { Client, Connection } from '@temporalio/client';
import { Pool } from 'pg';
import { createPeopleStore } from '../../db/people-store';
import { defaultModel } from '../../domain/identity/model';
import { mintId } from '../../domain/ids';
import type { IsoInstant } from '../../domain/instant';
import { reconcileScheduleId } from '../../workflows/contract';
import { leadWhen, startInstance, type Instance, type LeadBody } from '../support/instance';

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance({ namespace: 'merge' });
});
afterAll(() => instance.stop());

interface Joined {
  readonly merge: { readonly id: string };
  readonly joins: readonly { readonly leadId: string; readonly into: string; readonly state: string }[];
}

const send = async (fields: object): Promise<LeadBody & { personId: string }> => {
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', fields);
  return (await leadWhen(instance, body.id, ({ status }) => status === 'assigned')) as LeadBody & {
    personId: string;
  };
};
/** Names that nothing relates, so that only a person can say who is one. */
const strangers = [
  ['Ada Winter', 'Zoe Stone'],
  ['Bruno Klimt', 'Hamza Yilmaz'],
  ['Ines Duarte', 'Olaf Petersen'],
  ['Carmen Ruiz', 'Jiří Novotný'],
] as const;
let count = 0;
/** Two open leads of what seem to be two people, the older one first. */
const twoLeads = async () => {
  const pair = strangers[count++]!.map((name) => {
    const [firstName, lastName] = name.split(' ');
    return {
      firstName,
      lastName,
      email: `${name.toLowerCase().replace(' ', '.')}@${lastName!.toLowerCase()}.example`,
    };
  });
  const older = await send(pair[0]!);
  const younger = await send(pair[1]!);
  expect(younger.personId).not.toBe(older.personId);
  return { older, younger };
};
const books = async () =>
  (await instance.call<{ balanced: boolean; merged: number; assigned: number }>('GET', '/v1/accounting'))
    .body;
const poolSums = () =>
  instance.sql<{ sum: string }>('SELECT sum(current)::text AS sum FROM pool_members GROUP BY pool_id');
const openCounts = async (): Promise<Record<string, number>> =>
  Object.fromEntries(
    (
      await instance.sql<{ rep_id: string; open_count: number }>('SELECT rep_id, open_count FROM rep_state')
    ).map(({ rep_id, open_count }) => [rep_id, open_count]),
  );

test('two open leads of one person become the older one: credit returned, deadline kept, books balanced', async () => {
  const { older, younger } = await twoLeads();
  const [open, before] = [await openCounts(), await books()];
  // The younger lead's deadline is the stricter one.
  const strict = new Date(Date.parse(older.sla!.touchDueAt) - 3_600_000).toISOString();
  await instance.sql('UPDATE assignments SET touch_due_at = $2 WHERE lead_id = $1', [younger.id, strict]);
  const { status, body } = await instance.call<Joined>('POST', `/v1/people/${younger.personId}/merge`, {
    into: older.personId,
    because: 'she told us',
  });
  expect(status).toBe(200);
  expect(body.joins).toEqual([{ leadId: younger.id, into: older.id, state: 'joined' }]);

  const ended = await leadWhen(instance, younger.id, (lead) => lead.status === 'merged');
  expect(ended).toMatchObject({ mergedInto: older.id });
  expect(ended.owner).toBeUndefined();
  const kept = await leadWhen(instance, older.id, (lead) => lead.sla?.touchDueAt === strict);
  expect(kept.timeline).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ what: 'repeat_touch', kind: 'joined', leadId: younger.id }),
      expect.objectContaining({ what: 'deadline_inherited', from: younger.id, touchDueAt: strict }),
      expect.objectContaining({ what: 'person_merged', mergeId: body.merge.id }),
    ]),
  );
  await leadWhen(instance, older.id, ({ timeline }) =>
    timeline.some(({ what, kind }) => what === 'notified' && kind === 're_engaged'),
  );
  const owner = younger.owner!.id;
  expect(owner).not.toBe(older.owner!.id);
  await leadWhen(instance, younger.id, ({ timeline }) =>
    timeline.some(({ what, kind, to }) => what === 'notified' && kind === 'joined' && to === owner),
  );
  expect((await openCounts())[owner]).toBe((open[owner] ?? 0) - 1);
  expect(await books()).toMatchObject({
    balanced: true,
    merged: before.merged + 1,
    assigned: before.assigned - 1,
  });
  expect((await poolSums()).map(({ sum }) => sum)).toEqual(expect.arrayContaining(['0']));
  const ledger = await instance.sql<{ credit: object; charged: number }>(
    'SELECT credit, charged FROM ledger WHERE lead_id = $1 ORDER BY hop',
    [younger.id],
  );
  expect(ledger.map(({ charged }) => charged > 0)).toEqual([true, false]);
  expect(ledger[1]?.credit).toEqual({ rep: owner, cause: 'merged', amount: ledger[0]?.charged });

  const again = await instance.call<Joined>('POST', `/v1/people/${younger.personId}/merge`, {
    into: older.personId,
    because: 'she told us',
  });
  expect(again.body).toMatchObject({ merge: { id: body.merge.id }, joins: [] });
  expect((await instance.call('POST', `/v1/leads/${younger.id}/claim`, {})).status).toBe(409);
  // The older run really watches the earlier deadline.
  await instance.skipTime(older.id);
  await leadWhen(instance, older.id, ({ timeline }) =>
    timeline.some(
      ({ what, at }) => what === 'sla_missed' && Math.abs(Date.parse(at) - Date.parse(strict)) < 60_000,
    ),
  );
});

test('an undo restores the people and not the run that ended', async () => {
  const { older, younger } = await twoLeads();
  const { body } = await instance.call<Joined>('POST', `/v1/people/${younger.personId}/merge`, {
    into: older.personId,
    because: 'by mistake',
  });
  await leadWhen(instance, younger.id, (lead) => lead.status === 'merged');
  const undone = await instance.call('POST', `/v1/merges/${body.merge.id}/undo`, {});
  expect(undone).toMatchObject({
    status: 200,
    body: { stillJoined: [{ leadId: younger.id, into: older.id }] },
  });
  const person = await instance.call('GET', `/v1/people/${younger.personId}`);
  expect(person.body).toMatchObject({
    profile: { firstName: 'Hamza' },
    leads: [{ id: younger.id, status: 'merged', mergedInto: older.id }],
  });
  expect(person.body).not.toHaveProperty('mergedInto');
  expect((await books()).balanced).toBe(true);
});

test('the verdict "same" merges too, and a lead that is closed takes over nothing', async () => {
  const { older, younger } = await twoLeads();
  await instance.sql(
    `INSERT INTO identity_reviews (id, lead_id, person_id, other_id, bits, reasons, created_at) VALUES ('rev_e2e', $1, $2, $3, 2, '[]', now())`,
    [younger.id, younger.personId, older.personId],
  );
  await instance.call('POST', `/v1/leads/${older.id}/disposition`, {
    outcome: 'disqualified',
    reason: 'student',
  });
  await leadWhen(instance, older.id, ({ status }) => status === 'disqualified');
  const judged = await instance.call<Joined>('POST', '/v1/reviews/rev_e2e/verdict', { verdict: 'same' });
  expect(judged).toMatchObject({ status: 200, body: { review: { state: 'same' }, joins: [] } });
  expect((await leadWhen(instance, younger.id, () => true)).status).toBe('assigned');
  expect(await books()).toMatchObject({ balanced: true });
});

test('a lead whose run could not be asked when its person was merged is joined by the next reconciliation', async () => {
  const { older, younger } = await twoLeads();
  const pool = new Pool({ connectionString: instance.databaseUrl });
  const at = new Date().toISOString() as IsoInstant;
  const merged = await createPeopleStore(pool, {
    current: async () => ({ model: defaultModel, subsidiaries: 'separate', authority: {} }),
  }).merge({
    survivorId: older.personId,
    mergedId: younger.personId,
    by: 'ops',
    because: 'same person',
    at,
    mergeId: mintId('merge', Date.now()),
  });
  await pool.end();
  expect(merged).toMatchObject({ kind: 'merged', joins: [{ leadId: younger.id, into: older.id }] });
  const connection = await Connection.connect({ address: instance.temporalAddress });
  try {
    const { schedule } = new Client({ connection, namespace: instance.namespace });
    await schedule.getHandle(`${reconcileScheduleId}-all`).trigger();
    expect(await leadWhen(instance, younger.id, ({ status }) => status === 'merged')).toMatchObject({
      mergedInto: older.id,
    });
  } finally {
    await connection.close();
  }
});
