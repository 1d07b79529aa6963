import { ConfigError } from '../config/env';
import { messageOf, StartError } from './start-error';

/** Something that runs until it is told to stop. `stop` may be called at any time, also while `start` runs. */
export interface Foreground {
  start(signal: AbortSignal): Promise<void>;
  stop(options: { readonly hard: boolean }): Promise<void>;
}

const exitCodes = { interruptedStart: 130, forced: 130, failed: 1 } as const;
// npm forwards a signal the terminal has sent us already, so one Ctrl-C arrives twice within moments.
const sameKeyPressMs = 700;

/**
 * Runs until SIGINT, SIGTERM, SIGHUP or the end of the npm that started us, then stops in order and ends with code 0.
 * A second Ctrl-C stops hard. Expected failures are one line on stderr and code 1, unknown ones keep their stack.
 */
export async function runInForeground(build: () => Foreground): Promise<never> {
  const stopping = new AbortController();
  let foreground: Foreground | undefined;
  let firstAt = 0;
  const onSignal = () => {
    if (firstAt === 0) {
      firstAt = Date.now();
      process.stdout.write('stopping (again to force)\n');
      stopping.abort(new StartError('interrupted'));
    } else if (Date.now() - firstAt > sameKeyPressMs) {
      void forceStop(foreground);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  watchParent(onSignal);
  process.stdout.on('error', () => undefined); // a closed terminal or pipe must not keep us from stopping in order
  process.stderr.on('error', () => undefined);
  let started = false;
  try {
    foreground = build();
    await foreground.start(stopping.signal);
    started = true;
    await aborted(stopping.signal);
    await foreground.stop({ hard: false });
    process.exit(0);
  } catch (error) {
    if (!started) await foreground?.stop({ hard: false }).catch(report);
    if (stopping.signal.aborted && !started) process.exit(exitCodes.interruptedStart);
    report(error);
    process.exit(exitCodes.failed);
  }
}

async function forceStop(foreground: Foreground | undefined): Promise<void> {
  process.stdout.write('forced\n');
  await foreground?.stop({ hard: true }).catch(report);
  process.exit(exitCodes.forced);
}

/** One clear line for what was to be expected, the stack for what was not. */
export function report(error: unknown): void {
  const expected = error instanceof StartError || error instanceof ConfigError;
  process.stderr.write(
    `${expected || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message)}\n`,
  );
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  // An AbortSignal does not keep Node alive; the interval does.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
  clearInterval(alive);
}

/** A shell between npm and us may die of the signal without passing it on; we then have another parent. */
function watchParent(onGone: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, 100);
  timer.unref();
}
