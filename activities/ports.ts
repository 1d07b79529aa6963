/**
 * What the activities and the API need from the outside, in our words. Adapters live in `db/` and `connectors/`;
 * identification has its ports in ports-identity.ts.
 * Every method may throw when its backend is unreachable; what else it promises stands at the method.
 */
import type { OpenOffer } from '../domain/assignment/open-offer';
import type { CandidateVerdict } from '../domain/assignment/picker';
import type { ShownAtDoor } from '../domain/gate';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import type {
  DispositionOutcome,
  LeadFacts,
  LeadFields,
  LeadProgress,
  TouchKind,
  AssignmentCause,
} from '../domain/lead';
import type { Page } from '../domain/page';
import type { Band, CreditRule, Policy, ScoreOverride } from '../domain/policy';
import type { OwnerTarget, PairTarget, PartnerChanged, PartnerLeaving, RepLimits } from './ports-assignment';
import type { LeadJoined } from './routing-types';
import type { Span } from '../domain/sla/calendar';
import type { AppliedSla, ClockName } from '../domain/sla/plan';

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

// ---------------------------------------------------------------- intake

/** A lead at the door: checked, identified by source and event, not yet durable. */
export interface NewLead {
  readonly leadId: LeadId;
  readonly source: string;
  readonly eventKey: string;
  /** The body as sent, unknown fields included. */
  readonly rawBody: string;
  readonly fields: LeadFields;
  /** What it shows besides; absent when it shows nothing. */
  readonly door?: ShownAtDoor;
  /** It came with a file. */
  readonly imported?: true;
  readonly receivedAt: IsoInstant;
}

/** A lead and its place in the order of arrival. */
export interface QueuedLead {
  readonly leadId: LeadId;
  readonly seq: bigint;
  /** The gate had turned it away and somebody released it: the run it had is over, and it gets another. */
  readonly again: boolean;
  /** It came with a file: its run stands behind those of other leads. */
  readonly imported: boolean;
}

export interface LeadInbox {
  /**
   * Makes all of them durable in one commit, in the order given, and notes a repeat on the timeline of a lead that
   * was there before. Safe to repeat. @returns the ids that were new.
   */
  accept(leads: readonly NewLead[]): Promise<ReadonlySet<LeadId>>;
  /** Leads received before `before` that no run has touched yet, in order of arrival after `afterSeq`. */
  unstarted(query: {
    readonly before: IsoInstant;
    readonly afterSeq: bigint;
    readonly limit: number;
  }): Promise<readonly QueuedLead[]>;
  /** Leads that are not closed, in order of arrival after `afterSeq`; each must have a run. */
  open(query: { readonly afterSeq: bigint; readonly limit: number }): Promise<readonly QueuedLead[]>;
}

// ---------------------------------------------------------------- identity, routing, SLA

/** Where a lead stands; enough for a run to start again in the middle. */
export interface LeadState {
  readonly leadId: LeadId;
  readonly progress: LeadProgress;
  readonly receivedAt: IsoInstant;
  readonly source: string;
  readonly fields: LeadFields;
  readonly facts?: LeadFacts;
  readonly personId?: string;
  readonly mergedInto?: LeadId;
  readonly closed: boolean;
  readonly ownerId?: string;
  readonly hop: number;
  readonly firstTouchAt?: IsoInstant;
  readonly score?: number;
  readonly band?: Band;
  readonly scoring: LeadScoring;
  readonly policyVersion?: number;
  readonly openOffer?: OpenOffer;
}

/** What scoring remembers of a lead. */
export interface LeadScoring {
  /** `was`: the band the rules had given it. */
  readonly override?: ScoreOverride & { readonly was?: Band };
  /** The band it was routed by. */
  readonly routedBand?: Band;
  /** It was routed again because its band changed: that happens once. */
  readonly rerouted: boolean;
}

