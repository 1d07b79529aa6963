import { changeRoster, joinLevel } from '../../../domain/assignment/picker';
import { fresh, Pool } from './pool';

describe('members who come, change and go', () => {
  const sum = (members: readonly { readonly current: number }[]): number =>
    members.reduce((total, { current }) => total + current, 0);

  test('a new member joins at his peers’ level, not at zero leads: he does not get the next ten', () => {
    const pool = new Pool({ a: 1, b: 1 });
    pool.picks(101);
    expect(joinLevel(pool.members)).toBe(0);
    pool.members = [
      ...changeRoster(
        pool.members,
        ['a', 'b', 'c'].map((rep) => ({ rep, weight: 1 })),
      ),
    ];
    expect(pool.picks(6)).toBe('bcabca');
  });

  test('the level is the mean, towards zero, should the sum not be zero', () => {
    const level = (...currents: number[]): number =>
      joinLevel(currents.map((current, i) => ({ rep: String(i), weight: 1, current })));
    expect([level(), level(5, -5), level(3, 4), level(-3, -4), level(-1, 0, 0)]).toEqual([0, 0, 3, -3, 0]);
  });

  test('a debt of half a lead stays half a lead when the weights shrink', () => {
    const pool = new Pool({ a: 100, b: 100 });
    pool.picks(1);
    expect(pool.currents).toEqual({ a: -100, b: 100 });
    pool.members = [
      ...changeRoster(pool.members, [
        { rep: 'a', weight: 1 },
        { rep: 'b', weight: 1 },
      ]),
    ];
    expect(pool.currents).toEqual({ a: -1, b: 1 });
    expect(pool.picks(3)).toBe('bab');
  });

  test('a leaver’s standing is shared out; odd units go to the largest fractions, ties to the lowest id', () => {
    const members = [
      { rep: 'a', weight: 1, current: 0 },
      { rep: 'b', weight: 1, current: 0 },
      { rep: 'c', weight: 1, current: 1 },
      { rep: 'd', weight: 3, current: -1 },
    ];
    const stay = ['c', 'b', 'a'].map((rep) => ({ rep, weight: 1 }));
    expect(changeRoster(members, stay)).toEqual([
      { rep: 'a', weight: 1, current: 0 },
      { rep: 'b', weight: 1, current: 0 },
      { rep: 'c', weight: 1, current: 0 },
    ]);
    const uneven = [
      { rep: 'a', weight: 3, current: 0 },
      { rep: 'b', weight: 3, current: -4 },
      { rep: 'c', weight: 3, current: 4 },
      { rep: 'd', weight: 3, current: 0 },
    ];
    expect(
      changeRoster(uneven, [
        { rep: 'a', weight: 3 },
        { rep: 'b', weight: 3 },
        { rep: 'c', weight: 4 },
      ]).map(({ current }) => current),
    ).toEqual([0, -3, 3]);
  });

  test('level a sum that somebody has disturbed by hand', () => {
    const members = [
      { rep: 'a', weight: 1, current: 7 },
      { rep: 'b', weight: 1, current: 2 },
    ];
    const level = changeRoster(members, members);
    expect(level.map(({ current }) => current)).toEqual([3, -3]);
    expect(joinLevel(members)).toBe(4);
  });

  test('a pool may start from nothing and end in nothing', () => {
    expect(
      changeRoster(
        [],
        [
          { rep: 'b', weight: 2 },
          { rep: 'a', weight: 1 },
        ],
      ),
    ).toEqual(fresh({ a: 1, b: 2 }));
    expect(changeRoster(fresh({ a: 1 }), [])).toEqual([]);
    expect(sum(changeRoster([{ rep: 'a', weight: 1, current: 9 }], [{ rep: 'b', weight: 1 }]))).toBe(0);
  });
});
