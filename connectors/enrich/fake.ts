import { z } from 'zod';
import {
  json,
  jsonOf,
  startFakeServer,
  type FakeControls,
  type FakeReply,
  type FakeRequest,
} from '../fake-server';

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

export interface FakeProvider extends FakeControls {
  requests(): number;
  /** The next proper request gets this answer, whatever it is. */
  answerNext(answer: FakeReply): void;
}

type KnownPeople = Readonly<Record<string, { readonly company: string; readonly size?: string }>>;

/** People Data Labs' person enrichment: knows people by address. */
export function startFakePeopleDataLabs(people: KnownPeople): Promise<FakeProvider> {
  return startProvider({
    proper: ({ method, path, query }) =>
      method === 'GET' && path === '/v5/person/enrich' && query.has('email'),
    answer: ({ query }) => {
      const known = people[query.get('email') ?? ''];
      return known
        ? json(200, {
            status: 200,
            likelihood: 9,
            data: { job_company_name: known.company, job_company_size: known.size ?? null },
          })
        : json(404, { status: 404, error: { type: 'not_found' } });
    },
  });
}

const Match = z.object({ email: z.string() });

/** Apollo's people match: knows people by address, and answers `person: null` for others. */
export function startFakeApollo(people: KnownPeople): Promise<FakeProvider> {
  return startProvider({
    proper: ({ method, path, body }) =>
      method === 'POST' && path === '/api/v1/people/match' && Match.safeParse(jsonOf(body)).success,
    answer: ({ body }) => {
      const known = people[Match.parse(jsonOf(body)).email];
      const employees = known?.size === undefined ? null : Number(known.size);
      return json(200, {
        person: known
          ? { organization: { name: known.company, estimated_num_employees: employees, country: 'Germany' } }
          : null,
      });
    },
  });
}

/** A provider that wants a key and answers as told, else by what it knows. */
async function startProvider(vendor: {
  readonly proper: (request: FakeRequest) => boolean;
  readonly answer: (request: FakeRequest) => FakeReply;
}): Promise<FakeProvider> {
  const answers: FakeReply[] = [];
  const server = await startFakeServer({
    retryAfterS: 7,
    check: (request) => {
      if (!vendor.proper(request)) return json(400, { error: 'not as documented' });
      return request.header('x-api-key') ? answers.shift() : json(401, { error: 'no key' });
    },
    act: vendor.answer,
  });
  return { ...server, answerNext: (answer) => void answers.push(answer) };
}
