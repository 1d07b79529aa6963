import fc from 'fast-check';
import { capWindows } from '../../domain/assignment/caps';
import { boostOf } from '../../domain/assignment/make-up';
import { narrow, poolModes, type Contender } from '../../domain/assignment/narrow';
import { pick, recompute, type SkipReason } from '../../domain/assignment/picker';
import { epochMs, toInstant } from '../../domain/instant';

const skips: SkipReason[] = ['absent', 'paused', 'excluded', 'open_cap', 'other_pool'];
const contender: fc.Arbitrary<Contender> = fc.record(
  {
    rep: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    weight: fc.integer({ min: 1, max: 9 }),
    current: fc.integer({ min: -40, max: 40 }),
    load: fc.nat(20),
    fit: fc.integer({ min: -3, max: 3 }),
    skip: fc.constantFrom(...skips),
    counted: fc.boolean(),
    boost: fc.nat(9),
  },
  { requiredKeys: ['rep', 'weight', 'current', 'load', 'fit'] },
);
const contenders = fc.uniqueArray(contender, { selector: ({ rep }) => rep, minLength: 1, maxLength: 6 });
const mode = fc.constantFrom(...poolModes);
const last = fc.option(fc.constantFrom('a', 'c', 'gone'), { nil: undefined });

test('in every mode somebody eligible gets the lead, whatever the order of rows, and it can be recomputed', () => {
  fc.assert(
    fc.property(
      mode,
      last,
      contenders.chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
      ),
      (by, before, [all, shuffled]) => {
        const result = pick({ members: narrow(by, all, before) });
        expect(pick({ members: narrow(by, shuffled, before) })).toEqual(result);
        const eligible = all.filter(({ skip }) => skip === undefined).map(({ rep }) => rep);
        if (eligible.length === 0) expect(result.picked).toBeUndefined();
        else expect(eligible).toContain(result.picked);
        expect(recompute(JSON.parse(JSON.stringify(result.candidates)) as typeof result.candidates)).toBe(
          result.picked,
        );
      },
    ),
  );
});

test('in every mode what is charged is what was raised: the sum of the standings never changes', () => {
  fc.assert(
    fc.property(mode, last, contenders, (by, before, all) => {
      const sum = (of: readonly { readonly current: number }[]): number =>
        of.reduce((total, { current }) => total + current, 0);
      expect(sum(pick({ members: narrow(by, all, before) }).next)).toBe(sum(all));
    }),
  );
});

test('in order, any n leads in a row of n who are all there are one each', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 }),
      fc.nat(9),
      (reps, skip) => {
        const members = reps.map((rep): Contender => ({ rep, weight: 1, current: 0, load: 0, fit: 0 }));
        const owners: string[] = [];
        for (let n = 0; n < skip + reps.length; n++)
          owners.push(pick({ members: narrow('order', members, owners.at(-1)) }).picked ?? '');
        expect(owners.slice(skip).sort()).toEqual([...reps].sort());
      },
    ),
  );
});

test('by load, nobody is ever a whole lead per weight busier than another was when he got his last', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
      fc.nat(60),
      (weights, leads) => {
        let members = weights.map((weight, n): Contender => ({
          rep: `r${String(n)}`,
          weight,
          current: 0,
          load: 0,
          fit: 0,
        }));
        for (let n = 0; n < leads; n++) {
          const { picked } = pick({ members: narrow('load', members, undefined) });
          members = members.map((member) =>
            member.rep === picked ? { ...member, load: member.load + 1 } : member,
          );
        }
        for (const a of members)
          for (const b of members)
            expect((a.load - 1) / a.weight).toBeLessThan((b.load + 1) / b.weight + 1e-9);
      },
    ),
  );
});

test('a debt is never paid beyond what is owed, nor by more than the share for one lead', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 99 }),
      fc.nat(500),
      fc.integer({ min: 2, max: 10 }),
      (weight, owed, share) => {
        const boost = boostOf({ kind: 'bounded', share, expires: '1d' }, { weight, owed });
        expect(boost).toBeLessThanOrEqual(owed);
        expect(weight + boost).toBeLessThanOrEqual(weight * share);
      },
    ),
  );
});

test('every window of a cap holds the instant it is asked for, and a fixed one ends after it', () => {
  const zones = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/St_Johns',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
  );
  fc.assert(
    fc.property(zones, fc.integer({ min: 0, max: 4_000_000_000_000 }), (zone, ms) => {
      const at = toInstant(ms);
      for (const { since, until } of capWindows(
        { perHour: 1, perDay: 1, perWeek: 1, rolling: { '90m': 1 } },
        zone,
        at,
      )) {
        expect(epochMs(since)).toBeLessThanOrEqual(ms);
        if (until !== undefined) expect(epochMs(until)).toBeGreaterThan(ms);
      }
    }),
  );
});
