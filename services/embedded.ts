import { createDataDir, lockDataDir } from './data-dir';
import type { Child, Exit } from './child';
import { verifyPostgres, verifyTemporal } from './external';
import { startPostgres, stopOrphanedPostgres, stopPostgres, type PostgresServer } from './postgres';
import { findTemporalCli } from './temporal-cli';
import { startTemporal, stopOrphanedTemporal, stopTemporal, type TemporalServer } from './temporal-server';

/** The embedded servers, by name. */
export type ServiceName = 'postgres' | 'temporal';

/** What to bring up and what is there already. */
export interface ServicesOptions {
  readonly dataDir: string;
  /** Given: only verified. */
  readonly databaseUrl?: string | undefined;
  /** Given: only verified. */
  readonly temporalAddress?: string | undefined;
  /** Created on an embedded Temporal besides `default`, with our search attributes. */
  readonly namespaces?: readonly string[];
  /** Dynamic configuration of an embedded Temporal besides ours, as `key=value`. */
  readonly dynamicConfig?: readonly string[];
  readonly log: (line: string) => void;
  /** The caller holds the lock of the data directory; otherwise it is taken and released here. */
  readonly locked?: boolean;
  /** Called when an embedded server ends although nobody asked it to. */
  readonly onDeath?: (name: ServiceName, exit: Exit) => void;
  /** Gives up starting; whatever runs by then is stopped. */
  readonly signal?: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
}

/** Running services. */
export interface Services {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** Only of an embedded server. */
  readonly temporalUiUrl: string | undefined;
  /** Of the embedded servers as they run now; they change with a restart. */
  readonly pids: { readonly postgres?: number; readonly temporal?: number };
  /** Stops (if it still runs) and starts it again: same data, same port. */
  restartPostgres(): Promise<void>;
  restartTemporal(): Promise<void>;
  /** Temporal first, then PostgreSQL. `hard` cuts the waiting short. */
  stop(options?: { readonly hard?: boolean }): Promise<void>;
}

/**
 * Brings up PostgreSQL and Temporal side by side, or verifies the given ones. Servers that a killed owner of the same
 * data directory left behind are stopped first. @throws StartError with what the user needs to know.
 */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const lock = options.locked
    ? { path: createDataDir(options.dataDir), release: () => undefined }
    : await lockDataDir(options.dataDir, options.log);

  const running = new EmbeddedServices(
    { ...options, dataDir: lock.path },
    options.env ?? process.env,
    lock.release,
  );
  await running.start();
  return running;
}

const hardStop = [
  { signal: 'SIGQUIT', waitMs: 2_000 },
  { signal: 'SIGKILL', waitMs: 2_000 },
] as const;

class EmbeddedServices implements Services {
  private postgres: PostgresServer | undefined;
  private temporal: TemporalServer | undefined;
  private cli: string | undefined;
  private busy: Promise<unknown> = Promise.resolve();
  private readonly expected = new Set<Child>();
  private readonly abort = new AbortController();
  private readonly options: ServicesOptions;
  private readonly env: NodeJS.ProcessEnv;
  private readonly release: () => void;

  constructor(options: ServicesOptions, env: NodeJS.ProcessEnv, release: () => void) {
    this.options = options;
    this.env = env;
    this.release = release;
  }

  get databaseUrl(): string {
    return this.options.databaseUrl ?? this.postgres?.databaseUrl ?? '';
  }

  get temporalAddress(): string {
    return this.options.temporalAddress ?? `127.0.0.1:${String(this.temporal?.ports.grpc)}`;
  }

  get temporalUiUrl(): string | undefined {
    return this.temporal && `http://127.0.0.1:${String(this.temporal.ports.ui)}`;
  }

  get pids(): { postgres?: number; temporal?: number } {
    return {
      ...(this.postgres && { postgres: this.postgres.child.pid }),
      ...(this.temporal && { temporal: this.temporal.child.pid }),
    };
  }

