import type { LeadProgress } from '../domain/lead';
import type { AssignmentCause } from '../domain/lead';
import type { Band } from '../domain/policy';

/** What the process needs to know after each step; facts and ids only, it all stays in the run's history. */
export type Identified =
  | { readonly kind: 'merged'; readonly into: string }
  | {
      readonly kind: 'known' | 'new';
      /** Whether a data provider is to be asked. */
      readonly enrich: boolean;
      /** Whether a message leaves the house, to a chat or a mail server; otherwise it is one log line. */
      readonly notifiesOutside: boolean;
      /** Where the lead stood when the run began; a run may start again in the middle. */
      readonly hop: number;
      readonly progress: LeadProgress;
    };

export interface OwnerWanted {
  readonly leadId: string;
  readonly at: string;
  /** Number of the assignment that is wanted. */
  readonly hop: number;
  readonly cause: AssignmentCause;
  /** A named rep instead of the policy's choice. */
  readonly to?: string;
  /** SLA step that took the lead from the previous owner: the next one goes on from there. */
  readonly afterStep?: number;
  /** Reps who must not get it. */
  readonly exclude: readonly string[];
}

export interface DueStep {
  readonly number: number;
  readonly do: 'remind' | 'reassign' | 'escalate';
  readonly to?: string;
  readonly dueAt: string;
}

export type Placement =
  | {
      readonly kind: 'assigned';
      readonly hop: number;
      readonly owner: string;
      /** Says whose write goes first where the CRM's limits make writes wait. */
      readonly band?: Band;
      readonly steps: readonly DueStep[];
      readonly touchDueAt: string;
      readonly breached: boolean;
      readonly maxHops: number;
      readonly closeAfterMs: number;
      /** When a human first worked the lead, for a run that starts again. */
      readonly touchedAt?: string;
      readonly progress: LeadProgress;
      /** Reps who had the lead before. */
      readonly hadBefore: readonly string[];
    }
  | { readonly kind: 'parked'; readonly reason: string; readonly retryAt?: string };

/** Whether a lead could end as merged into an older open one of the same person. */
export type LeadJoined =
  | {
      readonly kind: 'joined';
      readonly into: string;
      /** Touch deadline it had; absent when it had no owner or was worked already. */
      readonly touchDueAt?: string;
    }
  | { readonly kind: 'refused'; readonly reason: string };

export type CrmWritten = { readonly externalId: string };
