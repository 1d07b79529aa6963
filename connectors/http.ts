import { z } from 'zod';
import { ConnectorError, failureOfStatus, type FailureCode } from '../activities/failures';
import { withDeadline } from './deadline';
import { createTrusted, metadataRefusal, UnknownStatusError, type Outbound } from './outbound';

const trusted = createTrusted();
const defaultTimeoutMs = 10_000;
const defaultMaxBytes = 256 * 1_024;
/** A longer `Retry-After` is cut to this: a broken clock or a far date over there must not park a lead for days. */
const retryAfterMaxMs = 3_600_000;

export interface HttpCall {
  /** Names the other side in errors; the only thing besides status and fault code that they say. */
  readonly system: string;
  /** User and password in it are sent as Basic credentials. */
  readonly url: URL;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text, unless `headers` name another content type. */
  readonly body?: string;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number | undefined;
  readonly maxBytes?: number | undefined;
  /** The caller's clock, for a `Retry-After` that is a date. */
  readonly nowMs: number;
  /** Guards an address that was not set by whoever runs the process. */
  readonly outbound?: Outbound | undefined;
  /** Statuses outside 2xx that are an answer and not a failure. */
  readonly answers?: readonly number[];
  /** For a system whose error texts say more than the status; undefined leaves it to the status. */
  readonly explain?: (status: number, text: string, headers: Headers) => Refusal | undefined;
}

/** What a refusal means. `detail` goes into logs and histories, so it is a word of the vendor's own vocabulary. */
export interface Refusal {
  readonly code: FailureCode;
  readonly detail: string;
  /** How long to wait where the other side or its rules say so elsewhere than in `Retry-After`. */
  readonly retryAfterMs?: number | undefined;
  /** The credential has run out in the ordinary way: a new one and one more try are worth it. */
  readonly expired?: boolean;
  /** Id of the record over there that is in the way. */
  readonly existingId?: string | undefined;
}

/** A failure that the other side has explained in its own words. */
export class RefusedError extends ConnectorError {
  readonly refusal: Refusal;

  constructor(message: string, refusal: Refusal) {
    super(refusal.code, message, { retryAfterMs: refusal.retryAfterMs });
    this.refusal = refusal;
  }
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * One request to another system: bounded in time and size, no redirects (they would carry a signed body, and the
 * person in it, to a host nobody configured), every failure a ConnectorError. Error messages hold the system, the
 * status and fault codes only: an answer may echo the person, an address may hold a credential.
 * @throws ConnectorError; the caller's abort reason
 */
export async function callHttp(call: HttpCall): Promise<HttpAnswer> {
  const { system, signal, timeoutMs = defaultTimeoutMs, maxBytes = defaultMaxBytes } = call;
  return withDeadline({ system, signal, timeoutMs }, async (deadline) => {
    const response = await request(call, deadline);
    const expected = response.ok || call.answers?.includes(response.status) === true;
    if (!expected) throw await refusal(call, response, maxBytes);
    return {
      status: response.status,
      headers: response.headers,
      text: await readText(system, response, maxBytes),
    };
  });
}

/** Reads an answer by the schema of the adapter; what does not fit is `malformed`, named by field and never by value. */
export function parseAnswer<T>(system: string, schema: z.ZodType<T>, text: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ConnectorError('malformed', `${system}: the answer is not JSON`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole').slice(0, 5);
  throw new ConnectorError('malformed', `${system}: the answer is not as documented: ${fields.join(', ')}`);
}

/** Reads `Retry-After` as seconds or as a date; undefined when absent, unreadable or already over. */
export function parseRetryAfter(header: string | null | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const seconds = /^\d{1,12}(\.\d+)?$/.test(text);
  // An HTTP date starts with the day's name; Date.parse alone would take almost any text for a date.
  if (!seconds && !/^(mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return undefined;
  const waitMs = seconds ? Math.ceil(Number(text) * 1_000) : Date.parse(text) - nowMs;
  return waitMs > 0 ? Math.min(waitMs, retryAfterMaxMs) : undefined;
}

async function request(call: HttpCall, signal: AbortSignal): Promise<Response> {
  const { url, headers } = prepared(call);
  try {
    const { method, body = null, outbound = trusted } = call;
    return await outbound.fetch(url, { method, headers, body, signal });
  } catch (error) {
    if (error instanceof UnknownStatusError)
      throw new ConnectorError(failureOfStatus(error.status), `${call.system}: ${error.message}`);
    throw networkFault(call.system, error);
  }
}

/** The error itself is not kept as the cause: it would spell the credential out. */
function prepared(call: HttpCall): { readonly url: URL; readonly headers: Headers } {
  try {
    const url = new URL(call.url);
    const headers = new Headers({
      accept: 'application/json',
      'user-agent': 'lead-router',
      ...call.headers,
    });
    if (call.body !== undefined && !headers.has('content-type'))
      headers.set('content-type', 'application/json');
    if (url.username || url.password) {
      // fetch refuses such an address, with an error that spells the password out.
      const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
      headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
      url.username = '';
      url.password = '';
    }
    return { url, headers };
  } catch {
    throw new ConnectorError(
      'setup',
      `${call.system}: the credential set here has characters that cannot be sent`,
    );
  }
}

async function refusal(call: HttpCall, response: Response, maxBytes: number): Promise<ConnectorError> {
  const { status, headers } = response;
  const explained = call.explain?.(status, await readText(call.system, response, maxBytes), headers);
  await response.body?.cancel().catch(() => undefined);
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), call.nowMs) ?? explained?.retryAfterMs;
  const message = `${call.system}: HTTP ${String(status)}`;
  return explained
    ? new RefusedError(`${message} ${explained.detail}`, { ...explained, retryAfterMs })
    : new ConnectorError(failureOfStatus(status), message, { retryAfterMs });
}

async function readText(system: string, response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    // Leaving the loop early cancels the stream and frees the connection.
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw networkFault(system, error);
  }
  if (size > maxBytes) {
    throw new ConnectorError('malformed', `${system}: the answer is larger than ${String(maxBytes)} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const Fault = z.object({ code: z.unknown(), cause: z.unknown(), errors: z.unknown() }).partial();
const timeouts = ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];

/** The error itself is not kept as the cause: its text is not ours and would end in the history. */
function networkFault(system: string, error: unknown): ConnectorError {
  const codes = faultCodes(error);
  if (codes.includes('EOUTBOUND'))
    return new ConnectorError('rejected', `${system}: the address is internal; OUTBOUND_ALLOW can allow it`);
  if (codes.includes('EMETADATA')) return new ConnectorError('rejected', `${system}: ${metadataRefusal}`);
  const late = codes.some((code) => timeouts.includes(code));
  const detail = codes[0] === undefined ? '' : ` (${codes[0]})`;
  return late
    ? new ConnectorError('timeout', `${system}: no answer in time${detail}`)
    : new ConnectorError('unreachable', `${system}: no connection${detail}`);
}

/** fetch wraps the fault of the socket in `cause`, and the faults of several addresses in `errors`. */
function faultCodes(error: unknown): readonly string[] {
  const fault = Fault.safeParse(error).data;
  if (fault === undefined) return [];
  const own = typeof fault.code === 'string' && /^[A-Z][A-Z0-9_]{1,50}$/.test(fault.code) ? [fault.code] : [];
  const nested: readonly unknown[] = Array.isArray(fault.errors) ? fault.errors : [];
  return [...own, ...faultCodes(fault.cause), ...nested.flatMap(faultCodes)];
}
