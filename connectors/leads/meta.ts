import { z } from 'zod';
import type { Clock } from '../../activities/ports';
import type { FetchPort } from '../../activities/ports-fetch';
import { jsonIn } from '../crm/credentials';
import { callHttp, parseAnswer, type Refusal } from '../http';
import type { Outbound } from '../outbound';
import { namedIn } from './named';

const system = 'meta';
const fields = 'id,created_time,ad_id,form_id,platform,field_data';

export interface FetcherOptions {
  /** The vendor's API, or a fake. */
  readonly url: string;
  readonly clock: Clock;
  readonly outbound: Outbound;
}

const Change = z.looseObject({ value: z.looseObject({ leadgen_id: z.coerce.string() }) });
const Lead = z.looseObject({
  id: z.string(),
  field_data: z.array(z.looseObject({ name: z.string(), values: z.array(z.unknown()) })),
});

/**
 * Meta Lead Ads: `GET /{leadgen_id}` of the Graph API with a page's token. The answer's `field_data` goes where the webhook
 * would have it.
 * @see https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving
 */
export function createMetaFetcher({ url, clock, outbound }: FetcherOptions): FetchPort {
  return {
    fetch: async ({ data, accessToken }, signal) => {
      const change = namedIn(system, Change, data);
      const { text } = await callHttp({
        system,
        method: 'GET',
        url: new URL(
          `${url.replace(/\/+$/, '')}/${encodeURIComponent(change.value.leadgen_id)}?fields=${fields}`,
        ),
        headers: { authorization: `Bearer ${accessToken}` },
        signal,
        nowMs: clock.now(),
        outbound,
        explain,
      });
      const lead = parseAnswer(system, Lead, text);
      return { data: { ...change, value: { ...change.value, ...lead } }, nature: 'lead' };
    },
  };
}

const Fault = z.object({
  error: z.object({ code: z.number(), error_subcode: z.number().optional() }),
});
/** Too many calls, of the app, the user, the page or the form. */
const throttled = [4, 17, 32, 613, 80_005];
const retryAfterMs = 60_000;

/** Graph says by code what its status, mostly 400, does not. @see https://developers.facebook.com/docs/graph-api/guides/error-handling */
function explain(status: number, text: string): Refusal | undefined {
  const fault = Fault.safeParse(jsonIn(text)).data?.error;
  if (!fault) return undefined;
  const { code } = fault;
  const detail = `code ${String(code)}`;
  if (throttled.includes(code)) return { code: 'busy', detail, retryAfterMs };
  if (code === 1 || code === 2 || status >= 500) return { code: 'busy', detail };
  if (code === 190 || code === 102 || code === 10 || (code >= 200 && code < 300))
    return { code: 'auth', detail };
  return { code: 'rejected', detail };
}
