import {
  changeRoster,
  chargeToday,
  creditBack,
  pick,
  recompute,
  type MemberState,
  type SkipReason,
} from '../../../domain/assignment/picker';
import { fresh, Pool } from './pool';

const count = (text: string, rep: string): number => text.split(rep).length - 1;

describe('a pick', () => {
  test('spreads a heavy member’s turns instead of bunching them', () => {
    expect(new Pool({ a: 5, b: 1, c: 1 }).picks(14)).toBe('aabacaaaabacaa');
  });

  test('explains itself: standing before and after of everyone, and why some were skipped', () => {
    const members: MemberState[] = [
      { rep: 'cleo', weight: 2, current: 1, skip: 'daily_cap' },
      { rep: 'anna', weight: 2, current: -2 },
      { rep: 'ben', weight: 1, current: 1 },
    ];
    expect(pick({ members })).toEqual({
      picked: 'ben',
      charged: 3,
      candidates: [
        { rep: 'anna', weight: 2, before: -2, eligible: true, after: 0 },
        { rep: 'ben', weight: 1, before: 1, eligible: true, after: -1 },
        { rep: 'cleo', weight: 2, before: 1, eligible: false, skip: 'daily_cap', after: 1 },
      ],
      next: [
        { rep: 'anna', current: 0 },
        { rep: 'ben', current: -1 },
        { rep: 'cleo', current: 1 },
      ],
    });
  });

  test('with nobody eligible changes nothing and still says why', () => {
    const skips: SkipReason[] = ['excluded', 'paused', 'absent', 'daily_cap', 'open_cap', 'not_a_rep'];
    const members = skips.map((skip, i) => ({ rep: `r${String(i)}`, weight: 1, current: i, skip }));
    const result = pick({ members });
    expect(result).not.toHaveProperty('picked');
    expect(result.charged).toBe(0);
    expect(result.candidates.map(({ skip, before, after }) => [skip, after - before])).toEqual(
      skips.map((skip) => [skip, 0]),
    );
    expect(result.next.map(({ current }) => current)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(recompute(result.candidates)).toBeUndefined();
    expect(pick({ members: [] })).toEqual({ charged: 0, candidates: [], next: [] });
  });

  test('breaks ties by rep id as code units, in any locale and any order of rows', () => {
    for (const order of [
      ['b', 'Z', 'a'],
      ['a', 'b', 'Z'],
      ['Z', 'a', 'b'],
    ]) {
      expect(pick({ members: order.map((rep) => ({ rep, weight: 1, current: 0 })) }).picked).toBe('Z');
    }
  });

  test.each<[string, MemberState[], string]>([
    [
      'weight 0',
      [{ rep: 'a', weight: 0, current: 0 }],
      'the weight of a must be a positive whole number, not 0',
    ],
    [
      'half a weight',
      [{ rep: 'a', weight: 1.5, current: 0 }],
      'the weight of a must be a positive whole number, not 1.5',
    ],
    ['half a current', [{ rep: 'a', weight: 1, current: 0.5 }], 'the current of a must be whole, not 0.5'],
    ['a rep twice', [...fresh({ a: 1 }), ...fresh({ a: 2 })], 'a is in the pool twice'],
  ])('refuses %s', (_, members, message) => {
    expect(() => pick({ members })).toThrow(new RangeError(message));
  });
});

describe('mistakes of others that this picker does not make', () => {
  test('Frappe: the turn is not lost when the last picked member leaves', () => {
    const pool = new Pool({ a: 1, b: 1, c: 1 });
    expect(pool.picks(1)).toBe('a');
    pool.members = [
      ...changeRoster(pool.members, [
        { rep: 'b', weight: 1 },
        { rep: 'c', weight: 1 },
      ]),
    ];
    expect(pool.picks(4)).toBe('bcbc');
  });

  test('Chatwoot: a change of members forgets nobody’s turn', () => {
    const pool = new Pool({ a: 1, b: 1, c: 1 });
    expect(pool.picks(2)).toBe('ab');
    pool.members = [
      ...changeRoster(
        pool.members,
        ['a', 'b', 'c', 'd'].map((rep) => ({ rep, weight: 1 })),
      ),
    ];
    expect(pool.picks(1)).toBe('c');
  });

  test('Espo, Odoo: no clock, no chance, no row order; the same state gives the same rep', () => {
    const members = [
      { rep: 'x', weight: 2, current: 1 },
      { rep: 'y', weight: 3, current: 0 },
      { rep: 'z', weight: 1, current: -1 },
    ];
    expect(pick({ members: [...members].reverse() })).toEqual(pick({ members }));
  });

  test('Cal.com: ties are equal whole numbers, never equal fractions', () => {
    const pool = new Pool({ a: 1, b: 1, c: 1 });
    expect(pool.picks(3_000)).toBe('abc'.repeat(1_000));
  });

  test('Cal.com, pointers: who was away for 100 leads is neither starved nor flooded on return', () => {
    const pool = new Pool({ a: 1, b: 2, c: 2 });
    pool.skip('a', 'absent');
    expect(count(pool.picks(100), 'a')).toBe(0);
    pool.skip('a', undefined);
    const after = pool.picks(100);
    expect(count(after, 'a')).toBe(20);
    expect(after).not.toContain('aa');
  });

  test('Odoo: a small weight is small, never none', () => {
    expect(count(new Pool({ a: 1, b: 99 }).picks(300), 'a')).toBe(3);
  });

  test('bulk insert: 1,000 leads at once obey the weights exactly', () => {
    const leads = new Pool({ a: 5, b: 3, c: 2 }).picks(1_000);
    expect(['a', 'b', 'c'].map((rep) => count(leads, rep))).toEqual([500, 300, 200]);
  });

  test('“next up” never waits for ever: each is served within the pool’s cycle', () => {
    const leads = new Pool({ a: 1, b: 10, c: 21 }).picks(64);
    expect(leads.indexOf('a')).toBeLessThan(32);
    expect(leads.indexOf('a', 32)).toBeLessThan(64);
  });
});

describe('credit', () => {
  test('gives the winner back exactly what the lead cost him', () => {
    const pool = new Pool({ a: 2, b: 1 });
    const before = pool.currents['a'] as number;
    const { charged } = pool.pick();
    expect(charged).toBe(3);
    expect(creditBack(pool.currents['a'] as number, charged)).toBe(before + 2);
  });

  test('by handover leaves the pool as if the new owner had been picked at once', () => {
    const pool = new Pool({ a: 2, b: 1, c: 1 });
    const { charged } = pool.pick();
    const second = pool.pick({ handover: { rep: 'a', amount: charged }, exclude: 'a' });
    expect(second.picked).toBe('b');
    expect(second.charged).toBe(charged);
    expect(pool.currents).toEqual({ a: 2, b: -3, c: 1 });
    expect(recompute(second.candidates)).toBe('b');
  });

  test('of one who declined ten in a row is paid back in full (on its own it would be half)', () => {
    const pool = new Pool({ a: 1, b: 1 });
    let kept = '';
    for (let lead = 0; lead < 20; lead++) {
      let result = pool.pick();
      if (result.picked === 'a' && lead < 10)
        result = pool.pick({ handover: { rep: 'a', amount: result.charged }, exclude: 'a' });
      kept += result.picked as string;
    }
    expect(kept).toBe('b'.repeat(10) + 'a'.repeat(10));
  });

  test('waits while nobody can take the lead, and falls away if the rep has left the pool', () => {
    const pool = new Pool({ a: 1, b: 1 });
    const { charged } = pool.pick();
    pool.skip('b', 'paused');
    expect(pool.pick({ handover: { rep: 'a', amount: charged }, exclude: 'a' })).not.toHaveProperty('picked');
    expect(pool.currents).toEqual({ a: -1, b: 1 });
    pool.skip('b', undefined);
    expect(pool.pick({ handover: { rep: 'gone', amount: charged } })).toMatchObject({
      picked: 'b',
      charged: 2,
    });
  });

  test('from before a change of weights is worth one lead, not a hundred', () => {
    expect(chargeToday(200, 200, 2)).toBe(2);
    expect(chargeToday(3, 5, 7)).toBe(4);
  });
});
