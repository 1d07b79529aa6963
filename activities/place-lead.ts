import type { CandidateVerdict } from '../domain/assignment/picker';
import { skipWords } from '../domain/assignment/words';
import { parseDuration } from '../domain/duration';
import type { LeadId } from '../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import { capWindows } from '../domain/assignment/caps';
import type { SlaPolicy } from '../domain/policy';
import { NoWorkingTimeError, without, type Span } from '../domain/sla/calendar';
import { planSla, type AppliedSla, type PlanInput } from '../domain/sla/plan';
import type { DecideAbout, Decision } from './decide';
import { decidePlacement } from './decide-placement';
import { needsAttention } from './failures';
import type { LeadActivityDeps } from './lead-deps';
import type { ReadyPolicy } from './policies';
import type { AssignInput, Assignment, AssignResult, LeadState } from './ports';
import type { OwnerTarget } from './ports-assignment';
import type { OwnerWanted, Placement } from './routing-types';
import { clocksOf, clockStep, dueState } from './clock-lead';

/** Scores the lead, asks the policy who may have it, picks one and freezes his SLA. Repeating it gives the same answer. */
export async function placeLead(deps: LeadActivityDeps, wanted: OwnerWanted): Promise<Placement> {
  const { identities, assignments, policies, wake } = deps;
  const leadId = wanted.leadId as LeadId;
  const [lead, away] = await Promise.all([
    identities.lead(leadId),
    assignments.absences({ since: wanted.at as IsoInstant }),
  ]);
  if (!lead?.facts) throw needsAttention('unknown_lead', 'route', 'the lead was not identified');
  // A lead keeps the version it was routed by; one that nobody has had yet is routed by the live one.
  const routedBefore = lead.ownerId !== undefined || wanted.hop > 0;
  const own = await policies.of(routedBefore ? lead.policyVersion : undefined);
  // Somebody whom that version does not know yet can have it only by the live one, which the lead keeps from then on.
  const routedBy = wanted.to === undefined || own.rep(wanted.to) ? own : await policies.of(undefined);
  if (wanted.to !== undefined && !routedBy.rep(wanted.to))
    return { kind: 'parked', reason: `the policy knows no rep ${wanted.to}` };
  const atMs = epochMs(wanted.at as IsoInstant);
  const history = wanted.hop === 0 ? [] : await assignments.history(leadId);
  const before = await clocksBefore(deps, lead, history, wanted);
  const about = { ...(await aboutLead(deps, lead, atMs)), offered: offersMade(history) };
  const live = routedBefore ? await policies.of(undefined) : routedBy;
  const { facts, openOffer: offer } = lead;
  const { policy, decision } = decidePlacement({ routedBy, live }, facts, about, { offer, wanted });
  const input = assignInput(policy, decision, wanted, { away, before, live });
  const result = await withDeadline(() => assignments.assign(input));
  for (const parkedLead of result.wake) await wake(parkedLead);
  if (result.kind === 'open') return { kind: 'open', until: result.offer.until, reps: result.offer.reps };
  if (result.kind === 'parked') return parked(policy, result, input, relaxesAt(decision, lead));
  // The next owner's deadlines are dated: an error about those of the one before is over.
  if (wanted.hop > 0) await deps.errors.resolve(leadId, clockStep, input.at);
  const activeAt = lead.firstTouchAt && (await assignments.lastActive(leadId));
  const [alert] = policy.policy.onCall;
  return {
    ...placed(policy, result.assignment, { lead, history, wanted, activeAt }),
    band: input.band,
    ...(result.partner === undefined ? {} : { partner: result.partner }),
    ...(result.beside === undefined ? {} : { beside: result.beside }),
    ...(result.unpaired === undefined || alert === undefined ? {} : { unpaired: alert }),
  };
}

/** Offers that nobody took, by pool. */
function offersMade(history: readonly Assignment[]): Readonly<Record<string, number>> {
  const made: Record<string, number> = {};
  for (const { poolId, offer } of history)
    if (poolId !== undefined && offer && offer.acceptedAt === undefined)
      made[poolId] = (made[poolId] ?? 0) + 1;
  return made;
}

