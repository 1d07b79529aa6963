import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { loadEnv } from '../config/env';
import { migrate } from '../db/migrate';
import { startPostgres, stopPostgres } from '../services/postgres';

/** Runs `work` on an empty schema of a migrated database, DATABASE_URL's or a PostgreSQL of its own, and drops it. */
export async function withScratch(work: (client: Client, schema: string) => Promise<void>): Promise<void> {
  const database = await scratchDatabase();
  try {
    await migrate(database.url);
    const client = new Client({ connectionString: database.url, pipeline: true });
    client.on('error', () => undefined); // the statement under way fails with it
    await client.connect();
    const schema = `match_${randomBytes(6).toString('hex')}`;
    try {
      await work(client, schema);
    } finally {
      await client.query('ROLLBACK'); // of a lead that could not be decided
      await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await client.end();
    }
  } finally {
    await database.stop();
  }
}

/** Runs `work` on a migrated database of a PostgreSQL of its own. */
export async function withScratchDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const database = await ownPostgres();
  try {
    await migrate(database.url);
    await work(database.url);
  } finally {
    await database.stop();
  }
}

interface Scratch {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function scratchDatabase(): Promise<Scratch> {
  const { DATABASE_URL } = loadEnv(process.env);
  return DATABASE_URL === undefined ? ownPostgres() : { url: DATABASE_URL, stop: () => Promise.resolve() };
}

async function ownPostgres(): Promise<Scratch> {
  const dataDir = mkdtempSync(join(tmpdir(), 'lead-router-match-'));
  say('starting a PostgreSQL of its own');
  const server = await startPostgres({ dataDir });
  return {
    url: server.databaseUrl,
    stop: async () => {
      await stopPostgres(server.child);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Progress and faults; standard output is for results. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Runs a tool with the arguments of the command line; a fault is one line and exit code 1. */
export function runTool(main: (args: readonly string[]) => Promise<void>): void {
  void main(process.argv.slice(2)).then(
    () => process.exit(),
    (error: unknown) => {
      say(error instanceof Error ? error.message : String(error));
      process.exit(1);
    },
  );
}
