import { createAssignmentStore } from './assignment-store';
import type { Database } from './client';
import { createCrmStore } from './crm-store';
import { createCrmSyncStore } from './crm-sync-store';
import { createEnrichmentStore } from './enrichment-store';
import { createErrorStore } from './error-store';
import { createEventStore } from './event-store';
import { createFetchStore } from './fetch-store';
import { createGateStore } from './gate-store';
import { createIdentityModels } from './identity-models';
import { createIdentityStore } from './identity-store';
import { createImportStore } from './import-store';
import { createInbox } from './inbox';
import { createKeyStore } from './key-store';
import { createLeadReader } from './lead-reader';
import { createOwedRebases } from './owed-rebases';
import { createPeopleStore } from './people-store';
import { createNotificationStore } from './notification-store';
import { createPolicyStore } from './policy-store';
import { createPoolReader } from './pool-reader';
import { createRepStore } from './rep-store';
import { createReviewStore } from './review-store';
import { createSourceStore } from './source-store';
import { createThresholdStore } from './threshold-store';

/** Every store of the ports on one database. @param secretKey 32 bytes; seals the sources' secrets and tokens. */
export function createStores(db: Database, options: { readonly secretKey: Buffer }) {
  const policies = createPolicyStore(db);
  const identityModels = createIdentityModels(db.pool, policies);
  const repName = async (repId: string): Promise<string> =>
    (await policies.live())?.policy.reps.find(({ id }) => id === repId)?.name ?? repId;
  const sources = createSourceStore(db, options.secretKey);
  return {
    inbox: createInbox(db.pool),
    imports: createImportStore(db.pool),
    identities: createIdentityStore(db.pool, identityModels),
    people: createPeopleStore(db.pool, identityModels),
    reviews: createReviewStore(db.pool, identityModels),
    thresholds: createThresholdStore(db.pool),
    assignments: createAssignmentStore(db.pool),
    policies,
    reps: createRepStore(db),
    rebases: createOwedRebases(db.pool),
    pools: createPoolReader(db.pool),
    enrichments: createEnrichmentStore(db.pool),
    errors: createErrorStore(db),
    events: createEventStore(db),
    gate: createGateStore(db.pool, options.secretKey),
    leads: createLeadReader(db.pool, repName),
    crm: createCrmStore(db, policies),
    crmSync: createCrmSyncStore(db.pool),
    notifications: createNotificationStore(db.pool),
    keys: createKeyStore(db),
    sources,
    fetches: createFetchStore(db.pool, sources),
  };
}
