import { setTimeout as delay } from 'node:timers/promises';
import { ConnectorError } from '../../activities/failures';
import type { Clock } from '../../activities/ports';
import type { Band } from '../../domain/policy';
import { callHttp, RefusedError, type HttpAnswer, type HttpCall } from '../http';
import { createOutbound, type Outbound } from '../outbound';
import type { Credential, CredentialSource } from './credentials';

/** No vendor says when the day's budget comes back, so it is asked for this often. */
export const quotaPauseMs = 15 * 60_000;
/** Below this share of the day's budget, the rest is kept for hot leads. */
const scarceShare = 0.05;

/** A `Retry-After` up to this is waited for; a longer one goes back to whoever called. */
const briefMs = 2_000;

/** Calls of a day, as the vendor counts them. */
export interface Budget {
  readonly limit: number;
  readonly remaining: number;
}

export interface VendorApiOptions {
  readonly system: string;
  /** Base address, unless the credential names the account's own. */
  readonly baseUrl: string;
  /** Guards an address that the credential names; without exceptions when absent. */
  readonly outbound?: Outbound | undefined;
  readonly credentials: CredentialSource;
  readonly explain: NonNullable<HttpCall['explain']>;
  /** What an answer's headers say of the day's budget. */
  readonly budget?: (headers: Headers) => Budget | undefined;
  readonly clock: Clock;
  readonly timeoutMs?: number | undefined;
  /** Largest answer taken, for vendors whose rows have no bound. */
  readonly maxBytes?: number;
}

export interface VendorCall {
  readonly method: HttpCall['method'];
  /** Path and query, escaped. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whose call it is: hot leads may use the last of the day's budget. */
  readonly band: Band | null;
  readonly signal: AbortSignal;
}

export type VendorApi = (call: VendorCall) => Promise<HttpAnswer>;

/**
 * Calls to one account of a CRM vendor: the current credential, renewed once when it has run out, and the day's budget,
 * which stops calls in this process as soon as the vendor says that it is used up. `Retry-After` stops them as well: it is
 * said of the account and not of one lead.
 * The returned function @throws ConnectorError; the caller's abort reason
 */
export function createVendorApi(options: VendorApiOptions): VendorApi {
  const { system, credentials, clock, outbound = createOutbound() } = options;
  const budget = watchBudget(options);

  async function send(call: VendorCall, { headers, baseUrl }: Credential): Promise<HttpAnswer> {
    budget.check(call.band);
    const base = baseUrl ?? options.baseUrl;
    const isForeign = new URL(base).origin !== new URL(options.baseUrl).origin;
    // The credential goes with every call, so not in the clear to wherever an answer says.
    if (isForeign && !base.startsWith('https:'))
      throw new ConnectorError('malformed', `${system}: the address of the account is not https`);
    await budget.heeded(call.signal);
    try {
      const answer = await callHttp({
        system,
        method: call.method,
        url: new URL(`${base.replace(/\/+$/, '')}${call.path}`),
        ...(isForeign ? { outbound } : {}),
        headers: { ...call.headers, ...headers },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        signal: call.signal,
        timeoutMs: options.timeoutMs,
        maxBytes: options.maxBytes,
        nowMs: clock.now(),
        explain: options.explain,
      });
      budget.note(answer.headers);
      return answer;
    } catch (error) {
      if (error instanceof ConnectorError) budget.heed(error);
      throw error;
    }
  }

  return async (call) => {
    call.signal.throwIfAborted();
    const credential = await credentials.current();
    try {
      return await send(call, credential);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.refusal.expired !== true) throw error;
      const renewed = await credentials.renew(credential);
      if (!renewed) throw error;
      return send(call, renewed);
    }
  };
}

function watchBudget({ system, budget, clock }: VendorApiOptions) {
  let [closedUntilMs, busyUntilMs, scarceUntilMs] = [0, 0, 0];
  const refuseUntil = (untilMs: number, why: string, code: 'quota' | 'busy' = 'quota'): void => {
    const retryAfterMs = untilMs - clock.now();
    if (retryAfterMs > 0) throw new ConnectorError(code, `${system}: ${why}`, { retryAfterMs });
  };
  return {
    check: (band: Band | null): void => {
      refuseUntil(closedUntilMs, "the day's budget is used up");
      if (band !== 'hot') refuseUntil(scarceUntilMs, "the rest of the day's budget is kept for hot leads");
    },
    note: (headers: Headers): void => {
      const left = budget?.(headers);
      if (!left) return;
      scarceUntilMs = left.remaining < left.limit * scarceShare ? clock.now() + quotaPauseMs : 0;
    },
    /** A short wait is not worth a try: the next one would come a second later at the earliest. */
    heeded: async (signal: AbortSignal): Promise<void> => {
      const waitMs = busyUntilMs - clock.now();
      if (waitMs > briefMs) refuseUntil(busyUntilMs, 'has told others to come back later', 'busy');
      else if (waitMs > 0)
        await delay(waitMs, undefined, { signal }).catch(() => {
          signal.throwIfAborted();
        });
    },
    heed: ({ code, retryAfterMs }: ConnectorError): void => {
      if (code === 'quota') closedUntilMs = clock.now() + (retryAfterMs ?? quotaPauseMs);
      if (code === 'busy' && retryAfterMs !== undefined) busyUntilMs = clock.now() + retryAfterMs;
    },
  };
}

/** Reads two headers as a budget; undefined unless both are numbers. */
export function budgetOf(headers: Headers, limit: string, remaining: string): Budget | undefined {
  const [max, left] = [headers.get(limit), headers.get(remaining)];
  return max !== null && left !== null && /^\d+$/.test(max) && /^\d+$/.test(left)
    ? { limit: Number(max), remaining: Number(left) }
    : undefined;
}
