import { log } from '@temporalio/activity';
import { parseDuration } from '../domain/duration';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import type { DispositionOutcome } from '../domain/lead';
import { identifyLead } from './identify-lead';
import { placeLead } from './place-lead';
import type { RoutingPolicies } from './policies';
import type { AssignmentStore, ErrorStore } from './ports';
import type { IdentityStore } from './ports-identity';
import type { LeadJoined, OwnerWanted, Placement } from './routing-types';
import { recordTouch, snoozeLead, type SnoozeAsked, type TouchSeen } from './work-lead';

export interface LeadActivityDeps {
  readonly identities: IdentityStore;
  readonly assignments: AssignmentStore;
  readonly policies: RoutingPolicies;
  readonly errors: ErrorStore;
  /** Tells a parked lead that someone has room for it now. */
  readonly wake: (leadId: LeadId) => Promise<void>;
  /** Whether a data provider is configured. */
  readonly enriches: boolean;
  /** Whether there is a channel besides the log. */
  readonly notifiesOutside: boolean;
}

export type LeadActivities = ReturnType<typeof createLeadActivities>;

interface StepDone {
  readonly leadId: string;
  readonly hop: number;
  readonly step: number;
  readonly at: string;
  readonly do: keyof typeof stepFacts;
  readonly result: string;
  readonly to?: string;
}

interface Disposed {
  readonly leadId: string;
  readonly at: string;
  readonly outcome: DispositionOutcome | 'closed';
  readonly reason?: string;
  readonly by?: string;
}

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
  const { assignments, errors, policies, wake } = deps;
  return {
    identifyLead: ({ leadId, at }: { leadId: string; at: string }) =>
      identifyLead(deps, leadId as LeadId, at as IsoInstant),

    assignOwner: (wanted: OwnerWanted): Promise<Placement> => placeLead(deps, wanted),

    recordTouch: (seen: TouchSeen) => recordTouch(deps, seen),

    snooze: (asked: SnoozeAsked) => snoozeLead(deps, asked),

    recordStep: async ({ leadId, hop, step, at, result, to, ...input }: StepDone): Promise<void> => {
      const details = { step, hop, result, ...(to ? { to } : {}) };
      const what = stepFacts[input.do];
      await assignments.stepDone({
        leadId: leadId as LeadId,
        hop,
        step,
        at: at as IsoInstant,
        what,
        details,
      });
    },

    recordBreach: async ({ leadId, hop, at }: { leadId: string; hop: number; at: string }): Promise<void> => {
      await assignments.breach({ leadId: leadId as LeadId, hop, at: at as IsoInstant });
    },

    dispose: async ({ leadId, at, ...disposed }: Disposed): Promise<void> => {
      const { policy } = await policies.of(undefined);
      const next = await assignments.dispose({
        leadId: leadId as LeadId,
        at: at as IsoInstant,
        ...disposed,
        credit: Object.fromEntries(Object.entries(policy.pools).map(([id, pool]) => [id, pool.credit])),
        longestWaitMs: parseDuration(policy.longestWait) ?? 0,
      });
      if (next !== undefined) await wake(next);
    },

    joinLead: ({ leadId, into, at }: { leadId: string; into: string; at: string }): Promise<LeadJoined> =>
      assignments.join({ leadId: leadId as LeadId, into: into as LeadId, at: at as IsoInstant }),

    openError: async (failed: StepFailed): Promise<string> => {
      const { leadId, step, code } = failed;
      log.error('step needs attention', { leadId, step, code });
      return errors.open({ ...failed, leadId: leadId as LeadId, at: failed.at as IsoInstant });
    },

    resolveError: ({ leadId, step, at }: { leadId: string; step: string; at: string }): Promise<void> =>
      errors.resolve(leadId as LeadId, step, at as IsoInstant),
  };
}

/** Past facts for the timeline. */
const stepFacts = { remind: 'reminded', reassign: 'reassigned', escalate: 'escalated' } as const;
