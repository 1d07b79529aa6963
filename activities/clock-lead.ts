import type { LeadId } from '../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import { NoWorkingTimeError, without, type WorkingTime } from '../domain/sla/calendar';
import { laterOf, stopClock } from '../domain/sla/clock';
import { holdBackAll, mapClocks, restartAll, startClock, type AppliedSla } from '../domain/sla/plan';
import { needsAttention } from './failures';
import type { LeadActivityDeps } from './lead-deps';
import type { Assignment, LeadState } from './ports';
import type { DueState, DueStep } from './routing-types';

/** The step of the error database under which a lead waits whose deadlines cannot be worked out. */
export const clockStep = 'clock';

export interface ClocksOf {
  readonly leadId: string;
  readonly hop: number;
  readonly at: string;
}

/** A lead's clocks and the working time they run by. */
export interface RunningClocks {
  readonly lead: LeadState;
  readonly assignment: Assignment;
  /** Working time of the owner as it counts until now, by the policy version the deadlines come from. */
  readonly calendar: WorkingTime;
  /** The same by another version. */
  readonly calendarBy: (version: number | undefined) => Promise<WorkingTime>;
}

export async function runningClocks(
  deps: LeadActivityDeps,
  of: Pick<ClocksOf, 'leadId' | 'hop'>,
): Promise<RunningClocks> {
  const { identities, assignments } = deps;
  const leadId = of.leadId as LeadId;
  const [lead, history] = await Promise.all([identities.lead(leadId), assignments.history(leadId)]);
  if (!lead) throw needsAttention('unknown_lead', clockStep, 'the lead has no row');
  const assignment = history.find(({ hop }) => hop === of.hop);
  if (!assignment) throw new Error(`lead ${leadId} has no assignment ${String(of.hop)}`);
  return clocksOf(deps, lead, assignment);
}

/** The same of an assignment that has been read. */
export async function clocksOf(
  { assignments, policies }: LeadActivityDeps,
  lead: LeadState,
  assignment: Assignment,
): Promise<RunningClocks> {
  const { repId, sla } = assignment;
  const away = (await assignments.absences({ since: sla.startAt, repId }))[repId] ?? [];
  const calendarBy = async (version: number | undefined): Promise<WorkingTime> =>
    without(await policies.calendarOf(repId, version), away);
  return {
    lead,
    assignment,
    calendar: await calendarBy(sla.version ?? lead.policyVersion),
    calendarBy,
  };
}

/** Puts every deadline off: the time each has left is counted again from the end of the snooze. */
export async function snoozeLead(
  deps: LeadActivityDeps,
  asked: ClocksOf & { readonly forMs: number; readonly by?: string },
): Promise<DueState> {
  const { assignment, calendar } = await runningClocks(deps, asked);
  const until = asked.at as IsoInstant;
  const from = toInstant(epochMs(until) + asked.forMs);
  const sla = counted(() => restartAll(assignment.sla, { until, from, calendarBefore: calendar, calendar }));
  const { forMs, by } = asked;
  return redate(deps, asked, { sla, what: 'snoozed', details: { forMs, by, touchDueAt: sla.touchDueAt } });
}

/** Somebody further up has it in hand: nobody above him is told, and the lead is not taken away, for a time. */
export async function acknowledgeLead(
  deps: LeadActivityDeps,
  asked: ClocksOf & { readonly forMs: number; readonly by: string },
): Promise<DueState> {
  const { assignment } = await runningClocks(deps, asked);
  const until = toInstant(epochMs(asked.at as IsoInstant) + asked.forMs);
  const acknowledged = { by: asked.by, until };
  const sla = { ...holdBackAll(assignment.sla, until), acknowledged };
  return move(deps, asked, { sla, what: 'acknowledged', details: acknowledged });
}

/** The customer has the word: what the clocks have measured stays, and they stand still. */
export async function holdLead(
  deps: LeadActivityDeps,
  asked: ClocksOf & { readonly by?: string; readonly reason?: string },
): Promise<DueState> {
  const { assignment } = await runningClocks(deps, asked);
  const sla = { ...assignment.sla, heldAt: asked.at as IsoInstant };
  return move(deps, asked, { sla, what: 'on_hold', details: { by: asked.by, reason: asked.reason } });
}

