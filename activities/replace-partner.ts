import type { LeadId } from '../domain/ids';
import { epochMs, type IsoInstant } from '../domain/instant';
import { decide } from './decide';
import { needsAttention } from './failures';
import type { LeadActivityDeps } from './lead-deps';
import { aboutLead, assignInput } from './place-lead';
import type { PartnerLeaving } from './ports-assignment';

export interface PartnerLeaves extends Omit<PartnerLeaving, 'repId'> {
  readonly leadId: string;
  readonly hop: number;
  readonly at: string;
  readonly partner: string;
}

/** What came of it; `unpaired` is who is told that nobody could take his place. */
type PartnerReplaced =
  | { readonly kind: 'same' }
  | { readonly kind: 'changed'; readonly partner?: string; readonly unpaired?: string };

/**
 * The next of the pool takes the place of whoever works a lead beside its owner, who stays. A rule that takes the lead now
 * and asks for no pair lets him go without one.
 */
export async function replacePartner(
  deps: LeadActivityDeps,
  { leadId, hop, at, partner, ...leaving }: PartnerLeaves,
): Promise<PartnerReplaced> {
  const { identities, assignments, policies, wake } = deps;
  const lead = await identities.lead(leadId as LeadId);
  if (!lead?.facts) throw needsAttention('unknown_lead', 'route', 'the lead was not identified');
  const policy = await policies.of(lead.policyVersion);
  const decision = decide(policy, lead.facts, await aboutLead(deps, lead, epochMs(at as IsoInstant)));
  const cause = leaving.because === 'declined' ? 'declined' : 'reassigned';
  const wanted = { leadId, hop, at, cause, exclude: [] } as const;
  const input = assignInput(policy, decision, wanted, { away: {}, live: policy });
  const changed = await assignments.replacePartner({ ...input, leaving: { repId: partner, ...leaving } });
  if (changed.kind === 'same') return changed;
  for (const parkedLead of changed.wake) await wake(parkedLead);
  const [alert] = policy.policy.onCall;
  return {
    kind: 'changed',
    ...(changed.partner === undefined ? {} : { partner: changed.partner }),
    ...(changed.unpaired === undefined || alert === undefined ? {} : { unpaired: alert }),
  };
}
