import type { TouchKind } from '../domain/lead';
import type { DeskEvent } from './desk';
import { acceptOffer } from './accept-offer';
import { findOwnerOrWhyNot } from './find-owner';
import type { LeadRequest } from './lead-request';
import { clockRefusal, moveClocks, type ClockRequest } from './move-clocks';
import { replacePartner } from './replace-partner';
import { rescore } from './rescore';
import type { Run } from './run';
import { causeOf, replyOf, type Owned, type Parked, type Standing } from './standing';
import { local, now } from './steps';

/** Clocks of senders may run ahead a little. */
const clockSkewMs = 60_000;

/** Says yes or no to a person and returns where the lead stands after it. */
export async function answerRequest(
  run: Run,
  standing: Parked | Owned,
  { request, answer }: Extract<DeskEvent, { kind: 'request' }>,
): Promise<Standing> {
  const refusal = refusalOf(standing, request);
  if (refusal !== undefined) {
    answer.refuse(refusal);
    return standing;
  }
  const next = await carryOut(run, standing, request);
  if (typeof next === 'string') {
    answer.refuse(next);
    return standing;
  }
  answer.accept(replyOf(next));
  return next;
}

/** Why the state does not allow it, in words for the person who asked; undefined when it does. */
function refusalOf(standing: Parked | Owned, request: LeadRequest): string | undefined {
  if (request.ask === 'confirm') return undefined;
  if (standing.kind === 'parked') {
    if (request.ask === 'claim') return claimRefusal(standing, request.by);
    if (['reassign', 'join', 'setScore', 'clearScore'].includes(request.ask)) return undefined;
    if (request.ask === 'dispose' && request.outcome === 'disqualified') return undefined;
    return 'nobody owns the lead yet';
  }
  if (leavesPartner(standing, request)) return undefined;
  const owns = `the lead ${request.ask === 'claim' ? 'is taken by' : 'belongs to'} ${standing.owner}`;
  if ('hop' in request && request.hop !== standing.hop) return owns;
  if (
    (request.ask === 'claim' || request.ask === 'decline') &&
    request.by !== undefined &&
    request.by !== standing.owner
  ) {
    return owns;
  }
  if (
    request.ask === 'touch' &&
    request.at !== undefined &&
    Date.parse(request.at) > Date.now() + clockSkewMs
  )
    return 'a touch cannot lie in the future';
  if (request.ask === 'reassign' && request.to === standing.owner)
    return `the lead belongs to ${standing.owner} already`;
  if (request.ask === 'decline' && standing.touchedAt !== undefined)
    return 'the lead has been worked already';
  return movesClocks(request) ? clockRefusal(standing, request) : undefined;
}

/** Who works it beside the owner asks for somebody else in his place, whoever the owner is by now. */
function leavesPartner({ beside }: Owned, request: LeadRequest): boolean {
  return request.ask === 'decline' && request.by !== undefined && request.by === beside;
}

function claimRefusal({ openTo, reason }: Parked, by: string | undefined): string | undefined {
  if (by === undefined) return 'say who claims it: by';
  return openTo === undefined || openTo.includes(by) ? undefined : `the lead is ${reason}`;
}

function movesClocks(request: LeadRequest): request is ClockRequest {
  return ['snooze', 'acknowledge', 'hold', 'resume', 'reply'].includes(request.ask);
}

/** @returns the new standing, or why it could not be done. */
async function carryOut(
  run: Run,
  standing: Parked | Owned,
  request: LeadRequest,
): Promise<Standing | string> {
  switch (request.ask) {
    case 'touch':
      return touch(run, standing as Owned, request.kind, request);
    case 'claim':
      return claim(run, standing, request.by);
    case 'decline': {
      const { hop, owner, exclude } = standing as Owned;
      if (leavesPartner(standing as Owned, request)) {
        const { reason } = request;
        const why = reason === undefined ? {} : { reason };
        return replacePartner(run, standing as Owned, { because: 'declined', ...why });
      }
      return findOwnerOrWhyNot(run, { hop: hop + 1, cause: 'declined', exclude: [...exclude, owner] });
    }
    case 'reassign':
      return move(run, standing, request.to);
    case 'snooze':
    case 'acknowledge':
    case 'hold':
    case 'resume':
    case 'reply':
      return moveClocks(run, standing as Owned, request);
    case 'dispose':
      return dispose(run, standing, request);
    case 'confirm':
      return standing; // the same link again
    case 'setScore':
      return rescore(run, standing, { because: 'set', set: request.set });
    case 'clearScore':
      return rescore(run, standing, {
        because: 'cleared',
        ...(request.by === undefined ? {} : { by: request.by }),
      });
    case 'join': {
      const joined = await local.joinLead({ leadId: run.leadId, into: request.into, at: now() });
      if (joined.kind === 'refused') return joined.reason;
      return standing.kind === 'owned' && standing.beside !== undefined
        ? { ...joined, beside: standing.beside }
        : joined;
    }
  }
}

