import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import type { Env } from '../config/env';
import { mintId } from '../domain/ids';
import { readPorts } from '../services/ports';
import { role } from '../services/postgres-cluster';
import { isAlive } from '../services/process-table';
import { findTemporalCli } from '../services/temporal-cli';

/** A running instance, for the demo to play on. */
export interface DemoInstance {
  readonly url: string;
  readonly key: string;
  readonly temporalAddress: string;
  readonly namespace: string;
  /** Started for the demo: empty, and gone afterwards. */
  readonly own: boolean;
  /** Takes back what the demo brought: the instance, or only its key. */
  release(): Promise<void>;
}

const startLimitMs = 180_000;

/** The running instance of this data directory or these addresses; without one, a new one for the time of the demo. */
export async function findInstance(env: Env, log: (line: string) => void): Promise<DemoInstance> {
  const running = await runningInstance(env, 'demo');
  if (running) {
    log(`playing on the running instance at ${running.url}`);
    return running;
  }
  log('no instance is running here; starting one for the demo');
  return startInstance(env, log);
}

/** The running instance of this data directory or these addresses. @param keyName of the key made to speak with it */
export async function runningInstance(env: Env, keyName: string): Promise<DemoInstance | undefined> {
  const url = await answering(env);
  const databaseUrl = env.DATABASE_URL ?? embeddedDatabase(env.DATA_DIR);
  const temporalAddress = env.TEMPORAL_ADDRESS ?? embeddedTemporal(env.DATA_DIR);
  if (url === undefined || databaseUrl === undefined || temporalAddress === undefined) return undefined;
  const shared = { url, temporalAddress, namespace: env.TEMPORAL_NAMESPACE, own: false };
  if (env.ADMIN_KEY !== undefined) return { ...shared, key: env.ADMIN_KEY, release: () => Promise.resolve() };
  return { ...shared, ...(await mintKey(databaseUrl, keyName)) };
}

/** Where the API of this instance listens: where its log says, else where the environment says. */
async function answering(env: Env): Promise<string | undefined> {
  const embedded = env.DATABASE_URL === undefined;
  // An API on our port that is not of our data directory would not know a key from our database.
  if (embedded && !ownerLives(env.DATA_DIR)) return undefined;
  const log = join(env.DATA_DIR, 'logs', 'api.log');
  const said = existsSync(log)
    ? [...readFileSync(log, 'utf8').matchAll(/listening on (http:\S+)/g)].at(-1)?.[1]
    : undefined;
  for (const url of [said, `http://${env.HOST}:${String(env.PORT)}`]) {
    if (url !== undefined && (await isReady(url))) return url;
  }
  return undefined;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3_000) })).ok;
  } catch {
    return false;
  }
}

function ownerLives(dataDir: string): boolean {
  try {
    const { pid } = JSON.parse(readFileSync(join(dataDir, 'lock'), 'utf8')) as { pid?: number };
    return pid !== undefined && isAlive(pid);
  } catch {
    return false;
  }
}

function embeddedDatabase(dataDir: string): string | undefined {
  const password = join(dataDir, 'postgres', 'password');
  const { postgres } = readPorts(dataDir);
  if (postgres === undefined || !existsSync(password)) return undefined;
  return `postgresql://${role}:${readFileSync(password, 'utf8').trim()}@127.0.0.1:${String(postgres)}/lead_router`;
}

function embeddedTemporal(dataDir: string): string | undefined {
  const { temporal } = readPorts(dataDir);
  return temporal === undefined ? undefined : `127.0.0.1:${String(temporal)}`;
}

/** A key until `release`, as only its hash is kept and nobody can be asked for the first one. */
async function mintKey(databaseUrl: string, name: string): Promise<Pick<DemoInstance, 'key' | 'release'>> {
  const key = `lr_${randomBytes(24).toString('base64url')}`;
  const hash = createHash('sha256').update(key).digest('hex');
  const run = async (text: string, values: unknown[]): Promise<void> => {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      await client.query(text, values);
    } finally {
      await client.end();
    }
  };
  await run(`INSERT INTO api_keys (id, name, hash, scopes) VALUES ($1, $2, $3, '{admin}')`, [
    mintId('apiKey', Date.now()),
    name,
    hash,
  ]);
  return { key, release: () => run('UPDATE api_keys SET revoked_at = now() WHERE hash = $1', [hash]) };
}

/** `npm start` in a data directory that is thrown away, so that nobody finds invented leads in his own. */
async function startInstance(env: Env, log: (line: string) => void): Promise<DemoInstance> {
  const key = `demo-${randomBytes(24).toString('hex')}`;
  const { dataDir, remove } = await scratchDataDir(env, log);
  const child = spawn(process.execPath, [join(__dirname, '../services/start.js')], {
    detached: true, // Ctrl-C reaches the demo alone, which then stops it in order
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      PORT: '0',
      ADMIN_KEY: key,
      LOG_LEVEL: 'warn',
      npm_lifecycle_event: undefined,
    },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const release = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
    remove();
  };
  try {
    const url = await addressOf(createInterface({ input: child.stdout }), ended);
    const temporalAddress = env.TEMPORAL_ADDRESS ?? embeddedTemporal(dataDir) ?? '';
    return {
      url,
      key,
      temporalAddress,
      namespace: env.TEMPORAL_NAMESPACE,
      own: env.DATABASE_URL === undefined,
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Given servers come with leads and sealed secrets of their own, so then the real data directory is used. */
async function scratchDataDir(
  env: Env,
  log: (line: string) => void,
): Promise<{ readonly dataDir: string; readonly remove: () => void }> {
  mkdirSync(env.DATA_DIR, { recursive: true });
  if (env.DATABASE_URL !== undefined) return { dataDir: env.DATA_DIR, remove: () => undefined };
  const home = realpathSync(env.DATA_DIR);
  const folder = mkdtempSync(join(home, 'demo-'));
  const dataDir = join(folder, 'data');
  mkdirSync(join(dataDir, 'bin'), { recursive: true });
  if (env.TEMPORAL_ADDRESS === undefined) {
    symlinkSync(
      await findTemporalCli({ dataDir: home, env: process.env, log }),
      join(dataDir, 'bin', 'temporal'),
    );
  }
  return { dataDir, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Reads what `npm start` prints until `ready`; resolves to the address of the API. */
async function addressOf(lines: AsyncIterable<string>, ended: Promise<void>): Promise<string> {
  const reading = (async () => {
    let url: string | undefined;
    for await (const line of lines) {
      url ??= /^ {2}API\s+(http\S+)/.exec(line)?.[1];
      if (line === 'ready' && url !== undefined) return url;
    }
    throw new Error('the instance did not start; the lines above say why');
  })();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the instance was not ready after ${startLimitMs / 1_000} s`)),
      startLimitMs,
    );
  });
  try {
    return await Promise.race([reading, limit, ended.then(() => reading)]);
  } finally {
    clearTimeout(timer);
  }
}
