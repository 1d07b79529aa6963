import type { CandidateVerdict } from '../domain/assignment/picker';
import { skipWords } from '../domain/assignment/words';
import { parseDuration } from '../domain/duration';
import type { LeadId } from '../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import { capWindows } from '../domain/assignment/caps';
import { NoWorkingTimeError } from '../domain/sla/calendar';
import { planSla } from '../domain/sla/plan';
import { decide, type Decision } from './decide';
import { needsAttention } from './failures';
import type { LeadActivityDeps } from './lead';
import type { ReadyPolicy } from './policies';
import type { AssignInput, Assignment, AssignmentStore, AssignResult, LeadState } from './ports';
import type { OwnerTarget } from './ports-assignment';
import type { OwnerWanted, Placement } from './routing-types';
import { openSteps } from './work-lead';

/** Scores the lead, asks the policy who may have it, picks one and freezes his SLA. Repeating it gives the same answer. */
export async function placeLead(
  { identities, assignments, policies, wake }: LeadActivityDeps,
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
  const atMs = epochMs(wanted.at as IsoInstant);
  const others = lead.personId === undefined ? [] : await identities.otherEvents(lead.personId, leadId);
  const decision = decide(policy, lead.facts, {
    previousBand: lead.band ?? others.find(({ band }) => band !== undefined)?.band,
    waitedMs: atMs - epochMs(lead.receivedAt),
    earlier: others.map(({ event, at }) => ({ event, ageMs: atMs - epochMs(at) })),
  });
  const input = assignInput(policy, decision, wanted);
  const result = await withDeadline(() => assignments.assign(input));
  if (result.next !== undefined) await wake(result.next);
  if (result.kind === 'parked') return parked(result, input, relaxesAt(decision, lead));
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
    limits: limitsOf(policy, chosen, at),
    cost: policy.policy.capacity[scored.band],
    longestWaitMs: parseDuration(policy.policy.longestWait) ?? 0,
    score: scored.score,
    band: scored.band,
    policyVersion: policy.version,
    explanation: {
      rule: routed.chosen.rule,
      sla: routed.chosen.sla,
      trail: routed.trail,
      score: scored.score,
      fit: scored.fit,
      engagement: scored.engagement,
      band: scored.band,
      contributions: scored.contributions,
      targets: chosen,
    },
    planFor: (repId) => planFor(policy, repId, routed.chosen.sla, wanted),
  };
}

/** What everybody who could be picked must keep to; each counts by his own clock. */
function limitsOf(
  policy: ReadyPolicy,
  targets: readonly OwnerTarget[],
  at: IsoInstant,
): AssignInput['limits'] {
  const repIds = targets.flatMap((target) =>
    target.kind === 'rep' ? [target.repId] : Object.keys(target.members),
  );
  return Object.fromEntries(
    [...new Set(repIds)].flatMap((repId) => {
      const rep = policy.rep(repId);
      const zone = rep && policy.policy.calendars[rep.calendar]?.timeZone;
      if (!rep || zone === undefined) return [];
      const { open } = rep.caps;
      const limits = { windows: capWindows(rep.caps, zone, at), ...(open === undefined ? {} : { open }) };
      return [[repId, limits]];
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

/**
 * Why nobody could take it, and when to try again: when an absence, a cap or the patience for skills ends, and in any
 * case after the longest wait.
 */
function parked(
  { skipped, availableAt }: Extract<AssignResult, { kind: 'parked' }>,
  { at, longestWaitMs }: AssignInput,
  relaxAt: IsoInstant | undefined,
): Placement {
  const patience = relaxAt !== undefined && relaxAt > at ? [relaxAt] : [];
  const [retryAt] = [
    ...patience,
    ...(availableAt ? [availableAt] : []),
    toInstant(epochMs(at) + longestWaitMs),
  ].sort();
  return { kind: 'parked', reason: reasonOf(skipped), ...(retryAt === undefined ? {} : { retryAt }) };
}

/** When a rule stops asking for its skills. */
function relaxesAt({ routed }: Decision, { receivedAt }: LeadState): IsoInstant | undefined {
  const patience = routed.chosen.relax === undefined ? undefined : parseDuration(routed.chosen.relax);
  return patience === undefined ? undefined : toInstant(epochMs(receivedAt) + patience);
}

/** Why nobody could take it, in words. */
export function reasonOf(skipped: readonly CandidateVerdict[]): string {
  return (
    skipped.map(({ rep, skip }) => `${rep} ${skip === undefined ? '' : skipWords[skip]}`).join(', ') ||
    'the pool is empty'
  );
}
