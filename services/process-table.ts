import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from './start-error';

/** A running process and its command line, arguments joined by one space. */
export interface ListedProcess {
  readonly pid: number;
  readonly args: string;
}

/** One signal and how long to wait for the process to go before the next one is sent. */
export interface StopStep {
  readonly signal: NodeJS.Signals;
  readonly waitMs: number;
}

/** Every process we can see. Linux reads /proc, because slim images have no `ps`; others ask `ps`. */
export function listProcesses(): readonly ListedProcess[] {
  if (process.platform !== 'linux')
    return parsePs(execFileSync('ps', ['-Aww', '-o', 'pid=,args='], { encoding: 'utf8' }));
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const args = readOrEmpty(`/proc/${name}/cmdline`).split('\0').join(' ').trimEnd();
    return args === '' ? [] : [{ pid: Number(name), args }];
  });
}

function parsePs(output: string): ListedProcess[] {
  return output.split('\n').flatMap((line) => {
    const found = /^\s*(\d+)\s+(.*)$/.exec(line);
    return found?.[1] && found[2] ? [{ pid: Number(found[1]), args: found[2].trimEnd() }] : [];
  });
}

/** Pids whose working directory is `directory`; empty where the system does not tell (anything but Linux). */
export function processesIn(directory: string): readonly number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return readlinkSync(`/proc/${name}/cwd`) === directory ? [Number(name)] : [];
    } catch {
      return []; // gone, a zombie, or another user's
    }
  });
}

/** Whether the process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  return statFields(pid)?.[0] !== 'Z';
}

/**
 * What tells this process from a later one with the same pid: boot and start time. Undefined when it is gone or the
 * system does not tell; compare only two defined values.
 */
export function identityOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const started = statFields(pid)?.[19];
    return started && `${readOrEmpty('/proc/sys/kernel/random/boot_id').trim()}:${started}`;
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Sends each signal in turn until the process is gone; false when it outlived the last one. */
export async function stopPid(pid: number, steps: readonly StopStep[]): Promise<boolean> {
  for (const { signal, waitMs } of steps) {
    if (!isAlive(pid)) return true;
    trySignal(pid, signal);
    const deadline = Date.now() + waitMs;
    while (isAlive(pid) && Date.now() < deadline) await delay(25);
  }
  return !isAlive(pid);
}

/** Signals a process that may be gone already. */
export function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/** Fields of /proc/<pid>/stat after the command name, which may itself hold spaces and brackets. */
function statFields(pid: number): readonly string[] | undefined {
  const stat = readOrEmpty(`/proc/${String(pid)}/stat`);
  return stat === '' ? undefined : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