/** What a decision looks at besides the lead's facts. */
export async function aboutLead(
  { identities }: Pick<LeadActivityDeps, 'identities'>,
  lead: LeadState,
  atMs: number,
): Promise<DecideAbout> {
  const { leadId, personId, receivedAt, scoring } = lead;
  const others = personId === undefined ? [] : await identities.otherEvents(personId, leadId);
  // What a person has set is no band that the score has reached.
  const own = scoring.override ? scoring.override.was : lead.band;
  return {
    previousBand: own ?? others.find(({ band }) => band !== undefined)?.band,
    waitedMs: atMs - epochMs(receivedAt),
    earlier: others.map(({ event, at }) => ({ event, ageMs: atMs - epochMs(at) })),
    override: scoring.override,
  };
}

/** What deadlines are worked out from, besides the policy. */
export interface PlanContext {
  readonly away: Readonly<Record<string, readonly Span[]>>;
  /** The clocks of the previous owner, which go on with the next one. */
  readonly before?: PlanInput['before'];
  /** Durations and calendars are those of the live policy, where it still has this SLA and rep. */
  readonly live: ReadyPolicy;
}

export async function clocksBefore(
  deps: LeadActivityDeps,
  lead: LeadState,
  history: readonly Assignment[],
  { hop }: Pick<OwnerWanted, 'hop'>,
): Promise<PlanInput['before']> {
  const last = history.filter((one) => one.hop < hop).at(-1);
  if (last?.sla.clocks === undefined) return undefined;
  const { calendar } = await clocksOf(deps, lead, last);
  return { sla: last.sla, calendar };
}

export function assignInput(
  policy: ReadyPolicy,
  decision: Decision,
  wanted: OwnerWanted,
  context: PlanContext,
): AssignInput {
  const { scored, routed, targets } = decision;
  const at = wanted.at as IsoInstant;
  const isClaim = targets.some((target) => target.kind === 'pool' && target.claim !== undefined);
  const chosen: readonly OwnerTarget[] =
    wanted.to === undefined || isClaim ? targets : [{ kind: 'rep', repId: wanted.to }];
  return {
    leadId: wanted.leadId as LeadId,
    hop: wanted.hop,
    cause: wanted.cause,
    ...(wanted.left === undefined ? {} : { left: wanted.left }),
    at,
    rule: routed.chosen.rule,
    targets: chosen,
    ...(decision.pair ? { pair: decision.pair } : {}),
    exclude: wanted.exclude,
    limits: limitsOf(policy, [...chosen, ...(decision.pair?.targets ?? [])], at),
    cost: policy.policy.capacity[scored.band],
    costs: policy.policy.capacity,
    credit: creditRules(policy),
    longestWaitMs: parseDuration(policy.policy.longestWait) ?? 0,
    score: scored.score,
    band: scored.band,
    policyVersion: policy.version,
    explanation: explanationOf(decision, chosen),
    planFor: (repId, at) =>
      planFor(policy, { repId, slaName: routed.chosen.sla }, { ...wanted, at }, context),
  };
}

/** By pool. */
export function creditRules({ policy }: Pick<ReadyPolicy, 'policy'>): AssignInput['credit'] {
  return Object.fromEntries(Object.entries(policy.pools).map(([id, { credit }]) => [id, credit]));
}

