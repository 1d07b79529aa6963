import type { CandidateVerdict, SkipReason } from '../domain/assignment/picker';
import { parseDuration } from '../domain/duration';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import { NoWorkingTimeError } from '../domain/sla/calendar';
import { localDay, nextLocalDay } from '../domain/sla/local-day';
import { planSla } from '../domain/sla/plan';
import { decide, type Decision } from './decide';
import { needsAttention } from './failures';
import type { LeadActivityDeps } from './lead';
import type { ReadyPolicy } from './policies';
import type { AssignInput, Assignment, AssignmentStore, AssignResult, LeadState, OwnerTarget } from './ports';
import type { OwnerWanted, Placement } from './routing-types';
import { openSteps } from './work-lead';

/** Scores the lead, asks the policy who may have it, picks one and freezes his SLA. Repeating it gives the same answer. */
export async function placeLead(
  { identities, assignments, policies }: LeadActivityDeps,
  wanted: OwnerWanted,
): Promise<Placement> {
  const leadId = wanted.leadId as LeadId;
  const lead = await identities.lead(leadId);
  if (!lead?.facts) throw needsAttention('unknown_lead', 'route', 'the lead was not identified');
  // A lead keeps the version it was routed by; one that nobody has had yet is routed by the live one.
  const routedBefore = lead.ownerId !== undefined || wanted.hop > 0;
  const policy = await policies.of(routedBefore ? lead.policyVersion : undefined);
  if (wanted.to !== undefined && !policy.rep(wanted.to))
    return { kind: 'parked', reason: `the policy knows no rep ${wanted.to}` };
  const input = assignInput(policy, decide(policy, lead.facts, lead.band), wanted);
  const result = await withDeadline(() => assignments.assign(input));
  if (result.kind === 'parked') return parked(policy, result, input);
  const hadBefore = await earlierOwners(assignments, result.assignment, wanted);
  return { ...placed(policy, result.assignment, lead, hadBefore), band: input.band };
}

export function assignInput(
  policy: ReadyPolicy,
  { scored, routed, targets }: Decision,
  wanted: OwnerWanted,
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
    planFor: (repId) => planFor(policy, repId, routed.chosen.sla, wanted),
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
  policy: ReadyPolicy,
  repId: string,
  slaName: string,
  wanted: OwnerWanted,
): Assignment['sla'] {
  const rep = policy.rep(repId);
  const sla = policy.policy.sla[slaName];
  if (!rep || !sla)
    throw new Error(`policy ${String(policy.version)} has no ${rep ? `sla ${slaName}` : `rep ${repId}`}`);
  return planSla({
    policy: sla,
    policyName: slaName,
    calendar: policy.calendar(rep.calendar),
    startAt: wanted.at as IsoInstant,
    ...(wanted.afterStep === undefined ? {} : { inherit: { afterStep: wanted.afterStep } }),
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
  lead: LeadState,
  hadBefore: readonly string[],
): Extract<Placement, { kind: 'assigned' }> {
  const sla = policy.policy.sla[assignment.sla.policy];
  const worked = lead.firstTouchAt !== undefined;
  return {
    kind: 'assigned',
    hop: assignment.hop,
    owner: assignment.repId,
    steps: worked ? [] : openSteps(assignment.sla),
    touchDueAt: assignment.sla.touchDueAt,
    breached: false,
    maxHops: sla?.maxHops ?? 1,
    closeAfterMs: parseDuration(sla?.closeAfter ?? '30d') ?? 0,
    progress: worked ? lead.progress : 'assigned',
    hadBefore,
    ...(lead.firstTouchAt === undefined ? {} : { touchedAt: lead.firstTouchAt }),
  };
}

/** The run knows them, unless it is a new one for a lead that had its first owners in a run that was lost. */
async function earlierOwners(
  assignments: AssignmentStore,
  { leadId, hop }: Assignment,
  wanted: OwnerWanted,
): Promise<readonly string[]> {
  if (hop === 0 || wanted.exclude.length > 0) return wanted.exclude;
  return (await assignments.history(leadId)).filter((one) => one.hop < hop).map(({ repId }) => repId);
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
  return { kind: 'parked', reason: reasonOf(skipped), ...(retryAt === undefined ? {} : { retryAt }) };
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
