import type { Engagement } from '../domain/engagement';
import type { LeadFacts } from '../domain/lead';
import { parseDuration } from '../domain/duration';
import type { Band, Pool, ScoreOverride } from '../domain/policy';
import {
  PolicyEvaluationError,
  type MembersAsked,
  type RouteResult,
  type ScoreResult,
} from '../policy/compile';
import { rosterOf } from '../policy/compile-pools';
import { needsAttention } from './failures';
import type { ReadyPolicy } from './policies';
import type { OwnerTarget, PairTarget, PoolTarget } from './ports-assignment';

/** The answer of a policy to a lead; the API's dry run makes the same one. */
export interface Decision {
  readonly scored: ScoreResult;
  /** What the rules made of the score that a person has set. */
  readonly computed?: Pick<ScoreResult, 'score' | 'band'>;
  readonly routed: RouteResult & { readonly chosen: NonNullable<RouteResult['chosen']> };
  /** Where to look for an owner, in order. */
  readonly targets: readonly OwnerTarget[];
  /** Who works it beside the owner. */
  readonly pair?: PairTarget;
}

export interface DecideAbout {
  /** The person's last band, which gives way only beyond the hysteresis. */
  readonly previousBand: Band | undefined;
  /** Since the lead came. */
  readonly waitedMs: number;
  /** What the person did before. */
  readonly earlier: readonly Engagement[];
  readonly override?: ScoreOverride | undefined;
  /** How many members of a pool were offered it in vain, by pool. */
  readonly offered?: Readonly<Record<string, number>>;
  /** Pools that it was open to in vain; absent for a lead that is not to be opened to anybody. */
  readonly opened?: readonly string[];
}

/** @throws needs attention `policy_rule` when a condition fails, `no_rule` when none matches. */
export function decide(
  policy: ReadyPolicy,
  facts: LeadFacts,
  { previousBand, waitedMs, earlier, override, offered = {}, opened }: DecideAbout,
): Decision {
  try {
    const computed = policy.score(facts, previousBand, { ageMs: waitedMs, earlier });
    const scored = override ? overridden(policy, computed, override) : computed;
    const { chosen, ...route } = policy.route(facts, scored.score, scored.band);
    if (!chosen)
      throw needsAttention('no_rule', 'route', `no rule of policy ${String(policy.version)} takes this lead`);
    const routed = { ...route, chosen };
    const skills = stillAsked(chosen, waitedMs);
    const asked = { facts, score: scored.score, band: scored.band, skills, offered, opened };
    const { score, band } = computed;
    return {
      scored,
      routed,
      targets: targetsIn(
        policy,
        [routed.chosen, ...routed.otherwise].map(({ to }) => to),
        asked,
      ),
      ...pairTarget(policy, routed.chosen, asked),
      ...(override ? { computed: { score, band } } : {}),
    };
  } catch (error) {
    if (error instanceof PolicyEvaluationError)
      throw needsAttention('policy_rule', 'route', error.message, error);
    throw error;
  }
}

/** The reasons stay those of the rules. */
function overridden(policy: ReadyPolicy, scored: ScoreResult, set: ScoreOverride): ScoreResult {
  const score = set.score ?? scored.score;
  const band = set.band ?? (set.score === undefined ? scored.band : policy.band(score));
  return { ...scored, score, band };
}

interface Asked extends MembersAsked {
  readonly offered: Readonly<Record<string, number>>;
  readonly opened: readonly string[] | undefined;
}

function poolTarget(policy: ReadyPolicy, poolId: string, pool: Pool, asked: Asked): PoolTarget {
  const { members, mode, makeUp, offer, countWith: counterId = poolId } = pool;
  const spent = offer?.to === 'next' && (asked.offered[poolId] ?? 0) >= offer.atMost;
  const offers = offer?.to === 'all' ? asked.opened?.includes(poolId) === false : offer !== undefined;
  const view = policy.members(poolId, asked);
  return {
    kind: 'pool',
    poolId,
    counterId,
    members,
    roster: rosterOf(policy.policy.pools, counterId),
    mode,
    makeUp,
    ...view,
    ...(spent
      ? { barred: Object.fromEntries(Object.keys(members).map((rep) => [rep, 'offers_spent' as const])) }
      : {}),
    ...(offers && offer ? { offer: { to: offer.to, ms: parseDuration(offer.for) ?? 0 } } : {}),
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

/** A rule asks skills of the owner, not of who is beside him; nor is anything offered to that one. */
function pairTarget(
  policy: ReadyPolicy,
  { pair }: Decision['routed']['chosen'],
  asked: Asked,
): Pick<Decision, 'pair'> {
  if (!pair) return {};
  const { pool, whenNobody } = pair;
  const alone = { ...asked, skills: {}, offered: {}, opened: undefined };
  const targets = targetsIn(policy, [{ kind: 'pool', pool }], alone);
  return { pair: { targets, whenNobody } };
}

/** Targets in the order they are tried: the rule's own, those of the rules behind a named rep, each pool's fallbacks. */
function targetsIn(
  policy: ReadyPolicy,
  wanted: readonly RouteTarget[],
  asked: Asked,
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
  for (const to of wanted) add(to);
  return targets;
}
