import type { CandidateVerdict, SkipReason } from '../domain/assignment/picker';
import { parseDuration } from '../domain/duration';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import type { SlaPolicy } from '../domain/policy';
import { NoWorkingTimeError, without, type Span } from '../domain/sla/calendar';
import { localDay, nextLocalDay } from '../domain/sla/local-day';
import { planSla, type AppliedSla, type PlanInput } from '../domain/sla/plan';
import { decide, type Decision } from './decide';
import { needsAttention } from './failures';
import type { LeadActivityDeps } from './lead';
import type { ReadyPolicy } from './policies';
import type { AssignInput, Assignment, AssignResult, LeadState, OwnerTarget } from './ports';
import type { OwnerWanted, Placement } from './routing-types';
import { dueState, runningClocks } from './clock-lead';

/** Scores the lead, asks the policy who may have it, picks one and freezes his SLA. Repeating it gives the same answer. */
export async function placeLead(deps: LeadActivityDeps, wanted: OwnerWanted): Promise<Placement> {
  const { identities, assignments, policies } = deps;
  const leadId = wanted.leadId as LeadId;
  const [lead, away] = await Promise.all([
    identities.lead(leadId),
    assignments.absences({ since: wanted.at as IsoInstant }),
  ]);
  if (!lead?.facts) throw needsAttention('unknown_lead', 'route', 'the lead was not identified');
  // A lead keeps the version it was routed by; one that nobody has had yet is routed by the live one.
  const routedBefore = lead.ownerId !== undefined || wanted.hop > 0;
  const policy = await policies.of(routedBefore ? lead.policyVersion : undefined);
  if (wanted.to !== undefined && !policy.rep(wanted.to))
    return { kind: 'parked', reason: `the policy knows no rep ${wanted.to}` };
  const history = wanted.hop === 0 ? [] : await assignments.history(leadId);
  const before = await clocksBefore(deps, lead, history, wanted);
  const decision = decide(policy, lead.facts, lead.band);
  const input = assignInput(policy, decision, wanted, { away, before, live: await policies.of(undefined) });
  const result = await withDeadline(() => assignments.assign(input));
  if (result.kind === 'parked') return parked(policy, result, input);
  return placed(policy, result.assignment, { lead, history, wanted });
}

/** What deadlines are worked out from, besides the policy. */
export interface PlanContext {
  readonly away: Readonly<Record<string, readonly Span[]>>;
  /** The clocks of the previous owner, which go on with the next one. */
  readonly before?: PlanInput['before'];
  /** Durations and calendars are those of the live policy, where it still has this SLA and rep. */
  readonly live: ReadyPolicy;
}

async function clocksBefore(
  deps: LeadActivityDeps,
  { leadId }: LeadState,
  history: readonly Assignment[],
  { hop }: OwnerWanted,
): Promise<PlanInput['before']> {
  const last = history.filter((one) => one.hop < hop).at(-1);
  if (last?.sla.clocks === undefined) return undefined;
  const { calendar } = await runningClocks(deps, { leadId, hop: last.hop });
  return { sla: last.sla, calendar };
}

export function assignInput(
  policy: ReadyPolicy,
  { scored, routed, targets }: Decision,
  wanted: OwnerWanted,
  context: PlanContext,
): AssignInput {
  const at = wanted.at as IsoInstant;
  const chosen: readonly OwnerTarget[] =
    wanted.to === undefined ? targets : [{ kind: 'rep', repId: wanted.to }];
  return {
    leadId: wanted.leadId as LeadId,
    hop: wanted.hop,
    cause: wanted.cause,
    at,
    rule: routed.chosen.rule,
    targets: chosen,
    exclude: wanted.exclude,
    // Whoever hands a lead back before it was worked is owed another; whoever let it go cold is not.
    creditBack: wanted.cause === 'declined' || wanted.cause === 'reassigned',
    caps: capsOf(policy, chosen, at),
    score: scored.score,
    band: scored.band,
    policyVersion: policy.version,
    explanation: {
      rule: routed.chosen.rule,
      sla: routed.chosen.sla,
      trail: routed.trail,
      score: scored.score,
      band: scored.band,
      contributions: scored.contributions,
      targets: chosen,
    },
    planFor: (repId) => planFor(policy, { repId, slaName: routed.chosen.sla }, wanted, context),
  };
}

/** Caps of everybody who could be picked, with the calendar day that each counts by. */
function capsOf(policy: ReadyPolicy, targets: readonly OwnerTarget[], at: IsoInstant): AssignInput['caps'] {
  const repIds = targets.flatMap((target) =>
    target.kind === 'rep' ? [target.repId] : Object.keys(target.members),
  );
  return Object.fromEntries(
    [...new Set(repIds)].flatMap((repId) => {
      const rep = policy.rep(repId);
      const zone = rep && policy.policy.calendars[rep.calendar]?.timeZone;
      if (!rep || zone === undefined) return [];
      const { perDay, open } = rep.caps;
      return [
        [
          repId,
          {
            day: localDay(zone, at),
            ...(perDay === undefined ? {} : { perDay }),
            ...(open === undefined ? {} : { open }),
          },
        ],
      ];
    }),
  );
}

