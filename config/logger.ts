import { pino, stdTimeFunctions, type Logger } from 'pino';

export type { Logger };

/**
 * The one logger of a process: JSON lines on stdout, ISO times, no personal data.
 * Redaction is configuration, not discipline: any field with one of these names is dropped wherever it is logged.
 */
export function createLogger(options: { readonly level: string; readonly process: string }): Logger {
  return pino({
    level: options.level,
    base: { process: options.process },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError, error: describeError },
    redact: {
      paths: [
        ...personal,
        ...personal.map((field) => `*.${field}`),
        ...secret,
        ...secret.map((field) => `*.${field}`),
      ],
      censor: '[redacted]',
    },
  });
}

/** What is safe to log of an error: drivers put the row at fault into other fields (`detail` of a unique violation). */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : { type: typeof error };
  const { code } = error as NodeJS.ErrnoException;
  return {
    type: error.constructor.name,
    message: error.message,
    stack: error.stack,
    ...(code === undefined ? {} : { code }),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

const personal = [
  'email',
  'phone',
  'firstName',
  'lastName',
  'name',
  'rawBody',
  'fields',
  'lead.message',
  'body.message',
];
const secret = ['secret', 'key', 'authorization', 'token', 'accessToken', 'password'];
