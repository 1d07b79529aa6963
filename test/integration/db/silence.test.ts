import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { openDatabase, transaction, type Database } from '../../../db/client';
import { cloneDatabase, type TestDatabase } from '../../support/database';

// A host that lost power, a full connection table of a firewall: the server neither answers nor closes.
jest.setTimeout(60_000);

/** A relay in front of the server that can stop passing anything on, in both directions, without closing. */
async function startRelay(target: URL) {
  const sockets = new Set<Socket>();
  let silent = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
      from.on('data', (chunk) => to.write(chunk));
      if (silent) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target.href);
  url.port = String((server.address() as AddressInfo).port);
  const each = (act: (socket: Socket) => unknown): void => {
    for (const socket of sockets) act(socket);
  };
  return {
    url: url.href,
    silence: () => {
      silent = true;
      each((socket) => socket.pause());
    },
    speak: () => {
      silent = false;
      each((socket) => socket.resume());
    },
    close: async () => {
      each((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

let database: TestDatabase;
let relay: Awaited<ReturnType<typeof startRelay>>;
let db: Database;
beforeAll(async () => {
  database = await cloneDatabase();
  relay = await startRelay(new URL(database.url));
  db = openDatabase({ databaseUrl: relay.url, maxConnections: 1, onFault: () => undefined });
});
afterAll(async () => {
  await db.close();
  await relay.close();
  await database.drop();
});

test('a transaction whose server falls silent ends before its step does, and leaves its connection to nobody', async () => {
  const startedAt = Date.now();
  const stuck = transaction(db.pool, async (client) => {
    await client.query('SELECT 1');
    relay.silence();
    await client.query('SELECT 2');
  });
  await expect(stuck).rejects.toThrow('Query read timeout');
  // A step has 20 s; one that ends later is tried again beside itself and holds a second connection.
  expect(Date.now() - startedAt).toBeLessThan(18_000);
  relay.speak();
  // The only connection of the pool: were the silent one still in it, this would wait behind its statement.
  await expect(db.pool.query('SELECT 3 AS n')).resolves.toMatchObject({ rows: [{ n: 3 }] });
});

test('a process that stops inside a transaction loses its locks', async () => {
  const { rows } = await db.pool.query<{ setting: string }>(
    `SELECT setting FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'`,
  );
  expect(Number(rows[0]?.setting)).toBeGreaterThan(0);
});
