import { spawn } from 'node:child_process';
import { codeOf, messageOf } from './start-error';

/** How a short command is run. */
export interface CommandOptions {
  readonly timeoutMs: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Ends the command early, for example on Ctrl-C. */
  readonly signal?: AbortSignal | undefined;
  /** Lets the command draw its own progress on our terminal. */
  readonly showOutput?: boolean;
}

/** What a command did: `fault` is set when it could not run, failed or took too long. */
export interface CommandResult {
  readonly output: string;
  readonly fault?: string;
  /** The program does not exist. */
  readonly missing?: boolean;
}

/** Runs a command to its end; never throws. On timeout or abort its whole process group is killed. */
export async function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  return await new Promise((resolve) => {
    const child = spawn(file, args, {
      detached: true,
      stdio: [
        'ignore',
        options.showOutput ? process.stderr : 'pipe',
        options.showOutput ? process.stderr : 'pipe',
      ],
      ...(options.env && { env: options.env }),
      ...(options.cwd && { cwd: options.cwd }),
      ...options.user,
    });
    let output = '';
    let killed: string | undefined;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text));
    const kill = (why: string) => {
      killed ??= why;
      if (child.pid !== undefined) killGroup(child.pid);
    };
    const aborted = () => {
      kill('interrupted');
    };
    const timer = setTimeout(() => {
      kill(`no result after ${String(options.timeoutMs / 1000)} s`);
    }, options.timeoutMs);
    options.signal?.addEventListener('abort', aborted);
    const settle = (result: CommandResult) => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', aborted);
      resolve(result);
    };
    child.once('error', (error) => {
      const missing = codeOf(error) === 'ENOENT';
      settle({ output, fault: missing ? 'not installed' : messageOf(error), missing });
    });
    child.once('close', (code, signal) => {
      if (killed !== undefined) settle({ output, fault: killed });
      else if (code === 0) settle({ output });
      else
        settle({ output, fault: lastLine(output) ?? `ended with ${signal ?? `exit code ${String(code)}`}` });
    });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/** Tools put the reason last; `[notice]`-like chatter after it is skipped. */
function lastLine(output: string): string | undefined {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '' && !/^\[?(notice|warning)/i.test(line))?.slice(0, 300);
}
