import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

export interface TestDatabase {
  readonly url: string;
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

/** A migrated database of its own, cloned from the template. Its policy is examples/policy.yaml. */
export const cloneDatabase = (): Promise<TestDatabase> => createDatabase(' TEMPLATE template_lead_router');

export const emptyDatabase = (): Promise<TestDatabase> => createDatabase('');

async function createDatabase(from: string): Promise<TestDatabase> {
  const server = process.env['TEST_DATABASE_URL'];
  if (!server) throw new Error('the servers of the tests are not up');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await queryOnce(server, `CREATE DATABASE ${name}${from}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    query: (text, values) => queryOnce(url.href, text, values),
    drop: async () => {
      // A pool has ended a moment before its connections have; one that is ended from here fails its test.
      const isUsed = async (): Promise<boolean> =>
        (await queryOnce(server, 'SELECT 1 FROM pg_stat_activity WHERE datname = $1', [name])).length > 0;
      for (let waits = 0; waits < 40 && (await isUsed()); waits++) await delay(50);
      await queryOnce(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** Runs one statement on a connection of its own. */
export async function queryOnce(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
