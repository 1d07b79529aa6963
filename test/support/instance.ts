import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { cloneDatabase, queryOnce } from './database';
import type { TestNamespace } from './namespaces';
import { until } from './until';

export const adminKey = 'test-admin-key-0123456789';

export interface InstanceOptions {
  readonly namespace: TestNamespace;
  readonly env?: NodeJS.ProcessEnv;
  /** Servers of the file's own, when it kills them. */
  readonly servers?: { readonly databaseUrl: string; readonly temporalAddress: string };
}

type ProcessName = 'api' | 'worker';

export interface Answer<T = Record<string, never>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** The built API and worker as real processes, against real servers. */
export interface Instance {
  readonly url: string;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly namespace: string;
  call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>;
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Skips time on the run of a lead, or another one by its workflow id, until it waits for something else than a timer. */
  skipTime(run: string): Promise<void>;
  kill(name: ProcessName): void;
  start(name: ProcessName): Promise<void>;
  /** Whether each process still runs. */
  alive(): Readonly<Record<ProcessName, boolean>>;
  logs(name: ProcessName): string;
  stop(): Promise<void>;
}

export async function startInstance({ namespace, env = {}, servers }: InstanceOptions): Promise<Instance> {
  const database = servers
    ? { url: servers.databaseUrl, drop: () => Promise.resolve() }
    : await cloneDatabase();
  const temporalAddress = servers?.temporalAddress ?? process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const dataDir = mkdtempSync(join(tmpdir(), 'lead-router-instance-'));
  const children = new Map<ProcessName, ChildProcess>();
  let port = 0;

  const start = async (name: ProcessName): Promise<void> => {
    const log = openSync(join(dataDir, `${name}.log`), 'a');
    const child = fork(join(__dirname, `../../dist/${name}/main.js`), [], {
      stdio: ['ignore', log, log, 'ipc'],
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: database.url,
        TEMPORAL_ADDRESS: temporalAddress,
        TEMPORAL_NAMESPACE: namespace,
        DATA_DIR: dataDir,
        PORT: String(port),
        ADMIN_KEY: adminKey,
        LOG_LEVEL: 'info',
        RATE_LIMIT_PER_SECOND: '10000',
        ...env,
      },
    });
    children.set(name, child);
    const ready = await new Promise<{ port?: number }>((resolve, reject) => {
      child.once('message', (message) => {
        resolve(message as { port?: number });
      });
      child.once('exit', (code) => {
        reject(
          new Error(
            `${name} ended with ${String(code)}:\n${readFileSync(join(dataDir, `${name}.log`), 'utf8').slice(-2_000)}`,
          ),
        );
      });
    });
    if (ready.port !== undefined) port = ready.port;
  };
  const stop = async (name: ProcessName): Promise<void> => {
    const child = children.get(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  };

  await start('api');
  await start('worker');
  const sql = async <Row>(text: string, values?: unknown[]): Promise<Row[]> =>
    (await queryOnce(database.url, text, values)) as Row[];
  return {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    databaseUrl: database.url,
    temporalAddress,
    namespace,
    sql,
    start,
    call: (method, path, body, headers = {}) =>
      call(`http://127.0.0.1:${port}${path}`, method, body, headers),
    skipTime: (run) =>
      skipTime({ temporalAddress, namespace, workflowId: run.includes('/') ? run : `lead/${run}` }),
    kill: (name) => children.get(name)?.kill('SIGKILL'),
    alive: () => ({ api: runs(children.get('api')), worker: runs(children.get('worker')) }),
    logs: (name) => readFileSync(join(dataDir, `${name}.log`), 'utf8'),
    stop: async () => {
      await stop('api');
      await stop('worker');
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const runs = (child: ChildProcess | undefined): boolean =>
  child?.exitCode === null && child.signalCode === null;

async function call<T>(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answer<T>> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      authorization: `Bearer ${adminKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : text) as T };
}

async function skipTime(target: {
  temporalAddress: string;
  namespace: string;
  workflowId: string;
}): Promise<void> {
  const connection = await Connection.connect({ address: target.temporalAddress });
  try {
    await connection.workflowService.updateWorkflowExecutionOptions({
      namespace: target.namespace,
      workflowExecution: { workflowId: target.workflowId },
      workflowExecutionOptions: { timeSkippingConfig: { enabled: true } },
      updateMask: { paths: ['time_skipping_config'] },
    });
  } finally {
    await connection.close();
  }
}

export interface LeadBody {
  readonly id: string;
  readonly status: string;
  readonly mergedInto?: string;
  readonly owner?: { readonly id: string };
  readonly score?: number;
  readonly band?: string;
  readonly sla?: {
    readonly steps: readonly {
      readonly do: string;
      readonly dueAt: string;
      readonly doneAt?: string;
      readonly to?: string;
    }[];
    readonly firstTouchAt?: string;
    readonly breached: boolean;
    readonly touchDueAt: string;
    readonly clocks: readonly {
      readonly name: string;
      readonly dueAt: string;
      readonly missedAt?: string;
      readonly doneAt?: string;
      readonly tookMs?: number;
    }[];
    readonly onHoldSince?: string;
    readonly repliedAt?: string;
  };
  readonly crm?: { readonly system: string; readonly externalId: string };
  readonly closeReason?: string;
  readonly timeline: readonly {
    readonly at: string;
    readonly what: string;
    readonly [detail: string]: unknown;
  }[];
}

/** The lead once it satisfies `wanted`. */
export function leadWhen(
  instance: Instance,
  id: string,
  wanted: (lead: LeadBody) => boolean,
  limitMs = 30_000,
): Promise<LeadBody> {
  let seen: LeadBody | undefined;
  return until(
    `lead ${id}`,
    async () => {
      const { body, status } = await instance.call<LeadBody>('GET', `/v1/leads/${id}`);
      if (status === 200) seen = body;
      return status === 200 && wanted(body) && body;
    },
    limitMs,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; last seen: ${JSON.stringify(seen)}`);
  });
}

/** Makes a policy the live one of an instance. @throws Error with what the instance says against it */
export async function publishPolicy({ call }: Pick<Instance, 'call'>, text: string): Promise<void> {
  const headers = { 'content-type': 'application/yaml' };
  const draft = await call<{ version: number }>('PUT', '/v1/policy', text, headers);
  const live = await call('POST', '/v1/policy/publish', { version: draft.body.version });
  if (live.status !== 200) throw new Error(`not live: ${JSON.stringify([draft.body, live.body])}`);
}
