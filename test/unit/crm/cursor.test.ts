import fc from 'fast-check';
import {
  advanced,
  cursorFrom,
  firstCursor,
  nextReading,
  unread,
  type CrmCursor,
  type CrmPage,
  type CrmReading,
  type Stamped,
} from '../../../domain/crm/cursor';
import { epochMs, toInstant } from '../../../domain/instant';

const startMs = Date.UTC(2026, 10, 24, 9);
const record = (externalId: string, seconds: number, stamp = String(seconds)): Stamped => ({
  externalId,
  modifiedAt: toInstant(startMs + seconds * 1_000),
  stamp,
});
const lagMs = 30_000;

/** A CRM whose records come into sight in any order, and who asks it for them. */
function following({ pageSize = 1_000, lag = lagMs } = {}) {
  const visible = new Map<string, Stamped>();
  const told: string[] = [];
  const asked: CrmReading[] = [];
  let cursor = firstCursor(startMs);
  let nowMs = startMs;

  /** Pages go on behind the last record of the one before. */
  const page = ({ from, page: behind = '' }: CrmReading): CrmPage => {
    const key = ({ modifiedAt, externalId }: Stamped): string => `${modifiedAt} ${externalId}`;
    const found = [...visible.values()]
      .filter((one) => one.modifiedAt >= from && key(one) > behind)
      .sort((a, b) => (key(a) < key(b) ? -1 : 1));
    const records = found.slice(0, pageSize);
    return { records, nextPage: found.length > pageSize ? key(records.at(-1)!) : undefined };
  };
  const turn = (): void => {
    const reading = nextReading(cursor, nowMs, lag);
    asked.push(reading);
    const { records, nextPage } = page(reading);
    told.push(...unread(cursor, records).map(({ externalId, stamp }) => `${externalId}@${stamp}`));
    cursor = advanced(cursor, reading, { records, nextPage }, { nowMs, lagMs: lag });
  };
  return {
    told,
    asked,
    cursor: (): CrmCursor => cursor,
    wait: (ms: number): void => void (nowMs += ms),
    show: (...records: readonly Stamped[]): void => {
      for (const one of records) visible.set(one.externalId, one);
    },
    turn,
    /** All pages of one question. */
    ask: (): void => {
      do turn();
      while (cursor.reading !== undefined);
    },
  };
}

/** Asks once after each round of records. */
function polls(rounds: readonly (readonly Stamped[])[], lag = lagMs) {
  const crm = following({ lag });
  for (const round of rounds) {
    crm.show(...round);
    crm.ask();
    crm.wait(500);
  }
  return crm;
}
const many = (count: number, at: (n: number) => number): readonly Stamped[] =>
  Array.from({ length: count }, (_, n) => record(`r${String(n)}`, at(n)));

it('reads each state of a record once', () => {
  const { told } = polls([[record('a', 1)], [], [record('b', 2)], [record('a', 5)], []]);
  expect(told).toEqual(['a@1', 'b@2', 'a@5']);
});

it('does not pass a record that was written before the newest one and became visible after it', () => {
  const { told } = polls([[record('new', 60)], [record('late', 45)]]);
  expect(told).toEqual(['new@60', 'late@45']);
});

it('does not pass other records of the same instant, even without any lag', () => {
  const { told } = polls([[record('a', 1)], [record('b', 1)], [record('c', 1)]], 0);
  expect(told).toEqual(['a@1', 'b@1', 'c@1']);
});

it('sees a second change of a record within one tick of the clock over there', () => {
  const { told } = polls([[record('a', 1, 'owner=1')], [record('a', 1, 'owner=2')]]);
  expect(told).toEqual(['a@owner=1', 'a@owner=2']);
});

it('does not move while nothing happens, so a clock that runs behind ours loses nothing', () => {
  const { told, cursor } = polls([[], [], []]);
  expect(told).toEqual([]);
  expect(cursor().since).toBe(toInstant(startMs - 600_000));
});

it('tells a record that is dated far ahead, and is not moved by it', () => {
  const crm = polls([[record('a', 1), record('wrong', 400 * 86_400)], [record('b', 2)], []]);
  expect(crm.told).toEqual([`a@1`, `wrong@${String(400 * 86_400)}`, 'b@2']);
  crm.show(
    ...many(500, (n) => 100 + n / 100),
    ...many(200, () => 500 * 86_400).map((one) => ({ ...one, externalId: `x${one.externalId}` })),
  );
  for (let n = 0; n < 200; n += 1) {
    crm.ask();
    crm.wait(500);
  }
  crm.show(record('c', 106));
  crm.ask();
  expect(crm.told.at(-1)).toBe('c@106');
});

