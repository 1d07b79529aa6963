import { z } from 'zod';
import type { Clock } from '../../activities/ports';
import { callHttp, parseAnswer, type Refusal } from '../http';

/** What makes a request ours, and where the account lives if the vendor says so. */
export interface Credential {
  readonly headers: Readonly<Record<string, string>>;
  readonly baseUrl?: string | undefined;
}

export interface CredentialSource {
  current(): Promise<Credential>;
  /** A new one in place of `stale`; undefined where there is nothing to renew. @throws ConnectorError */
  renew(stale: Credential): Promise<Credential | undefined>;
}

/** A key that lives until somebody replaces it. */
export function fixedCredential(headers: Credential['headers']): CredentialSource {
  return { current: () => Promise.resolve({ headers }), renew: () => Promise.resolve(undefined) };
}

export interface OauthOptions {
  readonly system: string;
  /** Token endpoint. */
  readonly url: URL;
  /** The grant: `grant_type` and what belongs to it. */
  readonly form: Readonly<Record<string, string>>;
  /** Signs the grant's assertion anew for each request, where it has one. */
  readonly assertion?: (nowMs: number) => string;
  /** Sent as Basic credentials, for vendors that do not take the client from the form. */
  readonly client?: { readonly id: string; readonly secret: string };
  readonly clock: Clock;
}

/** Where the API of the account is: `instance_url` at Salesforce, `api_domain` at Pipedrive. */
const Token = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().optional(),
  refresh_token: z.string().min(1).optional(),
  instance_url: z.url().optional(),
  api_domain: z.url().optional(),
});

/** Renewed this long before its end, as requests take time and clocks differ. */
const marginMs = 60_000;

/**
 * Access tokens by an OAuth 2.0 grant (RFC 6749, sections 4.4 and 6), one request at a time however many leads ask. A
 * refresh token that comes back is used from then on in this process; the vendors here give the same one again.
 */
export function oauthCredentials(options: OauthOptions): CredentialSource {
  let held: (Credential & { readonly endsAtMs: number }) | undefined;
  let asking: Promise<Credential> | undefined;
  let refreshToken = options.form['refresh_token'];

  async function ask(): Promise<Credential> {
    const nowMs = options.clock.now();
    const form = {
      ...options.form,
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
      ...(options.assertion ? { assertion: options.assertion(nowMs) } : {}),
    };
    const { text } = await callHttp(tokenRequest(options, form, nowMs));
    const token = parseAnswer(options.system, Token, text);
    refreshToken = token.refresh_token ?? refreshToken;
    held = {
      headers: { authorization: `Bearer ${token.access_token}` },
      baseUrl: token.instance_url ?? token.api_domain,
      endsAtMs: token.expires_in === undefined ? Infinity : nowMs + token.expires_in * 1_000 - marginMs,
    };
    return held;
  }
  const askOnce = (): Promise<Credential> =>
    (asking ??= ask().finally(() => {
      asking = undefined;
    }));

  return {
    current: () => (held && held.endsAtMs > options.clock.now() ? Promise.resolve(held) : askOnce()),
    // Somebody else may have renewed it while this call was under way.
    renew: (stale) => (held && held !== stale ? Promise.resolve(held) : askOnce()),
  };
}

function tokenRequest(
  { system, url, client }: OauthOptions,
  form: Readonly<Record<string, string>>,
  nowMs: number,
): Parameters<typeof callHttp>[0] {
  const basic = client && Buffer.from(`${client.id}:${client.secret}`).toString('base64');
  return {
    system,
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(basic === undefined ? {} : { authorization: `Basic ${basic}` }),
    },
    body: new URLSearchParams(form).toString(),
    // Shared by all leads that wait for it, so no single one of them may end it; callHttp bounds it in time.
    signal: new AbortController().signal,
    nowMs,
    explain,
  };
}

const TokenFault = z.object({ error: z.string(), status: z.string() }).partial();

/** A grant that is refused needs a person, whatever the status. */
function explain(status: number, text: string): Refusal | undefined {
  if (status !== 400 && status !== 401 && status !== 403) return undefined;
  const fault = TokenFault.safeParse(jsonIn(text)).data;
  const word = fault?.error ?? fault?.status ?? '';
  return { code: 'auth', detail: `token: ${/^[A-Za-z_]{1,60}$/.test(word) ? word : 'refused'}` };
}

/** Text as JSON, undefined when it is none: error pages of proxies are not. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