export interface Assignment {
  readonly leadId: LeadId;
  readonly hop: number;
  readonly repId: string;
  readonly poolId?: string;
  readonly rule: string;
  readonly cause: AssignmentCause;
  readonly assignedAt: IsoInstant;
  readonly endedAt?: IsoInstant;
  readonly sla: AppliedSla;
  /** It was offered to him; his once he has accepted. */
  readonly offer?: { readonly until: IsoInstant; readonly acceptedAt?: IsoInstant };
}

export interface AssignInput {
  readonly leadId: LeadId;
  /** Number the new assignment gets; a repeat of the call returns what was written under it. */
  readonly hop: number;
  readonly cause: AssignmentCause;
  /** Why the owner before lost it, when the lead was parked in between and comes to the next one by another cause. */
  readonly left?: AssignmentCause;
  readonly at: IsoInstant;
  readonly rule: string;
  readonly targets: readonly OwnerTarget[];
  /** Who is to work it beside the owner; a lead that has one keeps him. */
  readonly pair?: PairTarget;
  /** Reps who declined this lead or lost it by the clock. */
  readonly exclude: readonly string[];
  /** Reps whose working time never gets to the deadlines, found out while one was picked. */
  readonly noHours?: readonly string[];
  /** It goes behind the parked leads that come first, also by a cause by which it would not. */
  readonly inTurn?: true;
  /** Of everybody who could be picked, by rep id. */
  readonly limits: Readonly<Record<string, RepLimits>>;
  /** What the lead takes of them, and what leads of each band do. */
  readonly cost: number;
  readonly costs: Readonly<Record<Band, number>>;
  /** When whoever had the lead is given its charge back, by the pool he was picked from. */
  readonly credit: Readonly<Record<string, CreditRule>>;
  /** A parked lead that has waited this long goes before the others, whatever its band. */
  readonly longestWaitMs: number;
  readonly score: number;
  readonly band: Band;
  readonly policyVersion: number;
  readonly explanation: unknown;
  /**
   * The SLA for the rep who is picked, from when on it counts; pure, called with the winner.
   * @throws NoWorkingTimeError and the next one is picked
   */
  readonly planFor: (repId: string, from: IsoInstant) => AppliedSla;
}

export type AssignResult = {
  /** Parked leads that may take what this one freed or left to them, to be told. */
  readonly wake: readonly LeadId[];
} & (
  | {
      readonly kind: 'assigned';
      readonly assignment: Assignment;
      /** Who was picked now to work it beside the owner. */
      readonly partner?: string;
      /** There should be one, and nobody can. */
      readonly unpaired?: readonly CandidateVerdict[];
      /** Who works it beside the owner from now on, or still. */
      readonly beside?: string;
    }
  /** Whoever of them claims it first has it. */
  | { readonly kind: 'open'; readonly offer: OpenOffer }
  /** Nobody was eligible; nothing but the timeline and the state was written, and for a claim not even that. */
  | {
      readonly kind: 'parked';
      readonly skipped: readonly CandidateVerdict[];
      /** When an absence, a cap or a hold among them ends. */
      readonly availableAt?: IsoInstant;
    }
);

