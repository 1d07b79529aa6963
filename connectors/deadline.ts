import { ConnectorError } from '../activities/failures';

export interface Deadline {
  /** Names the other side in the error. */
  readonly system: string;
  /** The caller's; when it fires, its reason is thrown, so that a cancellation stays one. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/**
 * Runs a call under one signal that fires when the caller gives up or the time is over, whichever is first.
 * One timer for the whole call, because per-socket timeouts never end an answer that trickles in byte by byte.
 * @throws ConnectorError `timeout` · the caller's abort reason · whatever the call throws before either
 */
export async function withDeadline<T>(
  deadline: Deadline,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { system, signal, timeoutMs } = deadline;
  signal.throwIfAborted();
  const own = new AbortController();
  const giveUp = (): void => own.abort(signal.reason);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    own.abort();
  }, timeoutMs);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await call(own.signal);
  } catch (error) {
    signal.throwIfAborted();
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- the timer sets it meanwhile
    if (late) throw new ConnectorError('timeout', `${system}: no answer within ${String(timeoutMs)} ms`);
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}
