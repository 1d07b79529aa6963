import {
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  log,
  patched,
} from '@temporalio/workflow';
import { answerRequest } from './answer-request';
import { takeCrmChange } from './crm-change';
import { leadRoutingId, repeatReceived, type LeadOutcome, type LeadReceived } from './contract';
import type { Rejection } from '../domain/gate';
import type { DeskEvent } from './desk';
import { findOwner } from './find-owner';
import { moveClocks } from './move-clocks';
import { passGate, type Through } from './pass-gate';
import { patches } from './patches';
import { replacePartner } from './replace-partner';
import { rescore } from './rescore';
import { bestEffort, beginRun, type Carried, type Run } from './run';
import { decideAgain, runDue } from './run-due';
import {
  causeAt,
  causeOf,
  nextDue,
  redated,
  shownOf,
  undecidedOf,
  type Closed,
  type Joined,
  type Owned,
  type Parked,
  type Standing,
} from './standing';
import { enrich, local, now } from './steps';

/** A slow data provider never delays routing by more than this; what comes later still lands. */
const enrichLimitMs = 5_000;

/** A lead, and what the run before this one knew of it, when that one had grown too long. */
interface LeadInput extends LeadReceived {
  readonly carried?: Carried;
}

/** One lead from the door to its disposition: found its owner, told him, and watched the clock until a human worked it. */
export async function leadRouting({ leadId, carried }: LeadInput): Promise<LeadOutcome> {
  const run = beginRun(leadId, carried); // messages are listened to before anything is awaited
  let standing = carried?.standing ?? (await begin(run));
  while (standing.kind === 'parked' || standing.kind === 'owned') {
    run.show(shownOf(standing));
    const event = await run.desk.next(deadline(standing), run.mayRenew);
    if (event.kind === 'renew')
      return continueAsNew<typeof leadRouting>({ leadId, carried: run.carry(standing) });
    standing = await resolved(run, standing, await respond(run, standing, event));
  }
  switch (standing.kind) {
    case 'rejected':
      return turnAway(run, standing.reason);
    case 'merged':
      return joinOpenLead(run, standing);
    case 'joined':
      return leaveToOlder(run, standing);
    case 'closed':
      return finish(run, standing);
  }
}

/** Finds the lead's owner, or the one it has already: a run that failed or was lost begins again in the middle. */
async function begin(run: Run): Promise<Standing | Extract<Through, { kind: 'rejected' | 'merged' }>> {
  const { leadId } = run;
  const lead = await passGate(run);
  if (lead.kind === 'rejected' || lead.kind === 'merged' || lead.kind === 'closed') return lead;
  const again = lead.progress !== 'received' && lead.progress !== 'identified';
  run.notifies({ outside: lead.notifiesOutside, again });
  if (lead.enrich) await enrichWithin(run, enrichLimitMs);
  const standing = await findOwner(run, {
    hop: lead.hop,
    cause: lead.cause ?? causeAt(lead.hop),
    exclude: lead.exclude ?? [],
  });
  if (!again || standing.kind === 'parked' || !patched(patches.beginAgain)) return standing;
  if (standing.offer && !patched(patches.offeredClocks)) return standing;
  // Nobody told it of what changed while it had no run.
  return redated(standing, await local.rebase({ leadId, hop: standing.hop, at: now() }));
}

/** It is not routed, and told nobody. An operator may release it, which starts another run. */
async function turnAway(run: Run, reason: Rejection): Promise<LeadOutcome> {
  run.show({ status: 'rejected', note: `Turned away: ${reason.replaceAll('_', ' ')}.` });
  run.desk.close('the lead was rejected');
  await condition(allHandlersFinished);
  return { kind: 'rejected', reason };
}

/** The person already has an open lead: that one gets the touch, this run ends. */
async function joinOpenLead(
  run: Run,
  { into, touchDueAt }: { readonly into: string; readonly touchDueAt?: string },
): Promise<LeadOutcome> {
  run.show({ status: 'merged', note: `The person's open lead is ${into}.` });
  const due = touchDueAt === undefined ? {} : { touchDueAt };
  try {
    await getExternalWorkflowHandle(leadRoutingId(into)).signal(repeatReceived, {
      leadId: run.leadId,
      ...due,
    });
  } catch (error) {
    // It closed in this very moment; the touch stands on its timeline all the same.
    log.info('open lead has no run any more', {
      into,
      reason: error instanceof Error ? error.message : String(error),
    });
  }
  run.desk.close('the lead was merged');
  await condition(allHandlersFinished);
  return { kind: 'merged', into };
}

/** The person was found to be one with an older open lead after this one had begun: that one goes on for both. */
async function leaveToOlder(run: Run, joined: Joined): Promise<LeadOutcome> {
  run.writeCrm('merged');
  const { owner, heir, beside } = joined;
  run.calm('resolved', owner, 'joined');
  if (owner !== undefined && owner !== heir) run.tell('joined', owner, 'joined');
  if (beside !== undefined && beside !== heir && patched(patches.joinedPartners))
    run.tell('joined', beside, 'joined-partner');
  const outcome = await joinOpenLead(run, joined);
  await run.settled();
  return outcome;
}

