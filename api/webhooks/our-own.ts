import { bestEffort } from '../best-effort';
import type { ApiDeps } from '../deps';
import { keptAsOther, type Received } from './receive';
import type { WebhookScheme } from './scheme';

/**
 * What was received, in which persons whom we made in the CRM that is configured are no leads: they went there as leads of
 * ours. When that cannot be told they are leads, as somebody known who comes twice is better than somebody lost.
 */
export async function withoutOurOwn(
  { crm, crmSystem, log }: Pick<ApiDeps, 'crm' | 'crmSystem' | 'log'>,
  scheme: WebhookScheme,
  received: readonly Received[],
): Promise<readonly Received[]> {
  if (scheme.crm !== crmSystem) return received;
  return Promise.all(
    received.map(async (one) => {
      const { made } = one.event;
      if (!('lead' in one) || !made) return one;
      const isOurs = await bestEffort(log, 'look for a person of ours', () =>
        crm.hasJustMade(made, one.lead.leadId),
      );
      return isOurs ? keptAsOther(one) : one;
    }),
  );
}
