import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../activities/ports';
import type { ApiKeyStore, ApiKeyView, ApiScope } from './ports';
import type { Logger } from '../config/logger';
import { ApiError } from './errors';
import { keptFresh } from './kept-fresh';

/** Who is asking; `id` is the key's, never the key. */
export type Caller = Pick<ApiKeyView, 'id' | 'name' | 'scopes' | 'ratePerSecond'>;

/** API keys as requests see them. */
export interface KeyRing {
  /** Whose key it is; undefined when nobody's. @throws when no key was ever loaded and the database is away. */
  find(key: string): Promise<Caller | undefined>;
  /** The live key with this id. */
  byId(id: string): Promise<Caller | undefined>;
  /** Makes a change of this process visible to it at once. */
  reload(): Promise<unknown>;
}

/** SHA-256 (hex) of a key, which is all that is kept of it. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** A new key: 192 random bits. */
export function newKey(): string {
  return `lr_${randomBytes(24).toString('base64url')}`;
}

export function createKeyRing(options: {
  readonly keys: ApiKeyStore;
  readonly clock: Clock;
  readonly log: Logger;
}): KeyRing {
  const live = keptFresh({
    what: 'api keys',
    load: async () => {
      const rows = await options.keys.live();
      return {
        byHash: new Map(rows.map((row) => [row.hash, row])),
        byId: new Map(rows.map((row) => [row.id, row])),
      };
    },
    clock: options.clock,
    log: options.log,
  });
  return {
    find: async (key) => {
      const hash = hashKey(key);
      const found = (await live.current()).byHash.get(hash) ?? (await live.afterMiss()).byHash.get(hash);
      // The map already compared; what it compared is a hash nobody can steer, so this only keeps the habit.
      return found && timingSafeEqual(Buffer.from(found.hash), Buffer.from(hash)) ? found : undefined;
    },
    byId: async (id) => (await live.current()).byId.get(id),
    reload: () => live.reload(),
  };
}

/** Does the caller hold the scope? `admin` holds all. */
export function hasScope(caller: Caller, scope: ApiScope): boolean {
  return caller.scopes.includes(scope) || caller.scopes.includes('admin');
}

/** The key of an `Authorization: Bearer …` header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +([\x21-\x7e]{1,512}) *$/i.exec(authorization ?? '')?.[1];
}

/** The API key of a request: as bearer token, or as the password of Basic for callers that know nothing else. */
export function keyOf(authorization: string | undefined): string | undefined {
  const basic = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined) return bearerOf(authorization);
  const [, password] = /^[^:]*:([\x21-\x7e]{1,512})$/.exec(Buffer.from(basic, 'base64').toString()) ?? [];
  return password;
}

export function unauthenticated(given: boolean): ApiError {
  const challenge = given
    ? 'Bearer realm="lead-router", error="invalid_token"'
    : 'Bearer realm="lead-router"';
  const detail = given
    ? 'The API key is unknown or revoked.'
    : 'Send an API key as `Authorization: Bearer lr_…`.';
  return new ApiError('unauthenticated', detail, { headers: { 'www-authenticate': challenge } });
}

export function missingScope(scope: ApiScope): ApiError {
  return new ApiError('missing_scope', `This call needs a key with the scope "${scope}".`, {
    headers: {
      'www-authenticate': `Bearer realm="lead-router", error="insufficient_scope", scope="${scope}"`,
    },
  });
}
