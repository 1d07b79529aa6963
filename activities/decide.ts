import type { Engagement } from '../domain/engagement';
import type { LeadFacts } from '../domain/lead';
import { parseDuration } from '../domain/duration';
import type { Band, Pool } from '../domain/policy';
import {
  PolicyEvaluationError,
  type MembersAsked,
  type RouteResult,
  type ScoreResult,
} from '../policy/compile';
import { rosterOf } from '../policy/compile-pools';
import { needsAttention } from './failures';
import type { ReadyPolicy } from './policies';
import type { OwnerTarget, PoolTarget } from './ports-assignment';

/** The answer of a policy to a lead; the API's dry run makes the same one. */
export interface Decision {
  readonly scored: ScoreResult;
  readonly routed: RouteResult & { readonly chosen: NonNullable<RouteResult['chosen']> };
  /** Where to look for an owner, in order. */
  readonly targets: readonly OwnerTarget[];
}

export interface DecideAbout {
  /** The person's last band, which gives way only beyond the hysteresis. */
  readonly previousBand: Band | undefined;
  /** Since the lead came. */
  readonly waitedMs: number;
  /** What the person did before. */
  readonly earlier: readonly Engagement[];
}

/** @throws needs attention `policy_rule` when a condition fails, `no_rule` when none matches. */
export function decide(
  policy: ReadyPolicy,
  facts: LeadFacts,
  { previousBand, waitedMs, earlier }: DecideAbout,
): Decision {
  try {
    const scored = policy.score(facts, previousBand, { ageMs: waitedMs, earlier });
    const { chosen, ...route } = policy.route(facts, scored.score, scored.band);
    if (!chosen)
      throw needsAttention('no_rule', 'route', `no rule of policy ${String(policy.version)} takes this lead`);
    const routed = { ...route, chosen };
    const skills = stillAsked(chosen, waitedMs);
    const asked = { facts, score: scored.score, band: scored.band, skills };
    return { scored, routed, targets: ownerTargets(policy, routed, asked) };
  } catch (error) {
    if (error instanceof PolicyEvaluationError)
      throw needsAttention('policy_rule', 'route', error.message, error);
    throw error;
  }
}

function poolTarget(policy: ReadyPolicy, poolId: string, pool: Pool, asked: MembersAsked): PoolTarget {
  const { members, mode, makeUp, credit, countWith: counterId = poolId } = pool;
  return {
    kind: 'pool',
    poolId,
    counterId,
    members,
    roster: rosterOf(policy.policy.pools, counterId),
    mode,
    makeUp,
    credit,
    ...policy.members(poolId, asked),
  };
}

/** The rule's skills, until its patience is over. */
function stillAsked(
  { skills, relax }: Decision['routed']['chosen'],
  waitedMs: number,
): MembersAsked['skills'] {
  const patience = relax === undefined ? undefined : parseDuration(relax);
  return patience !== undefined && waitedMs >= patience ? {} : (skills ?? {});
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
  routed: Decision['routed'],
  asked: MembersAsked,
): readonly OwnerTarget[] {
  const targets: OwnerTarget[] = [];
  const seen = new Set<string>();
  const add = (to: RouteTarget): void => {
    if (to.kind === 'owner') targets.push(...owners(policy, asked.facts));
    else if (to.kind === 'rep') targets.push({ kind: 'rep', repId: to.rep });
    else if (!seen.has(to.pool)) {
      seen.add(to.pool);
      const pool = policy.policy.pools[to.pool];
      if (!pool) throw new Error(`policy ${String(policy.version)} has no pool ${to.pool}`);
      targets.push(poolTarget(policy, to.pool, pool, asked));
      if (pool.whenNobody !== 'park') add(pool.whenNobody);
    }
  };
  for (const { to } of [routed.chosen, ...routed.otherwise]) add(to);
  return targets;
}
