import { patched } from '@temporalio/workflow';
import type { DueStep, Told } from '../activities/routing-types';
import type { ClockName } from '../domain/sla/plan';
import { findOwnerOrWhyNot } from './find-owner';
import { patches } from './patches';
import type { Run } from './run';
import {
  nextDue,
  undecidedOf,
  type Due,
  type Message,
  type Owned,
  type Standing,
  type Undecided,
} from './standing';
import { local, now } from './steps';

/** How long an offer that is over stands on while the policy cannot say who is next. */
const offerAgainMs = 3_600_000;

/** Does what the clock says for an owned lead, and marks it done so that it happens once. */
export async function runDue(run: Run, standing: Owned): Promise<Standing> {
  const due = nextDue(standing)?.due;
  return due === undefined ? standing : carryOut(run, standing, due);
}

/** Somebody says that the policy can choose another owner now: does what could not be done. */
export async function decideAgain(run: Run, standing: Owned): Promise<Standing> {
  const undecided = undecidedOf(standing);
  return undecided === undefined ? standing : carryOut(run, standing, undecided.due);
}

async function carryOut(run: Run, standing: Owned, due: Due): Promise<Standing> {
  switch (due.kind) {
    case 'breach':
      await local.recordBreach({ leadId: run.leadId, hop: standing.hop, clock: due.clock, at: now() });
      return missed(standing, due.clock);
    case 'message':
      run.tell(due.message.kind, due.message.to, due.message.what, due.message.clock);
      return { ...standing, messages: standing.messages.filter((message) => message !== due.message) };
    case 'lapse':
      return lapse(run, standing);
    case 'step':
      return runStep(run, stepTaken(standing, due.clock, due.step), due.clock, due.step);
    case 'recycle':
      return recycle(run, standing);
    case 'idle':
      return closeIdle(run, standing);
  }
}

/** He did not take it in time. While the policy cannot say who is next, he still may. */
async function lapse(run: Run, standing: Owned): Promise<Standing> {
  const { hop, owner, exclude } = standing;
  const wanted = { hop: hop + 1, cause: 'lapsed', exclude: [...exclude, owner] } as const;
  const next = await findOwnerOrWhyNot(run, wanted, { opens: true });
  if (typeof next !== 'string') return next;
  const until = new Date(Date.now() + offerAgainMs).toISOString();
  return undecided({ ...standing, offer: { until } }, { due: { kind: 'lapse' }, why: next });
}

/** He keeps it, and his clock goes on; that it should have gone to somebody else is not forgotten. */
function undecided(standing: Owned, choice: Omit<Undecided, 'activeAt'>): Owned {
  const { activeAt } = standing;
  return { ...standing, undecided: { ...choice, ...(activeAt === undefined ? {} : { activeAt }) } };
}

/** The policy has decided that he keeps it. */
function decided(standing: Owned): Owned {
  const { undecided: _decided, ...kept } = standing;
  return kept;
}

/** The deadline passed; the clock goes on. */
function missed(standing: Owned, clock: ClockName): Owned {
  if (clock === 'touch') return { ...standing, breached: true };
  const clocks = standing.clocks.map((one) => (one.name === clock ? { ...one, missed: true } : one));
  return { ...standing, clocks };
}

/** The same without that step. */
function stepTaken(standing: Owned, clock: ClockName, { number }: DueStep): Owned {
  const without = (steps: readonly DueStep[]): readonly DueStep[] =>
    steps.filter((step) => step.number !== number);
  if (clock === 'touch') return { ...standing, steps: without(standing.steps) };
  const clocks = standing.clocks.map((one) =>
    one.name === clock ? { ...one, steps: without(one.steps) } : one,
  );
  return { ...standing, clocks };
}

/** @param rest is where the lead stands once the step is done. */
async function runStep(run: Run, rest: Owned, clock: ClockName, step: DueStep): Promise<Standing> {
  const { hop } = rest;
  const done = (result: string): Promise<Told | undefined> =>
    local.recordStep({
      leadId: run.leadId,
      hop,
      clock,
      step: step.number,
      at: now(),
      do: step.do,
      result,
      ...(step.to === undefined ? {} : { to: step.to }),
    });
  if (step.do === 'reassign') {
    const next = await takeAway(run, rest, step);
    // Not done, so that it is due again where the deadlines are worked out anew, and for a run that is made again.
    if ('why' in next) return undecided(rest, { due: { kind: 'step', clock, step }, why: next.why });
    await done('kept' in next ? `kept: ${next.kept}` : `moved to ${next.owner}`);
    return 'kept' in next ? decided(rest) : next;
  }
  const kind = step.do === 'remind' ? 'reminder' : 'escalation';
  const what = `${String(hop)}-${clock === 'touch' ? '' : `${clock}-`}step-${String(step.number)}`;
  const result = step.do === 'remind' ? 'owner reminded' : `told ${step.to ?? 'manager'}`;
  if (patched(patches.quietHours)) {
    const told = await done(result);
    return told === undefined ? rest : tellLater(run, rest, { clock, kind, what, ...told });
  }
  run.tell(kind, step.do === 'remind' ? rest.owner : (step.to ?? 'manager'), what, clock);
  await done(result);
  return rest;
}

/** At once, or when his quiet hours end; a touch in between makes it no news any more. */
function tellLater(run: Run, standing: Owned, message: Message): Owned {
  if (message.at > now()) return { ...standing, messages: [...standing.messages, message] };
  run.tell(message.kind, message.to, message.what, message.clock);
  return standing;
}

/** @returns the next owner, why the lead stays where it is, or why the policy cannot say. */
async function takeAway(
  run: Run,
  standing: Owned,
  step: DueStep,
): Promise<Owned | { readonly kept: string } | { readonly why: string }> {
  if (standing.hop + 1 >= standing.maxHops)
    return { kept: `${String(standing.maxHops)} owners is the limit` };
  const wanted = {
    hop: standing.hop + 1,
    cause: 'sla_reassign',
    exclude: [...standing.exclude, standing.owner],
    afterStep: step.number,
  } as const;
  const next = await findOwnerOrWhyNot(run, wanted, { before: standing, opens: true });
  if (typeof next === 'string') return { why: next };
  return next.kind === 'owned' ? next : { kept: next.reason };
}

/** Nobody has touched it for long: fresh eyes, and a new first touch; its clocks as a whole go on. */
async function recycle(run: Run, standing: Owned): Promise<Owned> {
  const { hop, owner } = standing;
  const wanted = { hop: hop + 1, cause: 'recycled', exclude: [owner] } as const;
  const next = await findOwnerOrWhyNot(run, wanted, { opens: true });
  if (typeof next !== 'string' && next.kind === 'owned') return next;
  const { recycle: _tried, ...kept } = standing;
  if (typeof next !== 'string') return decided(kept);
  return undecided(kept, { due: { kind: 'recycle' }, why: next });
}

async function closeIdle(run: Run, standing: Owned): Promise<Standing> {
  const { hop, owner, speedToLeadMs } = standing;
  await local.dispose({
    leadId: run.leadId,
    hop,
    at: now(),
    outcome: 'closed',
    reason: speedToLeadMs === undefined ? 'never touched' : 'no disposition',
  });
  return {
    kind: 'closed',
    outcome: 'closed',
    owner,
    ...(speedToLeadMs === undefined ? {} : { speedToLeadMs }),
  };
}
