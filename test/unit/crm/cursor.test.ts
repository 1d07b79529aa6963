import { advanced, firstCursor, unread, type CrmCursor, type Stamped } from '../../../domain/crm/cursor';
import { toInstant } from '../../../domain/instant';

const startMs = Date.UTC(2026, 10, 24, 9);
const record = (externalId: string, seconds: number, stamp = String(seconds)): Stamped => ({
  externalId,
  modifiedAt: toInstant(startMs + seconds * 1_000),
  stamp,
});
const lagMs = 30_000;

/** A CRM whose records come into sight in any order; a poll sees what is visible at or after the cursor. */
function polls(rounds: readonly (readonly Stamped[])[], lag = lagMs): { ids: string[]; cursor: CrmCursor } {
  let cursor = firstCursor(startMs);
  const visible = new Map<string, Stamped>();
  const ids: string[] = [];
  for (const round of rounds) {
    for (const one of round) visible.set(one.externalId, one);
    const found = [...visible.values()].filter(({ modifiedAt }) => modifiedAt >= cursor.since);
    ids.push(...unread(cursor, found).map(({ externalId, stamp }) => `${externalId}@${stamp}`));
    cursor = advanced(cursor, found, lag);
  }
  return { ids, cursor };
}

it('reads each state of a record once', () => {
  const { ids } = polls([[record('a', 1)], [], [record('b', 2)], [record('a', 5)], []]);
  expect(ids).toEqual(['a@1', 'b@2', 'a@5']);
});

it('does not pass a record that was written before the newest one and became visible after it', () => {
  const { ids } = polls([[record('new', 60)], [record('late', 45)]]);
  expect(ids).toEqual(['new@60', 'late@45']);
});

it('does not pass other records of the same instant, even without any lag', () => {
  const { ids } = polls([[record('a', 1)], [record('b', 1)], [record('c', 1)]], 0);
  expect(ids).toEqual(['a@1', 'b@1', 'c@1']);
});

it('sees a second change of a record within one tick of the clock over there', () => {
  const { ids } = polls([[record('a', 1, 'owner=1')], [record('a', 1, 'owner=2')]]);
  expect(ids).toEqual(['a@owner=1', 'a@owner=2']);
});

it('does not move while nothing happens, so a clock that runs behind ours loses nothing', () => {
  const { ids, cursor } = polls([[], [], []]);
  expect(ids).toEqual([]);
  expect(cursor.since).toBe(toInstant(startMs - 600_000));
});

it('never goes back, and does not read a burst again and again', () => {
  const burst = Array.from({ length: 500 }, (_, n) => record(`r${String(n)}`, 100 + n / 100));
  const { ids, cursor } = polls([[record('a', 90)], burst, [record('z', 104.5, 'z')]]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(502);
  expect(Object.keys(cursor.seen).length).toBeLessThanOrEqual(101);
  expect(cursor.since > toInstant(startMs + 100_000)).toBe(true);
});
