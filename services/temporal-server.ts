import { Connection } from '@temporalio/client';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeExit, startChild, type Child } from './child';
import { lastLines } from './log-file';
import { pickPort, readPorts, rememberPorts } from './ports';
import { listProcesses, stopPid, type StopStep } from './process-table';
import { messageOf, StartError } from './start-error';
import { searchAttributeNames, searchAttributes } from './search-attributes';

/** Where and with what the embedded Temporal server runs. */
export interface TemporalServerOptions {
  readonly dataDir: string;
  readonly cli: string;
  readonly namespaces: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Dynamic configuration of the server besides ours, as `key=value`. */
  readonly dynamicConfig?: readonly string[] | undefined;
  /** Set on a restart: the same ports, whatever happens. */
  readonly ports?: TemporalPorts;
  readonly signal?: AbortSignal | undefined;
}

/** Ports of the embedded server on 127.0.0.1. */
export interface TemporalPorts {
  readonly grpc: number;
  readonly ui: number;
}

/** A running embedded server that answers and knows our search attributes. */
export interface TemporalServer {
  readonly child: Child;
  readonly ports: TemporalPorts;
}

const readyLimitMs = 60_000;
const stopSteps: readonly StopStep[] = [
  { signal: 'SIGINT', waitMs: 10_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];

const fileOf = (dataDir: string) => join(dataDir, 'temporal', 'temporal.db');

/**
 * Starts the dev server on the ports used last, else 7233/8233, else free ones; ready means it answers.
 * @throws StartError with the end of its log when it does not come up.
 */
export async function startTemporal(options: TemporalServerOptions): Promise<TemporalServer> {
  mkdirSync(join(options.dataDir, 'temporal'), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    const ports = options.ports ?? (await choosePorts(options.dataDir, attempt));
    const child = await launch(options, ports);
    const fault = await untilReady(child, ports, options);
    if (fault === undefined) {
      rememberPorts(options.dataDir, { temporal: ports.grpc, temporalUi: ports.ui });
      return { child, ports };
    }
    await stopTemporal(child);
    options.signal?.throwIfAborted();
    // Besides ours the server takes a handful of random ports, so now and then another program is faster.
    const portTaken = lastLines(logFile(options.dataDir), 20).some((line) =>
      /address already in use/i.test(line),
    );
    if (!portTaken || attempt === 5) throw new StartError(`embedded Temporal did not start: ${fault}`);
  }
}

/** Ends the server: first gracefully, so SQLite's log is folded in. */
export async function stopTemporal(child: Child, steps = stopSteps): Promise<void> {
  await child.stop(steps);
}

/** Stops a server a killed owner left behind on this data directory; two on one SQLite file would ruin it. */
export async function stopOrphanedTemporal(dataDir: string): Promise<number> {
  const orphans = listProcesses().filter(({ args }) =>
    `${args} `.includes(` --db-filename ${fileOf(dataDir)} `),
  );
  for (const { pid } of orphans) {
    if (!(await stopPid(pid, stopSteps)))
      throw new StartError(`cannot stop the Temporal server left behind as process ${String(pid)}`);
  }
  return orphans.length;
}

const logFile = (dataDir: string) => join(dataDir, 'logs', 'temporal.log');

async function choosePorts(dataDir: string, attempt: number): Promise<TemporalPorts> {
  const last = readPorts(dataDir);
  if (attempt > 2) return { grpc: await pickPort([]), ui: await pickPort([]) };
  return { grpc: await pickPort([last.temporal, 7233]), ui: await pickPort([last.temporalUi, 8233]) };
}

/** Settings measured on this workload; see docs for the figures. */
const settings = {
  // WAL and synchronous=1 survive a killed process; after a power cut Postgres knows every lead and re-starts its run.
  pragmas: ['journal_mode=wal', 'synchronous=1', 'cache_size=-64000', 'temp_store=2'],
  dynamicConfig: [
    'matching.numTaskqueueReadPartitions=1',
    'matching.numTaskqueueWritePartitions=1',
    'frontend.WorkflowTimeSkippingEnabled=true',
    // As it comes, the dev server reads its search attributes from the database at every use of one: about half of all
    // database requests of a lead (32 to 37, then 15). Ours are registered before it counts as ready.
    'system.forceSearchAttributesCacheRefreshOnRead=false',
  ],
};

async function launch(options: TemporalServerOptions, ports: TemporalPorts): Promise<Child> {
  const repeat = (flag: string, values: readonly string[]) => values.flatMap((value) => [flag, value]);
  return await startChild({
    file: options.cli,
    args: [
      ...[
        'server',
        'start-dev',
        '--ip',
        '127.0.0.1',
        '--port',
        String(ports.grpc),
        '--ui-port',
        String(ports.ui),
      ],
      ...['--db-filename', fileOf(options.dataDir), '--log-level', 'warn', '--color', 'never'],
      ...repeat('--sqlite-pragma', settings.pragmas),
      ...repeat('--dynamic-config-value', [...settings.dynamicConfig, ...(options.dynamicConfig ?? [])]),
      ...repeat(
        '--search-attribute',
        searchAttributes.map(({ name, cli }) => `${name}=${cli}`),
      ),
      ...repeat(
        '--namespace',
        options.namespaces.filter((name) => name !== 'default'),
      ),
    ],
    logFile: logFile(options.dataDir),
    // Fewer garbage collections: a tenth less CPU for some tens of MiB.
    env: { ...options.env, GOGC: options.env['GOGC'] ?? '400' },
  });
}

/** Undefined once the server answers and every namespace knows our search attributes; else why it never did. */
async function untilReady(
  child: Child,
  ports: TemporalPorts,
  options: TemporalServerOptions,
): Promise<string | undefined> {
  const address = `127.0.0.1:${String(ports.grpc)}`;
  const deadline = Date.now() + readyLimitMs;
  let last = 'no answer';
  while (Date.now() < deadline && options.signal?.aborted !== true) {
    if (!child.running()) {
      const said = lastLines(logFile(options.dataDir), 1).join('');
      return `${describeExit(await child.exited)}: ${said}; see ${logFile(options.dataDir)}`;
    }
    try {
      if (await isReady(address, ['default', ...options.namespaces])) return undefined;
      last = 'search attributes are missing';
    } catch (error) {
      last = messageOf(error);
    }
    await delay(50);
  }
  return `not ready after ${String(readyLimitMs / 1000)} s (${last}); see ${logFile(options.dataDir)}`;
}

async function isReady(address: string, namespaces: readonly string[]): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: '1s' });
  try {
    for (const namespace of namespaces) {
      const names = await connection.withDeadline(Date.now() + 5_000, () =>
        searchAttributeNames(connection, namespace),
      );
      if (searchAttributes.some(({ name }) => !names.has(name))) return false;
    }
    return true;
  } finally {
    await connection.close();
  }
}
