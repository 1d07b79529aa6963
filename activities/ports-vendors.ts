/** What activities need from CRMs, data providers and channels, and of the stores behind them. */
import type { OpenOffer } from '../domain/assignment/open-offer';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import type { LeadFields, LeadStatus, NotificationKind } from '../domain/lead';
import type { Band } from '../domain/policy';
import type { ClockName } from '../domain/sla/plan';
import type { Assignment } from './ports';
import type { CrmChanges } from './ports-crm-sync';

/** What the CRM is told about a lead. */
export interface CrmLead {
  readonly id: LeadId;
  readonly person: LeadFields & { readonly id: string };
  readonly account: { readonly id: string; readonly name: string; readonly domain?: string } | null;
  readonly owner: { readonly id: string; readonly name: string; readonly email: string } | null;
  /** Who works it beside the owner. */
  readonly partner?: { readonly id: string; readonly name: string; readonly email: string };
  readonly score: number | null;
  readonly band: Band | null;
  readonly status: LeadStatus;
  readonly sla: { readonly policy: string; readonly touchDueAt: IsoInstant } | null;
}

export interface CrmPort {
  readonly system: string;
  /**
   * For a CRM without unique keys, where each record is looked for before it is made: writes of one person must not overlap,
   * and after one whose end is not known none may begin for this long. Then what it sent can be found, or never will.
   */
  readonly settleMs?: number;
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
  /** Absent for a CRM that cannot be asked what was changed there. */
  readonly changes?: CrmChanges;
}

export interface CrmStore {
  /**
   * The record as it should stand in the CRM now, and under which id that CRM has it once it was written there. Notes that
   * this is being written, so that it is known for our own when it comes back.
   */
  crmLead(leadId: LeadId, system: string): Promise<CrmLeadFound | undefined>;
  /** The CRM shows the lead as given; ends its turn. */
  synced(lead: CrmLead, system: string, externalId: string, at: IsoInstant): Promise<void>;
  /**
   * Whether a write may begin where the CRM's limits make writes wait: not while that of a hotter lead is under way or
   * between two tries. One that may begin keeps colder ones back until `until`, or the end of its turn.
   */
  takeTurn(input: {
    readonly leadId: LeadId;
    readonly band: Band | null;
    readonly now: IsoInstant;
    readonly until: IsoInstant;
  }): Promise<boolean>;
  /** The write cannot succeed as things are: nobody waits for it. */
  endTurn(leadId: LeadId): Promise<void>;
  /**
   * Keeps others from writing the person of this address or number for so long, by the database's clock; `holder` names
   * the one attempt that may. @returns false while another one does
   */
  lease(input: {
    readonly person: string;
    readonly holder: string;
    readonly forMs: number;
  }): Promise<boolean>;
  /** Lets others write, at once or after a while; nothing happens when another attempt does by now. */
  release(input: {
    readonly person: string;
    readonly holder: string;
    readonly afterMs?: number | undefined;
  }): Promise<void>;
  /** The lead written last under this id: a CRM may keep two leads of one person as one record. */
  leadIdOf(externalId: string): Promise<LeadId | undefined>;
  /**
   * Whether we may have made this person there in the last minutes: a lead of exactly his address, or without one of his
   * number, was being written there for the first time. Not counting the lead that he himself is, should he be one.
   */
  hasJustMade(person: PersonMade, except: LeadId): Promise<boolean>;
}

/** What a new person in the CRM can be reached by. */
export interface PersonMade {
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
}

export interface CrmLeadFound {
  readonly lead: CrmLead;
  readonly knownId?: string | undefined;
  /** Somebody deleted the record there: nobody was asked about it yet, or somebody wants it made again. */
  readonly deleted?: 'unasked' | 'remake' | undefined;
  readonly closed: boolean;
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

/** Whether domains take mail, by their name servers. */
export interface MailCheckPort {
  /** @param domain in ASCII. @returns undefined when it cannot be told. @throws ConnectorError when nobody answers */
  takesMail(domain: string, signal: AbortSignal): Promise<boolean | undefined>;
}

/** A company, or whether a domain takes mail. */
export type KeptAnswer = CompanyProfile | boolean;

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
    { readonly kind: 'known'; readonly answer: KeptAnswer | undefined } | { readonly kind: 'ask' | 'closed' }
  >;
  /** Keeps an answer, "unknown" included, and drops some that are too old to be used; the provider works. */
  answered(input: {
    readonly provider: string;
    readonly question: string;
    readonly at: IsoInstant;
    readonly answer: KeptAnswer | undefined;
    readonly cacheMs: number;
  }): Promise<void>;
  /** A provider that is closed for longer already stays so. @param input.counts whether enough of these in a row close the provider */
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
  /** The clock it is about; the first touch's when absent. */
  readonly clock?: ClockName;
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
    readonly clock?: ClockName;
    readonly repId: string;
    readonly at: IsoInstant;
    readonly now: IsoInstant;
    readonly burstMax: number;
    readonly windowMs: number;
  }): Promise<'goes' | 'held'>;
  /** Puts all that is held back for a person into a digest; a repeat returns the same messages. */
  takeHeld(repId: string, digest: string): Promise<readonly HeldMessage[]>;
  /**
   * Keeps what the channels said to a digest with each of its messages, and says it on each lead's timeline when it is
   * news. Safe to repeat.
   */
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
    /** When it was to be said. */
    readonly at: IsoInstant;
    /** When the channels said so, which is later when they were tried again. */
    readonly now: IsoInstant;
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
  /** To whom it is open while it has no owner. */
  readonly open?: OpenOffer;
  /** Rep id of who works it beside the owner. */
  readonly partner?: string;
  /** Somebody has worked it. */
  readonly touched: boolean;
  /** It is over: nobody has to do anything about it any more. */
  readonly closed: boolean;
  /** The older lead of the same person that goes on for it, and who owns that one. */
  readonly joined?: { readonly into: LeadId; readonly ownerId?: string };
}
