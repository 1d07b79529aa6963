import type { LeadId } from '../domain/ids';
import type { Band } from '../domain/policy';
import type { RoutingPolicies } from './policies';
import type { AssignmentStore, ErrorStore } from './ports';
import type { IdentityStore } from './ports-identity';
import type { GateDeps } from './screen-lead';

/** What the short steps of a lead's run need. */
export interface LeadActivityDeps extends GateDeps {
  readonly identities: IdentityStore;
  readonly assignments: AssignmentStore;
  readonly policies: RoutingPolicies;
  readonly errors: ErrorStore;
  /** Tells a parked lead that someone has room for it now. */
  readonly wake: (leadId: LeadId) => Promise<void>;
  /** Whether a data provider is configured. */
  readonly enriches: boolean;
  /** Keeps colder leads from being written to the CRM before this one, where its limits make writes wait. */
  readonly claimCrmTurn?: ((leadId: LeadId, band: Band) => Promise<unknown>) | undefined;
  /** Whether there is a channel besides the log. */
  readonly notifiesOutside: boolean;
  /** Opens what people wrote in words, which a run carries sealed. */
  readonly payloadKey: Buffer;
}
