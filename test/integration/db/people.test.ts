import type { MergeView } from '../../../api/ports-identity';
import { joinLead } from '../../../db/sql/join-lead';
import { mintId } from '../../../domain/ids';
import { ada, adaAtHome, openIdentity, type IdentityWorld } from '../../support/identity';

let world: IdentityWorld;
beforeEach(async () => {
  world = await openIdentity();
});
afterEach(() => world.close());

const bob = { firstName: 'Bob', lastName: 'Stone', email: 'bob@stone.example' };

const merge = (survivorId: string, mergedId: string) =>
  world.people.merge({
    survivorId,
    mergedId,
    by: 'mira',
    because: 'same phone',
    at: world.now(),
    mergeId: mintId('merge', Date.parse(world.now())),
  });
const merged = async (survivorId: string, mergedId: string): Promise<MergeView> => {
  const result = await merge(survivorId, mergedId);
  if (result.kind !== 'merged') throw new Error(JSON.stringify(result));
  return result.merge;
};
const undo = (id: string) => world.people.undo(id, 'mira', world.now());
const timelineOf = async (leadId: string) =>
  (
    await world.pool.query<{ what: string; details: object }>(
      `SELECT what, details FROM timeline WHERE lead_id = $1 AND what LIKE 'person%' ORDER BY id`,
      [leadId],
    )
  ).rows;

test('the survivor takes over leads, traits and keys, and the better value of each field', async () => {
  const first = await world.lead(ada);
  const second = await world.lead(adaAtHome);
  expect(second).toMatchObject({ kind: 'new' });
  expect(second.personId).not.toBe(first.personId);
  const merge = await merged(first.personId, second.personId);
  expect(merge).toMatchObject({
    survivorId: first.personId,
    mergedId: second.personId,
    leads: [second.leadId],
  });
  const { people, keys, traits, leads } = await world.state();
  expect(people.find(({ id }) => id === first.personId)?.['profile']).toEqual({
    ...ada,
    email: adaAtHome.email,
    phone: adaAtHome.phone,
  });
  expect(people.find(({ id }) => id === second.personId)?.['merged_into']).toBe(first.personId);
  expect(new Set(keys.map(({ person }) => person)).size).toBe(1);
  expect(new Set(traits.map(({ person }) => person)).size).toBe(1);
  expect(leads.map(({ person_id }) => person_id)).toEqual([first.personId, first.personId]);
  for (const { leadId } of [first, second])
    expect(await timelineOf(leadId)).toEqual([
      {
        what: 'person_merged',
        details: { mergeId: merge.id, survivorId: first.personId, mergedId: second.personId },
      },
    ]);
  expect(await world.lead({ ...adaAtHome, firstName: 'Ada' })).toMatchObject({ personId: first.personId });
});

test('a repeat with less to say does not make what is known of a person worse', async () => {
  const { personId } = await world.lead(ada);
  await world.lead({ ...ada, firstName: 'A.', title: 'CTO' });
  const [person] = (await world.state()).people;
  expect(person).toMatchObject({ id: personId, profile: { ...ada, title: 'CTO' } });
});

test('a source that is believed more stands against a later one', async () => {
  Object.assign(world.authority, { crm: 10, form: 1 });
  await world.lead({ ...ada, title: 'CTO' }, 'crm');
  await world.lead({ ...ada, title: 'Chief of everything', city: 'Kiel' }, 'form');
  const [person] = (await world.state()).people;
  expect(person?.['profile']).toEqual({ ...ada, title: 'CTO', city: 'Kiel' });
});

test('an undo restores both people exactly', async () => {
  const first = await world.lead(ada);
  const second = await world.lead(adaAtHome);
  await world.lead(bob);
  const before = await world.state();
  const { id } = await merged(first.personId, second.personId);
  expect(await undo(id)).toMatchObject({ kind: 'undone', joined: [], merge: { id, undoneBy: 'mira' } });
  expect(await world.state()).toEqual(before);
  expect((await timelineOf(second.leadId)).map(({ what }) => what)).toEqual([
    'person_merged',
    'person_unmerged',
  ]);
  expect(await undo(id)).toMatchObject({ kind: 'undone' });
  expect(await timelineOf(second.leadId)).toHaveLength(2);
});

test('leads received since go to whom they are nearer, with what they said', async () => {
  const [first, second] = [await world.lead(ada), await world.lead(adaAtHome)];
  const { id } = await merged(first.personId, second.personId);
  const own = await world.lead({ ...ada, title: 'CTO' });
  const others = await world.lead({ ...adaAtHome, city: 'Kiel' });
  const anybodys = await world.lead({ ...ada, ...adaAtHome, firstName: 'Ada', email: ada.email });
  expect(new Set([own, others, anybodys].map(({ personId }) => personId))).toEqual(new Set([first.personId]));
  await undo(id);
  const { people, leads, traits, keys } = await world.state();
  const ownerOf = (lead: { leadId: string }) => leads.find((one) => one['id'] === lead.leadId)?.['person_id'];
  expect([own, others].map(ownerOf)).toEqual([first.personId, second.personId]);
  const profileOf = (person: string) => people.find((one) => one['id'] === person)?.['profile'];
  expect(profileOf(first.personId)).toMatchObject({ email: ada.email, title: 'CTO' });
  expect(profileOf(second.personId)).toEqual({ ...adaAtHome, city: 'Kiel' });
  expect(new Set(traits.map(({ person }) => person)).size).toBe(2);
  expect(new Set(keys.map(({ person }) => person)).size).toBe(2);
  expect((await timelineOf(others.leadId)).map(({ what }) => what)).toEqual(['person_unmerged']);
  expect(await world.lead({ email: adaAtHome.email })).toMatchObject({ personId: second.personId });
});

