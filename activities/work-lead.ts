import type { LeadId } from '../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import type { TouchKind } from '../domain/lead';
import { workedMs } from '../domain/sla/calendar';
import { postpone } from '../domain/sla/plan';
import { needsAttention } from './failures';
import type { LeadActivityDeps } from './lead';
import type { Assignment, AssignmentStore } from './ports';
import type { DueStep } from './routing-types';

export interface TouchSeen {
  readonly leadId: string;
  readonly hop: number;
  readonly at: string;
  readonly kind: TouchKind;
  readonly by?: string;
}

/** Measures a touch by the wall and by the SLA's clock and records it. */
export async function recordTouch(
  { identities, assignments, policies }: LeadActivityDeps,
  seen: TouchSeen,
): Promise<{ touchedAt: string; speedToLeadMs: number; breached: boolean }> {
  const leadId = seen.leadId as LeadId;
  const [lead, { repId, sla }] = await Promise.all([
    identities.lead(leadId),
    assignmentOf(assignments, leadId, seen.hop),
  ]);
  if (!lead) throw needsAttention('unknown_lead', 'touch', 'the lead has no row');
  // Nobody can have worked a lead before it came.
  const at = toInstant(Math.max(epochMs(seen.at as IsoInstant), epochMs(lead.receivedAt)));
  const speedToLeadMs = epochMs(at) - epochMs(lead.receivedAt);
  const worked =
    sla.clock === 'wall'
      ? speedToLeadMs
      : workedMs(await policies.calendarOf(repId, lead.policyVersion), sla.startAt, at);
  const breached = at > sla.touchDueAt;
  const by = seen.by === undefined ? {} : { by: seen.by };
  await assignments.touch({ leadId, at, kind: seen.kind, speedToLeadMs, workedMs: worked, breached, ...by });
  return { touchedAt: at, speedToLeadMs, breached };
}

export interface SnoozeAsked {
  readonly leadId: string;
  readonly hop: number;
  readonly at: string;
  readonly forMs: number;
  readonly by?: string;
}

/** Puts every deadline off: the time each has left is counted again from the end of the snooze. */
export async function snoozeLead(
  { identities, assignments, policies }: LeadActivityDeps,
  asked: SnoozeAsked,
): Promise<{ steps: DueStep[]; touchDueAt: string }> {
  const leadId = asked.leadId as LeadId;
  const at = asked.at as IsoInstant;
  const [lead, { repId, sla }] = await Promise.all([
    identities.lead(leadId),
    assignmentOf(assignments, leadId, asked.hop),
  ]);
  const calendar = await policies.calendarOf(repId, lead?.policyVersion);
  const move = <S extends { readonly dueAt: IsoInstant }>(steps: readonly S[]): readonly S[] =>
    postpone({ steps, calendar, clock: sla.clock, now: at, byMs: asked.forMs });
  const [touch] = move([{ dueAt: sla.touchDueAt }]);
  const moved = { ...sla, steps: move(sla.steps), touchDueAt: touch?.dueAt ?? sla.touchDueAt };
  const by = asked.by === undefined ? {} : { by: asked.by };
  await assignments.postpone({ leadId, hop: asked.hop, at, sla: moved, byMs: asked.forMs, ...by });
  return { steps: openSteps(moved), touchDueAt: moved.touchDueAt };
}

/** Steps still to come, by due date. */
export function openSteps(sla: Assignment['sla']): DueStep[] {
  return sla.steps
    .filter((step) => step.doneAt === undefined)
    .map(({ number, do: what, to, dueAt }) => ({ number, do: what, dueAt, ...(to ? { to } : {}) }));
}

async function assignmentOf(assignments: AssignmentStore, leadId: LeadId, hop: number): Promise<Assignment> {
  const found = (await assignments.history(leadId)).find((assignment) => assignment.hop === hop);
  if (!found) throw new Error(`lead ${leadId} has no assignment ${String(hop)}`);
  return found;
}
