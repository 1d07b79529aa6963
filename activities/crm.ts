import { cancellationSignal } from '@temporalio/activity';
import type { LeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';
import { needsAttention, translated } from './failures';
import type { Clock } from './ports';
import type { CrmPort, CrmStore } from './ports-vendors';
import type { CrmWritten } from './routing-types';

export type CrmActivities = ReturnType<typeof createCrmActivities>;

export function createCrmActivities({
  crm,
  store,
  clock,
}: {
  readonly crm: CrmPort;
  readonly store: CrmStore;
  readonly clock: Clock;
}) {
  return {
    /** Makes the CRM's record what the lead is now. The key names the state, so a repeat is one write there. */
    writeCrm: async ({ leadId, key }: { leadId: string; key: string }): Promise<CrmWritten> => {
      const found = await store.crmLead(leadId as LeadId, crm.system);
      if (!found) throw needsAttention('unknown_lead', 'crm', 'the lead has no row');
      const { lead, knownId } = found;
      const { externalId } = await translated('crm', () =>
        crm.upsertLead(lead, key, cancellationSignal(), knownId),
      );
      await store.synced(lead.id, crm.system, externalId, toInstant(clock.now()));
      return { externalId };
    },
  };
}
