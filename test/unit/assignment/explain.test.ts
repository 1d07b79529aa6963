import fc from 'fast-check';
import { explainPick, marginOf } from '../../../domain/assignment/explain';
import { pick, recompute, skipReasons, type CandidateVerdict } from '../../../domain/assignment/picker';

const candidatesOf = (members: Parameters<typeof pick>[0]['members']): readonly CandidateVerdict[] =>
  pick({ members }).candidates;

test('says why this rep, why not the others, and what would have changed it', () => {
  const candidates = candidatesOf([
    { rep: 'anna', weight: 2, current: 0 },
    { rep: 'ben', weight: 1, current: 0 },
    { rep: 'cleo', weight: 1, current: 3, skip: 'absent' },
  ]);
  expect(explainPick(candidates)).toEqual({
    because: 'was owed most of those who could take it: 0.67 leads, this one included',
    others: [
      { rep: 'ben', because: 'was owed 0.33 leads, less' },
      { rep: 'cleo', because: 'absent' },
    ],
    smallestChange: 'with 0.67 leads more to his credit it would have gone to ben',
  });
});

test('a claim is explained by who was first, not by who was owed most', () => {
  const explained = explainPick(
    candidatesOf([
      { rep: 'anna', weight: 2, current: 6, skip: 'not_claimed', counted: true },
      { rep: 'ben', weight: 1, current: -6 },
      { rep: 'cleo', weight: 1, current: 0, skip: 'absent' },
    ]),
  );
  expect(explained).toEqual({
    because: 'claimed it before the others it was open to',
    others: [
      { rep: 'anna', because: 'not the first to claim it' },
      { rep: 'cleo', because: 'absent' },
    ],
    smallestChange: 'had anna claimed it first, it would be with anna',
  });
});

test('a tie is called one', () => {
  const explained = explainPick(
    candidatesOf([
      { rep: 'a', weight: 1, current: 0 },
      { rep: 'b', weight: 1, current: 0 },
    ]),
  );
  expect(explained?.others[0]?.because).toBe('was owed 0.50 leads, as much, and comes later by id');
  expect(explained?.smallestChange).toBe('with 0.50 leads more to his credit it would have gone to b');
});

test('where nobody else could take it, it names who was kept from it and by what', () => {
  const alone = candidatesOf([
    { rep: 'a', weight: 1, current: 0 },
    { rep: 'b', weight: 1, current: 4, skip: 'daily_cap' },
    { rep: 'c', weight: 1, current: -9, skip: 'absent' },
  ]);
  expect(explainPick(alone)).toMatchObject({
    because: 'nobody else of the pool could take it',
    smallestChange: 'it would have gone to b, were it not for this: at the cap for the day',
  });
  expect(explainPick(candidatesOf([{ rep: 'a', weight: 1, current: 0 }]))).not.toHaveProperty(
    'smallestChange',
  );
});

test('an entry without a pick has nothing to explain', () => {
  expect(explainPick(candidatesOf([{ rep: 'a', weight: 1, current: 0, skip: 'paused' }]))).toBeUndefined();
});

test('the change it names is one, and the smallest: a unit less would not have done', () => {
  const member = fc.record({
    rep: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    weight: fc.integer({ min: 1, max: 9 }),
    current: fc.integer({ min: -30, max: 30 }),
    skip: fc.option(fc.constantFrom(...skipReasons), { nil: undefined, freq: 2 }),
  });
  fc.assert(
    fc.property(fc.uniqueArray(member, { selector: ({ rep }) => rep, minLength: 1 }), (members) => {
      const candidates = candidatesOf(members);
      const picked = candidates.find(({ rep }) => rep === recompute(candidates));
      for (const rival of candidates.filter(({ eligible, rep }) => eligible && rep !== picked?.rep)) {
        if (!picked) continue;
        const margin = marginOf(picked, rival);
        const more = (units: number): string | undefined =>
          recompute(
            candidates.map((one) => (one.rep === rival.rep ? { ...one, before: one.before + units } : one)),
          );
        expect(more(margin)).toBe(rival.rep);
        expect(more(margin - 1)).toBe(picked.rep);
      }
    }),
  );
});
