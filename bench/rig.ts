import { mkdirSync, mkdtempSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Client as TemporalClient } from '@temporalio/client';
import { Client } from 'pg';
import { startFakeCrm, type FakeCrm } from '../connectors/crm/fake';
import { prepareDatabase } from '../db/prepare';
import { startServices, type Services } from '../services/embedded';
import { Supervisor } from '../services/supervise';
import { findTemporalCli } from '../services/temporal-cli';
import { openClient } from '../temporal/connection';
import { interruption } from './interruption';
import { say } from './scratch';

type ProcessName = 'api' | 'worker' | 'bare-worker';

/** Everything a benchmark needs, running: servers of its own, our processes, the bare worker and a CRM that counts. */
export interface Rig {
  readonly url: string;
  readonly key: string;
  readonly crm: FakeCrm;
  readonly sql: Client;
  readonly temporal: TemporalClient;
  pid(name: ProcessName | 'postgres' | 'temporal'): number;
  stop(): Promise<void>;
}

interface RigOptions {
  /** Where the instance lives: the benchmark makes a folder of its own in it, on the same disk, and removes it. */
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Runs `work` on a rig, and takes the rig down again however that ends; a signal to end counts as a fault. */
export async function withRig(
  dataDir: string,
  work: (rig: Rig, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stopping = new AbortController();
  const interrupted = interruption(new Error('interrupted'));
  interrupted.catch((reason: unknown) => {
    stopping.abort(reason);
  });
  const rig = await startRig({ dataDir, env: process.env, log: say, signal: stopping.signal });
  try {
    const working = work(rig, stopping.signal);
    working.catch(() => undefined); // what it meets once the rig goes is nobody's concern
    await Promise.race([working, interrupted]);
  } finally {
    say('stopping');
    await rig.stop();
  }
}

/** Brings everything up. Whatever was started is stopped again when a part of it does not come up. */
async function startRig(options: RigOptions): Promise<Rig> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return { ...(await bringUp(options, undo)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function bringUp(options: RigOptions, undo: (() => Promise<unknown>)[]): Promise<Omit<Rig, 'stop'>> {
  const { log, signal } = options;
  const folder = await makeFolder(options, undo);
  const services = await startServices({
    dataDir: folder,
    env: outerEnv(options.env),
    log,
    signal,
    onDeath: (name) => {
      log(`${name} ended in the middle of the run`);
    },
  });
  undo.push(() => services.stop());
  const key = `bench-${randomBytes(24).toString('hex')}`;
  await prepareDatabase({ databaseUrl: services.databaseUrl, adminKey: key, log: () => undefined });
  const sql = await openDatabase(services.databaseUrl, undo);
  const crm = await startFakeCrm({ secret: `whsec_${randomBytes(24).toString('base64')}` });
  undo.push(() => crm.close());
  const { client: temporal, close } = openClient({ address: services.temporalAddress, namespace: 'default' });
  undo.push(close);
  const processes = await startProcesses({ ...options, folder, services, crm, key }, undo);
  await publishPolicy(processes.url, key);
  return { url: processes.url, key, crm, sql, temporal, pid: (name) => pidOf(name, services, processes) };
}

async function makeFolder(
  { dataDir, env, log, signal }: RigOptions,
  undo: (() => Promise<unknown>)[],
): Promise<string> {
  mkdirSync(dataDir, { recursive: true });
  const cli = await findTemporalCli({ dataDir: realpathSync(dataDir), env, log, signal });
  const folder = mkdtempSync(join(realpathSync(dataDir), 'bench-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  mkdirSync(join(data, 'bin'), { recursive: true });
  symlinkSync(cli, join(data, 'bin', 'temporal'));
  return data;
}

/**
 * When an assignment really was there, by the database's own clock: `assigned_at` is the instant the run asked for it,
 * before the work.
 */
const arrivals = `
CREATE TABLE bench_assigned (lead_id text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE FUNCTION bench_note() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN INSERT INTO bench_assigned (lead_id) VALUES (NEW.lead_id); RETURN NULL; END';
CREATE TRIGGER bench_note AFTER INSERT ON assignments FOR EACH ROW EXECUTE FUNCTION bench_note()`;

async function openDatabase(databaseUrl: string, undo: (() => Promise<unknown>)[]): Promise<Client> {
  const sql = new Client({ connectionString: databaseUrl });
  await sql.connect();
  undo.push(() => sql.end());
  await sql.query(arrivals);
  return sql;
}

interface Processes {
  readonly url: string;
  readonly running: Readonly<Record<ProcessName, Supervisor>>;
}

async function startProcesses(
  options: RigOptions & {
    readonly folder: string;
    readonly services: Services;
    readonly crm: FakeCrm;
    readonly key: string;
  },
  undo: (() => Promise<unknown>)[],
): Promise<Processes> {
  const { folder, services, crm, key, log } = options;
  const env = {
    ...outerEnv(options.env),
    DATABASE_URL: services.databaseUrl,
    TEMPORAL_ADDRESS: services.temporalAddress,
    DATA_DIR: folder,
    HOST: '127.0.0.1',
    PORT: '0',
    ADMIN_KEY: key,
    LOG_LEVEL: 'warn',
    RATE_LIMIT_PER_SECOND: '100000',
    CRM: 'http',
    CRM_HTTP_URL: crm.url,
    CRM_HTTP_SECRET: crm.secret,
  };
  const supervisor = (name: ProcessName, main: string, extra: NodeJS.ProcessEnv = {}): Supervisor => {
    const made = new Supervisor({
      name,
      main: join(__dirname, main),
      dataDir: folder,
      env: { ...env, ...extra },
      logFile: join(folder, 'logs', `${name}.log`),
      log,
      drainMs: 20_000,
    });
    undo.push(() => made.stop());
    return made;
  };
  const api = supervisor('api', '../api/main.js');
  const port = await api.start();
  const url = `http://127.0.0.1:${String(port)}`;
  const worker = supervisor('worker', '../worker/main.js', { PUBLIC_URL: url });
  const bare = supervisor('bare-worker', 'bare-worker.js');
  await Promise.all([worker.start(), bare.start()]);
  return { url, running: { api, worker, 'bare-worker': bare } };
}

/** Only what a process needs to run at all: settings of the user's instance must not reach the benchmark's. */
function outerEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'USER', 'LANG', 'TMPDIR', 'LD_LIBRARY_PATH'];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

function pidOf(
  name: ProcessName | 'postgres' | 'temporal',
  services: Services,
  processes: Processes,
): number {
  const pid = name === 'postgres' || name === 'temporal' ? services.pids[name] : processes.running[name].pid;
  if (pid === undefined) throw new Error(`${name} does not run`);
  return pid;
}

/** Steps as many as in the example, but so late that none falls due while we measure. */
const patientSla = `
sla:
${['hot', 'standard']
  .map(
    (name) => `  ${name}:
    clock: business
    touch: 20h
    steps:
      - { after: 15h, do: remind }
      - { after: 20h, do: reassign }
      - { after: 25h, do: escalate, to: manager }
      - { after: 30h, do: escalate, to: vp-sales }
    maxHops: 3`,
  )
  .join('\n')}
`;

/** The example policy, with deadlines beyond the end of the run. */
async function publishPolicy(url: string, key: string): Promise<void> {
  const example = readFileSync(join(__dirname, '../../examples/policy.yaml'), 'utf8');
  const text = example.slice(0, example.indexOf('\nsla:')) + patientSla;
  const call = async (method: string, path: string, type: string, body: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': type };
    const answer = await fetch(`${url}${path}`, { method, headers, body });
    if (!answer.ok)
      throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const { version } = (await call('PUT', '/v1/policy', 'application/yaml', text)) as { version: number };
  await call('POST', '/v1/policy/publish', 'application/json', JSON.stringify({ version }));
}
