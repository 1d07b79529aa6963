import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { Client } from 'pg';
import { loadEnv } from '../config/env';
import { migrate } from '../db/migrate';
import { openScratch, type ScratchMatcher } from '../db/scratch-matcher';
import { startPostgres, stopPostgres } from '../services/postgres';

const usage = 'usage: npm run match -- IN.jsonl OUT.jsonl';
const progressEvery = 1_000;

/**
 * `npm run match`: feeds leads one by one, in order, through the identity engine on a scratch schema and writes what was
 * decided when each arrived. The schema is dropped at the end; nothing of the instance is read or written.
 */
async function main([input, output, ...rest]: readonly string[]): Promise<void> {
  if (input === undefined || output === undefined || rest.length > 0) throw new Error(usage);
  const database = await scratchDatabase();
  try {
    await migrate(database.url);
    const client = new Client({ connectionString: database.url });
    client.on('error', () => undefined); // the statement under way fails with it
    await client.connect();
    const schema = `match_${randomBytes(6).toString('hex')}`;
    try {
      await decideAll(await openScratch(client, schema), input, output);
    } finally {
      await client.query('ROLLBACK'); // of a lead that could not be decided
      await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await client.end();
    }
  } finally {
    await database.stop();
  }
}

async function decideAll(matcher: ScratchMatcher, input: string, output: string): Promise<void> {
  const out = createWriteStream(output);
  const times: number[] = [];
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(input), crlfDelay: Infinity })) {
    number++;
    if (line.trim() === '') continue;
    const decided = await matcher.decide(parseLead(line, number));
    times.push(decided.ms);
    if (!out.write(`${JSON.stringify(decided)}\n`)) await once(out, 'drain');
    if (number % progressEvery === 0) say(`${String(number)} leads, ${String(matcher.people())} people`);
  }
  out.end();
  await once(out, 'finish');
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(2);
  say(
    `${String(times.length)} leads, ${String(matcher.people())} people; a decision took p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  );
}

function parseLead(line: string, number: number): Record<string, unknown> & { readonly id: string } {
  let lead: unknown;
  try {
    lead = JSON.parse(line);
  } catch (cause) {
    throw new Error(`line ${String(number)} is not JSON`, { cause });
  }
  if (typeof lead !== 'object' || lead === null || Array.isArray(lead))
    throw new Error(`line ${String(number)}: expected an object`);
  const { id } = lead as { id?: unknown };
  if (typeof id !== 'string' && typeof id !== 'number')
    throw new Error(`line ${String(number)}: id is missing; expected a string`);
  return { ...lead, id: String(id) };
}

/** DATABASE_URL, or an embedded server of its own that is gone afterwards. */
async function scratchDatabase(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const { DATABASE_URL } = loadEnv(process.env);
  if (DATABASE_URL !== undefined) return { url: DATABASE_URL, stop: () => Promise.resolve() };
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

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

void main(process.argv.slice(2)).then(
  () => process.exit(),
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