/** The wait is over: the working time spent on it is added to every deadline, and what is live now holds for the rest. */
export async function resumeLead(
  deps: LeadActivityDeps,
  asked: ClocksOf & { readonly by?: string },
): Promise<DueState> {
  const sla = await resumed(deps, await runningClocks(deps, asked), asked.at as IsoInstant);
  return redate(deps, asked, { sla, what: 'resumed_clocks', details: { by: asked.by, ...dueInstants(sla) } });
}

/** The customer wrote back: ends a wait and starts the time to the next touch, unless an earlier reply still waits. */
export async function replyReceived(deps: LeadActivityDeps, asked: ClocksOf): Promise<DueState> {
  const at = asked.at as IsoInstant;
  const running = await runningClocks(deps, asked);
  const sla = await resumed(deps, running, at);
  const version = sla.version ?? running.lead.policyVersion;
  const rule = (await deps.policies.of(version)).policy.sla[sla.policy];
  const open = sla.clocks?.response;
  const waiting = open !== undefined && open.doneAt === undefined;
  const calendar = await running.calendarBy(version);
  const response =
    waiting || rule === undefined ? open : counted(() => startClock(rule, 'response', calendar, at));
  const next = response === undefined ? sla : { ...sla, clocks: { ...sla.clocks, response } };
  const record = running.assignment.sla.heldAt === undefined ? move : redate;
  return record(deps, asked, {
    sla: { ...next, repliedAt: at },
    what: 'customer_replied',
    details: dueInstants(next),
  });
}

/** Another lead of the person ended as merged into this one: the earlier of the two touch deadlines stands. */
export async function inheritDeadline(
  deps: LeadActivityDeps,
  asked: ClocksOf & { readonly from: string; readonly touchDueAt: string },
): Promise<DueState> {
  const { assignment } = await runningClocks(deps, asked);
  const touchDueAt = asked.touchDueAt as IsoInstant;
  if (touchDueAt >= assignment.sla.touchDueAt) return dueState(assignment.sla);
  const { touchMs: _promised, ...sla } = assignment.sla;
  return move(deps, asked, {
    sla: { ...sla, touchDueAt },
    what: 'deadline_inherited',
    details: { from: asked.from, touchDueAt },
  });
}

/**
 * Works the deadlines out anew after a calendar, an absence or the policy changed. Time measured until now stays as it was
 * measured; what is left is counted by what holds now. A policy that no longer has this SLA or rep leaves it as it is, and
 * so does a calendar without working time: that opens an error, as nobody would be reminded of the lead otherwise.
 */
export async function rebaseLead(deps: LeadActivityDeps, asked: ClocksOf): Promise<DueState> {
  const at = asked.at as IsoInstant;
  const running = await runningClocks(deps, asked);
  const before = running.assignment.sla;
  if (before.heldAt !== undefined) return dueState(before); // counted anew when the wait is over
  const error = { leadId: running.lead.leadId, step: clockStep, at };
  const { offer } = running.assignment;
  const offeredUntil = offer && offer.acceptedAt === undefined ? offer.until : undefined;
  const from = laterOf(at, offeredUntil ?? before.counted?.from ?? at); // a snooze, or an offer, goes on
  const goes = await goneOn(deps, running, { until: at, from }).catch(async (problem: unknown) => {
    if (!(problem instanceof NoWorkingTimeError)) throw problem;
    const [code, fingerprint] = ['no_working_time', 'clock.no_working_time'];
    await deps.errors.open({ ...error, code, fingerprint, message: problem.message });
    return undefined;
  });
  if (goes === undefined) return dueState(before);
  // The time to touch a lead that is only offered is worked out when somebody takes it.
  const sla = offeredUntil === undefined ? goes : { ...before, ...clocksAlone(goes) };
  await deps.errors.resolve(error.leadId, error.step, at);
  const [was, is] = [dueInstants(before), dueInstants(sla)];
  if (JSON.stringify([was, outline(before)]) === JSON.stringify([is, outline(sla)])) return dueState(before);
  return move(deps, asked, {
    sla,
    what: 'rebased',
    details: { before: was, after: is, policyVersion: sla.version },
  });
}

/** The clocks stop at one instant and go on at another, by the calendar, absences and durations that are live. */
async function goneOn(
  { policies }: LeadActivityDeps,
  { assignment, calendar: calendarBefore, calendarBy }: RunningClocks,
  { until, from }: { readonly until: IsoInstant; readonly from: IsoInstant },
): Promise<AppliedSla> {
  const { repId, sla } = assignment;
  const live = await policies.of(undefined);
  const rule = live.rep(repId) && live.policy.sla[sla.policy];
  return restartAll(sla, {
    until,
    from,
    calendarBefore,
    calendar: rule ? await calendarBy(live.version) : calendarBefore,
    policy: rule && { rule, version: live.version },
  });
}

