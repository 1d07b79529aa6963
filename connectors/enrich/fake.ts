import { json, startFakeServer, type FakeControls, type FakeReply } from '../fake-server';

export interface FakeEnricherOptions {
  /** 0 or absent picks a free one. */
  readonly port?: number;
  /** Domain → what is answered for it, as it is: unknown fields and wrong types included. */
  readonly companies: Readonly<Record<string, unknown>>;
  readonly delayMs?: number;
  /** Seconds that `busy` asks for; 1 when absent. */
  readonly retryAfterS?: number;
}

export interface FakeEnricher extends FakeControls {
  requests(): number;
  /** Queries that were answered, in order. */
  readonly queries: readonly { readonly email?: string; readonly domain?: string }[];
}

/** An enrichment provider in memory: knows companies by domain, or by the domain of the address. */
export async function startFakeEnricher(options: FakeEnricherOptions): Promise<FakeEnricher> {
  const queries: { readonly email?: string; readonly domain?: string }[] = [];
  const companies = new Map(Object.entries(options.companies));
  const answer = (query: URLSearchParams): FakeReply => {
    const email = query.get('email');
    const domain = query.get('domain');
    queries.push({ ...(email === null ? {} : { email }), ...(domain === null ? {} : { domain }) });
    const company = companies.get(domain ?? email?.split('@').at(-1) ?? '');
    return company === undefined ? json(404, { error: 'unknown' }) : json(200, company);
  };
  const server = await startFakeServer({
    ...options,
    check: ({ method, query }) => {
      if (method !== 'GET') return json(405, { error: 'GET only' });
      return query.has('email') || query.has('domain') ? undefined : json(400, { error: 'email or domain' });
    },
    act: ({ query }) => answer(query),
  });
  return { ...server, queries };
}