  async start(): Promise<void> {
    const { signal } = this.options;
    signal?.addEventListener(
      'abort',
      () => {
        this.abort.abort(signal.reason);
      },
      { once: true },
    );
    await Promise.all([this.orGiveUp(this.bringUpPostgres()), this.orGiveUp(this.bringUpTemporal())]);
    if (!this.abort.signal.aborted) return;
    const reason: unknown = this.abort.signal.reason;
    await this.stop();
    throw reason;
  }

  /** The first failure tells the other one to give up; both are waited for, so that nothing is left running. */
  private async orGiveUp(bringUp: Promise<void>): Promise<void> {
    await bringUp.catch((error: unknown) => {
      this.abort.abort(error);
    });
  }

  private async bringUpPostgres(): Promise<void> {
    const { databaseUrl, dataDir, log } = this.options;
    if (databaseUrl !== undefined) {
      await verifyPostgres(databaseUrl);
      return;
    }
    if ((await stopOrphanedPostgres(dataDir)) > 0)
      log('stopped a PostgreSQL that an earlier run left behind');
    log('starting PostgreSQL');
    await this.launchPostgres();
    log(`PostgreSQL is up on 127.0.0.1:${String(this.postgres?.port)}`);
  }

  private async bringUpTemporal(): Promise<void> {
    const { temporalAddress, dataDir, log } = this.options;
    if (temporalAddress !== undefined) {
      await verifyTemporal(temporalAddress, this.env);
      return;
    }
    if ((await stopOrphanedTemporal(dataDir)) > 0)
      log('stopped a Temporal server that an earlier run left behind');
    this.cli = await findTemporalCli({
      dataDir,
      env: this.env,
      log,
      ...(process.stderr.isTTY && { terminal: process.stderr }),
      signal: this.abort.signal,
    });
    log('starting Temporal');
    await this.launchTemporal();
    log(`Temporal is up on ${this.temporalAddress}`);
  }

  private async launchPostgres(): Promise<void> {
    const port = this.postgres?.port;
    const { dataDir } = this.options;
    this.postgres = await startPostgres({
      dataDir,
      signal: this.abort.signal,
      ...(port !== undefined && { port }),
    });
    this.watch('postgres', this.postgres.child);
  }

  private async launchTemporal(): Promise<void> {
    const ports = this.temporal?.ports;
    const { dataDir, namespaces = [], dynamicConfig } = this.options;
    const { cli = '', env } = this;
    this.temporal = await startTemporal({
      dataDir,
      cli,
      namespaces,
      dynamicConfig,
      env,
      signal: this.abort.signal,
      ...(ports && { ports }),
    });
    this.watch('temporal', this.temporal.child);
  }

  private watch(name: ServiceName, child: Child): void {
    void child.exited.then((exit) => {
      if (!this.expected.has(child)) this.options.onDeath?.(name, exit);
    });
  }

  async restartPostgres(): Promise<void> {
    await this.oneAtATime(async () => {
      if (!this.postgres) return;
      this.expected.add(this.postgres.child);
      await stopPostgres(this.postgres.child);
      await stopOrphanedPostgres(this.options.dataDir);
      await this.launchPostgres();
    });
  }

  async restartTemporal(): Promise<void> {
    await this.oneAtATime(async () => {
      if (!this.temporal) return;
      this.expected.add(this.temporal.child);
      await stopTemporal(this.temporal.child);
      await this.launchTemporal();
    });
  }

  async stop(options: { readonly hard?: boolean } = {}): Promise<void> {
    this.abort.abort();
    const steps = options.hard ? hardStop : undefined;
    if (!options.hard) await this.busy; // a restart under way notices the abort and stops what it started
    if (this.temporal) {
      this.expected.add(this.temporal.child);
      await stopTemporal(this.temporal.child, steps);
    }
    if (this.postgres) {
      this.expected.add(this.postgres.child);
      await stopPostgres(this.postgres.child, steps);
    }
    this.release();
  }

  /** Restarts never overlap: the second would stop what the first is starting. */
  private async oneAtATime(action: () => Promise<void>): Promise<void> {
    const turn = this.busy.then(async () => {
      this.abort.signal.throwIfAborted();
      await action();
    });
    this.busy = turn.catch(() => undefined);
    await turn;
  }
}
