import { z } from 'zod';
import type { CompanyProfile, EnrichPort } from '../../activities/ports-vendors';
import { countryCode } from '../../domain/identity/country';
import { callHttp, parseAnswer } from '../http';
import type { ProviderOptions } from './people-data-labs';
import { factsOf } from './profile';

const system = 'apollo';

const word = z.string().trim().min(1).nullish();
const Answer = z.object({
  person: z
    .object({
      organization: z
        .object({
          name: word,
          primary_domain: word,
          estimated_num_employees: z.int().min(0).nullish(),
          industry: word,
          country: word,
        })
        .nullish(),
    })
    .nullish(),
});

/**
 * People match by address; what it says of the person's organization is kept. Phones, which Apollo looks up behind its
 * answer, are not asked for.
 * @see https://docs.apollo.io/reference/status-codes
 */
export function createApollo(options: ProviderOptions): EnrichPort {
  const { apiKey, clock, url: base = 'https://api.apollo.io', timeoutMs = 4_000 } = options;
  return {
    provider: system,
    company: async ({ email, domain }, signal) => {
      if (email === undefined) return undefined;
      const answer = await callHttp({
        system,
        method: 'POST',
        url: new URL('/api/v1/people/match', base),
        headers: { 'x-api-key': apiKey },
        body: JSON.stringify({ email, ...(domain === undefined ? {} : { domain }) }),
        signal,
        timeoutMs,
        nowMs: clock.now(),
      });
      return profileOf(parseAnswer(system, Answer, answer.text));
    },
  };
}

function profileOf({ person }: z.infer<typeof Answer>): CompanyProfile | undefined {
  const { organization } = person ?? {};
  return factsOf(system, {
    name: organization?.name,
    domain: organization?.primary_domain?.toLowerCase(),
    employees: organization?.estimated_num_employees,
    industry: organization?.industry,
    country: countryCode(organization?.country ?? undefined),
  });
}
