import { capWindows, freeAgain } from '../../../domain/assignment/caps';
import { boostOf } from '../../../domain/assignment/make-up';
import { narrow, type Contender, type PoolMode } from '../../../domain/assignment/narrow';
import { pick, recompute } from '../../../domain/assignment/picker';
import { takeBack } from '../../../domain/assignment/take-back';
import type { IsoInstant } from '../../../domain/instant';

const member = (rep: string, more: Partial<Contender> = {}): Contender => ({
  rep,
  weight: 1,
  current: 0,
  load: 0,
  fit: 0,
  ...more,
});
const chosen = (mode: PoolMode, members: readonly Contender[], last?: string): string | undefined =>
  pick({ members: narrow(mode, members, last) }).picked;
const why = (mode: PoolMode, members: readonly Contender[], last?: string) =>
  Object.fromEntries(narrow(mode, members, last).map(({ rep, skip }) => [rep, skip]));

describe('in order', () => {
  const three = ['a', 'b', 'c'].map((rep) => member(rep));

  test('the turn goes round, whatever the weights and standings', () => {
    expect(chosen('order', three)).toBe('a');
    expect(chosen('order', three, 'a')).toBe('b');
    expect(chosen('order', [member('a', { weight: 9, current: 40 }), member('b'), member('c')], 'c')).toBe(
      'a',
    );
    expect(chosen('order', [member('a', { weight: 9, current: 40 }), member('b')], 'a')).toBe('b');
  });

  test('who cannot take his lead loses this turn', () => {
    const away = [member('a'), member('b', { skip: 'absent' }), member('c')];
    expect(chosen('order', away, 'a')).toBe('c');
    expect(why('order', away, 'a')).toEqual({ a: 'not_his_turn', b: 'absent', c: undefined });
  });

  test('Frappe: the turn goes on from one who has left, not back to the first', () => {
    expect(chosen('order', [member('a'), member('c')], 'b')).toBe('c');
  });

  test('Espo, Chatwoot: an order of rows or a changed membership moves no turn', () => {
    expect(chosen('order', [...three].reverse(), 'a')).toBe('b');
    expect(chosen('order', [...three, member('ab')], 'a')).toBe('ab');
  });

  test('one alone always has it', () => {
    expect(chosen('order', [member('a')], 'a')).toBe('a');
  });
});

describe('by load', () => {
  test('fewest open leads for the weight, the one to come included', () => {
    expect(chosen('load', [member('a', { load: 2 }), member('b', { load: 1 })])).toBe('b');
    expect(chosen('load', [member('a', { load: 3, weight: 3 }), member('b', { load: 1 })])).toBe('a');
    expect(chosen('load', [member('a', { weight: 1 }), member('b', { weight: 2 })])).toBe('b');
  });

  test('equal loads share by standing; equal fractions are equal', () => {
    const equal = [
      member('a', { load: 2, weight: 3, current: -1 }),
      member('b', { load: 0, weight: 1, current: 1 }),
    ];
    expect(why('load', equal)).toEqual({ a: undefined, b: undefined });
    expect(chosen('load', [member('a', { current: -1 }), member('b', { current: 1 })])).toBe('b');
  });

  test('Frappe: creators and others do not count, one who is skipped is no measure', () => {
    expect(chosen('load', [member('a', { load: 0, skip: 'paused' }), member('b', { load: 5 })])).toBe('b');
    expect(chosen('load', [member('a', { load: 0, skip: 'paused' })])).toBeUndefined();
  });
});

describe('by fit', () => {
  test('most points, equal ones by standing, and the others say so', () => {
    const members = [
      member('a', { fit: 5 }),
      member('b', { fit: 20, current: -1 }),
      member('c', { fit: 20, current: 1 }),
    ];
    expect(chosen('best_fit', members)).toBe('c');
    expect(why('best_fit', members)).toEqual({ a: 'fits_less', b: undefined, c: undefined });
  });
});

