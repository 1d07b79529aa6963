import type { LeadFacts } from '../domain/lead';
import type { Band } from '../domain/policy';
import { PolicyEvaluationError, type RouteResult, type ScoreResult } from '../policy/compile';
import { needsAttention } from './failures';
import type { ReadyPolicy } from './policies';
import type { OwnerTarget } from './ports';

/** The answer of a policy to a lead; the API's dry run makes the same one. */
export interface Decision {
  readonly scored: ScoreResult;
  readonly routed: RouteResult & { readonly chosen: NonNullable<RouteResult['chosen']> };
  /** Where to look for an owner, in order. */
  readonly targets: readonly OwnerTarget[];
}

/** @throws needs attention `policy_rule` when a condition fails, `no_rule` when none matches. */
export function decide(policy: ReadyPolicy, facts: LeadFacts, previousBand: Band | undefined): Decision {
  try {
    const scored = policy.score(facts, previousBand);
    const { chosen, ...route } = policy.route(facts, scored.score, scored.band);
    if (!chosen)
      throw needsAttention('no_rule', 'route', `no rule of policy ${String(policy.version)} takes this lead`);
    const routed = { ...route, chosen };
    return { scored, routed, targets: ownerTargets(policy, facts, routed) };
  } catch (error) {
    if (error instanceof PolicyEvaluationError)
      throw needsAttention('policy_rule', 'route', error.message, error);
    throw error;
  }
}

type RouteTarget = Decision['routed']['chosen']['to'];

/** Who had the person's latest lead, then who has the account's; one who is away or full passes to the next. */
function owners(policy: ReadyPolicy, { match }: LeadFacts): readonly OwnerTarget[] {
  return [...new Set([match.owner, match.accountOwner])]
    .filter((repId) => policy.rep(repId) !== undefined)
    .map((repId) => ({ kind: 'rep', repId }));
}

/** Targets in the order they are tried: the rule's own, those of the rules behind a named rep, each pool's fallbacks. */
function ownerTargets(
  policy: ReadyPolicy,
  facts: LeadFacts,
  routed: Decision['routed'],
): readonly OwnerTarget[] {
  const targets: OwnerTarget[] = [];
  const seen = new Set<string>();
  const add = (to: RouteTarget): void => {
    if (to.kind === 'owner') targets.push(...owners(policy, facts));
    else if (to.kind === 'rep') targets.push({ kind: 'rep', repId: to.rep });
    else if (!seen.has(to.pool)) {
      seen.add(to.pool);
      const pool = policy.policy.pools[to.pool];
      if (!pool) throw new Error(`policy ${String(policy.version)} has no pool ${to.pool}`);
      targets.push({ kind: 'pool', poolId: to.pool, members: pool.members });
      if (pool.whenNobody !== 'park') add(pool.whenNobody);
    }
  };
  for (const { to } of [routed.chosen, ...routed.otherwise]) add(to);
  return targets;
}
