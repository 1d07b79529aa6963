import { formatDuration, parseDuration, type DurationText } from '../domain/duration';
import { decayed, type Engagement } from '../domain/engagement';
import type { LeadFacts } from '../domain/lead';
import type { AssignedTarget, Band, PairRule, Policy, RoutingRule } from '../domain/policy';
import { territoriesOf } from '../domain/territory/territory';
import { celFacts, compileCondition, holds } from './cel';
import type { Condition } from './cel';
import { routingScope, scoringScope, withTerritories } from './cel-types';
import type { CelScope } from './cel-types';
import { compilePools, type PoolView } from './compile-pools';

export { PolicyEvaluationError } from './cel';

/** A policy with every condition compiled, to be kept as long as its version is in use. */
export interface CompiledPolicy {
  readonly policy: Policy;
  /**
   * How good a lead is and why. `previousBand` is the person's last band, which gives way only beyond the hysteresis;
   * `history` is when he did this and what he did before, for engagement to fade.
   */
  score(facts: LeadFacts, previousBand?: Band, history?: ScoreHistory): ScoreResult;
  /** The band of a score. A band once reached is kept until the score falls `hysteresis` below its mark. */
  band(score: number, previousBand?: Band): Band;
  /** The first rule that takes the lead, and what every rule up to it said. */
  route(facts: LeadFacts, score: number, band: Band): RouteResult;
  /** What a pool's own conditions, and the skills a rule asks for, say about its members for this lead. */
  members(poolId: string, asked: MembersAsked): PoolView;
}

export interface MembersAsked {
  readonly facts: LeadFacts;
  readonly score: number;
  readonly band: Band;
  /** Skill → least level. */
  readonly skills: Readonly<Record<string, number>>;
}

export interface ScoreHistory {
  /** Since the lead came. */
  readonly ageMs: number;
  /** What the person did before, newest first. */
  readonly earlier: readonly Engagement[];
}

/** A score with its reasons. */
export interface ScoreResult {
  /** 0 to 100, whole. */
  readonly score: number;
  readonly band: Band;
  /** The two axes: who they are, and what they did. */
  readonly fit: number;
  readonly engagement: number;
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

/** The rule that took the lead; the target is where it leads for this lead: `owner` is only chosen when a rep of this policy is one. */
export interface ChosenRule {
  readonly rule: string;
  readonly to: AssignedTarget | { readonly kind: 'owner' };
  readonly sla: string;
  /** What the rule asks of a pool's members, and for how long. */
  readonly skills?: Readonly<Record<string, number>>;
  readonly relax?: DurationText;
  readonly pair?: PairRule;
}

/** `no_…`: the rule applies, but there is no owner in this policy, named account or territory to send this lead to. */
export type RuleVerdict = 'matched' | 'not_matched' | 'no_owner' | 'no_account' | 'no_territory';

/** One rule's answer, for the explanation. */
export interface TriedRule {
  readonly rule: string;
  readonly when?: string;
  readonly verdict: RuleVerdict;
}

/** Compiles a policy from `parsePolicy`; throws when a condition does not compile, which parsing has ruled out. */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const names = Object.keys(policy.territories);
  const fit = policy.scoring.fit.map((rule) => ({
    ...rule,
    condition: compiled(rule.because, rule.when, withTerritories(scoringScope, names)),
  }));
  const routing = policy.routing.map((rule) => ({
    rule,
    condition:
      rule.when === undefined
        ? undefined
        : compiled(rule.rule, rule.when, withTerritories(routingScope, names)),
  }));
  const pools = compilePools(policy);
  const reps = new Set(policy.reps.map((rep) => rep.id));
  const band = (score: number, previousBand?: Band): Band =>
    bandOf(policy.scoring.bands, score, previousBand);

