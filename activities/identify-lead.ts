import { mintId, type LeadId } from '../domain/ids';
import { ownFacts } from '../domain/identity/facts';
import { profileOf } from '../domain/identity/survive';
import { traitsOf } from '../domain/identity/traits';
import { epochMs, type IsoInstant } from '../domain/instant';
import { needsAttention } from './failures';
import type { LeadActivityDeps } from './lead';
import type { Identified } from './routing-types';

/** Finds out who sent the lead and for which company, from what it says itself and what is known. */
export async function identifyLead(
  { identities, enriches, notifiesOutside }: LeadActivityDeps,
  leadId: LeadId,
  at: IsoInstant,
): Promise<Identified> {
  const lead = await identities.lead(leadId);
  if (!lead) throw needsAttention('unknown_lead', 'identify', 'the lead has no row');
  const { facts, accountDomain, accountName, derived } = ownFacts(lead.fields, lead.source);
  const provenance = Object.entries(derived).map(([field, source]) => [field, { source, at }] as const);
  const identity = await identities.identify({
    leadId,
    at,
    // The source's own id of a lead names the lead, not the person: other sources count from 1 as well.
    traits: traitsOf({ ...lead.fields, externalId: undefined }),
    newPersonId: mintId('person', epochMs(at)),
    newAccountId: mintId('account', epochMs(at)),
    newReviewId: mintId('review', epochMs(at)),
    profile: profileOf(lead.fields),
    facts,
    enrichment: Object.fromEntries(provenance),
    ...(accountName ? { accountName } : {}),
  });
  if (identity.kind === 'merged') return { kind: 'merged', into: identity.into };
  const reachable = facts.lead.emailDomain !== '' || accountDomain !== undefined;
  const enrich = enriches && lead.progress === 'received' && reachable;
  return { kind: identity.kind, enrich, notifiesOutside, hop: lead.hop, progress: lead.progress };
}
