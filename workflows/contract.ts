/** The public face of the processes: queues, ids, messages, search attributes, inputs and outcomes. */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CrmDifference, CrmReportCounts } from '../activities/ports-crm-sync';
import type { Rejection } from '../domain/gate';
import type { DispositionOutcome, LeadStatus, TouchKind } from '../domain/lead';
import type { ScoreOverride } from '../domain/policy';

/** One queue per outside system, so that a slow or rate-limited one never holds up the rest. */
export const taskQueues = {
  leads: 'leads',
  crm: 'crm',
  enrich: 'enrich',
  notify: 'notify',
  /** Questions to the CRM about what was changed there, beside the writes and their limits. */
  crmChanges: 'crm-changes',
  imports: 'imports',
  sources: 'sources',
  captcha: 'captcha',
} as const;

/** Place in every task queue: lower goes first, 3 is what everything else has. */
export const importPriority = 5;

export const leadRoutingId = (leadId: string): string => `lead/${leadId}`;
export const acceptWhileAwayId = (leadId: string): string => `accept/${leadId}`;
export const reconcileScheduleId = 'reconcile-runs';
/** The one run that reads the CRM's changes. */
export const followCrmId = 'follow-crm';
export const compareCrmScheduleId = 'compare-crm';

/** What operations filter on: "assigned, due before now". */
export const searchAttributes = {
  status: defineSearchAttributeKey('LeadStatus', SearchAttributeType.KEYWORD),
  owner: defineSearchAttributeKey('LeadOwner', SearchAttributeType.KEYWORD),
  dueAt: defineSearchAttributeKey('LeadDueAt', SearchAttributeType.DATETIME),
};

export interface LeadReceived {
  readonly leadId: string;
}

export type LeadOutcome =
  | { readonly kind: 'merged'; readonly into: string }
  | { readonly kind: 'rejected'; readonly reason: Rejection }
  | {
      readonly kind: 'closed';
      readonly outcome: DispositionOutcome | 'closed';
      readonly speedToLeadMs?: number;
    };

/** The new state an accepted request leads to. */
export interface LeadStateReply {
  readonly status: LeadStatus;
  readonly owner?: string;
  readonly nextDueAt?: string;
}

/** Failure type of an update that was refused because of the lead's state; the API answers 409. */
export const conflictType = 'lead.conflict';
/** The run has had as many requests as one may have: the next one, which is there in a moment, takes it. */
export const handoverType = 'lead.handover';

/**
 * What people ask of a lead. `by` is a rep id; a `reason`, and who changed the CRM, is sealed by the client of the run and
 * opened by the step that keeps it (domain/sealed.ts), as anybody's name may be in it. `hop` is the assignment a signed link was made for: a link made for an
 * earlier owner is refused.
 */
export interface TouchRequest {
  readonly kind: TouchKind;
  /** When it happened, if not now. */
  readonly at?: string;
  readonly by?: string;
}
export interface ClaimRequest {
  readonly by?: string;
  readonly hop?: number;
}
export interface DeclineRequest {
  readonly by?: string;
  readonly reason?: string;
  readonly hop?: number;
}
export interface ReassignRequest {
  /** Rep id; without it the next in line. */
  readonly to?: string;
  readonly by?: string;
  readonly hop?: number;
}
export interface SnoozeRequest {
  readonly forMs: number;
  readonly by?: string;
  readonly hop?: number;
}
/** Somebody above the owner has it in hand: the ladder goes no further for that long. */
export interface AcknowledgeRequest {
  readonly by: string;
  readonly forMs: number;
}
/** The customer has the word: the clocks stand still until he writes, or somebody resumes. */
export interface HoldRequest {
  readonly by?: string;
  readonly reason?: string;
}
export interface ResumeRequest {
  readonly by?: string;
}
export interface DispositionRequest {
  readonly outcome: DispositionOutcome;
  readonly reason?: string;
  readonly by?: string;
}

/** Score or band as a person sees it, for good: what the rules work out later does not change it. */
export type ScoreRequest = Omit<ScoreOverride, 'at'>;
export interface ScoreClearRequest {
  readonly by?: string;
}

/** The lead is of the same person as the older open lead `into`: end as merged into that one. */
export interface JoinRequest {
  readonly into: string;
}

