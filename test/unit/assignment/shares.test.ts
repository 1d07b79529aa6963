import { countAssigned, shares } from '../../../domain/assignment/shares';

describe('shares', () => {
  test('put what each got next to what his weight gives, by rep id', () => {
    expect(
      shares(
        { ben: 1, anna: 3 },
        new Map([
          ['anna', 5],
          ['ben', 3],
        ]),
      ),
    ).toEqual([
      { rep: 'anna', weight: 3, assigned: 5, target: 6 },
      { rep: 'ben', weight: 1, assigned: 3, target: 2 },
    ]);
  });

  test('keep who left and who got nothing yet; targets sum to what was assigned', () => {
    const rows = shares(
      { anna: 1, cleo: 1 },
      new Map([
        ['ben', 2],
        ['anna', 1],
      ]),
    );
    expect(rows).toEqual([
      { rep: 'anna', weight: 1, assigned: 1, target: 1.5 },
      { rep: 'ben', weight: 0, assigned: 2, target: 0 },
      { rep: 'cleo', weight: 1, assigned: 0, target: 1.5 },
    ]);
  });

  test('of a pool without members or without leads are zero, not NaN', () => {
    expect(shares({}, new Map([['ben', 2]]))).toEqual([{ rep: 'ben', weight: 0, assigned: 2, target: 0 }]);
    expect(shares({ ben: 2 }, new Map())).toEqual([{ rep: 'ben', weight: 2, assigned: 0, target: 0 }]);
    expect(shares({}, new Map())).toEqual([]);
  });

  test('a rep called like a property of every object is a rep like any other', () => {
    expect(shares({ constructor: 1 }, countAssigned([{ rep: 'constructor' }]))).toEqual([
      { rep: 'constructor', weight: 1, assigned: 1, target: 1 },
    ]);
  });

  test('a lead handed back with credit is no longer counted for its old owner', () => {
    const counts = countAssigned([
      { rep: 'anna' },
      { rep: 'ben', credit: { rep: 'anna' } },
      { rep: 'anna', credit: undefined },
    ]);
    expect([...counts]).toEqual([
      ['anna', 1],
      ['ben', 1],
    ]);
  });
});

test('a return is no pick: the lead no longer counts for anybody', () => {
  const counts = countAssigned([
    { rep: 'anna', charged: 3 },
    { rep: 'anna', charged: 0, credit: { rep: 'anna' } },
  ]);
  expect([...counts]).toEqual([['anna', 0]]);
});
