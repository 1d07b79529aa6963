import { parseDuration, type DurationText } from '../duration';
import type { IsoInstant } from '../instant';
import type { MilestoneName, MilestoneRule, SlaPolicy, SlaStepRule } from '../policy';
import type { WorkingTime } from './calendar';
import {
  elapsedMs,
  holdBack,
  instantAfter,
  restart,
  timeOf,
  type AppliedClock,
  type AppliedStep,
  type ClockPromise,
  type PromisedStep,
  type Restart,
} from './clock';

export type { AppliedClock, AppliedStep } from './clock';

/** Names of the clocks of a lead. */
export type ClockName = 'touch' | MilestoneName;

/**
 * What a lead's owner is held to. The clock of the first touch stands at the top, as `touchDueAt` and `steps`; the
 * others stand under `clocks`.
 */
export interface AppliedSla extends Omit<AppliedClock, 'withinMs' | 'dueAt'> {
  readonly policy: string;
  /** Version of the policy the deadlines come from; absent in what was written before there was re-basing. */
  readonly version?: number;
  readonly touchDueAt: IsoInstant;
  readonly touchMs?: number;
  /** The step of the policy's list that took the lead from its previous owner. */
  readonly afterStep?: number;
  readonly clocks?: Readonly<Partial<Record<MilestoneName, AppliedClock>>>;
  /** Since when the lead waits for its customer: every clock stands still. */
  readonly heldAt?: IsoInstant;
  /** When the customer last wrote back. */
  readonly repliedAt?: IsoInstant;
  /** Somebody further up has it in hand until then: the ladder goes no further. */
  readonly acknowledged?: { readonly by: string; readonly until: IsoInstant };
}

export interface PlanInput {
  readonly policy: SlaPolicy;
  readonly policyName: string;
  readonly version?: number;
  /** The owner's working time. */
  readonly calendar: WorkingTime;
  readonly startAt: IsoInstant;
  /** Set when that step of the policy took the lead from its previous owner. */
  readonly inherit?: { readonly afterStep: number };
  /** What the previous owner was held to, and his working time: the clocks of the lead as a whole go on. */
  readonly before?: { readonly sla: AppliedSla; readonly calendar: WorkingTime };
}

interface TimedRule {
  readonly number: number;
  readonly rule: SlaStepRule;
  readonly afterMs: number;
}

/**
 * Due instants for a new owner.
 *
 * With `inherit` he gets the reminders up to that step afresh, and what followed it at the distance it had from it;
 * reassignments and escalations that have happened do not happen again. "Followed" means due later, or at the same
 * time and later in the list. His time to touch starts anew in any case; the other clocks belong to the lead, and go
 * on in his working time.
 *
 * @throws NoWorkingTimeError when a business clock would never get there; the caller parks the lead.
 * @throws RangeError for a duration or a step the policy does not have: a policy that was checked has neither.
 */
export function planSla({
  policy,
  policyName,
  version,
  calendar,
  startAt,
  inherit,
  before,
}: PlanInput): AppliedSla {
  const rules = inDueOrder(policy.steps);
  const time = timeOf(policy.clock, calendar);
  const touchMs = msOf(policy.touch);
  const clocks =
    before?.sla.clocks === undefined
      ? firstClocks(policy, calendar, startAt)
      : mapClocks(before.sla.clocks, (clock, name) =>
          restart(clock, {
            until: before.sla.heldAt ?? startAt,
            calendarBefore: before.calendar,
            from: startAt,
            calendar,
            ...(before.sla.policy === policyName ? milestonePromise(policy[name]) : {}),
          }),
        );
  return {
    policy: policyName,
    ...(version === undefined ? {} : { version }),
    ...(inherit === undefined ? {} : inherit),
    clock: policy.clock,
    startAt,
    touchMs,
    touchDueAt: instantAfter(time, startAt, touchMs),
    steps: applied(inherit === undefined ? rules : inheritedRules(rules, inherit.afterStep), time, startAt),
    ...(clocks === undefined ? {} : { clocks }),
  };
}

/** The clock of a milestone from its start; undefined when the policy has none. */
export function startClock(
  policy: SlaPolicy,
  name: MilestoneName,
  calendar: WorkingTime,
  startAt: IsoInstant,
): AppliedClock | undefined {
  const rule = policy[name];
  if (rule === undefined) return undefined;
  const time = timeOf(rule.clock, calendar);
  const withinMs = msOf(rule.within);
  return {
    clock: rule.clock,
    startAt,
    withinMs,
    dueAt: instantAfter(time, startAt, withinMs),
    steps: applied(inDueOrder(rule.steps), time, startAt),
  };
}

/** A deadline taken over from another lead stays when the lead gets another SLA, if it is the earlier one. */
export function keepInherited(before: AppliedSla, sla: AppliedSla): AppliedSla {
  if (before.touchMs !== undefined || before.touchDueAt >= sla.touchDueAt) return sla;
  const { touchMs: _promised, ...own } = sla;
  return { ...own, touchDueAt: before.touchDueAt };
}

export interface RestartAll extends Omit<Restart, 'promise'> {
  /** The policy that holds from now on, when it changed. */
  readonly policy?: { readonly rule: SlaPolicy; readonly version: number } | undefined;
}