  return {
    policy,
    band,
    score(facts, previousBand, history = { ageMs: 0, earlier: [] }) {
      const variables = celFacts(facts, territoriesHere(policy, facts));
      const contributions: Contribution[] = fit
        .filter(({ because, condition }) => holds(because, condition, variables))
        .map(({ points, because }) => ({ points, because }));
      const fitPoints = sumOf(contributions);
      contributions.push(...engagementOf(policy, facts.lead.event, history));
      const sum = sumOf(contributions);
      const score = Math.min(100, Math.max(0, Math.round(sum)));
      const engagement = sum - fitPoints;
      return { score, band: band(score, previousBand), fit: fitPoints, engagement, contributions };
    },
    route(facts, score, currentBand) {
      const territories = territoriesHere(policy, facts);
      const variables = celFacts(facts, territories, { score, band: currentBand });
      const trail: TriedRule[] = [];
      const taking: ChosenRule[] = [];
      for (const { rule, condition } of routing) {
        const to = targetOf(policy, rule, { facts, territory: territories[0], reps });
        const takes = condition === undefined || holds(rule.rule, condition, variables);
        const verdict = !takes ? 'not_matched' : typeof to === 'string' ? to : 'matched';
        trail.push({ rule: rule.rule, ...(rule.when === undefined ? {} : { when: rule.when }), verdict });
        if (!takes || typeof to === 'string') continue;
        taking.push(chosenOf(rule, to));
        if (to.kind === 'pool') break;
      }
      const [chosen, ...otherwise] = taking;
      return { trail, otherwise, ...(chosen ? { chosen } : {}) };
    },
    members(poolId, { facts, score, band: currentBand, skills }) {
      const variables = celFacts(facts, territoriesHere(policy, facts), { score, band: currentBand });
      return pools(poolId, variables, skills);
    },
  };
}

const sumOf = (contributions: readonly Contribution[]): number =>
  contributions.reduce((total, { points }) => total + points, 0);

/** What the person did, each event with what is left of its points. */
function engagementOf(
  { scoring }: Policy,
  event: string,
  { ageMs, earlier }: ScoreHistory,
): readonly Contribution[] {
  const { points: table, halfLife } = scoring.engagement;
  const halfLifeMs = parseDuration(halfLife) ?? Number.POSITIVE_INFINITY;
  const left = (one: Engagement): number =>
    // The event name comes from outside, so it must not reach inherited properties.
    decayed(Object.hasOwn(table, one.event) ? (table[one.event] ?? 0) : 0, one.ageMs, halfLifeMs);
  return [
    { points: left({ event, ageMs }), because: `event ${event}` },
    ...earlier.map((one) => ({
      points: left(one),
      because: `event ${one.event} ${formatDuration(one.ageMs)} ago`,
    })),
  ].filter(({ points }) => points !== 0);
}

function chosenOf({ rule, sla, skills, relax, pair }: RoutingRule, to: ChosenRule['to']): ChosenRule {
  return {
    rule,
    to,
    sla,
    ...(skills ? { skills } : {}),
    ...(relax === undefined ? {} : { relax }),
    ...(pair ? { pair } : {}),
  };
}

function territoriesHere(policy: Policy, { lead, account }: LeadFacts): readonly string[] {
  return territoriesOf(policy.territories, {
    country: lead.country || account.country,
    // facts that were written down before there were territories have no state
    state: (lead as Partial<LeadFacts['lead']>).state ?? '',
    postalCode: lead.postalCode,
    industry: account.industry,
    employees: account.employees,
  });
}

interface Lookup {
  readonly facts: LeadFacts;
  readonly territory: string | undefined;
  readonly reps: ReadonlySet<string>;
}

/** Where a rule sends this lead, or why it has nowhere to send it. */
function targetOf(
  policy: Policy,
  { to }: RoutingRule,
  { facts, territory, reps }: Lookup,
): ChosenRule['to'] | Exclude<RuleVerdict, 'matched' | 'not_matched'> {
  switch (to.kind) {
    case 'owner':
      return reps.has(facts.match.owner) || reps.has(facts.match.accountOwner)
        ? { kind: 'owner' }
        : 'no_owner';
    case 'account':
      return accountTarget(policy.accounts, facts.account.domain) ?? 'no_account';
    case 'territory':
      return (territory === undefined ? undefined : policy.territories[territory]?.to) ?? 'no_territory';
    case 'rep':
    case 'pool':
      return to;
  }
}

/** The named account of a domain or of the one it belongs to: `eu.acme.com` is `acme.com`. */
function accountTarget(accounts: Policy['accounts'], domain: string): AssignedTarget | undefined {
  for (let name = domain; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
    if (Object.hasOwn(accounts, name)) return accounts[name];
  }
  return undefined;
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
