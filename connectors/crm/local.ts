import type { CrmLead, CrmPort } from '../../activities/ports-vendors';

/** Where the built-in CRM keeps its records. */
export interface LocalCrmStore {
  /** Creates or replaces the record of a lead by our id; the external id of a lead never changes. */
  upsert(lead: CrmLead): Promise<{ readonly externalId: string }>;
}

/** The default CRM: our own database. The store is idempotent by lead id, so the key adds nothing and is not kept. */
export function createLocalCrm(store: LocalCrmStore): CrmPort {
  return {
    system: 'local',
    upsertLead: async (lead, _idempotencyKey, signal) => {
      signal.throwIfAborted();
      return store.upsert(lead);
    },
  };
}
