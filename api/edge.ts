import { randomBytes } from 'node:crypto';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { Histogram, type Registry } from 'prom-client';
import type { Logger } from '../config/logger';
import { errorTable, toApiError, type ApiError } from './errors';

const requestIds = new WeakMap<Response, string>();

/** The request's id: the caller's own when it is harmless, else a new one. */
export function requestIdOf(res: Response): string {
  return requestIds.get(res) ?? '';
}

/** Gives every request an id and every answer the headers that keep browsers out of trouble. */
export const identify: RequestHandler = (req, res, next) => {
  const given = req.headers['x-request-id'];
  const id =
    typeof given === 'string' && /^[A-Za-z0-9._:-]{1,128}$/.test(given)
      ? given
      : `req_${randomBytes(12).toString('hex')}`;
  requestIds.set(res, id);
  res.setHeader('x-request-id', id);
  res.setHeader('x-content-type-options', 'nosniff');
  res.setHeader('x-frame-options', 'DENY');
  res.setHeader('referrer-policy', 'no-referrer');
  res.setHeader('cross-origin-resource-policy', 'same-origin');
  res.setHeader('cache-control', 'no-store');
  res.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  next();
};

/** One log line and one measurement per request: the route's pattern, never the address, which may carry a token. */
export function observe(log: Logger, registry: Registry): RequestHandler {
  const name = 'http_request_duration_seconds';
  const known = registry.getSingleMetric(name) as Histogram<'method' | 'route' | 'status'> | undefined;
  const duration =
    known ??
    new Histogram({
      name,
      help: 'Time from the first byte in to the last byte out',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers: [registry],
    });
  return (req, res, next) => {
    const startedAt = performance.now();
    res.once('close', () => {
      const ms = performance.now() - startedAt;
      const route = routeOf(req);
      const status = res.writableFinished ? res.statusCode : 499;
      duration.observe({ method: knownMethod(req.method), route, status: String(status) }, ms / 1_000);
      const quiet = route === '/healthz' || route === '/readyz' || route === '/metrics';
      log[quiet ? 'debug' : 'info'](
        { requestId: requestIdOf(res), method: req.method, route, status, ms: Math.round(ms * 10) / 10 },
        'request',
      );
    });
    next();
  };
}

function routeOf(req: Request): string {
  const route: unknown = req.route;
  return typeof route === 'object' && route !== null && 'path' in route && typeof route.path === 'string'
    ? route.path
    : 'none';
}

/** Metrics must not grow with what strangers send. */
function knownMethod(method: string): string {
  return ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'].includes(method) ? method : 'other';
}

/** Turns whatever was thrown into problem details; what we do not know is logged and not shown. */
export function refuse(log: Logger): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    const refusal = toApiError(error);
    const { status } = errorTable[refusal.code];
    if (status >= 500)
      log.error(
        { err: refusal.cause ?? error, code: refusal.code, requestId: requestIdOf(res) },
        'request failed',
      );
    if (res.headersSent) {
      // Half an answer is out; breaking the connection is the only way left to say that it is not whole.
      next(error);
      return;
    }
    sendProblem(res, refusal);
  };
}

function sendProblem(res: Response, { code, message, issues, headers }: ApiError): void {
  const { status, title } = errorTable[code];
  const requestId = requestIdOf(res);
  res.status(status);
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.setHeader('content-type', 'application/problem+json; charset=utf-8');
  res.end(
    JSON.stringify({
      type: `urn:lead-router:error:${code}`,
      title,
      status,
      detail: message,
      code,
      requestId,
      ...(issues ? { issues } : {}),
    }),
  );
}