/** Restarts every clock of a lead that is still running; an acknowledgement keeps holding the ladder back. */
export function restartAll(sla: AppliedSla, { policy, ...how }: RestartAll): AppliedSla {
  const running = touchClock(sla, how.calendarBefore);
  const promise = policy && touchPromise(sla, policy.rule);
  // A deadline taken over from another lead stays the earlier one, whatever the policy promises now.
  const kept = promise && sla.touchMs === undefined ? { ...promise, withinMs: running.withinMs } : promise;
  const touch = restart(running, { ...how, ...(kept ? { promise: kept } : {}) });
  const clocks =
    sla.clocks &&
    mapClocks(sla.clocks, (clock, name) =>
      restart(clock, { ...how, ...milestonePromise(policy?.rule[name]) }),
    );
  const moved = {
    ...withTouchClock(sla, touch),
    ...(clocks ? { clocks } : {}),
    ...(policy ? { version: policy.version } : {}),
  };
  return sla.acknowledged === undefined ? moved : holdBackAll(moved, sla.acknowledged.until);
}

/** The ladders of a lead go no further before `until`. */
export function holdBackAll(sla: AppliedSla, until: IsoInstant): AppliedSla {
  const { clocks } = sla;
  return {
    ...sla,
    steps: holdBack({ ...sla, withinMs: 0, dueAt: sla.touchDueAt }, until).steps,
    ...(clocks ? { clocks: mapClocks(clocks, (clock) => holdBack(clock, until)) } : {}),
  };
}

/** The clock of the first touch in the form of the others. */
export function touchClock(sla: AppliedSla, calendar: WorkingTime): AppliedClock {
  const { clock, startAt, counted, missedAt, doneAt, tookMs, steps, touchDueAt } = sla;
  const bare = { clock, startAt, steps, dueAt: touchDueAt, withinMs: 0 };
  const state = {
    ...bare,
    ...(counted ? { counted } : {}),
    ...(missedAt ? { missedAt } : {}),
    ...(doneAt ? { doneAt } : {}),
    ...(tookMs === undefined ? {} : { tookMs }),
  };
  // A deadline taken over from another lead was promised by nobody: it is what the clock shows then.
  return { ...state, withinMs: sla.touchMs ?? elapsedMs(state, calendar, touchDueAt) };
}

function withTouchClock(sla: AppliedSla, { dueAt, withinMs, ...touch }: AppliedClock): AppliedSla {
  return { ...sla, ...touch, touchDueAt: dueAt, ...(sla.touchMs === undefined ? {} : { touchMs: withinMs }) };
}

/** What the policy asks of this owner now; a step it no longer has cannot be the one that gave him the lead. */
function touchPromise({ afterStep, steps }: AppliedSla, rule: SlaPolicy): ClockPromise {
  const rules = inDueOrder(rule.steps);
  const known = afterStep === undefined || afterStep < rules.length;
  return {
    clock: rule.clock,
    withinMs: msOf(rule.touch),
    steps: known ? undated(afterStep === undefined ? rules : inheritedRules(rules, afterStep)) : steps,
  };
}

/** What the policy asks of a milestone now; a clock whose milestone it no longer has goes on as it is. */
function milestonePromise(rule: MilestoneRule | undefined): Pick<Restart, 'promise'> {
  if (rule === undefined) return {};
  const { clock, within, steps } = rule;
  return { promise: { clock, withinMs: msOf(within), steps: undated(inDueOrder(steps)) } };
}

/** `qualify` and `convert` run from the first assignment on; `response` waits for a reply. */
function firstClocks(policy: SlaPolicy, calendar: WorkingTime, startAt: IsoInstant): AppliedSla['clocks'] {
  const qualify = startClock(policy, 'qualify', calendar, startAt);
  const convert = startClock(policy, 'convert', calendar, startAt);
  if (qualify === undefined && convert === undefined) return undefined;
  return { ...(qualify ? { qualify } : {}), ...(convert ? { convert } : {}) };
}

/** The clocks of a lead besides the touch, each changed. */
export function mapClocks(
  clocks: NonNullable<AppliedSla['clocks']>,
  change: (clock: AppliedClock, name: MilestoneName) => AppliedClock,
): NonNullable<AppliedSla['clocks']> {
  return Object.fromEntries(
    Object.entries(clocks).map(([name, clock]) => [name, change(clock, name as MilestoneName)]),
  );
}

function applied(
  rules: readonly TimedRule[],
  time: WorkingTime,
  startAt: IsoInstant,
): readonly AppliedStep[] {
  return undated(rules).map((step) => ({ ...step, dueAt: instantAfter(time, startAt, step.afterMs) }));
}

/** Steps whose due instant is still to be worked out. */
function undated(rules: readonly TimedRule[]): readonly PromisedStep[] {
  return rules.map(({ number, rule, afterMs }) => ({
    number,
    do: rule.do,
    ...(rule.do === 'escalate' ? { to: rule.to } : {}),
    afterMs,
  }));
}

function inDueOrder(steps: readonly SlaStepRule[]): readonly TimedRule[] {
  return steps.map((rule, number) => ({ number, rule, afterMs: msOf(rule.after) })).sort(byTime);
}

function inheritedRules(rules: readonly TimedRule[], afterStep: number): readonly TimedRule[] {
  const position = rules.findIndex(({ number }) => number === afterStep);
  const done = rules[position];
  if (done === undefined) throw new RangeError(`the policy has no step ${String(afterStep)}`);
  const again = rules.slice(0, position).filter(({ rule }) => rule.do === 'remind');
  const still = rules
    .slice(position + 1)
    .map((timed) => ({ ...timed, afterMs: timed.afterMs - done.afterMs }));
  return [...again, ...still].sort(byTime);
}

function byTime(a: TimedRule, b: TimedRule): number {
  return a.afterMs - b.afterMs || a.number - b.number;
}

function msOf(text: DurationText): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new RangeError(`"${text}" is not a duration`);
  return ms;
}
