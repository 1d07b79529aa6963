import { parseDuration } from '../domain/duration';
import type { LeadId } from '../domain/ids';
import { epochMs, type IsoInstant } from '../domain/instant';
import type { DispositionOutcome, TouchKind } from '../domain/lead';
import { elapsedMs, stopClock } from '../domain/sla/clock';
import { touchClock, type AppliedSla } from '../domain/sla/plan';
import { clockStep, dueState, runningClocks, stopClocks } from './clock-lead';
import type { LeadActivityDeps } from './lead-deps';
import { creditRules } from './place-lead';
import type { DueClock } from './routing-types';

export interface TouchSeen {
  readonly leadId: string;
  readonly hop: number;
  readonly at: string;
  readonly kind: TouchKind;
  readonly by?: string;
}

/** What a touch did to the clocks. */
export interface Touched {
  readonly touchedAt: string;
  readonly speedToLeadMs: number;
  readonly breached: boolean;
  /** Absent in what runs recorded before there was more than one clock. */
  readonly clocks?: readonly DueClock[];
}

/** Measures a touch by the wall and by the SLA's clock and records it; it also answers a customer's reply. */
export async function recordTouch(deps: LeadActivityDeps, seen: TouchSeen): Promise<Touched> {
  const { lead, assignment, calendar } = await runningClocks(deps, seen);
  // Nobody can have worked a lead before it came; what the CRM dates is no earlier than that its owner has it.
  const from = seen.kind === 'crm_status' ? assignment.assignedAt : lead.receivedAt;
  const at = later(seen.at as IsoInstant, from);
  const clock = touchClock(assignment.sla, calendar);
  const wallMs = epochMs(at) - epochMs(lead.receivedAt);
  const speedToLeadMs = lead.firstTouchAt ? epochMs(lead.firstTouchAt) - epochMs(lead.receivedAt) : wallMs;
  const stopped = stopClock(clock, calendar, at);
  const breached = stopped.missedAt !== undefined || at > clock.dueAt;
  const { doneAt, tookMs, missedAt } = stopped;
  const sla = stopClocks(
    {
      ...assignment.sla,
      ...(doneAt === undefined ? {} : { doneAt }),
      ...(tookMs === undefined ? {} : { tookMs }),
      ...(missedAt === undefined ? {} : { missedAt }),
    },
    ['response'],
    { calendar, at },
  );
  await deps.assignments.touch({
    leadId: lead.leadId,
    hop: seen.hop,
    sla,
    at,
    kind: seen.kind,
    speedToLeadMs,
    workedMs: clock.clock === 'wall' ? wallMs : elapsedMs(clock, calendar, at),
    breached,
    ...(seen.by === undefined ? {} : { by: seen.by }),
  });
  return { touchedAt: at, speedToLeadMs, breached, clocks: dueState(sla).clocks };
}

const later = (a: IsoInstant, b: IsoInstant): IsoInstant => (a > b ? a : b);

export interface Disposed {
  readonly leadId: string;
  readonly at: string;
  /** When the verdict was given, where we hear of it later. */
  readonly decidedAt?: string;
  readonly outcome: DispositionOutcome | 'closed';
  readonly reason?: string;
  readonly by?: string;
  /** The assignment it ends or goes on with; absent for a lead nobody owns. */
  readonly hop?: number;
}

/**
 * A verdict ends the clock that waited for it; one that closes the lead leaves the others unmet.
 * @returns the clocks that still run; nothing for a lead nobody owns, and in what old runs recorded.
 */
export async function disposeLead(
  deps: LeadActivityDeps,
  { hop, decidedAt, ...disposed }: Disposed,
): Promise<Pick<Touched, 'clocks'> | undefined> {
  const at = disposed.at as IsoInstant;
  const leadId = disposed.leadId as LeadId;
  const live = await deps.policies.of(undefined);
  const dispose = async (
    given: IsoInstant,
    applied?: { readonly hop: number; readonly sla: AppliedSla },
  ): Promise<void> => {
    const next = await deps.assignments.dispose({
      ...disposed,
      leadId,
      at,
      decidedAt: given,
      credit: creditRules(live),
      longestWaitMs: parseDuration(live.policy.longestWait) ?? 0,
      ...(applied ? { applied } : {}),
    });
    if (next !== undefined) await deps.wake(next);
  };
  if (hop === undefined) {
    await dispose(at);
    return undefined;
  }
  const { assignment, calendar } = await runningClocks(deps, { leadId, hop });
  const given = later((decidedAt ?? at) as IsoInstant, assignment.assignedAt);
  const sla = stopClocks(assignment.sla, endedBy[disposed.outcome], { calendar, at: given });
  await dispose(given, { hop, sla });
  if (disposed.outcome !== 'qualified') await deps.errors.resolve(leadId, clockStep, at); // nothing is due any more
  return { clocks: dueState(sla).clocks };
}

/** Clocks that have got what they waited for; any verdict says whether the lead qualifies. */
const endedBy: Record<Disposed['outcome'], readonly string[]> = {
  qualified: ['qualify'],
  disqualified: ['qualify'],
  converted: ['qualify', 'convert'],
  closed: [],
};
