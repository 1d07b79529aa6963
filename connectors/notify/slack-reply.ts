import type { Clock } from '../../activities/ports';
import { callHttp } from '../http';
import type { Outbound } from '../outbound';

/** Slack waits longer for this than for the answer to a button, but a person is looking. */
const timeoutMs = 5_000;

/** Posts to the `response_url` of an interaction. It comes with a request, so it may lead nowhere inside. */
export function createSlackReply({
  clock,
  outbound,
}: {
  readonly clock: Clock;
  readonly outbound: Outbound;
}): (url: string, message: unknown) => Promise<void> {
  return async (url, message) => {
    await callHttp({
      system: 'slack',
      method: 'POST',
      url: new URL(url),
      body: JSON.stringify(message),
      signal: new AbortController().signal,
      timeoutMs,
      nowMs: clock.now(),
      outbound,
    });
  };
}
