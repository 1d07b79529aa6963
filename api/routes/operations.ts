import type { ErrorView } from '../../activities/ports';
import { mintId } from '../../domain/ids';
import { toInstant } from '../../domain/instant';
import { hashKey, newKey, type KeyRing } from '../auth';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { route, type Api } from '../route';
import {
  ErrorGroups,
  errorId,
  ErrorList,
  ErrorParams,
  ErrorQuery,
  ErrorRecord,
  KeyBody,
  KeyCreated,
  KeyList,
  KeyParams,
  Retried,
  RetryBody,
} from '../schemas/operations';
import { retryErrors } from '../webhooks/dead-letters';

/** The error database and resuming. */
export function errorRoutes(api: Api, deps: ApiDeps): void {
  const { errors } = deps;
  const tag = 'errors';
  route(api, {
    method: 'get',
    path: '/v1/errors',
    tag,
    summary: 'List errors, newest first',
    scope: 'read',
    query: ErrorQuery,
    replies: { 200: ErrorList },
    handle: ({ query: { state, fingerprint, limit, startingAfter } }) =>
      errors.list({ state, fingerprint, limit, startingAfter }),
  });
  route(api, {
    method: 'get',
    path: '/v1/errors/groups',
    tag,
    summary: 'Open errors by cause, most affected leads first',
    scope: 'read',
    replies: { 200: ErrorGroups },
    handle: async () => ({ data: await errors.groups() }),
  });
  route(api, {
    method: 'get',
    path: '/v1/errors/:id',
    tag,
    summary: 'One error',
    scope: 'read',
    params: ErrorParams,
    replies: { 200: ErrorRecord },
    errors: ['unknown_error'],
    handle: ({ params }) => errorOf(errors, params.id),
  });
  route(api, {
    method: 'post',
    path: '/v1/errors/:id/retry',
    tag,
    summary: 'The cause is fixed: resume this lead',
    scope: 'operate',
    params: ErrorParams,
    replies: { 200: Retried },
    errors: ['unknown_error', 'already_resolved', 'runs_unavailable'],
    handle: async ({ params }) => retried(deps, [await openErrorOf(errors, params.id)]),
  });
  route(api, {
    method: 'post',
    path: '/v1/errors/retry',
    tag,
    summary: 'The cause is fixed: resume every lead that stopped for it',
    scope: 'operate',
    body: RetryBody,
    replies: { 200: Retried },
    errors: ['runs_unavailable'],
    handle: async ({ body }) => retried(deps, await openErrorsOf(errors, body.fingerprint)),
  });
}

async function retried(deps: ApiDeps, errors: readonly ErrorView[]) {
  return { retried: await retryErrors(deps, errors) };
}

async function errorOf(errors: ApiDeps['errors'], id: string): Promise<ErrorView> {
  const error = errorId.test(id) ? await errors.get(id) : undefined;
  if (!error) throw new ApiError('unknown_error', 'There is no error with this id.');
  return error;
}

/** An error that can be retried. @throws ApiError 404 or 409 */
export async function openErrorOf(errors: ApiDeps['errors'], id: string): Promise<ErrorView> {
  const error = await errorOf(errors, id);
  if (error.state === 'resolved')
    throw new ApiError('already_resolved', 'The error is resolved; there is nothing to retry.');
  return error;
}

/** All open errors with the same cause, read before the first is retried: retrying resolves them under the cursor. */
export async function openErrorsOf(
  errors: ApiDeps['errors'],
  fingerprint: string,
): Promise<readonly ErrorView[]> {
  const all: ErrorView[] = [];
  let page: Awaited<ReturnType<ApiDeps['errors']['list']>>;
  do {
    page = await errors.list({ state: 'open', fingerprint, limit: 1_000, startingAfter: all.at(-1)?.id });
    all.push(...page.data);
  } while (page.hasMore && page.data.length > 0);
  return all;
}

/** API keys. */
export function keyRoutes(api: Api, { keys, clock }: ApiDeps, keyRing: KeyRing): void {
  const tag = 'administration';
  route(api, {
    method: 'post',
    path: '/v1/keys',
    tag,
    summary: 'Make an API key; it is shown once',
    scope: 'admin',
    body: KeyBody,
    replies: { 201: KeyCreated },
    handle: async ({ body: { name, scopes, ratePerSecond } }) => {
      const key = newKey();
      const view = await keys.create({
        id: mintId('apiKey', clock.now()),
        name,
        scopes,
        hash: hashKey(key),
        ratePerSecond,
      });
      await keyRing.reload();
      return { ...view, key };
    },
  });
  route(api, {
    method: 'get',
    path: '/v1/keys',
    tag,
    summary: 'List API keys',
    scope: 'admin',
    replies: { 200: KeyList },
    handle: async () => ({ data: await keys.list() }),
  });
  route(api, {
    method: 'delete',
    path: '/v1/keys/:id',
    tag,
    summary: 'Revoke an API key',
    description: 'Takes effect at once in this process, within a minute in the others.',
    scope: 'admin',
    params: KeyParams,
    replies: { 204: null },
    errors: ['unknown_key', 'key_in_use'],
    handle: async ({ params, caller }) => {
      if (params.id === caller.id)
        throw new ApiError('key_in_use', 'Use another admin key to revoke this one.');
      if (!(await keys.revoke(params.id, toInstant(clock.now()))))
        throw new ApiError('unknown_key', 'There is no live key with this id.');
      await keyRing.reload();
      return null;
    },
  });
}
