import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { describeExit, startChild, type Child, type Exit } from './child';
import { leanArgs, leanEnv } from './lean-node';
import { readableLine } from './readable-line';
import { followLog, type FollowedLog } from './log-file';
import { listProcesses, stopPid, type StopStep } from './process-table';
import { messageOf, StartError } from './start-error';

/** A process of ours that is kept running. */
export interface Supervised {
  readonly name: string;
  /** The JavaScript file to run. */
  readonly main: string;
  /** Marks the process as belonging to this data directory, so that a later start finds one left behind. */
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  readonly log: (line: string) => void;
  /** How long it may drain before it is killed. */
  readonly drainMs: number;
}

const Ready = z.object({ ready: z.literal(true), port: z.number().optional() });
const readyLimitMs = 90_000;
const healthyAfterMs = 60_000;

/** Pause before restart number `failures` (from 0): 1 s, doubling, at most 30 s. */
export const restartPauseMs = (failures: number): number => Math.min(30_000, 1_000 * 2 ** failures);

const marker = (dataDir: string) => ['--data-dir', dataDir] as const;

/** Runs one child, restarts it with growing pauses when it dies, and drains it on `stop`. */
export class Supervisor {
  private child: Child | undefined;
  private follow: FollowedLog | undefined;
  private failures = 0;
  private env: NodeJS.ProcessEnv;
  private readonly stopping = new AbortController();
  private readonly options: Supervised;

  constructor(options: Supervised) {
    this.options = options;
    this.env = options.env;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /**
   * Starts the child and waits until it says it is ready; resolves to the port it listens on, if any, which it keeps
   * over restarts. @throws StartError when it ends or stays silent instead.
   */
  async start(): Promise<number | undefined> {
    this.follow ??= followLog(this.options.logFile, (line) => {
      this.show(line);
    });
    const port = await this.launch();
    if (port !== undefined) this.env = { ...this.env, PORT: String(port) };
    return port;
  }

  /** Lets it finish what it has in hand, then kills it. */
  async stop(options: { readonly hard?: boolean } = {}): Promise<void> {
    this.stopping.abort();
    const steps: StopStep[] = [{ signal: 'SIGKILL', waitMs: 5_000 }];
    if (!options.hard) steps.unshift({ signal: 'SIGTERM', waitMs: this.options.drainMs });
    await this.child?.stop(steps);
    this.follow?.stop();
  }

  private async launch(): Promise<number | undefined> {
    const { name, main, dataDir, logFile } = this.options;
    this.stopping.signal.throwIfAborted();
    const args = [...leanArgs, main, ...marker(dataDir)];
    const env = { ...leanEnv, ...this.env };
    const child = await startChild({ file: process.execPath, args, logFile, env, ipc: true });
    this.child = child;
    const startedAt = Date.now();
    const outcome = await readyOrExit(child);
    if ('port' in outcome) {
      void child.exited.then((exit) => {
        if (Date.now() - startedAt > healthyAfterMs) this.failures = 0;
        this.onDeath(exit);
      });
      return outcome.port;
    }
    await child.stop([
      { signal: 'SIGTERM', waitMs: 5_000 },
      { signal: 'SIGKILL', waitMs: 5_000 },
    ]);
    throw new StartError(`${name} did not become ready (${outcome.fault}); see ${logFile}`);
  }

  private onDeath(exit: Exit): void {
    if (this.stopping.signal.aborted) return;
    void this.comeBack(describeExit(exit));
  }

  private async comeBack(why: string): Promise<void> {
    const { name, log } = this.options;
    let reason = `${name} ended (${why})`;
    while (!this.stopping.signal.aborted) {
      const pauseMs = restartPauseMs(this.failures++);
      log(`${reason}; restarting in ${String(pauseMs / 1000)} s`);
      try {
        await delay(pauseMs, undefined, { signal: this.stopping.signal });
        await this.launch();
        log(`${name} is up again`);
        return;
      } catch (error) {
        reason = messageOf(error);
      }
    }
  }

  private show(line: string): void {
    const readable = readableLine(line);
    if (readable !== undefined) this.options.log(`${this.options.name}: ${readable}`);
  }
}

async function readyOrExit(child: Child): Promise<{ port: number | undefined } | { fault: string }> {
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<{ fault: string }>((resolve) => {
    timer = setTimeout(() => {
      resolve({ fault: `silent for ${String(readyLimitMs / 1000)} s` });
    }, readyLimitMs);
  });
  const ready = new Promise<{ port: number | undefined }>((resolve) => {
    child.process.on('message', (message) => {
      const parsed = Ready.safeParse(message);
      if (parsed.success) resolve({ port: parsed.data.port });
    });
  });
  const ended = child.exited.then((exit) => ({ fault: describeExit(exit) }));
  const outcome = await Promise.race([ready, ended, silent]);
  clearTimeout(timer);
  return outcome;
}

/** Stops children whose supervisor was killed; they drain by themselves, but a new start should not wait for it. */
export async function stopOrphanedChildren(dataDir: string): Promise<number> {
  const mark = ` ${marker(dataDir).join(' ')} `;
  const orphans = listProcesses().filter(({ args }) => `${args} `.includes(mark));
  for (const { pid } of orphans) {
    await stopPid(pid, [
      { signal: 'SIGTERM', waitMs: 10_000 },
      { signal: 'SIGKILL', waitMs: 5_000 },
    ]);
  }
  return orphans.length;
}
