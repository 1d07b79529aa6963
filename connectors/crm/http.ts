import { z } from 'zod';
import type { Clock } from '../../activities/ports';
import type { CrmLead, CrmPort } from '../../activities/ports-vendors';
import { signWebhook } from '../../domain/standard-webhooks';
import { callHttp, parseAnswer } from '../http';

const system = 'http';
/** Ids that are numbers over there become text here. */
const Answer = z.object({ externalId: z.union([z.string().min(1).max(200), z.int()]).transform(String) });

export interface HttpCrmOptions {
  /** Base address; `/leads/<leadId>` is added to its path, a query is kept. */
  readonly url: string;
  /** Standard Webhooks secret, with or without `whsec_`. */
  readonly secret: string;
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

/**
 * Any endpoint that takes `PUT /leads/<leadId>`, signed by Standard Webhooks. The idempotency key is also the webhook
 * id, so the other side may tell repeats by either; the address names the lead, so a repeat replaces its record.
 * @throws RangeError when the secret holds no key: at the start, not at the first lead
 */
export function createHttpCrm(options: HttpCrmOptions): CrmPort {
  signWebhook(options.secret, { id: 'check', body: '', nowMs: 0 });
  return {
    system,
    upsertLead: async (lead, idempotencyKey, signal) => {
      const nowMs = options.clock.now();
      const body = JSON.stringify(recordOf(lead));
      const answer = await callHttp({
        system: 'crm',
        method: 'PUT',
        url: leadUrl(options.url, lead.id),
        headers: {
          'idempotency-key': idempotencyKey,
          ...signWebhook(options.secret, { id: idempotencyKey, body, nowMs }),
        },
        body,
        signal,
        timeoutMs: options.timeoutMs,
        nowMs,
      });
      return parseAnswer('crm', Answer, answer.text);
    },
  };
}

/** Field by field, so that what is added to our record one day does not leave the house by itself. */
function recordOf({ id, person, account, owner, partner, score, band, status, sla }: CrmLead): CrmLead {
  return { id, person, account, owner, ...(partner ? { partner } : {}), score, band, status, sla };
}

function leadUrl(base: string, leadId: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/leads/${encodeURIComponent(leadId)}`;
  url.hash = '';
  return url;
}
