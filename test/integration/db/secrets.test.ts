import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase, type Database } from '../../../db/client';
import { createSourceStore } from '../../../db/source-store';
import { cloneDatabase, type TestDatabase } from '../../support/database';

const secret = 'a-secret-nobody-may-read';
const token = 'a-token-nobody-may-read';
let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await cloneDatabase();
  db = openDatabase({ databaseUrl: database.url, maxConnections: 2, onFault: () => undefined });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

test('a source’s secret and token lie sealed in the database, and only the instance’s key opens them', async () => {
  const store = createSourceStore(db, Buffer.alloc(32, 1));
  await store.put({ name: 'website', kind: 'generic', secrets: [secret], accessToken: token });
  const dump = JSON.stringify(await database.query('SELECT * FROM sources'));
  expect(dump).toContain('website');
  for (const text of [secret, token])
    for (const readable of [text, Buffer.from(text).toString('base64'), Buffer.from(text).toString('hex')])
      expect(dump).not.toContain(readable);
  expect(await store.all()).toMatchObject([{ name: 'website', secrets: [secret], accessToken: token }]);
  await expect(createSourceStore(db, Buffer.alloc(32, 2)).all()).rejects.toThrow();
});

test('the same secret sealed twice looks different, so that nobody sees who shares one', async () => {
  const store = createSourceStore(db, Buffer.alloc(32, 1));
  await store.put({ name: 'twin', kind: 'generic', secrets: [secret] });
  const rows = await database.query('SELECT secrets FROM sources');
  expect(new Set(rows.map(({ secrets }) => secrets)).size).toBe(2);
});

test('the migration blanks the keys of Google that were kept, and nothing else', async () => {
  await database.query(
    `INSERT INTO sources (name, kind, secrets, updated_at) VALUES ('ads', 'google-ads', 'x', now()), ('other', 'generic', 'x', now())`,
  );
  const bodies = [
    ['ads', 'first', String.raw`{"google_key" : "a\"b\\u0000", "lead_id": "1"}`],
    ['ads', 'last', '{"lead_id":"2","google_key":"s3cret"}'],
    ['other', 'foreign', '{"google_key":"theirs"}'],
  ];
  for (const [source, key, body] of bodies)
    await database.query(
      `INSERT INTO leads (id, source, event_key, raw_body, fields, received_at) VALUES ($2, $1, $2, $3, '{}', now())`,
      [source, key, body],
    );
  const folder = join(__dirname, '../../../prisma/migrations/20261127000000_google_keys_go');
  await database.query(readFileSync(join(folder, 'migration.sql'), 'utf8'));
  expect(await database.query('SELECT raw_body FROM leads ORDER BY id')).toEqual([
    { raw_body: '{"google_key":"", "lead_id": "1"}' },
    { raw_body: '{"google_key":"theirs"}' },
    { raw_body: '{"lead_id":"2","google_key":""}' },
  ]);
});
