import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { ApiScope } from './ports';
import { hasScope, keyOf, missingScope, unauthenticated, type Caller, type KeyRing } from './auth';
import { ApiError } from './errors';

const windowMs = 10_000;

/** Decides who may pass, and how often. */
export interface Guard {
  /** The caller of a request that needs `scope`. @throws ApiError 401, 403 or 429 */
  admit(req: Request, res: Response, scope: ApiScope): Promise<Caller>;
  /** Counts against a budget of its own, such as one webhook source. @throws ApiError 429 */
  spend(req: Request, res: Response, budget: string): Promise<void>;
  /** Counts a request that could not say who it is against its address. @throws ApiError 429 */
  spendAddress(req: Request, res: Response): Promise<void>;
}

/** @param ratePerSecond budget of everyone without one of his own; bursts of ten seconds' worth are fine. */
export function createGuard(keyRing: KeyRing, ratePerSecond: number): Guard {
  const callers = new WeakMap<Request, Caller>();
  const budgets = new WeakMap<Request, string>();
  const perKey = limiter(
    (req) => callers.get(req)?.id ?? '',
    (req) => (callers.get(req)?.ratePerSecond ?? ratePerSecond) * (windowMs / 1_000),
  );
  const perBudget = limiter(
    (req) => budgets.get(req) ?? '',
    () => ratePerSecond * (windowMs / 1_000),
  );
  const perAddress = limiter(
    (req) => ipKeyGenerator(req.ip ?? ''),
    () => ratePerSecond * (windowMs / 1_000),
  );

  return {
    admit: async (req, res, scope) => {
      const key = keyOf(req.headers.authorization);
      const caller = key === undefined ? undefined : await keyRing.find(key);
      if (!caller) {
        await perAddress(req, res);
        throw unauthenticated(req.headers.authorization !== undefined);
      }
      callers.set(req, caller);
      await perKey(req, res);
      if (!hasScope(caller, scope)) throw missingScope(scope);
      return caller;
    },
    spend: async (req, res, budget) => {
      budgets.set(req, budget);
      await perBudget(req, res);
    },
    spendAddress: perAddress,
  };
}

/** The middleware of express-rate-limit as a call that throws. Counters are per process: N processes allow N times. */
function limiter(
  keyOf: (req: Request) => string,
  limitOf: (req: Request) => number,
): (req: Request, res: Response) => Promise<void> {
  const handler: RequestHandler = rateLimit({
    windowMs,
    limit: limitOf,
    keyGenerator: keyOf,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    // Its checks are made for plain middleware and log to the console.
    validate: false,
    handler: (_req, _res, next) => {
      next(new ApiError('rate_limited', 'Slow down and try again after the time in Retry-After.'));
    },
  });
  return (req, res) =>
    new Promise((resolve, reject) => {
      void handler(req, res, (error?: unknown) => {
        if (error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error('rate limiting failed', { cause: error }));
      });
    });
}
