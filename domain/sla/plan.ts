import { parseDuration, type DurationText } from '../duration';
import { epochMs, type IsoInstant } from '../instant';
import type { SlaPolicy, SlaStepRule } from '../policy';
import { dueAt, dueAtWall, NoWorkingTimeError, workedMs, type WorkingTime } from './calendar';

type Clock = SlaPolicy['clock'];

/** One step of an SLA with the instant it is due. */
export interface AppliedStep {
  /** Its place in the policy's list, from 0. */
  readonly number: number;
  readonly do: SlaStepRule['do'];
  /** `manager` or a rep id; escalations only. */
  readonly to?: string;
  /** Time on the SLA's clock from the plan's start, in milliseconds; a snooze does not change it. */
  readonly afterMs: number;
  readonly dueAt: IsoInstant;
}

/** What a lead's owner is held to, frozen when he got the lead: later changes of policy or calendar do not reach it. */
export interface AppliedSla {
  readonly policy: string;
  readonly clock: Clock;
  readonly startAt: IsoInstant;
  readonly touchDueAt: IsoInstant;
  /** By due instant; steps due together keep the policy's order. */
  readonly steps: readonly AppliedStep[];
}

export interface PlanInput {
  readonly policy: SlaPolicy;
  readonly policyName: string;
  /** The owner's working time. */
  readonly calendar: WorkingTime;
  readonly startAt: IsoInstant;
  /** Set when that step of the policy took the lead from its previous owner. */
  readonly inherit?: { readonly afterStep: number };
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
 * time and later in the list. His time to touch starts anew in any case.
 *
 * @throws NoWorkingTimeError when a business clock would never get there; the caller parks the lead.
 * @throws RangeError for a duration or a step the policy does not have: a policy that was checked has neither.
 */
export function planSla({ policy, policyName, calendar, startAt, inherit }: PlanInput): AppliedSla {
  const due = (ms: number): IsoInstant => dueOn(policy.clock, calendar, startAt, ms);
  const rules = inDueOrder(policy.steps);
  const steps = inherit === undefined ? rules : inheritedRules(rules, inherit.afterStep);
  return {
    policy: policyName,
    clock: policy.clock,
    startAt,
    touchDueAt: due(msOf(policy.touch)),
    steps: steps.map(({ number, rule, afterMs }) => ({
      number,
      do: rule.do,
      ...(rule.do === 'escalate' ? { to: rule.to } : {}),
      afterMs,
      dueAt: due(afterMs),
    })),
  };
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

/** Anything with a due instant that may already be done. */
export interface OpenStep {
  readonly dueAt: IsoInstant;
  readonly doneAt?: IsoInstant | undefined;
}

export interface PostponeInput<S extends OpenStep> {
  readonly steps: readonly S[];
  readonly calendar: WorkingTime;
  readonly clock: Clock;
  readonly now: IsoInstant;
  /** Wall-clock length of the snooze in milliseconds. */
  readonly byMs: number;
}

/**
 * Snoozes every step that is not done: the time it has left on its clock is counted again from the end of the snooze.
 * A step that is overdue has none left and comes up when the snooze ends. Sorted by due instant, ties as given.
 * Serves the touch deadline as well: pass it as a step of its own.
 *
 * @throws NoWorkingTimeError when a business clock would never get there.
 */
export function postpone<S extends OpenStep>({
  steps,
  calendar,
  clock,
  now,
  byMs,
}: PostponeInput<S>): readonly S[] {
  const wake = dueAtWall(now, byMs);
  const left = (due: IsoInstant): number =>
    clock === 'wall' ? epochMs(due) - epochMs(now) : workedMs(calendar, now, due);
  return steps
    .map((step) =>
      step.doneAt === undefined ? { ...step, dueAt: dueOn(clock, calendar, wake, left(step.dueAt)) } : step,
    )
    .sort((a, b) => epochMs(a.dueAt) - epochMs(b.dueAt));
}

function dueOn(clock: Clock, calendar: WorkingTime, start: IsoInstant, ms: number): IsoInstant {
  const due = clock === 'wall' ? dueAtWall(start, ms) : dueAt(calendar, start, ms);
  if (due === undefined) throw new NoWorkingTimeError(calendar.timeZone);
  return due;
}

function msOf(text: DurationText): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new RangeError(`"${text}" is not a duration`);
  return ms;
}
