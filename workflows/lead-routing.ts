import {
  allHandlersFinished,
  condition,
  getExternalWorkflowHandle,
  log,
  patched,
} from '@temporalio/workflow';
import { answerRequest } from './answer-request';
import { leadRoutingId, repeatReceived, type LeadOutcome, type LeadReceived } from './contract';
import type { DeskEvent } from './desk';
import { findOwner } from './find-owner';
import { moveClocks } from './move-clocks';
import { patches } from './patches';
import { rescore } from './rescore';
import { bestEffort, beginRun, type Run } from './run';
import { runDue } from './run-due';
import {
  nextDue,
  redated,
  shownOf,
  type Closed,
  type Joined,
  type Owned,
  type Parked,
  type Standing,
} from './standing';
import { enrich, local, now } from './steps';

/** A slow data provider never delays routing by more than this; what comes later still lands. */
const enrichLimitMs = 5_000;

/** One lead from the door to its disposition: found its owner, told him, and watched the clock until a human worked it. */
export async function leadRouting({ leadId }: LeadReceived): Promise<LeadOutcome> {
  const run = beginRun(leadId); // messages are listened to before anything is awaited
  const lead = await run.must('identify', () => local.identifyLead({ leadId, at: now() }));
  if (lead.kind === 'merged') return joinOpenLead(run, { into: lead.into });
  run.notifyOutside(lead.notifiesOutside);
  if (lead.enrich) await enrichWithin(run, enrichLimitMs);
  let standing: Standing = await findOwner(run, { hop: lead.hop, cause: 'routed', exclude: [] });
  while (standing.kind === 'parked' || standing.kind === 'owned') {
    run.show(shownOf(standing));
    standing = await respond(run, standing, await run.desk.next(deadline(standing)));
  }
  return standing.kind === 'joined' ? leaveToOlder(run, standing) : finish(run, standing);
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
  const outcome = await joinOpenLead(run, joined);
  await run.settled();
  return outcome;
}

async function enrichWithin(run: Run, limitMs: number): Promise<void> {
  let ended = false;
  let late = false;
  const enriched = enrich.enrichCompany({ leadId: run.leadId }).then(({ fields }) => {
    if (late && fields.length > 0 && patched(patches.rescore)) run.desk.factsChanged();
  });
  const asked = bestEffort('enrichment', enriched).finally(() => {
    ended = true;
  });
  run.beside(asked);
  late = !(await condition(() => ended, limitMs, { summary: 'route without enrichment' }));
}

function deadline(standing: Parked | Owned): { readonly at: number; readonly summary: string } | undefined {
  if (standing.kind === 'owned') {
    const { at, what } = nextDue(standing);
    return { at: Date.parse(at), summary: what };
  }
  return standing.retryAt === undefined
    ? undefined
    : { at: Date.parse(standing.retryAt), summary: 'look for an owner again' };
}

async function respond(run: Run, standing: Parked | Owned, event: DeskEvent): Promise<Standing> {
  switch (event.kind) {
    case 'request':
      return answerRequest(run, standing, event);
    case 'repeat':
      if (standing.kind === 'owned')
        run.tell('re_engaged', standing.owner, `repeat-${event.leadIds[0] ?? ''}`);
      return didMore(run, standing, event.touchDueAt);
    case 'facts':
      return rescore(run, standing, { because: 'late data' });
    case 'time': {
      // The time of a lead that is only offered is worked out when somebody takes it.
      if (standing.kind === 'parked' || standing.offer) return standing;
      return redated(standing, await local.rebase({ leadId: run.leadId, hop: standing.hop, at: now() }));
    }
    case 'capacity':
    case 'due':
      if (standing.kind === 'parked') {
        const cause = standing.hop === 0 ? 'routed' : 'declined';
        return findOwner(run, { hop: standing.hop, cause, exclude: standing.exclude }, standing);
      }
      return event.kind === 'due' ? runDue(run, standing) : standing;
  }
}

/** Another lead of the same person: its deadline, its answer to what was written, and what it adds to the score. */
async function didMore(
  run: Run,
  standing: Parked | Owned,
  touchDueAt: string | undefined,
): Promise<Parked | Owned> {
  const next = standing.kind === 'owned' ? await wroteAgain(run, inherit(standing, touchDueAt)) : standing;
  return patched(patches.rescore) ? rescore(run, next, { because: 'another lead' }) : next;
}

/** Another lead of the customer of a lead that was worked is a reply. */
async function wroteAgain(run: Run, standing: Owned): Promise<Owned> {
  if (standing.touchedAt === undefined || !patched(patches.replies)) return standing;
  const next = await moveClocks(run, standing, { ask: 'reply' });
  return typeof next === 'string' ? standing : next;
}

/** A lead that took over another one keeps the earlier of the two touch deadlines, unless it is past caring. */
function inherit(standing: Owned, touchDueAt: string | undefined): Owned {
  const open = standing.touchedAt === undefined && !standing.breached;
  return open && touchDueAt !== undefined && touchDueAt < standing.touchDueAt
    ? { ...standing, touchDueAt }
    : standing;
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
