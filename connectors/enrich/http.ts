import { z } from 'zod';
import type { Clock } from '../../activities/ports';
import type { EnrichPort } from '../../activities/ports-vendors';
import { callHttp, parseAnswer } from '../http';
import { factsOf } from './profile';

const system = 'enrich';
/** Providers say "unknown" by leaving a field out, by null and by an empty text. */
const optional = <T extends z.ZodType>(type: T) =>
  z.preprocess((value) => (value === null || value === '' ? undefined : value), type.optional());
const text = z.string().trim().min(1).max(300);

/** Unknown fields are dropped; a known one of the wrong type makes the answer malformed, so that someone looks. */
const Answer = z.object({
  name: optional(text),
  domain: optional(text.toLowerCase()),
  employees: optional(z.int().min(0)),
  industry: optional(text),
  country: optional(
    z
      .string()
      .trim()
      .regex(/^[A-Za-z]{2}$/)
      .toUpperCase(),
  ),
});

export interface HttpEnricherOptions {
  /** `email` and `domain` are added to its query. */
  readonly url: string;
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

/** Any endpoint that answers `GET ?email=&domain=` with what it knows of the company; 404 is "unknown". */
export function createHttpEnricher(options: HttpEnricherOptions): EnrichPort {
  const source = new URL(options.url).hostname;
  return {
    provider: 'http',
    company: async (query, signal) => {
      const asked = (['email', 'domain'] as const).flatMap((name) =>
        query[name] ? [[name, query[name]] as const] : [],
      );
      if (asked.length === 0) return undefined;
      const answer = await callHttp({
        system,
        method: 'GET',
        url: withQuery(options.url, asked),
        signal,
        timeoutMs: options.timeoutMs,
        nowMs: options.clock.now(),
        answers: [404],
      });
      if (answer.status === 404) return undefined;
      return factsOf(source, parseAnswer(system, Answer, answer.text));
    },
  };
}

/** Adds to the query as text: writing it anew would change how the configured part is encoded. */
function withQuery(base: string, fields: readonly (readonly [string, string])[]): URL {
  const url = new URL(base);
  const added = new URLSearchParams(Object.fromEntries(fields)).toString();
  url.search = url.search === '' ? added : `${url.search}&${added}`;
  url.hash = '';
  return url;
}