test('whatever the mode, a recorded pick can be recomputed', () => {
  for (const mode of ['weighted', 'order', 'load', 'best_fit'] as const) {
    const members = [
      member('a', { load: 3, fit: 1 }),
      member('b', { load: 1, fit: 9, weight: 2 }),
      member('c'),
    ];
    const { picked, candidates } = pick({ members: narrow(mode, members, 'a') });
    expect(recompute(candidates)).toBe(picked);
  }
});

describe('making up for an absence', () => {
  const share = { kind: 'bounded', share: 2, expires: '14d' } as const;

  test('takes from what is owed, at most so much for one lead', () => {
    expect(boostOf({ kind: 'none' }, { weight: 3, owed: 50 })).toBe(0);
    expect(boostOf({ kind: 'full' }, { weight: 3, owed: 50 })).toBe(0);
    expect(boostOf(share, { weight: 3, owed: 50 })).toBe(3);
    expect(boostOf(share, { weight: 3, owed: 1 })).toBe(1);
    expect(boostOf(share, { weight: 3, owed: 0 })).toBe(0);
  });

  test('a boosted pick costs what everybody was raised by, and is recomputed with it', () => {
    const { picked, charged, candidates, next } = pick({ members: [member('a'), member('b', { boost: 1 })] });
    expect([picked, charged]).toEqual(['b', 3]);
    expect(next.reduce((sum, { current }) => sum + current, 0)).toBe(0);
    expect(recompute(candidates)).toBe('b');
  });
});

test('who is counted though skipped is raised and can be taken back with the others', () => {
  const members = [member('a'), member('b', { skip: 'absent', counted: true }), member('c')];
  const result = pick({ members });
  expect(result.next).toEqual([
    { rep: 'a', current: -2 },
    { rep: 'b', current: 1 },
    { rep: 'c', current: 1 },
  ]);
  const after = result.next.map((standing) => ({ ...standing, weight: 1 }));
  const back = takeBack(after, { rep: 'a', amount: result.charged, candidates: result.candidates });
  expect(back.map(({ current }) => current)).toEqual([0, 0, 0]);
});

describe('caps', () => {
  const at = '2026-03-29T10:30:00.000Z' as IsoInstant; // a Sunday; clocks changed in Berlin at 01:00Z

  test('hour, day and week are those of the rep’s own clock; a day may have 23 hours', () => {
    expect(capWindows({ perHour: 1, perDay: 2, perWeek: 3 }, 'Europe/Berlin', at)).toEqual([
      { skip: 'hour_cap', max: 1, since: '2026-03-29T10:00:00.000Z', until: '2026-03-29T11:00:00.000Z' },
      { skip: 'daily_cap', max: 2, since: '2026-03-28T23:00:00.000Z', until: '2026-03-29T22:00:00.000Z' },
      { skip: 'week_cap', max: 3, since: '2026-03-22T23:00:00.000Z', until: '2026-03-29T22:00:00.000Z' },
    ]);
    expect(capWindows({ perHour: 1 }, 'Asia/Kathmandu', at)[0]).toMatchObject({
      since: '2026-03-29T10:15:00.000Z',
    });
  });

  test('a rolling window is the stretch before, its far end left out', () => {
    const [window] = capWindows({ rolling: { '24h': 5 } }, 'UTC', at);
    expect(window).toEqual({
      skip: 'rolling_cap',
      max: 5,
      since: '2026-03-28T10:30:00.001Z',
      lastsMs: 86_400_000,
    });
  });

  test('end with their window, or when the oldest lead has left it', () => {
    const [day] = capWindows({ perDay: 1 }, 'UTC', at);
    const [rolling] = capWindows({ rolling: { '1h': 1 } }, 'UTC', at);
    expect(day && freeAgain(day, undefined)).toBe('2026-03-30T00:00:00.000Z');
    expect(rolling && freeAgain(rolling, '2026-03-29T10:00:00.000Z' as IsoInstant)).toBe(
      '2026-03-29T11:00:00.000Z',
    );
    expect(rolling && freeAgain(rolling, undefined)).toBeUndefined();
  });

  test('none means no window', () => {
    expect(capWindows({ open: 3 }, 'UTC', at)).toEqual([]);
  });
});