export interface AssignmentStore {
  /** One transaction: lock pool and reps, pick, write ledger, assignment, counters, lead and timeline. */
  assign(input: AssignInput): Promise<AssignResult>;
  /** One transaction: the next of the pair's pool takes his place, the owner stays. Safe to repeat. */
  replacePartner(input: AssignInput & { readonly leaving: PartnerLeaving }): Promise<PartnerChanged>;
  /** Whom `assign` would pick now, or to whom it would open the lead; nothing is written. */
  wouldAssign(input: AssignInput): Promise<{
    readonly picked?: Pick<Assignment, 'repId' | 'sla'>;
    readonly open?: Pick<OpenOffer, 'poolId' | 'reps' | 'until'>;
    readonly skipped: readonly CandidateVerdict[];
  }>;
  history(leadId: LeadId): Promise<readonly Assignment[]>;
  /** When somebody last worked the lead, its customer wrote, or a wait for him ended. */
  lastActive(leadId: LeadId): Promise<IsoInstant | undefined>;
  /** Absences that end after `since`, by rep; of everybody, or of one. */
  absences(query: {
    readonly since: IsoInstant;
    readonly repId?: string;
  }): Promise<Readonly<Record<string, readonly Span[]>>>;
  /**
   * The first touch wins; a later one is added to the timeline and ends an open `response` clock. Milliseconds by the
   * wall and by the SLA's clock.
   */
  touch(input: {
    readonly leadId: LeadId;
    readonly hop: number;
    readonly sla: AppliedSla;
    readonly at: IsoInstant;
    readonly kind: TouchKind;
    readonly by?: string;
    readonly speedToLeadMs: number;
    readonly workedMs: number;
    readonly breached: boolean;
  }): Promise<void>;
  /** Marks an SLA step of a hop as done and says on the timeline what it did. Safe to repeat. */
  stepDone(input: {
    readonly leadId: LeadId;
    readonly hop: number;
    readonly clock: ClockName;
    readonly step: number;
    readonly at: IsoInstant;
    readonly what: string;
    readonly details: Readonly<Record<string, unknown>>;
  }): Promise<void>;
  /**
   * A deadline passed. A missed touch counts against its rep: with `silentAfter` of them in a row he is paused. Safe to
   * repeat.
   */
  breach(input: {
    readonly leadId: LeadId;
    readonly hop: number;
    readonly clock: ClockName;
    readonly at: IsoInstant;
    readonly silentAfter?: number;
  }): Promise<void>;
  /** Replaces the clocks of a hop and says on the timeline why they moved. Safe to repeat. */
  moveClocks(input: {
    readonly leadId: LeadId;
    readonly hop: number;
    readonly at: IsoInstant;
    readonly sla: AppliedSla;
    readonly what: string;
    readonly details: Readonly<Record<string, unknown>>;
  }): Promise<void>;
  /**
   * Writes a score that was worked out anew, what a person set with it, and says so on the timeline. Safe to repeat.
   * @returns false when nothing is different.
   */
  rescore(input: {
    readonly leadId: LeadId;
    readonly at: IsoInstant;
    readonly score: number;
    readonly band: Band;
    readonly override: LeadScoring['override'];
    readonly explanation: Readonly<Record<string, unknown>>;
    readonly what: string;
    readonly details: Readonly<Record<string, unknown>>;
  }): Promise<boolean>;
  /** The lead is his now, under this SLA. Safe to repeat. */
  acceptOffer(input: {
    readonly leadId: LeadId;
    readonly hop: number;
    readonly at: IsoInstant;
    readonly sla: AppliedSla;
  }): Promise<void>;
  /** The owner keeps a lead under another rule and its SLA; counts as its one re-routing. Safe to repeat. */
  keepUnder(input: {
    readonly leadId: LeadId;
    readonly hop: number;
    readonly at: IsoInstant;
    readonly rule: string;
    readonly sla: AppliedSla;
    readonly explanation: unknown;
  }): Promise<void>;
  /**
   * Moves the lead to qualified, or closes it: frees the owner's capacity, returns the pool's charge for a disqualified
   * one where the rule says so, and notes the reason. Safe to repeat. @returns the parked lead that may take his room.
   */
  dispose(input: {
    readonly leadId: LeadId;
    readonly at: IsoInstant;
    /** When the verdict was given: `at`, or earlier where we heard of it later. */
    readonly decidedAt: IsoInstant;
    readonly outcome: DispositionOutcome | 'closed';
    readonly reason?: string;
    readonly by?: string;
    /** The clocks as they stand with it; absent for a lead nobody owns. */
    readonly applied?: { readonly hop: number; readonly sla: AppliedSla };
    /** By the pool whose ledger has the charge. */
    readonly credit: Readonly<Record<string, CreditRule>>;
    readonly longestWaitMs: number;
  }): Promise<LeadId | undefined>;
  /**
   * One transaction: ends the lead as merged into an older open one of the same person and gives its owner the pool's
   * charge back. Refused once the older one is closed, as nobody would work it then. Safe to repeat. @returns the touch
   * deadline it had; the clocks of the older one are its own run's.
   */
  join(input: {
    readonly leadId: LeadId;
    readonly into: LeadId;
    readonly at: IsoInstant;
    readonly longestWaitMs: number;
    /** `next`: a parked lead that gets the room the joined one left. */
  }): Promise<{ readonly joined: LeadJoined; readonly next?: LeadId }>;
}

