import { cancellationSignal } from '@temporalio/activity';
import type { LeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';
import { ConnectorError, needsAttention, translated } from './failures';
import type { Clock } from './ports';
import type { CrmSyncStore } from './ports-crm-sync';
import type { CrmPort, CrmStore } from './ports-vendors';
import type { CrmWritten } from './routing-types';

export type CrmActivities = ReturnType<typeof createCrmActivities>;

export function createCrmActivities({
  crm,
  store,
  clock,
}: {
  readonly crm: CrmPort;
  readonly store: CrmStore & Pick<CrmSyncStore, 'deleted'>;
  readonly clock: Clock;
}) {
  return {
    /** Makes the CRM's record what the lead is now. The key names the state, so a repeat is one write there. */
    writeCrm: async ({ leadId, key }: { leadId: string; key: string }): Promise<CrmWritten> => {
      const found = await store.crmLead(leadId as LeadId, crm.system);
      if (!found) throw needsAttention('unknown_lead', 'crm', 'the lead has no row');
      const { lead, knownId, deleted, closed } = found;
      // Nobody needs a new record of a lead that is over.
      if (deleted !== undefined && closed) return {};
      if (deleted === 'unasked')
        throw needsAttention('deleted', 'crm', `${crm.system}: the record was deleted there`);
      const known = deleted === 'remake' ? undefined : knownId;
      const { externalId } = await translated('crm', () =>
        crm.upsertLead(lead, key, cancellationSignal(), known).catch(async (error: unknown) => {
          if (error instanceof ConnectorError && error.code === 'deleted')
            await store.deleted(lead.id, toInstant(clock.now()));
          throw error;
        }),
      );
      await store.synced(lead, crm.system, externalId, toInstant(clock.now()));
      return { externalId };
    },
  };
}