describe('a cursor that was kept', () => {
  const at = (seconds: number) => toInstant(startMs + seconds * 1_000);
  const whole = { at: at(0), newest: at(0) };
  const reading: CrmReading = { from: at(0), page: 'p', whole: true, begunAt: at(0) };
  const kept: CrmCursor = { since: at(0), seen: { a: { at: at(1), stamp: '1' } }, whole, reading };
  const far = at(400 * 86_400);

  it('goes on where it was', () => {
    expect(cursorFrom(kept, startMs)).toBe(kept);
    expect(cursorFrom({ ...kept, since: at(1_800) }, startMs)).toEqual({ ...kept, since: at(1_800) });
    expect(cursorFrom(undefined, startMs)).toEqual(firstCursor(startMs));
  });

  it.each<[string, CrmCursor]>([
    ['stands', { ...kept, since: far }],
    ['was about to be moved', { ...kept, whole: { ...whole, newest: far } }],
    ['reads', { ...kept, reading: { ...reading, from: far } }],
  ])('begins anew where it %s far ahead of now', (_how, cursor) => {
    expect(cursorFrom(cursor, startMs)).toEqual(firstCursor(startMs));
  });
});

it('gets through any number of records of one instant', () => {
  const crm = following({ pageSize: 100 });
  crm.show(...many(4_500, () => 1));
  for (let n = 0; n < 45; n += 1) crm.turn();
  expect(new Set(crm.told).size).toBe(4_500);
  crm.show(record('next', 2));
  crm.ask();
  expect(crm.told).toHaveLength(4_501);
});

it('reads a burst again once per lag only, and no longer than it takes to be sure that it has all of it', () => {
  const crm = polls([[record('a', 90)], many(500, (n) => 100 + n / 100), [record('z', 105, 'z')]]);
  for (let n = 0; n < 300; n += 1) {
    crm.ask();
    crm.wait(500);
  }
  expect(crm.told).toHaveLength(502);
  const before = crm.asked.filter(({ begunAt }) => epochMs(begunAt) < startMs + 30_000);
  expect(before.filter(({ whole, from }) => whole && from > toInstant(startMs))).toHaveLength(1);
  expect(Object.keys(crm.cursor().seen).length).toBeLessThanOrEqual(100);
});

it('finds what a burst hides for the whole of the lag', () => {
  const crm = polls([[record('a', 90)], many(500, (n) => 100 + n / 25)]);
  crm.wait(30_000);
  crm.show(record('late', 91));
  crm.ask();
  expect(crm.told.at(-1)).toBe('late@91');
});

it('misses nothing that comes into sight within the lag, wherever the reading is interrupted', () => {
  const change = fc.record({
    atMs: fc.integer({ min: 0, max: 120_000 }),
    lateMs: fc.integer({ min: 0, max: lagMs }),
    burst: fc.constantFrom(1, 1, 1, 130),
  });
  const step = fc.record({ tookMs: fc.integer({ min: 10, max: 20_000 }), fails: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), fc.infiniteStream(step), (changes, steps) => {
      const all = changes
        .flatMap(({ atMs, lateMs, burst }, n) =>
          Array.from({ length: burst }, (_, k) => ({
            visibleMs: atMs + lateMs,
            one: record(`${String(n)}-${String(k)}`, atMs / 1_000),
          })),
        )
        .sort((a, b) => a.visibleMs - b.visibleMs);
      const crm = following({ pageSize: 50 });
      let ms = 0;
      for (const { tookMs, fails } of steps) {
        while (all[0] && all[0].visibleMs <= ms) crm.show(all.shift()!.one);
        // A call that fails has no effect but that it takes time.
        if (!fails) crm.turn();
        crm.wait(tookMs);
        ms += tookMs;
        const last = crm.asked.at(-1);
        const isLast = last?.whole === true && epochMs(last.begunAt) >= startMs + 120_000 + lagMs;
        if (isLast && crm.cursor().reading === undefined) break;
      }
      const wanted = changes.reduce((sum, { burst }) => sum + burst, 0);
      expect(new Set(crm.told).size).toBe(wanted);
    }),
    { numRuns: 200 },
  );
});
