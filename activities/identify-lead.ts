import { mintId, type LeadId } from '../domain/ids';
import { ownFacts } from '../domain/identity/facts';
import { profileOf } from '../domain/identity/survive';
import { leadTraits } from '../domain/identity/traits';
import { epochMs, type IsoInstant } from '../domain/instant';
import type { AssignmentCause } from '../domain/lead';
import { needsAttention } from './failures';
import type { LeadActivityDeps } from './lead-deps';
import type { LeadState } from './ports';
import type { HeldAtGate, Identified } from './routing-types';
import { screenLead } from './screen-lead';

/**
 * Lets the lead through the spam gate, then finds out who sent it and for which company, from what it says itself and
 * what is known.
 */
export async function identifyLead(
  deps: LeadActivityDeps,
  leadId: LeadId,
  at: IsoInstant,
): Promise<Identified | HeldAtGate> {
  const { identities, assignments, enriches, notifiesOutside } = deps;
  const [lead, atGate] = await Promise.all([identities.lead(leadId), deps.gate.of(leadId)]);
  if (!lead) throw needsAttention('unknown_lead', 'identify', 'the lead has no row');
  const held = lead.personId === undefined ? await screenLead(deps, lead, atGate, at) : undefined;
  if (held) return held;
  if (lead.closed && lead.mergedInto === undefined) return closedAs(lead);
  const { facts, accountDomain, accountName, derived } = ownFacts(lead.fields, lead.source);
  const provenance = Object.entries(derived).map(([field, source]) => [field, { source, at }] as const);
  const identity = await identities.identify({
    leadId,
    at,
    traits: leadTraits(lead.fields),
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
  const enrich = enriches && lead.personId === undefined && reachable;
  const progress = lead.personId === undefined ? 'received' : lead.progress; // the gate may have parked it
  const from = progress === 'parked' ? await afterOwners(assignments, leadId) : { hop: lead.hop };
  return { kind: identity.kind, enrich, notifiesOutside, progress, ...from };
}

function closedAs({ progress, ownerId }: LeadState): Identified {
  const outcome = progress === 'disqualified' || progress === 'converted' ? progress : 'closed';
  return { kind: 'closed', outcome, ...(ownerId === undefined ? {} : { owner: ownerId }) };
}

/** A parked lead looks for its next owner, among those who have not had it. */
async function afterOwners(
  assignments: LeadActivityDeps['assignments'],
  leadId: LeadId,
): Promise<{ readonly hop: number; readonly exclude: readonly string[]; readonly cause: AssignmentCause }> {
  const history = await assignments.history(leadId);
  const last = history.at(-1);
  const lapsed = last?.offer !== undefined && last.endedAt !== undefined && last.endedAt >= last.offer.until;
  const cause = last === undefined ? 'routed' : lapsed && !last.offer.acceptedAt ? 'lapsed' : 'declined';
  return { hop: history.length, exclude: history.map(({ repId }) => repId), cause };
}
