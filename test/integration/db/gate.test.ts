import { Pool } from 'pg';
import { createGateStore } from '../../../db/gate-store';
import { standardGate } from '../../../domain/gate';
import type { LeadId } from '../../../domain/ids';
import { toInstant } from '../../../domain/instant';
import { cloneDatabase, type TestDatabase } from '../../support/database';

let database: TestDatabase;
let pool: Pool;
let gate: ReturnType<typeof createGateStore>;
let count = 0;
const startMs = Date.parse('2026-11-24T09:00:00Z');
const at = toInstant(startMs);
const perMs = 3_600_000;

beforeAll(async () => {
  database = await cloneDatabase();
  pool = new Pool({ connectionString: database.url, max: 20 });
  pool.on('error', () => undefined);
  gate = createGateStore(pool, Buffer.alloc(32));
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const lead = async (): Promise<LeadId> => {
  count += 1;
  const id = `lead_${String(count).padStart(26, '0')}` as LeadId;
  await pool.query(
    `INSERT INTO leads (id, source, event_key, raw_body, fields, received_at) VALUES ($1, 's', $1, '{}', '{}', $2)`,
    [id, at],
  );
  return id;
};
const limit = (key: string, most: number, kind: 'mailbox' | 'client' = 'mailbox') => ({ kind, key, most });
const timeline = async (leadId: LeadId): Promise<unknown[]> =>
  (await pool.query(`SELECT what FROM timeline WHERE lead_id = $1 ORDER BY id`, [leadId])).rows.map(
    ({ what }: { what: string }) => what,
  );

test('exactly as many as are allowed pass, however many come at once', async () => {
  const ids = await Promise.all(Array.from({ length: 30 }, lead));
  const answers = await Promise.all(
    ids.map((leadId) =>
      gate.count({ leadId, at, perMs, limits: [limit('burst', 7), limit('c', 100, 'client')] }),
    ),
  );
  expect(answers.filter((answer) => answer === 'ok')).toHaveLength(7);
  expect(answers.filter((answer) => answer === 'mailbox')).toHaveLength(23);
  // A repeat is not counted again.
  const again = await Promise.all(
    ids.map((leadId) => gate.count({ leadId, at, perMs, limits: [limit('burst', 7)] })),
  );
  expect(again).toEqual(answers);
});

test('a window ends, and what is over is removed by the leads that come', async () => {
  const one = { perMs, limits: [limit('window', 1)] };
  expect(await gate.count({ ...one, leadId: await lead(), at })).toBe('ok');
  expect(await gate.count({ ...one, leadId: await lead(), at })).toBe('mailbox');
  const later = toInstant(startMs + perMs);
  expect(await gate.count({ ...one, leadId: await lead(), at: later })).toBe('ok');
  for (let nth = 0; nth < 40; nth += 1)
    await gate.count({ leadId: await lead(), at, perMs, limits: [limit(`old-${String(nth)}`, 1)] });
  const muchLater = toInstant(startMs + 10 * perMs);
  for (let nth = 0; nth < 6; nth += 1)
    await gate.count({ leadId: await lead(), at: muchLater, perMs, limits: [limit('last', 9)] });
  const { rows } = await pool.query(`SELECT key FROM lead_rates`);
  expect(rows).toEqual([{ key: 'last' }]);
});

test('a rejection, a wait and a confirmation are written once', async () => {
  const [turned, asked] = [await lead(), await lead()];
  for (let nth = 0; nth < 2; nth += 1) {
    await gate.reject(turned, 'honeypot', at);
    await gate.park(asked, at);
    await gate.asked(asked, toInstant(startMs + nth), at);
    await gate.confirmed(asked, at);
  }
  expect(await timeline(turned)).toEqual(['rejected']);
  expect(await timeline(asked)).toEqual(['awaits_confirmation', 'confirmation_sent', 'confirmed']);
  expect(await gate.of(asked)).toEqual({
    settings: standardGate,
    state: { confirmation: { until: at }, confirmedAt: at },
  });
  await expect(
    pool.query(`UPDATE leads SET progress = 'rejected', close_reason = NULL WHERE id = $1`, [asked]),
  ).rejects.toThrow('leads_rejected_check');
});

test('only what the gate rejected is released, and once', async () => {
  const id = await lead();
  const release = () => gate.release({ leadId: id, at, by: 'mira' });
  expect(await release()).toBe('not_rejected');
  await gate.reject(id, 'honeypot', at);
  expect(await Promise.all([release(), release()])).toEqual(
    expect.arrayContaining(['released', 'not_rejected']),
  );
  expect(await timeline(id)).toEqual(['rejected', 'released']);
  expect((await gate.of(id)).state.released).toBe(at);
  expect(await gate.release({ leadId: 'lead_x' as LeadId, at })).toBeUndefined();
});
