import { ApplicationFailure } from '@temporalio/common';

/**
 * Every way a call to the outside can fail, and what follows. `retry`: Temporal tries again; `attention`: the run
 * parks in *needs attention* until someone fixes the cause. docs/errors.md lists the same codes; a test compares them.
 */
export const failureTable = {
  unreachable: { then: 'retry', means: 'no connection: refused, reset, DNS' },
  timeout: { then: 'retry', means: 'no answer in time' },
  busy: { then: 'retry', means: '408, 425, 429 or 5xx; Retry-After is honoured' },
  unknown_outcome: {
    then: 'retry',
    means: 'the other side may have done it and may not; a repeat carries the same key, or looks first',
  },
  quota: { then: 'retry', means: "the day's budget of calls is used up" },
  gave_way: {
    then: 'retry',
    means: 'the limits of the CRM make writes wait, and a more urgent one goes first',
  },
  under_way: {
    then: 'retry',
    means:
      'the CRM has no unique keys, and another write of the same person is under way, or had no answer yet',
  },
  auth: { then: 'attention', means: '401 or 403: the credential is wrong, expired or lacks a scope' },
  exhausted: { then: 'attention', means: 'the allowance of the account is used up' },
  rejected: { then: 'attention', means: 'another 4xx: the other side will not take this record as it is' },
  setup: {
    then: 'attention',
    means:
      'the other side lacks a field, a user or a right that we need there, or the credential set here cannot be sent',
  },
  deleted: { then: 'attention', means: 'somebody deleted the record over there' },
  malformed: { then: 'attention', means: 'the answer is not what the other side documents' },
  no_policy: { then: 'attention', means: 'no policy is live' },
  policy_rule: { then: 'attention', means: 'a condition of the policy fails on this lead' },
  no_rule: { then: 'attention', means: 'no routing rule matches this lead' },
  no_working_time: {
    then: 'attention',
    means: 'the calendar of the owner has no working time, so no deadline exists',
  },
  unmappable: { then: 'attention', means: 'no lead can be read out of a webhook event' },
  unknown_lead: { then: 'attention', means: 'the run has no row in the database' },
} as const satisfies Record<string, { then: 'retry' | 'attention'; means: string }>;

export type FailureCode = keyof typeof failureTable;

/** Thrown by connectors; `code` decides what happens next, `retryAfterMs` when. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly code: FailureCode;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: FailureCode,
    message: string,
    options: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Classifies an HTTP status that is not a success; the one place where statuses get a meaning. */
export function failureOfStatus(status: number): FailureCode {
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'busy';
  if (status === 401 || status === 403) return 'auth';
  return 'rejected';
}

/** The step cannot succeed as things are. @param where names the system or step, for the fingerprint. */
export function needsAttention(
  code: FailureCode,
  where: string,
  message: string,
  cause?: unknown,
): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: `${where}.${code}`,
    nonRetryable: failureTable[code].then === 'attention',
    details: [{ code, where }],
    ...(cause instanceof Error ? { cause } : {}),
  });
}

/**
 * Runs a call to the outside and translates what it throws for Temporal: the table decides whether it is tried again,
 * `Retry-After` when. Anything that is not a ConnectorError is a bug or an outage of our own and is tried again as is.
 */
export async function translated<T>(where: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const failure = needsAttention(error.code, where, error.message, error);
    if (error.retryAfterMs === undefined) throw failure;
    throw ApplicationFailure.create({
      message: error.message,
      type: `${where}.${error.code}`,
      nonRetryable: failureTable[error.code].then === 'attention',
      details: [{ code: error.code, where }],
      nextRetryDelay: error.retryAfterMs,
      cause: error,
    });
  }
}