test('a lead that is as near to both stays with the survivor', async () => {
  const [first, second] = [await world.lead(ada), await world.lead(bob)];
  const { id } = await merged(first.personId, second.personId);
  const neither = await world.lead({});
  await world.pool.query(
    `WITH lead AS (UPDATE leads SET person_id = $2 WHERE id = $1)
     UPDATE identity_traits SET person = (SELECT number FROM people WHERE id = $2) WHERE lead_id = $1`,
    [neither.leadId, first.personId],
  );
  await undo(id);
  expect((await world.state()).leads.map(({ person_id }) => person_id)).toEqual([
    first.personId,
    second.personId,
    first.personId,
  ]);
});

test('two leads are not joined once they are of two people again', async () => {
  const [first, second] = [await world.lead(ada), await world.lead(adaAtHome)];
  const { id } = await merged(first.personId, second.personId);
  await undo(id);
  const join = { leadId: second.leadId, into: first.leadId, at: world.now(), longestWaitMs: 0 };
  expect(await joinLead(world.pool, join)).toEqual({
    joined: { kind: 'refused', reason: `${first.leadId} is somebody else's` },
  });
});

test('a repeat answers with the merge that stands; oneself, a merged person and a stranger are refused', async () => {
  const [a, b, c] = [await world.lead(ada), await world.lead(adaAtHome), await world.lead(bob)];
  const { id } = await merged(a.personId, b.personId);
  expect((await merged(a.personId, b.personId)).id).toBe(id);
  expect(await merge(c.personId, b.personId)).toMatchObject({ kind: 'conflict' });
  expect(await merge(b.personId, a.personId)).toMatchObject({ kind: 'conflict' });
  expect(await merge(b.personId, c.personId)).toMatchObject({ kind: 'conflict' });
  expect(await merge(a.personId, a.personId)).toEqual({
    kind: 'conflict',
    reason: 'a person cannot be merged into himself',
  });
  expect(await merge('per_nobody', a.personId)).toEqual({
    kind: 'unknown',
    what: 'person',
    id: 'per_nobody',
  });
  expect(await undo('mrg_none')).toMatchObject({ kind: 'unknown', what: 'merge' });
  expect((await world.pool.query('SELECT id FROM identity_merges')).rows).toHaveLength(1);
});

test('merges of one survivor are undone last first, and all undone is where it began', async () => {
  const [a, b, c] = [await world.lead(ada), await world.lead(adaAtHome), await world.lead(bob)];
  const before = await world.state();
  const first = await merged(a.personId, b.personId);
  const second = await merged(a.personId, c.personId);
  expect(await undo(first.id)).toEqual({
    kind: 'conflict',
    reason: `undo the later merge ${second.id} first`,
  });
  expect((await undo(second.id)).kind).toBe('undone');
  expect((await undo(first.id)).kind).toBe('undone');
  expect(await world.state()).toEqual(before);
  const chain = await merged(b.personId, c.personId);
  const top = await merged(a.personId, b.personId);
  expect(await undo(chain.id)).toMatchObject({ kind: 'conflict' });
  await undo(top.id);
  await undo(chain.id);
  expect(await world.state()).toEqual(before);
});

test('merges, undos and leads of the same people at once leave no lead with a merged person and no key astray', async () => {
  const [a, b] = [await world.lead(ada), await world.lead(adaAtHome)];
  const work: Promise<unknown>[] = [];
  for (let n = 0; n < 12; n++) {
    work.push(world.lead(n % 2 === 0 ? ada : adaAtHome));
    work.push(n % 3 === 0 ? merge(b.personId, a.personId) : merge(a.personId, b.personId));
    if (n === 5)
      work.push(
        merged(a.personId, b.personId).then(
          ({ id }) => undo(id),
          () => undefined,
        ),
      );
  }
  await Promise.all(work);
  const { rows } = await world.pool.query(`
    SELECT 'lead' AS what FROM leads l JOIN people p ON p.id = l.person_id WHERE p.merged_into IS NOT NULL
    UNION ALL SELECT 'key' FROM identity_keys k JOIN people p ON p.number = k.person WHERE p.merged_into IS NOT NULL
    UNION ALL SELECT 'traits' FROM identity_traits t JOIN people p ON p.number = t.person JOIN leads l ON l.id = t.lead_id WHERE l.person_id <> p.id`);
  expect(rows).toEqual([]);
});

test('a person shows leads and merges, never a date of birth', async () => {
  const a = await world.lead({ ...ada, dateOfBirth: '1990-02-03' });
  const b = await world.lead(adaAtHome);
  const { id } = await merged(a.personId, b.personId);
  const person = await world.people.person(a.personId);
  expect(person).toMatchObject({ leads: [{ id: b.leadId }, { id: a.leadId }], merges: [{ id }] });
  expect(person?.profile).not.toHaveProperty('dateOfBirth');
  expect(await world.people.person(b.personId)).toMatchObject({ mergedInto: a.personId, leads: [] });
  expect(await world.people.person('per_nobody')).toBeUndefined();
});