export function planFor(
  routedBy: ReadyPolicy,
  { repId, slaName }: { readonly repId: string; readonly slaName: string },
  wanted: OwnerWanted,
  { away, before, live }: PlanContext,
): AppliedSla {
  const policy = live.rep(repId) && live.policy.sla[slaName] ? live : routedBy;
  const rep = policy.rep(repId);
  const sla = policy.policy.sla[slaName];
  if (!rep || !sla)
    throw new Error(`policy ${String(policy.version)} has no ${rep ? `sla ${slaName}` : `rep ${repId}`}`);
  const { afterStep } = wanted;
  return planSla({
    policy: sla,
    policyName: slaName,
    version: policy.version,
    calendar: without(policy.calendar(rep.calendar), away[repId] ?? []),
    startAt: wanted.at as IsoInstant,
    ...(afterStep === undefined || afterStep >= sla.steps.length ? {} : { inherit: { afterStep } }),
    ...(before ? { before } : {}),
  });
}

async function withDeadline<T>(assign: () => Promise<T>): Promise<T> {
  try {
    return await assign();
  } catch (error) {
    if (error instanceof NoWorkingTimeError)
      throw needsAttention('no_working_time', 'route', error.message, error);
    throw error;
  }
}

function placed(
  policy: ReadyPolicy,
  assignment: Assignment,
  { lead, history, wanted }: { lead: LeadState; history: readonly Assignment[]; wanted: OwnerWanted },
): Placement {
  const sla = policy.policy.sla[assignment.sla.policy];
  // A recycled lead waits for a touch of its new owner, whatever others did before him.
  const worked = lead.progress === 'touched' || lead.progress === 'qualified' ? lead.firstTouchAt : undefined;
  const touchedAt = wanted.cause === 'recycled' ? undefined : worked;
  const due = dueState(assignment.sla);
  return {
    kind: 'assigned',
    hop: assignment.hop,
    owner: assignment.repId,
    ...due,
    steps: touchedAt ? [] : due.steps,
    breached: false,
    maxHops: sla?.maxHops ?? 1,
    closeAfterMs: parseDuration(sla?.closeAfter ?? '30d') ?? 0,
    ...recycling(sla, [...history, assignment]),
    progress: touchedAt ? lead.progress : 'assigned',
    hadBefore: earlierOwners(history, wanted),
    ...(touchedAt === undefined ? {} : { touchedAt }),
  };
}

function recycling(
  sla: SlaPolicy | undefined,
  history: readonly Assignment[],
): Pick<Extract<Placement, { kind: 'assigned' }>, 'recycle'> {
  if (!sla?.recycle) return {};
  const hops = new Set(history.filter(({ cause }) => cause === 'recycled').map(({ hop }) => hop));
  return {
    recycle: { afterMs: parseDuration(sla.recycle.after) ?? 0, left: sla.recycle.atMost - hops.size },
  };
}

/** The run knows them, unless it is a new one for a lead that had its first owners in a run that was lost. */
function earlierOwners(history: readonly Assignment[], { hop, exclude }: OwnerWanted): readonly string[] {
  if (hop === 0 || exclude.length > 0) return exclude;
  return history.filter((one) => one.hop < hop).map(({ repId }) => repId);
}

/** Why nobody could take it, and when somebody may: the end of an absence, or the day on which a cap starts anew. */
function parked(
  policy: ReadyPolicy,
  { skipped, availableAt }: Extract<AssignResult, { kind: 'parked' }>,
  { at }: AssignInput,
): Placement {
  const newDays = skipped
    .filter(({ skip }) => skip === 'daily_cap')
    .flatMap(({ rep }) => {
      const zone = policy.policy.calendars[policy.rep(rep)?.calendar ?? '']?.timeZone;
      return zone === undefined ? [] : [nextLocalDay(zone, at)];
    });
  const [retryAt] = [...newDays, ...(availableAt ? [availableAt] : [])].sort();
  const [alert] = policy.policy.onCall;
  return {
    kind: 'parked',
    reason: reasonOf(skipped),
    ...(retryAt === undefined ? {} : { retryAt }),
    ...(alert === undefined ? {} : { alert }),
  };
}

/** Why nobody could take it, in words. */
export function reasonOf(skipped: readonly CandidateVerdict[]): string {
  const words: Record<SkipReason, string> = {
    excluded: 'had it before',
    paused: 'paused',
    absent: 'absent',
    daily_cap: 'at the cap for the day',
    open_cap: 'at the cap of open leads',
    not_a_rep: 'not in the policy',
  };
  return (
    skipped.map(({ rep, skip }) => `${rep} ${skip === undefined ? '' : words[skip]}`).join(', ') ||
    'the pool is empty'
  );
}