async function enrichWithin(run: Run, limitMs: number): Promise<void> {
  let ended = false;
  let late = false;
  const enriched = enrich.enrichCompany({ leadId: run.leadId }).then(({ fields }) => {
    if (!late || fields.length === 0 || patched(patches.lateFacts)) return;
    if (patched(patches.rescore)) run.desk.factsChanged();
  });
  const asked = bestEffort('enrichment', enriched).finally(() => {
    ended = true;
    // A try that failed or was lost may have filled something, of which the last one knows nothing.
    if (late && patched(patches.lateFacts)) run.desk.factsChanged();
  });
  run.beside(asked);
  late = !(await condition(() => ended, limitMs, { summary: 'route without enrichment' }));
}

function deadline(standing: Parked | Owned): { readonly at: number; readonly summary: string } | undefined {
  if (standing.kind === 'owned') {
    const due = nextDue(standing);
    return due && { at: Date.parse(due.at), summary: due.what };
  }
  return standing.retryAt === undefined
    ? undefined
    : { at: Date.parse(standing.retryAt), summary: 'look for an owner again' };
}

/** An error about a choice that is made, or that nothing waits for any more, is over. */
async function resolved(run: Run, before: Standing, standing: Standing): Promise<Standing> {
  return undecidedOf(before) && !undecidedOf(standing) ? routeResolved(run, standing) : standing;
}

async function routeResolved({ leadId }: Run, standing: Standing): Promise<Standing> {
  await local.resolveError({ leadId, step: 'route', at: now() });
  return standing;
}

async function respond(
  run: Run,
  standing: Parked | Owned,
  event: Exclude<DeskEvent, { kind: 'renew' }>,
): Promise<Standing> {
  switch (event.kind) {
    case 'request':
      return answerRequest(run, standing, event);
    case 'crm':
      return takeCrmChange(run, standing, event.change);
    case 'repeat':
      return didMore(run, standing, event);
    case 'facts':
      return scoredAnew(run, standing, 'late data');
    case 'retry':
      if (standing.kind === 'owned' && undecidedOf(standing)) return decideAgain(run, standing);
      return routeResolved(run, standing); // of a run before this one, or the same retry twice
    case 'time': {
      if (standing.kind === 'parked') return standing;
      if (standing.offer && !patched(patches.offeredClocks)) return standing;
      return redated(standing, await local.rebase({ leadId: run.leadId, hop: standing.hop, at: now() }));
    }
    case 'capacity':
    case 'due':
      if (standing.kind === 'parked') {
        // What is open has its time; who is back or free meanwhile was not asked.
        if (standing.openTo && event.kind === 'capacity') return standing;
        const { hop, exclude } = standing;
        return findOwner(run, { hop, cause: causeOf(standing), exclude }, standing);
      }
      return event.kind === 'due' ? runDue(run, standing) : partnerAway(run, standing);
  }
}

/** Whoever works the lead beside its owner may have gone. */
async function partnerAway(run: Run, standing: Owned): Promise<Owned> {
  const next = await replacePartner(run, standing, { because: 'absent' });
  if (typeof next !== 'string') return next;
  log.warn('whoever works it beside the owner stays', { reason: next });
  return standing;
}

/** Another lead of the same person: its deadline, its answer to what was written, and what it adds to the score. */
async function didMore(
  run: Run,
  standing: Parked | Owned,
  { deadline: earlier, leadIds }: Extract<DeskEvent, { kind: 'repeat' }>,
): Promise<Parked | Owned> {
  let next = standing;
  if (next.kind === 'owned') {
    const heir = await inherit(run, next, earlier);
    run.tell('re_engaged', heir.owner, `repeat-${leadIds[0] ?? ''}`);
    next = await wroteAgain(run, heir);
  }
  return patched(patches.rescore) ? scoredAnew(run, next, 'another lead') : next;
}

async function scoredAnew(
  run: Run,
  standing: Parked | Owned,
  because: 'late data' | 'another lead',
): Promise<Parked | Owned> {
  const next = await rescore(run, standing, { because });
  if (typeof next !== 'string') return next;
  log.warn('the score stays as it was', { because, reason: next });
  return standing;
}

/** Another lead of the customer of a lead that was worked is a reply. */
async function wroteAgain(run: Run, standing: Owned): Promise<Owned> {
  if (standing.touchedAt === undefined || !patched(patches.replies)) return standing;
  const next = await moveClocks(run, standing, { ask: 'reply' });
  return typeof next === 'string' ? standing : next;
}

/** A lead that took over another one keeps the earlier of the two touch deadlines, unless it is past caring. */
async function inherit(
  run: Run,
  standing: Owned,
  deadline: { readonly from: string; readonly touchDueAt: string } | undefined,
): Promise<Owned> {
  const open = standing.touchedAt === undefined && !standing.breached;
  if (!open || deadline === undefined || deadline.touchDueAt >= standing.touchDueAt) return standing;
  if (patched(patches.ownClocks)) {
    const due = await local.inheritDeadline({
      leadId: run.leadId,
      hop: standing.hop,
      at: now(),
      ...deadline,
    });
    return redated(standing, due);
  }
  return { ...standing, touchDueAt: deadline.touchDueAt };
}

async function finish(run: Run, { outcome, owner, speedToLeadMs }: Closed): Promise<LeadOutcome> {
  run.desk.close(`the lead is ${outcome}`);
  run.writeCrm(`closed-${outcome}`);
  run.calm('resolved', owner, `closed-${outcome}`);
  run.show(shownOf({ kind: 'closed', outcome, ...(owner === undefined ? {} : { owner }) }));
  await run.settled();
  await condition(allHandlersFinished);
  return { kind: 'closed', outcome, ...(speedToLeadMs === undefined ? {} : { speedToLeadMs }) };
}
