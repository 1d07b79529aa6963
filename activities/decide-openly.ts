import { spentPools, type OpenOffer } from '../domain/assignment/open-offer';
import type { AssignmentCause, LeadFacts } from '../domain/lead';
import { decide, type DecideAbout, type Decision } from './decide';
import type { ReadyPolicy } from './policies';
import type { OwnerWanted } from './routing-types';

/** Whoever lost it has no claim to it; a lead that its owner keeps unless somebody takes it is not opened to others. */
const opensFor: readonly AssignmentCause[] = ['routed', 'declined', 'lapsed'];

/**
 * Decides about a lead that may be open to several reps, or was. A claim of it goes to the pool, in whose ledger it counts,
 * and can go to nobody else there.
 */
export function decideOpenly(
  policy: ReadyPolicy,
  facts: LeadFacts,
  about: DecideAbout,
  { offer, wanted }: { readonly offer: OpenOffer | undefined; readonly wanted: OwnerWanted },
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
