import { log } from '@temporalio/activity';
import { parseDuration } from '../domain/duration';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import { openTexts, type FreeTexts } from '../domain/sealed';
import {
  acknowledgeLead,
  holdLead,
  inheritDeadline,
  rebaseLead,
  replyReceived,
  resumeLead,
  snoozeLead,
  type ClocksOf,
} from './clock-lead';
import { acceptOffer } from './accept-offer';
import { identifyLead } from './identify-lead';
import type { LeadActivityDeps } from './lead-deps';
import { placeLead, withDeadline } from './place-lead';
import { replacePartner, type PartnerLeaves } from './replace-partner';
import { rescoreLead } from './rescore-lead';
import type { LeadJoined, OwnerWanted, Placement, RescoreAsked, Rescored, Told } from './routing-types';
import { recordBreach, recordStep, type DeadlineMissed, type StepDone } from './step-lead';
import { disposeLead, recordTouch, type Disposed, type TouchSeen } from './work-lead';

export type LeadActivities = ReturnType<typeof createLeadActivities>;

interface StepFailed {
  readonly leadId: string;
  readonly step: string;
  readonly code: string;
  readonly fingerprint: string;
  readonly message: string;
  readonly at: string;
}

/** The short steps of a lead's run on our own Postgres. Instants come from the run, whose time may be skipped. */
export function createLeadActivities(deps: LeadActivityDeps) {
  const { assignments, errors, gate } = deps;
  const open = <T extends FreeTexts>(input: T): T => openTexts(deps.payloadKey, input);
  return {
    identifyLead: ({ leadId, at }: { leadId: string; at: string }) =>
      identifyLead(deps, leadId as LeadId, at as IsoInstant),

    confirmAddress: ({ leadId, at }: { leadId: string; at: string }): Promise<void> =>
      gate.confirmed(leadId as LeadId, at as IsoInstant),

    giveUpCaptcha: ({ leadId }: { leadId: string }): Promise<void> =>
      gate.note(leadId as LeadId, { captcha: 'unknown' }),

    assignOwner: async (wanted: OwnerWanted): Promise<Placement> => {
      const placement = await placeLead(deps, wanted);
      // From now on, not from when the task queue gets to it: colder writes that were handed out already give way too.
      if (placement.kind === 'assigned' && placement.band !== undefined)
        await deps.claimCrmTurn?.(wanted.leadId as LeadId, placement.band);
      return placement;
    },

    rescore: (asked: RescoreAsked): Promise<Rescored> =>
      withDeadline(() => rescoreLead(deps, asked.set ? { ...asked, set: open(asked.set) } : asked)),

    replacePartner: (leaves: PartnerLeaves) => replacePartner(deps, open(leaves)),

    acceptOffer: (asked: ClocksOf) => withDeadline(() => acceptOffer(deps, asked)),

    recordTouch: (seen: TouchSeen) => recordTouch(deps, open(seen)),

    snooze: (asked: Parameters<typeof snoozeLead>[1]) => snoozeLead(deps, asked),

    acknowledge: (asked: Parameters<typeof acknowledgeLead>[1]) => acknowledgeLead(deps, asked),

    hold: (asked: Parameters<typeof holdLead>[1]) => holdLead(deps, open(asked)),

    resume: (asked: Parameters<typeof resumeLead>[1]) => resumeLead(deps, asked),

    reply: (asked: ClocksOf) => replyReceived(deps, asked),

    rebase: (asked: ClocksOf) => rebaseLead(deps, asked),

    inheritDeadline: (asked: Parameters<typeof inheritDeadline>[1]) => inheritDeadline(deps, asked),

    recordStep: (step: StepDone): Promise<Told | undefined> => recordStep(deps, step),

    recordBreach: (missed: DeadlineMissed): Promise<void> => recordBreach(deps, missed),

    dispose: (disposed: Disposed) => disposeLead(deps, open(disposed)),

    joinLead: async ({
      leadId,
      into,
      at,
    }: {
      leadId: string;
      into: string;
      at: string;
    }): Promise<LeadJoined> => {
      const { policy } = await deps.policies.of(undefined);
      const { joined, next } = await assignments.join({
        leadId: leadId as LeadId,
        into: into as LeadId,
        at: at as IsoInstant,
        longestWaitMs: parseDuration(policy.longestWait) ?? 0,
      });
      if (next !== undefined) await deps.wake(next);
      return joined;
    },

    openError: async (failed: StepFailed): Promise<string> => {
      const { leadId, step, code } = failed;
      log.error('step needs attention', { leadId, step, code });
      return errors.open({ ...failed, leadId: leadId as LeadId, at: failed.at as IsoInstant });
    },

    resolveError: ({ leadId, step, at }: { leadId: string; step: string; at: string }): Promise<void> =>
      errors.resolve(leadId as LeadId, step, at as IsoInstant),
  };
}
