import fc from 'fast-check';
import { pick, type MemberStanding } from '../../../domain/assignment/picker';
import { takeBack } from '../../../domain/assignment/take-back';

const sum = (members: readonly MemberStanding[]): number =>
  members.reduce((total, { current }) => total + current, 0);
const byRep = (members: readonly MemberStanding[]): Record<string, number> =>
  Object.fromEntries(members.map(({ rep, current }) => [rep, current]));

const pool = fc
  .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 })
  .chain((reps) =>
    fc.tuple(
      ...reps.map((rep) => fc.record({ rep: fc.constant(rep), weight: fc.integer({ min: 1, max: 9 }) })),
    ),
  )
  .map((members) => members.map((member): MemberStanding => ({ ...member, current: 0 })));

test('a pick that is taken back leaves everybody where he was', () => {
  fc.assert(
    fc.property(pool, fc.integer({ min: 0, max: 20 }), fc.boolean(), (members, before, skipFirst) => {
      let standings: readonly MemberStanding[] = members;
      const picked = (): ReturnType<typeof pick> =>
        pick({
          members: standings.map((member, place) =>
            skipFirst && place === 0 && members.length > 1 ? { ...member, skip: 'paused' as const } : member,
          ),
        });
      const after = (result: ReturnType<typeof pick>): readonly MemberStanding[] => {
        const currents = new Map(result.next.map(({ rep, current }) => [rep, current]));
        return standings.map((member) => ({ ...member, current: currents.get(member.rep) ?? 0 }));
      };
      for (let n = 0; n < before; n++) standings = after(picked());
      const last = picked();
      const back = takeBack(after(last), {
        rep: last.picked ?? '',
        amount: last.charged,
        candidates: last.candidates,
      });
      expect(byRep(back)).toEqual(byRep(standings));
    }),
  );
});

test('the sum stays zero whatever changed since, and nothing changes for a winner who left', () => {
  const members = [
    { rep: 'a', weight: 2, current: 1 },
    { rep: 'b', weight: 3, current: -4 },
    { rep: 'c', weight: 1, current: 3 },
  ];
  const back = takeBack(members, { rep: 'b', amount: 7, candidates: [] });
  expect(sum(back)).toBe(0);
  expect(back.find(({ rep }) => rep === 'b')?.current).toBe(-4 + 7 - 4);
  expect(takeBack(members, { rep: 'gone', amount: 7, candidates: [] })).toEqual(members);
});