/** Why a lead goes where it goes, as data. */
export function explanationOf(
  { scored, computed, routed }: Decision,
  targets: readonly OwnerTarget[],
): Readonly<Record<string, unknown>> {
  const { rule, sla } = routed.chosen;
  return { rule, sla, trail: routed.trail, ...scored, ...(computed ? { computed } : {}), targets };
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
  routedBy: ReadyPolicy,
  { repId, slaName }: { readonly repId: string; readonly slaName: string },
  { at, afterStep }: Pick<OwnerWanted, 'at' | 'afterStep'>,
  { away, before, live }: PlanContext,
): AppliedSla {
  const policy = live.rep(repId) && live.policy.sla[slaName] ? live : routedBy;
  const rep = policy.rep(repId);
  const sla = policy.policy.sla[slaName];
  if (!rep || !sla)
    throw new Error(`policy ${String(policy.version)} has no ${rep ? `sla ${slaName}` : `rep ${repId}`}`);
  return planSla({
    policy: sla,
    policyName: slaName,
    version: policy.version,
    calendar: without(policy.calendar(rep.calendar), away[repId] ?? []),
    startAt: at as IsoInstant,
    ...(afterStep === undefined || afterStep >= sla.steps.length ? {} : { inherit: { afterStep } }),
    ...(before ? { before } : {}),
  });
}

/** @throws needs attention `no_working_time` when a calendar never gets to a deadline. */
export async function withDeadline<T>(plan: () => Promise<T>): Promise<T> {
  try {
    return await plan();
  } catch (error) {
    if (error instanceof NoWorkingTimeError)
      throw needsAttention('no_working_time', 'route', error.message, error);
    throw error;
  }
}

interface PlacedFor {
  readonly lead: LeadState;
  readonly history: readonly Assignment[];
  readonly wanted: OwnerWanted;
  readonly activeAt: IsoInstant | undefined;
}

export function placed(
  policy: ReadyPolicy,
  assignment: Assignment,
  { lead, history, wanted, activeAt }: PlacedFor,
): Extract<Placement, { kind: 'assigned' }> {
  const sla = policy.policy.sla[assignment.sla.policy];
  // A recycled lead waits for a touch of its new owner, whatever others did before him.
  const worked = lead.progress === 'touched' || lead.progress === 'qualified' ? lead.firstTouchAt : undefined;
  const touchedAt = wanted.cause === 'recycled' ? undefined : worked;
  const due = dueState(assignment.sla);
  const { firstTouchAt, receivedAt } = lead;
  return {
    kind: 'assigned',
    hop: assignment.hop,
    owner: assignment.repId,
    ...due,
    steps: touchedAt ? [] : due.steps,
    breached: assignment.sla.missedAt !== undefined,
    // who did not take an offer never had it
    maxHops:
      (sla?.maxHops ?? 1) +
      history.filter(({ hop, offer }) => hop < assignment.hop && offer && !offer.acceptedAt).length,
    closeAfterMs: parseDuration(sla?.closeAfter ?? '30d') ?? 0,
    ...recycling(sla, [...history, assignment]),
    progress: touchedAt ? lead.progress : 'assigned',
    hadBefore: earlierOwners(history, wanted),
    ...(assignment.offer && !touchedAt && assignment.offer.acceptedAt === undefined
      ? { offer: { until: assignment.offer.until } }
      : {}),
    ...(touchedAt === undefined ? {} : { touchedAt }),
    ...(touchedAt === undefined || activeAt === undefined ? {} : { activeAt }),
    ...(firstTouchAt === undefined ? {} : { speedToLeadMs: epochMs(firstTouchAt) - epochMs(receivedAt) }),
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

/**
 * Why nobody could take it, and when to try again: when an absence, a cap or the patience for skills ends, and in any
 * case after the longest wait.
 */
function parked(
  policy: ReadyPolicy,
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
  const alert = policy.policy.onCall[0] ?? managerOf(policy, skipped) ?? anyManager(policy);
  return {
    kind: 'parked',
    reason: reasonOf(skipped),
    ...(retryAt === undefined ? {} : { retryAt }),
    ...(alert === undefined ? {} : { alert }),
  };
}

/** Somebody above those who could not take it, who can do something about it. */
function managerOf(policy: ReadyPolicy, skipped: readonly CandidateVerdict[]): string | undefined {
  return skipped.flatMap(({ rep }) => policy.rep(rep)?.manager ?? [])[0];
}

/** Of a pool that everybody has left nobody was skipped: somebody must hear of it all the same. */
function anyManager({ policy: { reps } }: ReadyPolicy): string | undefined {
  return reps.find(({ manager }) => manager !== undefined)?.manager;
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
