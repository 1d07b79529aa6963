import { z } from 'zod';
import type { Clock } from '../../activities/ports';
import type { CompanyProfile, EnrichPort } from '../../activities/ports-vendors';
import { countryCode } from '../../domain/identity/country';
import { callHttp, parseAnswer, type Refusal } from '../http';
import { factsOf, sizeOf } from './profile';

const system = 'people-data-labs';
/** Of 10; below it the person is as likely somebody else. */
const likelihoodMin = 6;

const word = z.string().trim().min(1).nullish();
const Answer = z.object({
  data: z.object({
    job_company_name: word,
    job_company_website: word,
    job_company_size: word,
    job_company_industry: word,
    job_company_location_country: word,
  }),
});

export interface ProviderOptions {
  readonly apiKey: string;
  readonly clock: Clock;
  /** Another host, for tests. */
  readonly url?: string;
  readonly timeoutMs?: number;
}

/**
 * Person enrichment by address; what it says of the person's company is kept. 404 is "unknown" and costs nothing.
 * @see https://docs.peopledatalabs.com/docs/errors
 */
export function createPeopleDataLabs(options: ProviderOptions): EnrichPort {
  const { apiKey, clock, url: base = 'https://api.peopledatalabs.com', timeoutMs = 4_000 } = options;
  return {
    provider: system,
    company: async ({ email }, signal) => {
      if (email === undefined) return undefined;
      const url = new URL('/v5/person/enrich', base);
      url.search = new URLSearchParams({ email, min_likelihood: String(likelihoodMin) }).toString();
      const nowMs = clock.now();
      const answer = await callHttp({
        system,
        method: 'GET',
        url,
        headers: { 'x-api-key': apiKey },
        signal,
        timeoutMs,
        nowMs,
        answers: [404],
        explain: (status, _text, headers) => explain(status, headers, nowMs),
      });
      return answer.status === 404 ? undefined : profileOf(parseAnswer(system, Answer, answer.text));
    },
  };
}

/** 402 is spent credit. 429 names the end of its minute in a header of its own. */
function explain(status: number, headers: Headers, nowMs: number): Refusal | undefined {
  if (status === 402) return { code: 'exhausted', detail: 'no credits left' };
  if (status !== 429) return undefined;
  const resetMs = Date.parse(headers.get('x-ratelimit-reset') ?? '') - nowMs;
  return {
    code: 'busy',
    detail: 'rate limit',
    // A window is 60 s; without a readable end, or with a clock that disagrees, a whole one.
    retryAfterMs: resetMs > 0 && resetMs <= 60_000 ? resetMs : 60_000,
  };
}

function profileOf({ data }: z.infer<typeof Answer>): CompanyProfile | undefined {
  return factsOf(system, {
    name: data.job_company_name,
    domain: data.job_company_website?.toLowerCase(),
    employees: sizeOf(data.job_company_size),
    industry: data.job_company_industry,
    country: countryCode(data.job_company_location_country ?? undefined),
  });
}