/** Taking what was offered, to him or to many, is no touch: the time to touch it begins with it. */
async function claim(run: Run, standing: Parked | Owned, by: string | undefined): Promise<Owned | string> {
  if (standing.kind === 'owned' && standing.offer) return acceptOffer(run, standing);
  if (standing.kind === 'owned') return touch(run, standing, 'claim', { by: standing.owner });
  const { hop, openTo } = standing;
  const named = by === undefined ? {} : { to: by };
  const wanted = { hop, cause: 'claimed', left: causeOf(standing), exclude: [], ...named } as const;
  const held = ownedOrWhyNot(await findOwnerOrWhyNot(run, wanted, { before: standing }));
  if (typeof held === 'string') return held;
  return openTo ? held : touch(run, held, 'claim', { by: held.owner });
}

async function touch(
  run: Run,
  from: Owned,
  kind: TouchKind,
  { at, by }: { readonly at?: string; readonly by?: string },
): Promise<Owned> {
  const standing = await acceptOffer(run, from); // whoever works it has taken it
  const touched = await local.recordTouch({
    leadId: run.leadId,
    hop: standing.hop,
    at: at ?? now(),
    kind,
    ...(by === undefined ? {} : { by }),
  });
  const { touchedAt: activeAt, clocks = standing.clocks } = touched;
  // What was still to be said of a touch or an answer that were waited for is settled by this one.
  const messages = standing.messages.filter(({ clock }) => clock !== 'touch' && clock !== 'response');
  if (standing.touchedAt !== undefined) return { ...standing, clocks, activeAt, messages };
  run.writeCrm(`${String(standing.hop)}-touched`);
  run.calm('resolved', standing.owner, `${String(standing.hop)}-touched`);
  return { ...standing, ...touched, clocks, activeAt, messages, steps: [], progress: 'touched' };
}

async function move(run: Run, standing: Parked | Owned, to: string | undefined): Promise<Standing | string> {
  const named = to === undefined ? {} : { to };
  if (standing.kind === 'parked') {
    const exclude = to === undefined ? standing.exclude : [];
    const wanted = {
      hop: standing.hop,
      cause: 'reassigned',
      left: causeOf(standing),
      exclude,
      ...named,
    } as const;
    return ownedOrWhyNot(await findOwnerOrWhyNot(run, wanted, { before: standing }));
  }
  const exclude = to === undefined ? [...standing.exclude, standing.owner] : [];
  const wanted = { hop: standing.hop + 1, cause: 'reassigned', exclude, ...named } as const;
  return ownedOrWhyNot(await findOwnerOrWhyNot(run, wanted, { before: standing }));
}

const ownedOrWhyNot = (next: Owned | Parked | string): Owned | string =>
  typeof next === 'string' || next.kind === 'owned' ? next : next.reason;

async function dispose(
  run: Run,
  standing: Parked | Owned,
  request: Extract<LeadRequest, { ask: 'dispose' }>,
): Promise<Standing> {
  const { outcome, reason, by, at } = request;
  const worked =
    standing.kind === 'owned' && standing.touchedAt === undefined
      ? await touch(run, standing, 'crm_status', request)
      : standing;
  const disposed = await local.dispose({
    leadId: run.leadId,
    ...(worked.kind === 'owned' ? { hop: worked.hop } : {}),
    at: now(),
    ...(at === undefined ? {} : { decidedAt: at }),
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(by === undefined ? {} : { by }),
  });
  const speed =
    worked.kind === 'owned' && worked.speedToLeadMs !== undefined
      ? { speedToLeadMs: worked.speedToLeadMs }
      : {};
  if (outcome !== 'qualified' || worked.kind === 'parked')
    return { kind: 'closed', outcome, ...(worked.kind === 'owned' ? { owner: worked.owner } : {}), ...speed };
  run.writeCrm('qualified');
  const { clocks = worked.clocks } = disposed ?? {};
  const messages = worked.messages.filter(({ clock }) => clock !== 'qualify');
  return { ...worked, clocks, messages, progress: 'qualified' };
}
