import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import type { ClockName } from '../domain/sla/plan';
import { isWorking, nextWorking, without } from '../domain/sla/calendar';
import type { LeadActivityDeps } from './lead-deps';
import type { ReadyPolicy } from './policies';
import type { Told } from './routing-types';

export interface StepDone {
  readonly leadId: string;
  readonly hop: number;
  /** Absent in what runs recorded before there was more than one clock. */
  readonly clock?: ClockName;
  readonly step: number;
  readonly at: string;
  readonly do: keyof typeof stepFacts;
  readonly result: string;
  readonly to?: string;
}

/** Past facts for the timeline. */
const stepFacts = { remind: 'reminded', reassign: 'reassigned', escalate: 'escalated' } as const;

/**
 * Marks an SLA step as done, and says who is to hear of it and when. The step happens when it is due; a person in quiet
 * hours hears of it when they end.
 * @returns undefined for a step nobody is told of, or when nobody has the role.
 */
export async function recordStep(deps: LeadActivityDeps, input: StepDone): Promise<Told | undefined> {
  const { hop, step, result, to, clock = 'touch' } = input;
  const leadId = input.leadId as LeadId;
  const at = input.at as IsoInstant;
  const told = input.do === 'reassign' ? undefined : await toTell(deps, input);
  const nobody =
    input.do === 'escalate' && told === undefined ? { result: `nobody is ${to ?? ''}` } : { result };
  await deps.assignments.stepDone({
    leadId,
    hop,
    clock,
    step,
    at,
    what: stepFacts[input.do],
    details: {
      step,
      hop,
      clock,
      ...nobody,
      ...(to ? { to } : {}),
      ...(told ? { told: told.to } : {}),
      ...(told && told.at > at ? { toldAt: told.at } : {}),
    },
  });
  return told;
}

export interface DeadlineMissed {
  readonly leadId: string;
  readonly hop: number;
  readonly at: string;
  /** Absent in what runs recorded before there was more than one clock. */
  readonly clock?: ClockName;
}

export async function recordBreach(deps: LeadActivityDeps, missed: DeadlineMissed): Promise<void> {
  const leadId = missed.leadId as LeadId;
  const lead = await deps.identities.lead(leadId);
  const { silentAfter } = (await deps.policies.of(lead?.policyVersion)).policy;
  await deps.assignments.breach({
    leadId,
    hop: missed.hop,
    clock: missed.clock ?? 'touch',
    at: missed.at as IsoInstant,
    ...(silentAfter === undefined ? {} : { silentAfter }),
  });
}

async function toTell(
  deps: LeadActivityDeps,
  { leadId, hop, at, to, ...input }: StepDone,
): Promise<Told | undefined> {
  const [lead, history] = await Promise.all([
    deps.identities.lead(leadId as LeadId),
    deps.assignments.history(leadId as LeadId),
  ]);
  const owner = history.find((assignment) => assignment.hop === hop)?.repId ?? '';
  const policy = await deps.policies.of(lead?.policyVersion);
  const now = at as IsoInstant;
  if (input.do === 'escalate' && to === 'on-call') {
    const repId = await onCall(deps, policy, now);
    return repId === undefined ? undefined : { to: repId, at };
  }
  const repId = input.do === 'remind' ? owner : personOf(policy, owner, to ?? 'manager');
  return repId === undefined ? undefined : { to: repId, at: afterQuietHours(policy, repId, now) };
}

/** Who has that role for an owner; nobody is his own superior, so a missing director is his manager's equal: nobody. */
function personOf(policy: ReadyPolicy, owner: string, role: string): string | undefined {
  if (role !== 'manager' && role !== 'director') return policy.rep(role)?.id;
  const manager = policy.rep(owner)?.manager;
  return role === 'manager' || manager === undefined ? manager : policy.rep(manager)?.manager;
}

/** The first on the list who is at work now, else the first: somebody must be woken. */
async function onCall(
  { assignments }: LeadActivityDeps,
  policy: ReadyPolicy,
  at: IsoInstant,
): Promise<string | undefined> {
  const away = await assignments.absences({ since: at });
  const ids = policy.policy.onCall;
  const atWork = ids.find((id) => {
    const rep = policy.rep(id);
    return rep !== undefined && isWorking(without(policy.calendar(rep.calendar), away[id] ?? []), at);
  });
  return atWork ?? ids[0];
}

function afterQuietHours(policy: ReadyPolicy, repId: string, at: IsoInstant): string {
  const rep = policy.rep(repId);
  const awake = rep && policy.awake(rep.calendar);
  return (awake && nextWorking(awake, at)) ?? at;
}
