import { createHash } from 'node:crypto';
import type { Clock } from '../../activities/ports';
import type { FetchTokens } from '../../activities/ports-fetch';
import { oauthCredentials, type CredentialSource } from '../crm/credentials';

type Source = Parameters<FetchTokens['current']>[0];

/**
 * Access tokens of sources: the one that somebody put there, or what the refresh token of its OAuth client gives, which is
 * held in this process until it runs out. The client's secret is the source's own, with which the vendor signs.
 * @param urls token endpoints by kind of source
 * @see https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens
 * @see https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens
 */
export function createFetchTokens({
  urls,
  clock,
}: {
  readonly urls: Readonly<Partial<Record<Source['kind'], string>>>;
  readonly clock: Clock;
}): FetchTokens {
  const held = new Map<string, { readonly settings: string; readonly credentials: CredentialSource }>();
  /** Undefined for a source without an OAuth client; begun anew when somebody changed its settings. */
  const credentialsOf = (source: Source): CredentialSource | undefined => {
    const { name, kind, oauth, secrets } = source;
    const url = urls[kind];
    if (!oauth || url === undefined) return undefined;
    const form = {
      grant_type: 'refresh_token',
      client_id: oauth.clientId,
      client_secret: secrets[0] ?? '',
      refresh_token: oauth.refreshToken,
    };
    const settings = createHash('sha256').update(JSON.stringify(form)).digest('hex');
    const known = held.get(name);
    if (known?.settings === settings) return known.credentials;
    const credentials = oauthCredentials({ system: kind, url: new URL(url), form, clock });
    held.set(name, { settings, credentials });
    return credentials;
  };
  return {
    current: async (source) => tokenIn(await credentialsOf(source)?.current()) ?? source.accessToken,
    renewed: async (source, refused) => {
      const credentials = credentialsOf(source);
      if (!credentials) return undefined;
      const current = await credentials.current();
      // Somebody else may have renewed it while this call was under way.
      return tokenIn(tokenIn(current) === refused ? await credentials.renew(current) : current);
    },
  };
}

const tokenIn = (credential: Awaited<ReturnType<CredentialSource['current']>> | undefined) =>
  credential?.headers['authorization']?.replace(/^Bearer /, '');
