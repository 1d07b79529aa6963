import { Pool } from 'pg';
import type { FileLine, ImportPace, ImportReading } from '../../../activities/ports-imports';
import { lineReader } from '../../../api/imports/line-lead';
import { createImportStore } from '../../../db/import-store';
import { toInstant } from '../../../domain/instant';
import { cloneDatabase, type TestDatabase } from '../../support/database';

const nowMs = Date.UTC(2026, 10, 25);
const at = toInstant(nowMs);
const reading: ImportReading = { source: 'fair', format: 'jsonl' };

let database: TestDatabase;
let pool: Pool;
let imports: ReturnType<typeof createImportStore>;
beforeAll(async () => {
  database = await cloneDatabase();
  pool = new Pool({ connectionString: database.url, max: 8 });
  imports = createImportStore(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

let made = 0;
/** An import that is split into these lines. */
async function importOf(lines: readonly string[]): Promise<string> {
  const id = `imp_${String((made += 1)).padStart(26, '0')}`;
  await imports.open({ id, file: Buffer.from(lines.join('\n')), reading, at });
  await split(id);
  return id;
}

async function split(id: string): Promise<void> {
  const found = await imports.file(id);
  await imports.addLines(id, [...lineReader.lines(found!.file, found!.format)]);
  await imports.splitDone(id);
}

const pace: ImportPace = {
  inFlightMax: { beside: 1, alone: 4 },
  waitingMax: 50,
  busyMs: 1_000,
  quietMs: 10_000,
  givesWay: true,
};

const take = (importId: string, alone = 4, now = at, more: Partial<ImportPace> = {}) =>
  imports.take({
    importId,
    pace: { ...pace, inFlightMax: { beside: 1, alone }, ...more },
    at: now,
    read: (body, how) => lineReader.lead(body, how, nowMs),
  });

const person = (n: number | string): string => JSON.stringify({ email: `person${n}@import.example` });
const people = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) => person(from + n));

const place = (leadIds: readonly string[]): Promise<unknown> =>
  pool.query(`UPDATE leads SET progress = 'parked' WHERE id = ANY ($1)`, [leadIds]);

const countsOf = async (id: string): Promise<unknown> => {
  const { status, rows, accepted, duplicates, failed } = (await imports.view(id))!;
  return [status, rows, accepted, duplicates, failed];
};

test('no more leads are under way than allowed; the next lines are taken when some have been placed', async () => {
  const id = await importOf(people(100, 10));
  const first = await take(id);
  expect([first.next, first.fresh.length]).toEqual(['take', 4]);
  const full = await take(id);
  expect([full.next, full.fresh, full.waiting]).toEqual(['take', [], first.fresh]);
  await place(first.fresh.slice(0, 3));
  const second = await take(id);
  expect([second.fresh.length, second.waiting.length]).toEqual([3, 4]);
  await place(second.waiting);
  const third = await take(id);
  expect(third.fresh).toHaveLength(3);
  expect((await take(id)).next).toBe('take'); // the last leads are still on their way
  await place(third.fresh);
  expect((await take(id)).next).toBe('over');
  expect(await countsOf(id)).toEqual(['finished', 10, 10, 0, 0]);
  expect((await pool.query('SELECT FROM import_lines WHERE import_id = $1', [id])).rowCount).toBe(0);
});

test('fewer are under way beside live leads, and none sets out while one of them keeps the machine busy, for a while', async () => {
  const id = await importOf(people(150, 12));
  const liveId = 'lead_live';
  const later = (ms: number) => toInstant(nowMs + ms);
  await pool.query(
    `INSERT INTO leads (id, source, event_key, raw_body, fields, received_at, progress)
     VALUES ($1, 'form', 'live', '{}', '{}', $2, 'received')`,
    [liveId, at],
  );
  const busy = await take(id, 4, later(500));
  expect([busy.fresh.length, busy.next, busy.live]).toEqual([0, 'take', true]);
  const patient = await take(id, 4, later(500), { givesWay: false });
  expect(patient.fresh).toHaveLength(1);
  await place(patient.fresh);
  // One that has no owner for long waits for something else.
  const beside = await take(id, 4, later(1_500));
  expect([beside.fresh.length, beside.live]).toEqual([1, true]);
  await place([liveId, ...beside.fresh]);
  const placed = await take(id, 4, later(2_000));
  expect([placed.fresh.length, placed.live]).toEqual([1, true]);
  await place(placed.fresh);
  const alone = await take(id, 4, later(11_000));
  expect([alone.fresh.length, alone.live]).toEqual([4, false]);
  for (let left = alone.waiting; left.length > 0; left = (await take(id, 4, later(11_000))).waiting)
    await place(left);
  expect(await countsOf(id)).toEqual(['finished', 12, 12, 0, 0]);
  await pool.query('DELETE FROM leads WHERE id = $1', [liveId]);
});

test('leads that wait for something else than the machine hold up no others, up to a number', async () => {
  const id = await importOf(people(170, 12));
  const age = () => pool.query(`UPDATE leads SET received_at = received_at - interval '2 s' WHERE imported`);
  const taken = [];
  for (let round = 0; round < 4; round += 1) {
    taken.push((await take(id, 4, at, { waitingMax: 10 })).fresh.length);
    await age();
  }
  expect(taken).toEqual([4, 4, 2, 0]);
  let left = await take(id);
  for (; left.next === 'take'; left = await take(id)) await place(left.waiting);
  expect(await countsOf(id)).toEqual(['finished', 12, 12, 0, 0]);
});

test('takers of several imports and of one share one bound, and no line is taken twice', async () => {
  const [one, other] = [await importOf(people(200, 6)), await importOf(people(210, 6))];
  const taken = await Promise.all([take(one), take(other), take(one), take(other)]);
  const fresh = taken.flatMap((each) => each.fresh);
  expect([fresh.length, new Set(fresh).size]).toEqual([4, 4]);
  for (let waiting = fresh; waiting.length > 0;) {
    await place(waiting);
    waiting = [...(await take(one)).fresh, ...(await take(other)).fresh];
  }
  expect([await countsOf(one), await countsOf(other)]).toEqual([
    ['finished', 6, 6, 0, 0],
    ['finished', 6, 6, 0, 0],
  ]);
});

test('bad lines are counted and named, known leads are duplicates, in one file and over several', async () => {
  const lines = [person('x'), 'nonsense', '{"company":"No address"}', person('x'), person('y')];
  const id = await importOf(lines);
  const { fresh } = await take(id, 10);
  await place(fresh);
  await take(id);
  expect(await countsOf(id)).toEqual(['finished', 5, 2, 1, 2]);
  expect((await imports.faults(id)).map(({ line, field }) => [line, field])).toEqual([
    [2, ''],
    [3, 'email'],
    [3, 'phone'],
  ]);
  const again = await importOf([...lines, person('z')]);
  const { fresh: news } = await take(again, 10);
  expect(news).toHaveLength(1);
  expect(await countsOf(again)).toEqual(['running', 6, 1, 3, 2]);
  await place(news);
});

test('lines that are no new leads take no room: they pass by the hundred, up to the next new one', async () => {
  const known = people(1_000, 40);
  const before = await importOf(known);
  await place((await take(before, 40)).fresh);
  const again = Array.from({ length: 1_200 }, (_, n) => (n % 3 === 0 ? 'nonsense' : known[n % 40]!));
  const id = await importOf([person('n1'), ...again, person('n2'), person('n3'), ...known]);
  const fresh: string[] = [];
  let [takes, next] = [0, 'take'];
  for (; next === 'take'; takes += 1) {
    const step = await take(id, 1);
    expect(step.fresh.length).toBeLessThanOrEqual(1);
    fresh.push(...step.fresh);
    await place(step.fresh);
    next = step.next;
  }
  expect([fresh.length, await countsOf(id)]).toEqual([3, ['finished', 1_243, 3, 840, 400]]);
  // Three for the new ones, three for what lies between them, one that finds nothing more.
  expect(takes).toBeLessThanOrEqual(7);
});

test('of lines with one new lead the first takes room, the others are duplicates', async () => {
  const id = await importOf([person('t1'), 'nonsense', person('t1'), person('t1'), person('t2')]);
  const { fresh } = await take(id, 1);
  expect([fresh.length, await countsOf(id)]).toEqual([1, ['running', 5, 1, 0, 0]]);
  await place(fresh);
  const { fresh: second } = await take(id, 1);
  expect([second.length, await countsOf(id)]).toEqual([1, ['running', 5, 2, 2, 1]]);
  await place(second);
});

test('what fails while lines are taken in leaves them to the next attempt', async () => {
  const id = await importOf(people(300, 3));
  await expect(
    imports.take({
      importId: id,
      pace,
      at,
      read: (body, how) => {
        if (body.includes('person302')) throw new Error('the process ended here');
        return lineReader.lead(body, how, nowMs);
      },
    }),
  ).rejects.toThrow('ended here');
  expect(await countsOf(id)).toEqual(['running', 3, 0, 0, 0]);
  const { fresh } = await take(id);
  expect([fresh.length, await countsOf(id)]).toEqual([3, ['running', 3, 3, 0, 0]]);
  await place(fresh);
});

test('a file that is split twice has its lines once', async () => {
  const id = `imp_${'f'.repeat(26)}`;
  await imports.open({ id, file: Buffer.from(`${person('f1')}\nbad\n${person('f2')}`), reading, at });
  const found = await imports.file(id);
  const lines: FileLine[] = [...lineReader.lines(found!.file, 'jsonl')];
  await imports.addLines(id, lines.slice(0, 2));
  await imports.addLines(id, lines);
  await imports.splitDone(id);
  await imports.splitDone(id);
  expect([await countsOf(id), await imports.file(id)]).toEqual([['running', 3, 0, 0, 0], undefined]);
  const { fresh } = await take(id);
  expect(await countsOf(id)).toEqual(['running', 3, 2, 0, 1]);
  await place(fresh);
});

test('a cancelled import keeps no line; sent again it starts over and doubles nobody', async () => {
  const lines = people(400, 6);
  const id = await importOf(lines);
  const { fresh } = await take(id);
  expect([await imports.cancel(id, at), await imports.cancel(id, at)]).toEqual([true, false]);
  expect((await take(id)).next).toBe('over');
  expect((await pool.query('SELECT FROM import_lines WHERE import_id = $1', [id])).rowCount).toBe(0);
  await imports.open({ id, file: Buffer.from(lines.join('\n')), reading, at });
  expect((await take(id)).next).toBe('split');
  await split(id);
  await place(fresh);
  const { fresh: rest } = await take(id, 10);
  expect([rest.length, await countsOf(id)]).toEqual([2, ['running', 6, 2, 4, 0]]);
  await place(rest);
});

test('a file that is cancelled while it is split leaves nothing behind', async () => {
  const id = `imp_${'c'.repeat(26)}`;
  await imports.open({ id, file: Buffer.from(person('c')), reading, at });
  await imports.cancel(id, at);
  await imports.addLines(id, [{ line: 1, body: person('c') }]);
  await imports.splitDone(id);
  expect((await pool.query('SELECT FROM import_lines WHERE import_id = $1', [id])).rowCount).toBe(0);
  expect(await imports.unfinished()).not.toContain(id);
});