export const updates = {
  recordTouch: defineUpdate<LeadStateReply, [TouchRequest]>('recordTouch'),
  claim: defineUpdate<LeadStateReply, [ClaimRequest]>('claim'),
  decline: defineUpdate<LeadStateReply, [DeclineRequest]>('decline'),
  reassign: defineUpdate<LeadStateReply, [ReassignRequest]>('reassign'),
  snooze: defineUpdate<LeadStateReply, [SnoozeRequest]>('snooze'),
  acknowledge: defineUpdate<LeadStateReply, [AcknowledgeRequest]>('acknowledge'),
  hold: defineUpdate<LeadStateReply, [HoldRequest]>('hold'),
  resume: defineUpdate<LeadStateReply, [ResumeRequest]>('resume'),
  reply: defineUpdate<LeadStateReply, [Record<string, never>]>('reply'),
  dispose: defineUpdate<LeadStateReply, [DispositionRequest]>('dispose'),
  setScore: defineUpdate<LeadStateReply, [ScoreRequest]>('setScore'),
  clearScore: defineUpdate<LeadStateReply, [ScoreClearRequest]>('clearScore'),
  join: defineUpdate<LeadStateReply, [JoinRequest]>('join'),
  /** The person says that the address is his; once the lead is through the gate it changes nothing any more. */
  confirm: defineUpdate<LeadStateReply, [Record<string, never>]>('confirm'),
} as const;

/**
 * What a person changed in the CRM: a field of the lead, or the record as a whole, which `differs` from the lead in
 * what is decided here, or was `deleted`.
 */
export interface CrmChange {
  readonly field: 'status' | 'owner' | 'record';
  readonly value: string;
  /** When it was changed over there. */
  readonly at: string;
  readonly by?: string;
  readonly version?: string;
}

/** The cause of an open error is fixed: try the step again. */
export const retryRequested = defineSignal<[{ readonly step: string }]>('retryRequested');
/** The same person sent another lead, which was merged into this one; `touchDueAt` is the deadline that one had. */
export interface RepeatReceived {
  readonly leadId: string;
  readonly touchDueAt?: string;
}
export const repeatReceived = defineSignal<[RepeatReceived]>('repeatReceived');
/** Someone may be able to take a parked lead now: a rep is back, a policy was published. Or a lead's partner is away. */
export const capacityFreed = defineSignal('capacityFreed');
/** A calendar, an absence or the policy changed: deadlines are worked out anew. Sent to many runs by one batch operation. */
export const timeChanged = defineSignal('timeChanged');
export const crmChanged = defineSignal<[CrmChange]>('crmChanged');

/** Input of `acceptWhileAway`: a lead taken in while Postgres is away, sealed by the payload codec of its client. */
export interface LeadTakenIn {
  readonly leadId: string;
  /** NewLead as JSON, sealed (domain/sealed.ts), base64. */
  readonly sealed: string;
}

/** Whose leads work their deadlines out anew; everybody's without `rep`. */
export interface RebaseRequested {
  readonly rep?: string;
}
export const rebaseClocksId = ({ rep }: RebaseRequested): string =>
  rep === undefined ? 'rebase-clocks' : `rebase-clocks/${rep}`;

export interface PublishRequested {
  readonly version: number;
  readonly at: string;
}
export const publishPolicyId = (version: number): string => `publish-policy/${String(version)}`;

export interface ImportWanted {
  readonly importId: string;
}
export const importLeadsId = (importId: string): string => `import/${importId}`;

export interface FetchLeadWanted {
  readonly leadId: string;
}
export const fetchLeadId = (leadId: string): string => `fetch/${leadId}`;

export interface DigestWanted {
  readonly repId: string;
}
export const digestMessagesId = (repId: string): string => `digest/${repId}`;
/** A message to this person was held back for the next digest. */
export const messageHeld = defineSignal('messageHeld');

/**
 * Somebody knows that the CRM has news: ask at once instead of at the next turn. With ids, by which `CrmChanges.read` knows
 * them, these records are read instead.
 */
export const crmHasNews = defineSignal<[externalIds?: readonly string[]]>('crmHasNews');

/** Input of `followCrm`; a later run gets the records that the earlier one had not read yet. */
export interface CrmFollowed {
  readonly named?: readonly string[];
}

/** Input of `compareCrm`; a later run of a long comparison gets what the earlier ones counted. */
export interface CrmComparison {
  readonly startedAt?: string;
  readonly afterSeq?: string;
  readonly counts?: CrmReportCounts;
  readonly differences?: readonly CrmDifference[];
}