/** Every deadline that is still to come, for the run. */
export function dueState(sla: AppliedSla): DueState {
  const clocks = Object.entries(sla.clocks ?? {}).flatMap(([name, clock]) =>
    clock.doneAt === undefined
      ? [
          {
            name: name as keyof NonNullable<AppliedSla['clocks']>,
            dueAt: clock.dueAt,
            missed: clock.missedAt !== undefined,
            steps: openSteps(clock.steps),
          },
        ]
      : [],
  );
  return {
    steps: openSteps(sla.steps),
    touchDueAt: sla.touchDueAt,
    clocks,
    held: sla.heldAt !== undefined,
  };
}

/** The instant up to which the clocks run: a lead on hold stands where it was put there. */
export function clockAt(sla: AppliedSla, at: IsoInstant): IsoInstant {
  return sla.heldAt ?? at;
}

/** The named clocks have got what they waited for. */
export function stopClocks(
  sla: AppliedSla,
  names: readonly string[],
  { calendar, at }: { readonly calendar: WorkingTime; readonly at: IsoInstant },
): AppliedSla {
  if (sla.clocks === undefined) return sla;
  const stopAt = clockAt(sla, at);
  return {
    ...sla,
    clocks: mapClocks(sla.clocks, (clock, name) =>
      names.includes(name) ? stopClock(clock, calendar, stopAt) : clock,
    ),
  };
}

function openSteps(steps: AppliedSla['steps']): DueStep[] {
  return steps
    .filter((step) => step.doneAt === undefined)
    .map(({ number, do: what, to, dueAt }) => ({ number, do: what, dueAt, ...(to ? { to } : {}) }));
}

async function resumed(deps: LeadActivityDeps, running: RunningClocks, at: IsoInstant): Promise<AppliedSla> {
  const { heldAt: until, ...sla } = running.assignment.sla;
  if (until === undefined) return sla;
  const held = { ...running, assignment: { ...running.assignment, sla } };
  return goneOn(deps, held, { until, from: at }).catch(refuseNoWorkingTime);
}

/** Every deadline was worked out anew: whatever kept them from it before is over. */
async function redate(
  deps: LeadActivityDeps,
  of: ClocksOf,
  moved: Parameters<typeof move>[2],
): Promise<DueState> {
  const due = await move(deps, of, moved);
  await deps.errors.resolve(of.leadId as LeadId, clockStep, of.at as IsoInstant);
  return due;
}

async function move(
  { assignments }: LeadActivityDeps,
  { leadId, hop, at }: ClocksOf,
  moved: {
    readonly sla: AppliedSla;
    readonly what: string;
    readonly details: Readonly<Record<string, unknown>>;
  },
): Promise<DueState> {
  await assignments.moveClocks({ leadId: leadId as LeadId, hop, at: at as IsoInstant, ...moved });
  return dueState(moved.sla);
}

const clocksAlone = ({ clocks, version }: AppliedSla): Pick<AppliedSla, 'clocks' | 'version'> => ({
  ...(clocks === undefined ? {} : { clocks }),
  ...(version === undefined ? {} : { version }),
});

/** Deadlines of the clocks that run, by name. */
function dueInstants(sla: AppliedSla): Readonly<Record<string, IsoInstant>> {
  const clocks = Object.entries(sla.clocks ?? {}).filter(([, { doneAt }]) => doneAt === undefined);
  return {
    ...(sla.doneAt === undefined ? { touch: sla.touchDueAt } : {}),
    ...Object.fromEntries(clocks.map(([name, { dueAt }]) => [name, dueAt])),
  };
}

const outline = ({ steps, clocks = {} }: AppliedSla): readonly string[] =>
  [steps, ...Object.values(clocks).map((clock) => clock.steps)]
    .flat()
    .map(({ number, do: what, dueAt }) => `${String(number)} ${what} ${dueAt}`);

function counted<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    return refuseNoWorkingTime(error);
  }
}

/** A calendar that never gets there is a mistake of the policy, not of this lead. */
function refuseNoWorkingTime(error: unknown): never {
  if (error instanceof NoWorkingTimeError)
    throw needsAttention('no_working_time', clockStep, error.message, error);
  throw error;
}
