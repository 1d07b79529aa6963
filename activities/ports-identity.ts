/** What identification needs from the outside; the other ports are in ports.ts. */
import type { Traits } from '../domain/identity/traits';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import type { LeadFacts, LeadFields } from '../domain/lead';
import type { Band } from '../domain/policy';
import type { LeadState } from './ports';
import type { CompanyProfile } from './ports-vendors';

export type PersonIdentity =
  | { readonly kind: 'new' | 'known'; readonly personId: string; readonly accountId?: string }
  /** The person already has the open lead `into`, which got a repeat touch. */
  | { readonly kind: 'merged'; readonly personId: string; readonly into: LeadId };

export interface IdentifyInput {
  readonly leadId: LeadId;
  readonly at: IsoInstant;
  /** What the lead shows of who it is from. */
  readonly traits: Traits;
  readonly newPersonId: string;
  readonly newAccountId: string;
  readonly newReviewId: string;
  readonly profile: LeadFields;
  readonly accountName?: string;
  /** Facts known from the lead itself; match and account facts are filled in from what the store knows. */
  readonly facts: LeadFacts;
  /** Provenance of enriched fields: field → { source, at }. */
  readonly enrichment: Readonly<Record<string, { readonly source: string; readonly at: IsoInstant }>>;
}

export interface IdentityStore {
  /** What identification starts from; undefined for an id nobody has. */
  lead(leadId: LeadId): Promise<LeadState | undefined>;
  /**
   * Under locks on all of the lead's keys: finds or creates the person and account, merges the lead into the person's
   * open one if there is one and it does not close in this instant, asks for a review where it is not sure or near
   * enough to two people, writes facts, keys and timeline. A second call for the same lead gives the same answer.
   */
  identify(input: IdentifyInput): Promise<PersonIdentity>;
  /** What the person did in other leads and how they were rated, newest first, at most 50. */
  otherEvents(
    personId: string,
    leadId: LeadId,
  ): Promise<readonly { readonly event: string; readonly at: IsoInstant; readonly band?: Band }[]>;
  /** The facts of a lead with what is known of its person and company filled in; nothing is written. */
  recall(known: Pick<IdentifyInput, 'traits' | 'facts'>): Promise<LeadFacts>;
  /**
   * Fills empty account facts only, notes source and time, and whether routing had not waited.
   * @returns the names of the fields that were filled
   */
  enrich(leadId: LeadId, found: CompanyProfile, at: IsoInstant): Promise<readonly string[]>;
  /** The same for whether the domain of the lead's address takes mail. */
  checkedMail(leadId: LeadId, answer: 'yes' | 'no', at: IsoInstant): Promise<readonly string[]>;
}
