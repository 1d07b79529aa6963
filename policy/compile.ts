import type { LeadFacts } from '../domain/lead';
import type { Band, Policy, RoutingRule, Target } from '../domain/policy';
import { celFacts, CelEvaluationError, compileCondition } from './cel';
import type { CelFacts, Condition } from './cel';
import { routingScope, scoringScope } from './cel-types';
import type { CelScope } from './cel-types';

/** A policy with every condition compiled, to be kept as long as its version is in use. */
export interface CompiledPolicy {
  readonly policy: Policy;
  /** How good a lead is and why; `previousBand` is the person's last band, which gives way only beyond the hysteresis. */
  score(facts: LeadFacts, previousBand?: Band): ScoreResult;
  /** The band of a score. A band once reached is kept until the score falls `hysteresis` below its mark. */
  band(score: number, previousBand?: Band): Band;
  /** The first rule that takes the lead, and what every rule up to it said. */
  route(facts: LeadFacts, score: number, band: Band): RouteResult;
}

/** A score with its reasons. */
export interface ScoreResult {
  /** 0 to 100, whole. */
  readonly score: number;
  readonly band: Band;
  /** Their sum is the score, unless it was cut off at 0 or 100. */
  readonly contributions: readonly Contribution[];
}

/** One reason for a score. */
export interface Contribution {
  readonly points: number;
  readonly because: string;
}

/** What routing decided. */
export interface RouteResult {
  /** Absent when no rule takes the lead. */
  readonly chosen?: ChosenRule;
  /** The rules that take it when the rep named by the ones before cannot; ends with the first pool. */
  readonly otherwise: readonly ChosenRule[];
  /** Every rule tried, in order, up to the first one that sends to a pool. */
  readonly trail: readonly TriedRule[];
}

/** The rule that took the lead. A target `owner` is only chosen when `match.owner` names a rep of this policy. */
export interface ChosenRule {
  readonly rule: string;
  readonly to: Target;
  readonly sla: string;
}

/** `no_owner`: the rule applies but sends to an owner, and nobody in this policy owns the lead. */
export type RuleVerdict = 'matched' | 'not_matched' | 'no_owner';

/** One rule's answer, for the explanation. */
export interface TriedRule {
  readonly rule: string;
  readonly when?: string;
  readonly verdict: RuleVerdict;
}

/** A rule could not be decided for a lead; the policy has to be corrected, no other rule may quietly take over. */
export class PolicyEvaluationError extends Error {
  override readonly name = 'PolicyEvaluationError';
  readonly rule: string;

  constructor(rule: string, cause: CelEvaluationError) {
    super(`rule "${rule}": ${cause.message}`, { cause });
    this.rule = rule;
  }
}

/** Compiles a policy from `parsePolicy`; throws when a condition does not compile, which parsing has ruled out. */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const fit = policy.scoring.fit.map((rule) => ({
    ...rule,
    condition: compiled(rule.because, rule.when, scoringScope),
  }));
  const routing = policy.routing.map((rule) => ({
    rule,
    condition: rule.when === undefined ? undefined : compiled(rule.rule, rule.when, routingScope),
  }));
  const reps = new Set(policy.reps.map((rep) => rep.id));
  const band = (score: number, previousBand?: Band): Band =>
    bandOf(policy.scoring.bands, score, previousBand);

  return {
    policy,
    band,
    score(facts, previousBand) {
      const variables = celFacts(facts);
      const contributions: Contribution[] = fit
        .filter(({ because, condition }) => holds(because, condition, variables))
        .map(({ points, because }) => ({ points, because }));
      const { event } = facts.lead;
      const { points } = policy.scoring.engagement;
      // The event name comes from outside, so it must not reach inherited properties.
      const engagement = Object.hasOwn(points, event) ? (points[event] ?? 0) : 0;
      if (engagement !== 0) contributions.push({ points: engagement, because: `event ${event}` });
      const sum = contributions.reduce((total, contribution) => total + contribution.points, 0);
      const score = Math.min(100, Math.max(0, Math.round(sum)));
      return { score, band: band(score, previousBand), contributions };
    },
    route(facts, score, currentBand) {
      const variables = celFacts(facts, { score, band: currentBand });
      const trail: TriedRule[] = [];
      const taking: ChosenRule[] = [];
      for (const { rule, condition } of routing) {
        const verdict = verdictOf({ rule, condition, variables, hasOwner: reps.has(facts.match.owner) });
        trail.push({ rule: rule.rule, ...(rule.when === undefined ? {} : { when: rule.when }), verdict });
        if (verdict === 'matched') taking.push({ rule: rule.rule, to: rule.to, sla: rule.sla });
        if (verdict === 'matched' && rule.to.kind === 'pool') break;
      }
      const [chosen, ...otherwise] = taking;
      return { trail, otherwise, ...(chosen ? { chosen } : {}) };
    },
  };
}

interface Attempt {
  readonly rule: RoutingRule;
  readonly condition: Condition | undefined;
  readonly variables: CelFacts;
  readonly hasOwner: boolean;
}

function verdictOf({ rule, condition, variables, hasOwner }: Attempt): RuleVerdict {
  if (condition !== undefined && !holds(rule.rule, condition, variables)) return 'not_matched';
  return rule.to.kind === 'owner' && !hasOwner ? 'no_owner' : 'matched';
}

function holds(rule: string, condition: Condition, variables: CelFacts): boolean {
  try {
    return condition.evaluate(variables);
  } catch (error) {
    if (error instanceof CelEvaluationError) throw new PolicyEvaluationError(rule, error);
    throw error;
  }
}

function compiled(rule: string, text: string, scope: CelScope): Condition {
  const result = compileCondition(text, scope);
  if (!result.ok) throw new Error(`rule "${rule}" does not compile: ${result.fault.message}`);
  return result.condition;
}

function bandOf({ hot, warm, hysteresis }: Policy['scoring']['bands'], score: number, previous?: Band): Band {
  const hotMark = previous === 'hot' ? hot - hysteresis : hot;
  const warmMark = previous === 'hot' || previous === 'warm' ? warm - hysteresis : warm;
  if (score >= hotMark) return 'hot';
  return score >= warmMark ? 'warm' : 'cold';
}
