import express, { type Express } from 'express';
import { createKeyRing } from './auth';
import { consoleRoutes } from './console/routes';
import type { ApiDeps } from './deps';
import { identify, observe, refuse } from './edge';
import { ApiError } from './errors';
import { createGuard } from './guard';
import type { Api } from './route';
import { confirmRoutes } from './routes/confirm';
import { crmRoutes } from './routes/crm';
import { distributionRoutes } from './routes/distribution';
import { identityRoutes } from './routes/identity';
import { importRoutes } from './routes/imports';
import { intakeRoutes } from './routes/intake';
import { leadActionRoutes } from './routes/lead-actions';
import { leadRoutes } from './routes/leads';
import { linkRoutes } from './routes/links';
import { errorRoutes, keyRoutes } from './routes/operations';
import { policyRoutes } from './routes/policy';
import { slaRoutes } from './routes/sla';
import { slackRoutes } from './routes/slack';
import { systemRoutes } from './routes/system';
import { sourceRoutes } from './routes/sources';
import { webhookRoutes } from './routes/webhooks';
import { createSourceBook } from './webhooks/source-book';

/**
 * The HTTP API. It checks, hands on and answers; what happens to a lead is decided in its run. Never listens:
 * `main.ts` does, and tests do on a free port.
 */
export function createApp(deps: ApiDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // A proxy on this host may say whose request it forwards; anybody else could lie about it.
  app.set('trust proxy', 'loopback');
  app.use(identify, observe(deps.log, deps.metrics));

  const keyRing = createKeyRing(deps);
  const book = createSourceBook(deps);
  // Known before the first request, so that an outage of Postgres right after the start keeps nobody out.
  void Promise.allSettled([keyRing.reload(), book.reload()]);
  const api: Api = { app, guard: createGuard(keyRing, deps.ratePerSecond), operations: [] };
  intakeRoutes(api, deps, book);
  importRoutes(api, deps);
  webhookRoutes(api, deps, book);
  slackRoutes(api, deps);
  leadRoutes(api, deps);
  leadActionRoutes(api, deps);
  policyRoutes(api, deps);
  slaRoutes(api, deps);
  distributionRoutes(api, deps);
  identityRoutes(api, deps);
  crmRoutes(api, deps);
  errorRoutes(api, deps);
  sourceRoutes(api, deps, book);
  keyRoutes(api, deps, keyRing);
  systemRoutes(api, deps);
  linkRoutes(api, deps);
  confirmRoutes(api, deps);
  consoleRoutes(api, deps, keyRing);

  app.use((req) => {
    throw notFound(api, req.method, req.path);
  });
  app.use(refuse(deps.log));
  return app;
}

/** 405 when only the method is wrong, so that a typo in a script is seen for what it is. */
function notFound({ operations }: Api, method: string, path: string): ApiError {
  const allowed = operations
    .filter((operation) => matches(operation.path, path))
    .map((operation) => operation.method.toUpperCase());
  if (allowed.length === 0) return new ApiError('not_found', 'See /docs for what lives here.');
  return new ApiError('method_not_allowed', `${method} is not possible here.`, {
    headers: { allow: [...new Set(allowed)].join(', ') },
  });
}

function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern, path.replace(/\/$/, '')].map((text) => text.split('/'));
  return (
    wanted?.length === given?.length &&
    (wanted ?? []).every((part, index) => part.startsWith(':') || part === given?.[index])
  );
}
