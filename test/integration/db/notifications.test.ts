import { Pool } from 'pg';
import type { ChannelResults } from '../../../activities/ports-vendors';
import { createNotificationStore } from '../../../db/notification-store';
import type { LeadId } from '../../../domain/ids';
import { toInstant } from '../../../domain/instant';
import { cloneDatabase, type TestDatabase } from '../../support/database';

let database: TestDatabase;
let pool: Pool;
let store: ReturnType<typeof createNotificationStore>;
const at = toInstant(Date.parse('2026-11-24T09:00:00Z'));
const ids = ['lead_a', 'lead_b'] as LeadId[];

beforeAll(async () => {
  database = await cloneDatabase();
  pool = new Pool({ connectionString: database.url });
  pool.on('error', () => undefined);
  store = createNotificationStore(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('what came of a digest is said once on each lead, and again only when it is news', async () => {
  for (const leadId of ids) {
    const note = { key: `${leadId}:n`, leadId, kind: 'assigned', repId: 'anna', at } as const;
    await store.admit({ ...note, now: at, burstMax: 0, windowMs: 60_000 });
    await store.record({ ...note, now: at, results: { digest: { state: 'held', detail: 'later' } } });
  }
  await pool.query('TRUNCATE timeline');
  expect(await store.takeHeld('anna', 'd')).toHaveLength(2);
  const told = async (): Promise<number> => (await pool.query('SELECT 1 FROM timeline')).rows.length;
  const failed: ChannelResults = { slack: { state: 'failed', detail: 'busy' } };
  const sent: ChannelResults = { slack: { state: 'sent', detail: 'ok' } };
  await store.recordDigest('d', at, failed);
  expect(await told()).toBe(2);
  // The activity is tried again: by then the messages are not held any more.
  await store.recordDigest('d', at, failed);
  expect(await told()).toBe(2);
  await store.recordDigest('d', at, sent);
  await store.recordDigest('d', at, sent);
  expect(await told()).toBe(4);
  expect(await store.results('d')).toEqual(sent);
});

test('what came of a message that was tried again stands on the timeline at the time of that', async () => {
  await pool.query('TRUNCATE timeline');
  const note = { key: 'lead_b:again', leadId: ids[1]!, kind: 'escalation', repId: 'anna', at } as const;
  const later = toInstant(Date.parse('2026-11-24T09:05:00Z'));
  const results: ChannelResults = { slack: { state: 'sent', detail: 'ok' } };
  await store.record({ ...note, now: later, results });
  // A run whose time was skipped is ahead of the clock.
  await store.record({ ...note, key: 'lead_b:ahead', at: later, now: at, results });
  const { rows } = await pool.query<{ at: Date }>('SELECT at FROM timeline ORDER BY id');
  expect(rows.map((row) => toInstant(row.at.getTime()))).toEqual([later, later]);
});

test('a message says whether its lead is over', async () => {
  await pool.query(
    `INSERT INTO leads (id, source, event_key, raw_body, fields, received_at, closed_at)
     VALUES ('lead_a', 's', 'a', '{}', '{}', $1, $1), ('lead_b', 's', 'b', '{}', '{}', $1, NULL)`,
    [at],
  );
  const subjects = await store.subjects(ids);
  expect(ids.map((id) => subjects.get(id)?.closed)).toEqual([true, false]);
});
