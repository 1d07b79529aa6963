import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { listProcesses, trySignal } from '../../../services/process-table';
import { findTemporalCli } from '../../../services/temporal-cli';

const root = join(__dirname, '..', '..', '..');

/**
 * A data directory of its own under mode 0700 (mkdtemp), which as root also proves that PostgreSQL's account gets in.
 * The Temporal CLI is shared with the instance's own data directory: fetched once, linked here.
 */
export async function scratchDataDir(): Promise<string> {
  const dataDir = join(realpathSync(mkdtempSync(join(tmpdir(), 'lead-router-it-'))), 'data');
  const shared = resolve(root, process.env['DATA_DIR'] ?? '.data');
  const cli = await findTemporalCli({ dataDir: shared, env: process.env, log: () => undefined });
  mkdirSync(join(dataDir, 'bin'), { recursive: true });
  symlinkSync(cli, join(dataDir, 'bin', 'temporal'));
  return dataDir;
}

/** A data directory that the tests of a file share: there from the first of them to the last. */
export function sharedDataDir(): () => string {
  let dataDir = '';
  beforeAll(async () => {
    dataDir = await scratchDataDir();
  }, 60_000);
  afterAll(() => {
    removeScratch(dataDir);
  });
  return () => dataDir;
}

/** Kills whatever a failed test left, then removes the directory. */
export function removeScratch(dataDir: string): void {
  for (const { pid } of processesOf(dataDir)) trySignal(pid, 'SIGKILL');
  rmSync(join(dataDir, '..'), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** Processes whose command line names this directory. */
export const processesOf = (dataDir: string) => listProcesses().filter(({ args }) => args.includes(dataDir));

/** Polls until `read` gives something, at most `limitMs`. */
export async function until<T>(
  what: string,
  read: () => T | undefined | false,
  limitMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    const value = read();
    if (value !== undefined && value !== false) return value;
    await delay(25);
  }
  throw new Error(`not within ${String(limitMs)} ms: ${what}`);
}

/** One of our commands as a process of its own. */
export interface Command {
  readonly process: ChildProcess;
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Runs a built main, such as `services/main.js`, with these variables on top of ours. */
export function runMain(main: string, env: NodeJS.ProcessEnv): Command {
  // Neither the surrounding npm nor a server of the developer's own belongs into the test.
  const foreign = {
    npm_lifecycle_event: undefined,
    DATABASE_URL: undefined,
    TEMPORAL_ADDRESS: undefined,
    TEMPORAL_NAMESPACE: undefined,
  };
  const child = spawn(process.execPath, [join(root, 'dist', main)], {
    env: { ...process.env, ...foreign, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(signal ?? code);
    });
  });
  return { process: child, pid: child.pid ?? 0, stdout: () => stdout, stderr: () => stderr, ended };
}
