import { UnknownStartError } from '../domain/page';

/**
 * Every answer that is not a success, in one table; docs/errors.md lists the same codes and a test compares them.
 * A code is part of the public contract, its title is for people.
 */
export const errorTable = {
  malformed_body: { status: 400, title: 'The body cannot be read as what it says it is' },
  bad_request: { status: 400, title: 'The request line or a header cannot be read' },
  stale_timestamp: { status: 400, title: 'The signature is genuine but too old or too early' },
  unauthenticated: { status: 401, title: 'No valid API key' },
  bad_signature: { status: 401, title: 'The signature is missing or wrong' },
  missing_scope: { status: 403, title: 'The API key lacks a scope' },
  handshake_refused: { status: 403, title: 'The handshake of the webhook is not good' },
  cross_site: { status: 403, title: 'The form was not sent from our own page' },
  not_found: { status: 404, title: 'Nothing lives at this address' },
  unknown_lead: { status: 404, title: 'No such lead' },
  unknown_source: { status: 404, title: 'No such source' },
  unknown_policy_version: { status: 404, title: 'No such policy version' },
  unknown_rep: { status: 404, title: 'No such rep in the live policy' },
  unknown_pool: { status: 404, title: 'No such pool' },
  unknown_error: { status: 404, title: 'No such error' },
  unknown_person: { status: 404, title: 'No such person' },
  unknown_review: { status: 404, title: 'No such review' },
  unknown_merge: { status: 404, title: 'No such merge' },
  unknown_model: { status: 404, title: 'No such identity model' },
  unknown_import: { status: 404, title: 'No such import' },
  unknown_key: { status: 404, title: 'No such API key' },
  method_not_allowed: { status: 405, title: 'The address does not know this method' },
  lead_conflict: { status: 409, title: 'The state of the lead does not allow this' },
  identity_conflict: { status: 409, title: 'The people or the review do not allow this' },
  too_few_verdicts: { status: 409, title: 'Too few verdicts to go by' },
  already_resolved: { status: 409, title: 'The error is resolved' },
  import_over: { status: 409, title: 'The import is over' },
  no_live_policy: { status: 409, title: 'No policy is live' },
  cannot_route: { status: 409, title: 'The policy cannot decide about this lead' },
  strands_leads: { status: 409, title: 'Open leads would be left with somebody who is gone' },
  not_scheduled: { status: 409, title: 'The version is not scheduled' },
  nothing_to_roll_back: { status: 409, title: 'No earlier policy was live' },
  key_in_use: { status: 409, title: 'A key cannot revoke itself' },
  policy_conflict: { status: 412, title: 'Somebody else has saved a policy since' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The content type or encoding is not accepted' },
  invalid_request: { status: 422, title: 'A field cannot be used' },
  invalid_policy: { status: 422, title: 'The policy must be corrected' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  nothing_durable: { status: 503, title: 'The lead could not be stored; send it again' },
  runs_unavailable: { status: 503, title: 'The workflow service cannot be reached' },
  store_unavailable: { status: 503, title: 'The database cannot be reached' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ErrorCode = keyof typeof errorTable;

/** One fault of a request. Policies say where it stands in the text, counted from 1. */
export interface Issue {
  /** `email`, `utm.campaign`, `durations.0`; empty for the body as a whole. */
  readonly path: string;
  readonly message: string;
  readonly expected: string;
  readonly line?: number;
  readonly column?: number;
}

/** A refusal the caller can act on; `detail` never carries values from the body. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  readonly issues: readonly Issue[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    detail: string,
    more: {
      readonly issues?: readonly Issue[];
      readonly headers?: Readonly<Record<string, string>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: more.cause });
    this.code = code;
    this.issues = more.issues;
    this.headers = more.headers ?? {};
  }
}

/** Neither Postgres nor Temporal could keep the lead; the sender must try again. */
export class NothingDurableError extends Error {
  override readonly name = 'NothingDurableError';
}

/** Temporal cannot be reached, so a run can be neither asked nor told anything. */
export class RunsUnavailableError extends Error {
  override readonly name = 'RunsUnavailableError';
}

/** No run and no row has this lead. */
export class UnknownLeadError extends Error {
  override readonly name = 'UnknownLeadError';
}

/** A refusal that names fields. */
export function invalid(issues: readonly Issue[]): ApiError {
  const fields = issues.map(({ path, message }) => (path === '' ? message : `${path} ${message}`));
  const shown = fields.slice(0, 5).join('; ');
  return new ApiError(
    'invalid_request',
    fields.length > 5 ? `${shown}; and ${String(fields.length - 5)} more` : shown,
    { issues },
  );
}

/**
 * What to answer to anything that was thrown. Only an ApiError keeps its text: another error's text may hold personal
 * data or secrets, so it is logged and the caller gets `internal_error`.
 */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof NothingDurableError) return unavailable('nothing_durable', error);
  if (error instanceof RunsUnavailableError) return unavailable('runs_unavailable', error);
  if (error instanceof UnknownLeadError)
    return new ApiError('unknown_lead', 'There is no lead with this id.');
  if (error instanceof UnknownStartError)
    return invalid([
      {
        path: 'startingAfter',
        message: 'names nothing that is there',
        expected: 'the last id of the page before',
      },
    ]);
  const status = httpStatusOf(error);
  if (status === 413) return new ApiError('payload_too_large', 'The body is too large.');
  if (status !== undefined)
    return new ApiError('bad_request', 'The request could not be read.', { cause: error });
  if (isOutage(error)) return unavailable('store_unavailable', error);
  return new ApiError('internal_error', 'The error was logged; quote the request id when you report it.', {
    cause: error,
  });
}

function unavailable(
  code: 'nothing_durable' | 'runs_unavailable' | 'store_unavailable',
  cause: unknown,
): ApiError {
  return new ApiError(code, `${errorTable[code].title}.`, { headers: { 'retry-after': '5' }, cause });
}

/** Express and its router mark faults of the request (a malformed percent escape) with a 4xx status. */
function httpStatusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

const outageCodes =
  /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|57014|57P0[123]|25P03|08[0-9A-Z]{3}|53300|P1001|P1002|P1008|P1017|P2024)$/;
const outageTexts =
  /connection terminated|query read timeout|timeout exceeded when trying to connect|connection timeout|cannot use a pool after/i;

/** Did the database go away? Looks through causes and gathered errors, where drivers keep the code. */
export function isOutage(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 5) return false;
  if ('code' in error && typeof error.code === 'string' && outageCodes.test(error.code)) return true;
  if (outageTexts.test(error.message)) return true;
  if (error instanceof AggregateError && error.errors.some((inner) => isOutage(inner, depth + 1)))
    return true;
  return isOutage(error.cause, depth + 1);
}
