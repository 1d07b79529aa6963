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
