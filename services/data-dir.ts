import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { identityOf, isAlive } from './process-table';
import { codeOf, messageOf, StartError } from './start-error';

/** A data directory this process holds alone until `release`. */
export interface DataDir {
  /** Absolute, links resolved: command lines that carry it can be compared as text. */
  readonly path: string;
  /** Tells a start that comes now to wait for us instead of giving up. */
  readonly announceStop: () => void;
  readonly release: () => void;
}

const Owner = z.object({
  pid: z.number().int().positive(),
  identity: z.string().optional(),
  stopping: z.boolean().optional(),
});
type Owner = z.infer<typeof Owner>;

const noticeMs = 1_000;
const stopLimitMs = 90_000;

/**
 * Creates the directory if needed and locks it. A lock whose owner is dead, or that is damaged, is taken over. An owner
 * that is stopping is waited for, so that "stop, start" in a script works even when the stop was not waited for.
 * @throws StartError when it cannot be written, or a live process holds it.
 */
export async function lockDataDir(
  directory: string,
  log: (line: string) => void = () => undefined,
): Promise<DataDir> {
  const path = createDataDir(directory);
  const file = join(path, 'lock');
  const startedAt = Date.now();
  for (let told = false; ;) {
    const attempt = tryLock(file);
    if (attempt.taken) {
      return {
        path,
        announceStop: () => {
          announceStop(file);
        },
        release: () => {
          release(file);
        },
      };
    }
    // A moment's grace: an owner that was just told to stop may not have said so yet.
    const { pid, stopping } = attempt.owner;
    if (Date.now() - startedAt > (stopping ? stopLimitMs : noticeMs)) {
      throw new StartError(
        `DATA_DIR ${path} is in use by process ${String(pid)}; stop it or set another DATA_DIR`,
      );
    }
    if (stopping && !told) {
      log(`waiting for process ${String(pid)}, which is stopping`);
      told = true;
    }
    await delay(50);
  }
}

function ownLine(stopping: boolean): string {
  const identity = identityOf(process.pid);
  return JSON.stringify({
    pid: process.pid,
    ...(identity !== undefined && { identity }),
    stopping,
  } satisfies Owner);
}

function tryLock(file: string): { taken: true } | { taken: false; owner: Owner } {
  const mine = `${file}.${String(process.pid)}`;
  writeFileSync(mine, ownLine(false));
  try {
    // A link appears with its content in one step, so a half-written lock cannot be seen.
    for (;;) {
      if (tryLink(mine, file)) return { taken: true };
      const owner = readOwner(file);
      if (owner && isOwner(owner)) return { taken: false, owner };
      takeAway(file);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Creates the directory and proves that files can be written. @throws StartError */
export function createDataDir(directory: string): string {
  try {
    createFolders(resolve(directory));
    accessSync(directory, constants.W_OK | constants.X_OK);
    const path = realpathSync(directory);
    const probe = join(path, `.probe.${String(process.pid)}`);
    writeFileSync(probe, '');
    rmSync(probe);
    return path;
  } catch (error) {
    throw new StartError(`DATA_DIR ${resolve(directory)} cannot be written: ${messageOf(error)}`);
  }
}

/** One by one: `recursive` never returns where a system says "no such file" of a folder it will not create (/proc). */
function createFolders(directory: string): void {
  if (existsSync(directory)) return;
  createFolders(dirname(directory));
  try {
    mkdirSync(directory);
  } catch (error) {
    if (!existsSync(directory)) throw error; // another start was a moment faster
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function readOwner(file: string): Owner | undefined {
  try {
    return Owner.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Same pid and same start time: after a crash or a reboot the pid may belong to someone else. */
function isOwner(owner: Owner): boolean {
  if (!isAlive(owner.pid)) return false;
  const identity = identityOf(owner.pid);
  return owner.identity === undefined || identity === undefined || owner.identity === identity;
}

/**
 * rename is atomic: of two processes that find a stale lock only one moves it. The other may come when the first one has
 * put its own there, so what was moved is looked at again, and goes back when somebody holds it.
 */
function takeAway(file: string): void {
  const aside = `${file}.stale.${String(process.pid)}`;
  try {
    renameSync(file, aside);
    const owner = readOwner(aside);
    if (owner && isOwner(owner)) tryLink(aside, file);
    rmSync(aside);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function announceStop(file: string): void {
  if (readOwner(file)?.pid !== process.pid) return;
  writeFileSync(`${file}.new`, ownLine(true));
  renameSync(`${file}.new`, file);
}

function release(file: string): void {
  if (readOwner(file)?.pid === process.pid) rmSync(file, { force: true });
}