/** A change that running clocks have not been told of yet: of everybody's time, or of one rep's. */
export interface OwedRebase {
  readonly rep?: string;
  /** Grows with each change, so that a later one is not taken for done with an earlier one. */
  readonly change: bigint;
}

export interface OwedRebases {
  owed(): Promise<readonly OwedRebase[]>;
  /** Running clocks have been told; a change since then stays owed. */
  done(owed: OwedRebase): Promise<void>;
}

export interface PolicyDocument {
  readonly version: number;
  readonly policy: Policy;
}

export interface PolicySource {
  /** The live policy, or a given version; undefined when there is none. Versions never change, so they are cached. */
  live(): Promise<PolicyDocument | undefined>;
  version(version: number): Promise<PolicyDocument | undefined>;
}

// ---------------------------------------------------------------- errors

export interface ErrorView {
  readonly id: string;
  readonly leadId: LeadId;
  readonly step: string;
  readonly code: string;
  readonly fingerprint: string;
  readonly message: string;
  readonly state: 'open' | 'resolved';
  readonly count: number;
  readonly firstSeenAt: IsoInstant;
  readonly lastSeenAt: IsoInstant;
  readonly resolvedAt?: IsoInstant;
  readonly owner?: string;
}

export interface ErrorStore {
  /** Opens the error of a lead's step, or counts it again while it is open. @returns its id. */
  open(input: {
    readonly leadId: LeadId;
    readonly step: string;
    readonly code: string;
    readonly fingerprint: string;
    readonly message: string;
    readonly at: IsoInstant;
  }): Promise<string>;
  resolve(leadId: LeadId, step: string, at: IsoInstant): Promise<void>;
  get(id: string): Promise<ErrorView | undefined>;
  list(query: {
    readonly state?: 'open' | 'resolved' | undefined;
    readonly fingerprint?: string | undefined;
    readonly limit: number;
    readonly startingAfter?: string | undefined;
  }): Promise<Page<ErrorView>>;
  /** Open errors by cause, most affected leads first. */
  groups(): Promise<
    readonly {
      readonly fingerprint: string;
      readonly code: string;
      readonly step: string;
      readonly message: string;
      readonly leads: number;
      readonly count: number;
      readonly firstSeenAt: IsoInstant;
      readonly lastSeenAt: IsoInstant;
    }[]
  >;
}

// ---------------------------------------------------------------- policies

export interface PolicyVersionView {
  readonly version: number;
  readonly state: 'draft' | 'scheduled' | 'live' | 'retired';
  readonly createdBy: string;
  readonly createdAt: IsoInstant;
  readonly publishAt?: IsoInstant;
  readonly publishedAt?: IsoInstant;
}

export interface PolicyStore extends PolicySource {
  /** Stores a checked document as a draft, unless the newest version is another one than it was made from. */
  saveDraft(
    text: string,
    by: string,
    basedOn?: number,
  ): Promise<
    | { readonly kind: 'saved'; readonly version: number }
    | { readonly kind: 'conflict'; readonly newest: number }
  >;
  text(version: number): Promise<string | undefined>;
  versions(): Promise<readonly PolicyVersionView[]>;
  /** Makes a version live, retires the one before and owes a re-base; undefined when there is no such version. */
  publish(version: number, at: IsoInstant): Promise<PolicyVersionView | undefined>;
  schedule(version: number, publishAt: IsoInstant): Promise<PolicyVersionView | undefined>;
  /** Makes a scheduled version a draft again; undefined when it is not scheduled. */
  unschedule(version: number): Promise<PolicyVersionView | undefined>;
  /** Makes the version live that was live before this one; undefined when there was none. */
  rollback(at: IsoInstant): Promise<PolicyVersionView | undefined>;
}
