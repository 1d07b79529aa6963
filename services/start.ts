import { join } from 'node:path';
import { loadEnv, type Env } from '../config/env';
import { lockDataDir, type DataDir } from './data-dir';
import { startServices, type Services } from './embedded';
import { preparePostgres } from './external';
import { runInForeground, type Foreground } from './foreground';
import { bringBack } from './keep-up';
import { listenFault } from './ports';
import { StartError } from './start-error';
import { stopOrphanedChildren, Supervisor } from './supervise';

/** `npm start`: servers, database, API and worker, kept running until told to stop. */
class Instance implements Foreground {
  private dataDir: DataDir | undefined;
  private services: Services | undefined;
  private api: Supervisor | undefined;
  private worker: Supervisor | undefined;
  private readonly env: Env;
  private readonly inherited: NodeJS.ProcessEnv;

  constructor(inherited: NodeJS.ProcessEnv) {
    this.inherited = inherited;
    this.env = loadEnv(inherited);
  }

  async start(signal: AbortSignal): Promise<void> {
    const { env } = this;
    this.dataDir = await lockDataDir(env.DATA_DIR, print);
    if ((await stopOrphanedChildren(this.dataDir.path)) > 0)
      print('stopped processes that an earlier run left behind');
    await checkPort(env);
    this.services = await this.startServices(this.dataDir, signal);
    const { databaseUrl } = this.services;
    const { generatedAdminKey } = await preparePostgres({
      databaseUrl,
      log: print,
      ...(env.ADMIN_KEY !== undefined && { adminKey: env.ADMIN_KEY }),
    });
    signal.throwIfAborted();
    print('starting the API and the worker');
    const port = await this.startProcesses(this.services, this.dataDir);
    signal.throwIfAborted();
    printSummary({ env, port, services: this.services, dataDir: this.dataDir.path, generatedAdminKey });
  }

  private async startServices(dataDir: DataDir, signal: AbortSignal): Promise<Services> {
    const { env } = this;
    return await startServices({
      dataDir: dataDir.path,
      locked: true,
      databaseUrl: env.DATABASE_URL,
      temporalAddress: env.TEMPORAL_ADDRESS,
      namespaces: [env.TEMPORAL_NAMESPACE],
      env: this.inherited,
      log: print,
      signal,
      onDeath: (name, exit) => {
        if (this.services) void bringBack(this.services, { name, exit }, { log: print, signal });
      },
    });
  }

  /** Side by side, unless the port is only known once the API listens: the worker's links need it. */
  private async startProcesses(services: Services, dataDir: DataDir): Promise<number> {
    const { env } = this;
    this.api = this.supervisor('api', services, { dataDir, port: env.PORT });
    const early = env.PORT === 0 ? await this.api.start() : env.PORT;
    const port = early ?? env.PORT;
    this.worker = this.supervisor('worker', services, { dataDir, port });
    await Promise.all([env.PORT === 0 ? undefined : this.api.start(), this.worker.start()]);
    return port;
  }

  private supervisor(
    name: 'api' | 'worker',
    services: Services,
    options: { dataDir: DataDir; port: number },
  ): Supervisor {
    const { env } = this;
    const dataDir = options.dataDir.path;
    return new Supervisor({
      name,
      main: join(__dirname, '..', name, 'main.js'),
      dataDir,
      env: {
        ...this.inherited,
        DATABASE_URL: services.databaseUrl,
        TEMPORAL_ADDRESS: services.temporalAddress,
        DATA_DIR: dataDir,
        HOST: env.HOST,
        PORT: String(options.port),
        ...(env.PUBLIC_URL === undefined &&
          options.port !== 0 && { PUBLIC_URL: urlOf(env.HOST, options.port) }),
      },
      logFile: join(dataDir, 'logs', `${name}.log`),
      log: print,
      drainMs: 20_000,
    });
  }

  /** In the order that loses nothing: no new requests, work in hand finished, then the servers they need. */
  async stop(options: { readonly hard: boolean }): Promise<void> {
    this.dataDir?.announceStop();
    await this.api?.stop(options);
    await this.worker?.stop(options);
    await this.services?.stop(options);
    if (this.services) print('stopped');
    this.dataDir?.release();
  }
}

const listenFaults: Readonly<Record<string, (env: Env) => string>> = {
  EADDRINUSE: ({ PORT }) => `PORT ${String(PORT)} is in use by another program; set PORT=… or stop it`,
  EACCES: ({ PORT }) => `PORT ${String(PORT)} needs more rights than this user has; set PORT=… above 1023`,
  EADDRNOTAVAIL: ({ HOST }) => `HOST ${HOST} is not an address of this machine`,
  ENOTFOUND: ({ HOST }) => `HOST ${HOST} is not a known name`,
};

async function checkPort(env: Env): Promise<void> {
  const fault = await listenFault(env.PORT, env.HOST);
  if (fault === undefined) return;
  throw new StartError(
    listenFaults[fault]?.(env) ?? `cannot listen on HOST ${env.HOST}, PORT ${String(env.PORT)}: ${fault}`,
  );
}

function urlOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${String(port)}`;
}

function printSummary(run: {
  env: Env;
  port: number;
  services: Services;
  dataDir: string;
  generatedAdminKey: string | undefined;
}): void {
  const base = urlOf(run.env.HOST, run.port);
  const rows: [string, string | undefined][] = [
    ['API', base],
    ['Console', `${base}/console`],
    ['API docs', `${base}/docs`],
    ['Temporal Web UI', run.services.temporalUiUrl],
    ['Logs', join(run.dataDir, 'logs')],
    ['Admin key', run.generatedAdminKey && `${run.generatedAdminKey}  (keep it: it is stored hashed)`],
  ];
  const lines = rows.flatMap(([title, value]) =>
    value === undefined ? [] : [`  ${title.padEnd(16)} ${value}`],
  );
  print(['', ...lines, '', 'ready'].join('\n'));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

void runInForeground(() => new Instance(process.env));
