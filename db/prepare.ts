import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { mintId } from '../domain/ids';
import { parsePolicy } from '../policy/parse';
import { migrate } from './migrate';

const projectRoot =
  [join(__dirname, '..'), join(__dirname, '../..')].find((dir) => existsSync(join(dir, 'package.json'))) ??
  '.';
/** Processes that start together take turns at seeding. */
const seedLock = 7_203_114_002;

export interface PrepareOptions {
  readonly databaseUrl: string;
  /** Key for the first run instead of a generated one. */
  readonly adminKey?: string;
  readonly log: (line: string) => void;
}

/**
 * Makes a database ready to work with: migrations, `examples/policy.yaml` as the first live policy, one admin key.
 * Safe to repeat and to run in several processes at once.
 * @returns the admin key, only when this call generated it: it is stored hashed.
 */
export async function prepareDatabase({
  databaseUrl,
  adminKey,
  log,
}: PrepareOptions): Promise<{ readonly generatedAdminKey?: string }> {
  for (const name of await migrate(databaseUrl)) log(`applied migration ${name}`);
  const client = new Client({ connectionString: databaseUrl });
  client.on('error', () => undefined); // the statement under way fails with it
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [seedLock]);
    if (await loadFirstPolicy(client)) log('loaded examples/policy.yaml as the first live policy');
    return await ensureAdminKey(client, adminKey);
  } finally {
    await client.end();
  }
}

async function loadFirstPolicy(client: Client): Promise<boolean> {
  const { rows } = await client.query('SELECT 1 FROM policy_versions LIMIT 1');
  if (rows.length > 0) return false;
  const text = readFileSync(join(projectRoot, 'examples/policy.yaml'), 'utf8');
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(`examples/policy.yaml: ${parsed.problems[0]?.message ?? 'cannot be used'}`);
  await client.query(
    `INSERT INTO policy_versions (text, state, created_by, published_at) VALUES ($1, 'live', 'first run', now())`,
    [text],
  );
  return true;
}

/** ADMIN_KEY, when given, works from the next start on whatever keys there are; without it the first run makes one. */
async function ensureAdminKey(
  client: Client,
  given: string | undefined,
): Promise<{ readonly generatedAdminKey?: string }> {
  const { rows } = await client.query(
    `SELECT 1 FROM api_keys WHERE 'admin' = ANY (scopes) AND revoked_at IS NULL LIMIT 1`,
  );
  if (given === undefined && rows.length > 0) return {};
  const key = given ?? `lr_${randomBytes(24).toString('base64url')}`;
  await client.query(
    `INSERT INTO api_keys (id, name, hash, scopes) VALUES ($1, 'first admin', $2, '{admin}') ON CONFLICT (hash) DO NOTHING`,
    [mintId('apiKey', Date.now()), createHash('sha256').update(key).digest('hex')],
  );
  return given === undefined ? { generatedAdminKey: key } : {};
}
