import { mintId } from '../../../domain/ids';
import { defaultModel } from '../../../domain/identity/model';
import { ada, adaAtHome, openIdentity, type IdentityWorld } from '../../support/identity';

let world: IdentityWorld;
beforeEach(async () => {
  world = await openIdentity();
});
afterEach(() => world.close());

/** Two people, and the question whether they are one. */
async function asked(bits = 2): Promise<{ id: string; person: string; other: string; leads: string[] }> {
  const other = await world.lead(ada);
  const person = await world.lead(adaAtHome);
  const id = mintId('review', Date.parse(world.now()));
  await world.pool.query(
    `INSERT INTO identity_reviews (id, lead_id, person_id, other_id, bits, reasons, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      id,
      person.leadId,
      person.personId,
      other.personId,
      bits,
      JSON.stringify([{ fact: 'family', level: 'same', bits: 8.123 }]),
      world.now(),
    ],
  );
  return { id, person: person.personId, other: other.personId, leads: [other.leadId, person.leadId] };
}
const judge = (reviewId: string, verdict: 'same' | 'different') =>
  world.reviews.judge({
    reviewId,
    verdict,
    by: 'mira',
    at: world.now(),
    mergeId: mintId('merge', Date.parse(world.now())),
  });

test('the queue shows both people and why it is asked, oldest first, page by page', async () => {
  const { id, person, other } = await asked();
  expect(await world.reviews.list({ state: 'open', limit: 1 })).toMatchObject({
    data: [
      {
        id,
        state: 'open',
        bits: 2,
        reasons: [{ fact: 'family', level: 'same', bits: 8.1 }],
        person: { id: person, profile: adaAtHome },
        other: { id: other, profile: ada },
      },
    ],
    hasMore: false,
  });
  expect(await world.reviews.list({ limit: 1, startingAfter: id })).toEqual({ data: [], hasMore: false });
  expect(await world.reviews.list({ state: 'same', limit: 1 })).toMatchObject({ data: [] });
});

test('"same" merges the new person into the known one, says which open lead joins which, and a repeat says it again', async () => {
  const { id, person, other, leads } = await asked();
  const joins = [{ leadId: leads[1], into: leads[0] }];
  const answer = await judge(id, 'same');
  expect(answer).toMatchObject({
    kind: 'judged',
    review: { state: 'same', decidedBy: 'mira' },
    merge: { survivorId: other, mergedId: person },
    joins,
  });
  expect(await judge(id, 'same')).toMatchObject({ kind: 'judged', review: { state: 'same' }, joins });
  expect(await judge(id, 'different')).toMatchObject({ kind: 'conflict' });
  expect((await world.pool.query('SELECT id FROM identity_merges')).rows).toHaveLength(1);
});

test('"different" closes the question and nothing else; an unknown review is unknown', async () => {
  const { id, person } = await asked();
  const before = await world.state();
  expect(await judge(id, 'different')).toMatchObject({
    kind: 'judged',
    review: { state: 'different' },
    joins: [],
  });
  expect(await judge(id, 'different')).toMatchObject({ kind: 'judged' });
  expect(await judge(id, 'same')).toMatchObject({ kind: 'conflict' });
  expect(await world.state()).toEqual(before);
  expect(await world.people.person(person)).toMatchObject({ merges: [] });
  expect(await judge('rev_none', 'same')).toMatchObject({ kind: 'unknown', what: 'review' });
});

test('a merge by hand answers the question, and its undo answers it the other way', async () => {
  const { id, person, other } = await asked();
  const merged = await world.people.merge({
    survivorId: other,
    mergedId: person,
    by: 'mira',
    because: 'told me so',
    at: world.now(),
    mergeId: mintId('merge', Date.parse(world.now())),
  });
  expect((await world.reviews.list({ state: 'same', limit: 5 })).data.map((one) => one.id)).toEqual([id]);
  if (merged.kind !== 'merged') throw new Error('not merged');
  await world.people.undo(merged.merge.id, 'mira', world.now());
  expect((await world.reviews.list({ state: 'different', limit: 5 })).data.map((one) => one.id)).toEqual([
    id,
  ]);
});

test('so does the undo of a merge that a verdict made', async () => {
  const { id } = await asked();
  const judged = await judge(id, 'same');
  if (judged.kind !== 'judged' || !judged.merge) throw new Error('not merged');
  await world.people.undo(judged.merge.id, 'mira', world.now());
  expect((await world.reviews.list({ state: 'different', limit: 5 })).data.map((one) => one.id)).toEqual([
    id,
  ]);
});

test('the question about somebody who is another one by now is answered by the merge of those they are, and its undo', async () => {
  const { id, person, other } = await asked();
  const third = await world.lead({ firstName: 'Bob', lastName: 'Stone', email: 'bob@stone.example' });
  const merge = { by: 'mira', because: 'told me so', at: world.now() };
  await world.people.merge({ ...merge, survivorId: third.personId, mergedId: person, mergeId: 'mrg_first' });
  const judged = await judge(id, 'same');
  if (judged.kind !== 'judged' || !judged.merge) throw new Error('not merged');
  expect(judged.merge).toMatchObject({ survivorId: other, mergedId: third.personId });
  await world.people.undo(judged.merge.id, 'mira', world.now());
  expect(await world.reviews.list({ state: 'different', limit: 5 })).toMatchObject({ data: [{ id }] });
  expect(await judge(id, 'same')).toMatchObject({ kind: 'conflict' });
  expect(await world.people.person(third.personId)).not.toHaveProperty('mergedInto');
});

test('a verdict that is repeated after its people were told apart merges nobody again', async () => {
  const { id, person } = await asked();
  const judged = await judge(id, 'same');
  if (judged.kind !== 'judged' || !judged.merge) throw new Error('not merged');
  await world.people.undo(judged.merge.id, 'mira', world.now());
  await world.pool.query(`UPDATE identity_reviews SET state = 'same'`); // as an earlier release left it
  expect(await judge(id, 'same')).toMatchObject({ kind: 'conflict' });
  expect(await world.people.person(person)).not.toHaveProperty('mergedInto');
});

test('verdicts move the thresholds: reported as a draft, in force when published', async () => {
  expect(await world.thresholds.propose()).toEqual({ kind: 'too_few', verdicts: 0, missing: 50 });
  await world.pool.query(
    `INSERT INTO identity_reviews (id, lead_id, person_id, other_id, bits, reasons, state, decided_at, created_at)
     SELECT 'rev_' || n, 'lead_' || n, 'per_a', 'per_b', CASE WHEN n <= 300 THEN 3 ELSE -1.5 END, '[]', CASE WHEN n <= 300 THEN 'same' ELSE 'different' END, now(), now()
     FROM generate_series(1, 340) AS n`,
  );
  const draft = await world.thresholds.propose();
  expect(draft).toMatchObject({
    kind: 'draft',
    report: {
      before: { acceptBits: defaultModel.acceptBits, reviewBits: -2 },
      after: { acceptBits: 3 },
      merged: { right: 300, wrong: 0 },
    },
  });
  if (draft.kind !== 'draft') return;
  const states = async () => (await world.pool.query('SELECT version, state FROM identity_models')).rows;
  expect(await states()).toEqual([{ version: draft.version, state: 'draft' }]);
  expect(await world.thresholds.publish(draft.version + 1)).toBe(false);
  expect(await world.thresholds.publish(draft.version)).toBe(true);
  expect(await states()).toEqual([{ version: draft.version, state: 'live' }]);
  expect(await world.thresholds.propose()).toMatchObject({ report: { before: { acceptBits: 3 } } });
});
