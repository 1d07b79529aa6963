import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync } from 'node:fs';
import { openLog } from './log-file';
import { trySignal, type StopStep } from './process-table';
import { messageOf, StartError } from './start-error';

/** How a child process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A long-running child whose output goes to a log file. */
export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  readonly exited: Promise<Exit>;
  running(): boolean;
  /** Sends each signal in turn until the child has gone. */
  stop(steps: readonly StopStep[]): Promise<void>;
}

/** What to run and where its output goes. */
export interface ChildOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Opens a message channel; the child sees `disconnect` when we die, however we die. */
  readonly ipc?: boolean;
}

/**
 * Starts a child in its own process group, so Ctrl-C in a terminal reaches us alone and we choose the order of stopping.
 * Output goes straight to the file, not through a pipe of ours: the child can still log after we were killed.
 * @throws StartError when the program cannot be executed.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const log = openLog(options.logFile);
  const settings: SpawnOptions = {
    detached: true,
    stdio: options.ipc ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
    env: options.env ?? process.env,
    ...(options.cwd && { cwd: options.cwd }),
    ...options.user,
  };
  const child = spawn(options.file, options.args, settings);
  const exited = new Promise<Exit>((resolve) =>
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    }),
  );
  try {
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  } catch (error) {
    throw new StartError(`cannot run ${options.file}: ${messageOf(error)}`);
  } finally {
    closeSync(log);
  }
  return asChild(child, child.pid ?? 0, exited);
}

function asChild(child: ChildProcess, pid: number, exited: Promise<Exit>): Child {
  const running = () => child.exitCode === null && child.signalCode === null;
  return {
    pid,
    process: child,
    exited,
    running,
    async stop(steps) {
      for (const { signal, waitMs } of steps) {
        if (!running()) return;
        trySignal(pid, signal);
        await within(exited, waitMs);
      }
    },
  };
}

async function within(event: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([event, limit]);
  clearTimeout(timer);
}

/** `exit code 1`, `SIGKILL`: how a child ended, for a message. */
export function describeExit(exit: Exit): string {
  return exit.signal ?? `exit code ${String(exit.code)}`;
}
