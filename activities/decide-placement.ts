import { ApplicationFailure } from '@temporalio/common';
import { spentPools, type OpenOffer } from '../domain/assignment/open-offer';
import type { AssignmentCause, LeadFacts } from '../domain/lead';
import { decide, type DecideAbout, type Decision } from './decide';
import type { ReadyPolicy } from './policies';
import type { OwnerWanted } from './routing-types';

/** What is known of a placement beside the lead: whom it may have been open to, and for whom and why it is looked. */
interface Placing {
  readonly offer: OpenOffer | undefined;
  readonly wanted: OwnerWanted;
}

/**
 * Decides about a lead that is to be placed, and by which version: one that cannot decide about it any more gives way
 * to the live one, which may have been corrected.
 */
export function decidePlacement(
  { routedBy, live }: { readonly routedBy: ReadyPolicy; readonly live: ReadyPolicy },
  facts: LeadFacts,
  about: DecideAbout,
  placing: Placing,
): { readonly policy: ReadyPolicy; readonly decision: Decision } {
  try {
    return { policy: routedBy, decision: decideOpenly(routedBy, facts, about, placing) };
  } catch (error) {
    if (!(error instanceof ApplicationFailure) || live.version === routedBy.version) throw error;
    return { policy: live, decision: decideOpenly(live, facts, about, placing) };
  }
}

/** Whoever lost it has no claim to it; a lead that its owner keeps unless somebody takes it is not opened to others. */
const opensFor: readonly AssignmentCause[] = ['routed', 'declined', 'lapsed'];

/**
 * The lead may be open to several reps, or was. A claim of it goes to the pool, in whose ledger it counts, and can go to
 * nobody else there.
 */
function decideOpenly(
  policy: ReadyPolicy,
  facts: LeadFacts,
  about: DecideAbout,
  { offer, wanted }: Placing,
): Decision {
  const { to, cause, hop } = wanted;
  const opened = opensFor.includes(cause) ? { opened: spentPools(offer, wanted) } : {};
  const decision = decide(policy, facts, { ...about, ...opened });
  const isClaim = to !== undefined && cause === 'claimed' && offer?.ended === undefined && offer?.hop === hop;
  if (!isClaim || !offer.reps.includes(to)) return decision;
  const pool = decision.targets.find((target) => target.kind === 'pool' && target.poolId === offer.poolId);
  return pool?.kind === 'pool'
    ? { ...decision, targets: [{ ...pool, claim: { by: to, reps: offer.reps } }] }
    : decision;
}
