/**
 * What the activities and the API need from the outside, in our words. Adapters live in `db/` and `connectors/`;
 * identification has its ports in ports-identity.ts.
 * Every method may throw when its backend is unreachable; what else it promises stands at the method.
 */
import type { CandidateVerdict } from '../domain/assignment/picker';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import type {
  DispositionOutcome,
  LeadFacts,
  LeadFields,
  LeadProgress,
  LeadStatus,
  TouchKind,
  AssignmentCause,
  NotificationKind,
} from '../domain/lead';
import type { Page } from '../domain/page';
import type { Band, CreditRule, Policy } from '../domain/policy';
import type { OwnerTarget, RepLimits } from './ports-assignment';
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
  readonly receivedAt: IsoInstant;
}

/** A lead and its place in the order of arrival. */
export interface QueuedLead {
  readonly leadId: LeadId;
  readonly seq: bigint;
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
  readonly ownerId?: string;
  readonly hop: number;
  readonly firstTouchAt?: IsoInstant;
  readonly score?: number;
  readonly band?: Band;
  readonly policyVersion?: number;
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
}

export interface AssignInput {
  readonly leadId: LeadId;
  /** Number the new assignment gets; a repeat of the call returns what was written under it. */
  readonly hop: number;
  readonly cause: AssignmentCause;
  readonly at: IsoInstant;
  readonly rule: string;
  readonly targets: readonly OwnerTarget[];
  /** Reps who declined this lead or lost it by the clock. */
  readonly exclude: readonly string[];
  /** Of everybody who could be picked, by rep id. */
  readonly limits: Readonly<Record<string, RepLimits>>;
  /** What the lead takes of them. */
  readonly cost: number;
  /** A parked lead that has waited this long goes before the others, whatever its band. */
  readonly longestWaitMs: number;
  readonly score: number;
  readonly band: Band;
  readonly policyVersion: number;
  readonly explanation: unknown;
  /** The SLA for the rep who is picked; pure, called once with the winner. */
  readonly planFor: (repId: string) => AppliedSla;
}

export type AssignResult =
  /** `next`: the parked lead that may take what this one freed. */
  | { readonly kind: 'assigned'; readonly assignment: Assignment; readonly next?: LeadId }
  /** Nobody was eligible; nothing but the timeline and the state was written. */
  | {
      readonly kind: 'parked';
      readonly skipped: readonly CandidateVerdict[];
      /** When an absence, a cap or a hold among them ends. */
      readonly availableAt?: IsoInstant;
      readonly next?: LeadId;
    };

