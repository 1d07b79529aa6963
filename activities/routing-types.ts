import type { Rejection } from '../domain/gate';
import type { AssignmentCause, DispositionOutcome, LeadProgress } from '../domain/lead';
import type { Band, MilestoneName, ScoreOverride } from '../domain/policy';

/** A lead that the spam gate does not let through, or not yet. */
export type HeldAtGate =
  | { readonly kind: 'rejected'; readonly reason: Rejection }
  /** Its captcha token has to be judged first. */
  | { readonly kind: 'captcha' }
  /** Its person has to confirm the address first. */
  | { readonly kind: 'unconfirmed' };

/** What the process needs to know after each step; facts and ids only, it all stays in the run's history. */
export type Identified =
  | { readonly kind: 'merged'; readonly into: string }
  /** Over already: an earlier run of it failed in its very last steps. */
  | { readonly kind: 'closed'; readonly outcome: DispositionOutcome | 'closed'; readonly owner?: string }
  | {
      readonly kind: 'known' | 'new';
      /** Whether a data provider is to be asked. */
      readonly enrich: boolean;
      /** Whether a message leaves the house, to a chat or a mail server; otherwise it is one log line. */
      readonly notifiesOutside: boolean;
      /** Where the lead stood when the run began; a run may start again in the middle. */
      readonly hop: number;
      readonly progress: LeadProgress;
      /** Reps who had a parked lead and must not get it again. */
      readonly exclude?: readonly string[];
      /** Why a parked lead looks for an owner. */
      readonly cause?: AssignmentCause;
    };

export interface OwnerWanted {
  readonly leadId: string;
  readonly at: string;
  /** Number of the assignment that is wanted. */
  readonly hop: number;
  readonly cause: AssignmentCause;
  /** Why the owner before lost it, when the lead was parked in between and comes to the next one by another cause. */
  readonly left?: AssignmentCause;
  /** A named rep instead of the policy's choice. */
  readonly to?: string;
  /** SLA step that took the lead from the previous owner: the next one goes on from there. */
  readonly afterStep?: number;
  /** Reps who must not get it. */
  readonly exclude: readonly string[];
}

/** A clock besides the first touch that is still running. */
export interface DueClock {
  readonly name: MilestoneName;
  readonly dueAt: string;
  readonly missed: boolean;
  readonly steps: readonly DueStep[];
}

/** Every deadline of an owned lead that is still to come. */
export interface DueState {
  readonly steps: readonly DueStep[];
  readonly touchDueAt: string;
  readonly clocks: readonly DueClock[];
  /** Whether the lead waits for its customer, so that nothing is due. */
  readonly held: boolean;
}

/** Who is to hear of an SLA step, and when: at once, or when his quiet hours end. */
export interface Told {
  readonly to: string;
  readonly at: string;
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
      /** Absent in what runs recorded before there was more than one clock. */
      readonly clocks?: readonly DueClock[];
      readonly held?: boolean;
      /** Absent when the lead stays with its owner however long nobody touches it. */
      readonly recycle?: { readonly afterMs: number; readonly left: number };
      readonly breached: boolean;
      readonly maxHops: number;
      readonly closeAfterMs: number;
      /** When a human first worked the lead, for a run that starts again. */
      readonly touchedAt?: string;
      /** When somebody last worked a lead that was worked, or its customer wrote. */
      readonly activeAt?: string;
      /** From received to the first touch, whoever's it was; also of a lead that waits for another touch. */
      readonly speedToLeadMs?: number;
      readonly progress: LeadProgress;
      /** Reps who had the lead before. */
      readonly hadBefore: readonly string[];
      /** Nothing is due before he takes it, or the time to do so is over. */
      readonly offer?: { readonly until: string };
      /** Who was picked just now to work it beside the owner. */
      readonly partner?: string;
      /** Who works it beside the owner; absent in what runs recorded before he could be replaced. */
      readonly beside?: string;
      /** Who is told that nobody works it beside the owner, as somebody should. */
      readonly unpaired?: string;
    }
  /** Nobody has it: whoever of them claims it first does. */
  | { readonly kind: 'open'; readonly until: string; readonly reps: readonly string[] }
  | {
      readonly kind: 'parked';
      readonly reason: string;
      readonly retryAt?: string;
      /** Who is told that nobody can take it; absent when nobody is on call. */
      readonly alert?: string;
    };

/** Why a score is worked out anew. */
export interface RescoreAsked {
  readonly leadId: string;
  readonly at: string;
  /** Of its owner; absent while it has none. */
  readonly hop?: number;
  /** Reps who must not get it again. */
  readonly exclude?: readonly string[];
  readonly because: 'set' | 'cleared' | 'late data' | 'another lead';
  readonly set?: Omit<ScoreOverride, 'at'>;
  /** Who took back what was set. */
  readonly by?: string;
}

export type Rescored =
  | { readonly kind: 'same' | 'scored'; readonly band: Band }
  /** Another rule takes the lead now; its owner keeps it by that one, or it goes to somebody else. */
  | {
      readonly kind: 'kept';
      readonly band: Band;
      readonly placement: Extract<Placement, { kind: 'assigned' }>;
    }
  | { readonly kind: 'moves'; readonly band: Band };

/** Whether a lead could end as merged into an older open one of the same person. */
export type LeadJoined =
  | {
      readonly kind: 'joined';
      readonly into: string;
      /** Touch deadline it had; absent when it had no owner or was worked already. */
      readonly touchDueAt?: string;
      /** Who owned it until now, and who owns the older one. */
      readonly owner?: string;
      readonly heir?: string;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** Without an id when there was nothing left to write. */
export type CrmWritten = { readonly externalId?: string };