export interface AssignmentStore {
  /** One transaction: lock pool and reps, pick, write ledger, assignment, counters, lead and timeline. */
  assign(input: AssignInput): Promise<AssignResult>;
  /** Whom `assign` would pick now; nothing is written. */
  wouldAssign(
    input: AssignInput,
  ): Promise<{ readonly repId?: string; readonly skipped: readonly CandidateVerdict[] }>;
  history(leadId: LeadId): Promise<readonly Assignment[]>;
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
   * Moves the lead to qualified, or closes it: frees the owner's capacity, returns the pool's charge for a disqualified
   * one where the rule says so, and notes the reason. Safe to repeat. @returns the parked lead that may take his room.
   */
  dispose(input: {
    readonly leadId: LeadId;
    readonly at: IsoInstant;
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
   * One transaction: ends the lead as merged into an older open one of the same person, gives its owner the pool's
   * charge back, and the older one the earlier of the two touch deadlines. Refused once the older one is closed, as
   * nobody would work it then. Safe to repeat.
   */
  join(input: {
    readonly leadId: LeadId;
    readonly into: LeadId;
    readonly at: IsoInstant;
  }): Promise<LeadJoined>;
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

// ---------------------------------------------------------------- vendors

/** What the CRM is told about a lead. */
export interface CrmLead {
  readonly id: LeadId;
  readonly person: LeadFields & { readonly id: string };
  readonly account: { readonly id: string; readonly name: string; readonly domain?: string } | null;
  readonly owner: { readonly id: string; readonly name: string; readonly email: string } | null;
  readonly score: number | null;
  readonly band: Band | null;
  readonly status: LeadStatus;
  readonly sla: { readonly policy: string; readonly touchDueAt: IsoInstant } | null;
}

export interface CrmPort {
  readonly system: string;
  /**
   * Creates or replaces the record of a lead by our id: a repeat with the same key changes nothing and creates nothing.
   * Owner, status and, where the CRM has them, the owner's task and what the person wrote go with it. `knownId` is
   * the id an earlier write returned, for CRMs that cannot be asked for ours.
   * @throws ConnectorError
   */
  upsertLead(
    lead: CrmLead,
    idempotencyKey: string,
    signal: AbortSignal,
    knownId?: string,
  ): Promise<{ readonly externalId: string }>;
}

export interface CrmStore {
  /** The record as it should stand in the CRM now. */
  crmLead(leadId: LeadId): Promise<CrmLead | undefined>;
  synced(leadId: LeadId, system: string, externalId: string, at: IsoInstant): Promise<void>;
  /** Under which id this CRM has the lead, once it was written there. */
  externalIdOf(leadId: LeadId, system: string): Promise<string | undefined>;
  /** The lead written last under this id: a CRM may keep two leads of one person as one record. */
  leadIdOf(externalId: string): Promise<LeadId | undefined>;
}

export interface CompanyProfile {
  readonly source: string;
  readonly name?: string;
  readonly domain?: string;
  readonly employees?: number;
  readonly industry?: string;
  readonly country?: string;
}

export interface EnrichPort {
  readonly provider: string;
  /** @returns undefined when the provider does not know the company. @throws ConnectorError */
  company(
    query: { readonly email?: string; readonly domain?: string },
    signal: AbortSignal,
  ): Promise<CompanyProfile | undefined>;
}

/** What data providers said, and whether they may be asked; the same for all processes. */
export interface EnrichmentStore {
  /**
   * Whether to ask a provider: the answer is known and not too old, or the question may be put (and counts against the
   * day), or the provider is closed: failed too often, out of credit, or the day's budget is spent.
   */
  mayAsk(input: {
    readonly provider: string;
    readonly question: string;
    readonly at: IsoInstant;
    readonly cacheMs: number;
    readonly dailyMax: number;
  }): Promise<
    | { readonly kind: 'known'; readonly answer: CompanyProfile | undefined }
    | { readonly kind: 'ask' | 'closed' }
  >;
  /** Keeps an answer, "unknown" included; the provider works. */
  answered(input: {
    readonly provider: string;
    readonly question: string;
    readonly at: IsoInstant;
    readonly answer: CompanyProfile | undefined;
  }): Promise<void>;
  /** @param input.counts whether enough of these in a row close the provider */
  failed(input: {
    readonly provider: string;
    readonly at: IsoInstant;
    readonly code: string;
    readonly counts: boolean;
    readonly closedUntil?: IsoInstant;
  }): Promise<void>;
}

/** One thing a message says. Its text may be what a stranger typed into a form: each channel escapes it. */
export interface MessageFact {
  readonly label: string;
  readonly text: string;
  /** Where to look at it. */
  readonly url?: string;
}

/** A message to one person about one lead, with links that act; or about many, as a digest. */
export interface Notification {
  /** `<leadId>:notify:<what>`; a repeat carries the same key, so that a receiver can tell. */
  readonly key: string;
  readonly kind: NotificationKind | 'digest';
  /** Absent in a digest. */
  readonly leadId?: LeadId;
  readonly to: { readonly id: string; readonly name: string; readonly email: string };
  /** One line: what happened. */
  readonly subject: string;
  /** Who the lead is, why this rep, what is due when in his zone; of a digest, one lead each. */
  readonly facts: readonly MessageFact[];
  readonly dueAt?: IsoInstant;
  /** Signed, expiring; a GET shows a page, a POST from it acts. A digest can only be opened. */
  readonly links: { readonly open: string } & Readonly<
    Partial<Record<'claim' | 'decline' | 'snooze' | 'reassign', string>>
  >;
}

export interface NotifyPort {
  readonly channel: string;
  /** Kinds it is there for; absent means all. */
  readonly kinds?: readonly Notification['kind'][];
  /** @returns what the receiver answered, for the timeline. @throws ConnectorError */
  send(notification: Notification, signal: AbortSignal): Promise<string>;
}

/** Where messages go. */
export interface NotifyChannels {
  /** Machines, told of everything that happens: the log, the webhook, the pager. */
  readonly every: readonly NotifyPort[];
  /** Ways to reach a person: of each list the first that works, in this order. */
  readonly person: readonly (readonly NotifyPort[])[];
}

/** What a channel made of a message: `unknown` may have arrived and may not, so it is not sent there again. */
export interface ChannelResult {
  readonly state: 'sent' | 'failed' | 'unknown' | 'held' | 'skipped';
  /** The receiver's words, or the failure's code. */
  readonly detail: string;
}
export type ChannelResults = Readonly<Record<string, ChannelResult>>;

/** A message that waits for a digest. */
export interface HeldMessage {
  readonly key: string;
  readonly leadId: LeadId;
  readonly kind: NotificationKind;
}

export interface Digests {
  /** Sees to it that what is held back for a person is sent as one message soon. Safe to repeat. */
  gather(repId: string): Promise<void>;
}

export interface NotificationStore {
  /**
   * Whether a message may go to a person by itself, or is held back because `burstMax` have gone to him within
   * `windowMs`. Counted over all processes; a repeat gets the same answer.
   */
  admit(input: {
    readonly key: string;
    readonly leadId: LeadId;
    readonly kind: NotificationKind;
    readonly repId: string;
    readonly at: IsoInstant;
    readonly now: IsoInstant;
    readonly burstMax: number;
    readonly windowMs: number;
  }): Promise<'goes' | 'held'>;
  /** Puts all that is held back for a person into a digest; a repeat returns the same messages. */
  takeHeld(repId: string, digest: string): Promise<readonly HeldMessage[]>;
  /** Keeps what the channels said to a digest with each of its messages, and says it on each lead's timeline. */
  recordDigest(digest: string, at: IsoInstant, results: ChannelResults): Promise<void>;
  /** What each channel has made of this notification or digest so far. */
  results(key: string): Promise<ChannelResults>;
  /** What a notification about each of these leads says; without those that are gone. */
  subjects(leadIds: readonly LeadId[]): Promise<ReadonlyMap<LeadId, NotificationSubject>>;
  /** Keeps what the channels said, and says it on the timeline when it is news. Safe to repeat. */
  record(input: {
    readonly key: string;
    readonly leadId: LeadId;
    readonly kind: NotificationKind;
    readonly repId: string;
    readonly at: IsoInstant;
    readonly results: ChannelResults;
  }): Promise<void>;
}

export interface NotificationSubject {
  readonly fields: LeadFields;
  readonly company?: string;
  readonly score?: number;
  readonly band?: Band;
  readonly policyVersion?: number;
  readonly assignment?: Assignment;
  /** Somebody has worked it. */
  readonly touched: boolean;
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
  /** Makes a version live and retires the one before; undefined when there is no such version. */
  publish(version: number, at: IsoInstant): Promise<PolicyVersionView | undefined>;
  schedule(version: number, publishAt: IsoInstant): Promise<PolicyVersionView | undefined>;
  /** Makes a scheduled version a draft again; undefined when it is not scheduled. */
  unschedule(version: number): Promise<PolicyVersionView | undefined>;
  /** Makes the version live that was live before this one; undefined when there was none. */
  rollback(at: IsoInstant): Promise<PolicyVersionView | undefined>;
}
