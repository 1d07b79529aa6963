/** What the API needs to read and keep, in our words; adapters live in `db/`. */
import type { ImportFormat, ImportReading, LineFault } from '../activities/ports-imports';
import type { Page } from '../domain/page';
import type { CandidateVerdict } from '../domain/assignment/picker';
import type { GateSettings } from '../domain/gate';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import type { LeadFields, LeadStatus } from '../domain/lead';
import type { Band, ClockKind, ScoreOverride } from '../domain/policy';
import type { ClockName } from '../domain/sla/plan';

export interface LeadView {
  readonly id: LeadId;
  readonly status: LeadStatus;
  readonly source: string;
  readonly personId?: string;
  readonly accountId?: string;
  readonly mergedInto?: LeadId;
  readonly owner?: { readonly id: string; readonly name: string };
  readonly score?: number;
  readonly band?: Band;
  /** Who works it beside the owner. */
  readonly partner?: { readonly id: string; readonly name: string };
  /** The owner has not taken it yet, or nobody of several reps who may claim it, and has so long to do so. */
  readonly offer?: { readonly until: IsoInstant; readonly to?: readonly string[] };
  /** Score or band as a person set it. */
  readonly scoreOverride?: ScoreOverride;
  readonly sla?: {
    readonly policy: string;
    readonly steps: readonly {
      readonly do: string;
      readonly dueAt: IsoInstant;
      readonly doneAt?: IsoInstant;
      readonly to?: string;
    }[];
    readonly touchDueAt: IsoInstant;
    readonly firstTouchAt?: IsoInstant;
    readonly breached: boolean;
    /** Each promise by itself, the first touch included. */
    readonly clocks: readonly ClockView[];
    /** Since when the lead waits for its customer. */
    readonly onHoldSince?: IsoInstant;
    /** When the customer last wrote back. */
    readonly repliedAt?: IsoInstant;
    readonly acknowledged?: { readonly by: string; readonly until: IsoInstant };
  };
  readonly crm?: { readonly system: string; readonly externalId: string; readonly syncedAt: IsoInstant };
  readonly workflowId: string;
  readonly receivedAt: IsoInstant;
  readonly closedAt?: IsoInstant;
  /** Why it was closed, in words. */
  readonly closeReason?: string;
  readonly timeline: readonly ({ readonly at: IsoInstant; readonly what: string } & Readonly<
    Record<string, unknown>
  >)[];
}

export interface ClockView {
  readonly name: ClockName;
  readonly clock: ClockKind;
  readonly startedAt: IsoInstant;
  readonly dueAt: IsoInstant;
  readonly steps: readonly {
    readonly do: string;
    readonly dueAt: IsoInstant;
    readonly doneAt?: IsoInstant;
    readonly to?: string;
  }[];
  readonly missedAt?: IsoInstant;
  readonly doneAt?: IsoInstant;
  /** Time it took on this clock, in milliseconds. */
  readonly tookMs?: number;
}

export type LeadSummary = Omit<
  LeadView,
  'timeline' | 'sla' | 'crm' | 'closeReason' | 'scoreOverride' | 'offer' | 'partner'
>;

export interface LeadReader {
  view(leadId: LeadId): Promise<LeadView | undefined>;
  list(query: {
    readonly status?: LeadStatus | undefined;
    readonly owner?: string | undefined;
    readonly source?: string | undefined;
    readonly limit: number;
    readonly startingAfter?: LeadId | undefined;
  }): Promise<Page<LeadSummary>>;
  /** Why this owner, as data. */
  explanation(leadId: LeadId): Promise<unknown>;
  /** For a signed link's page: who the lead is. */
  person(leadId: LeadId): Promise<LeadFields | undefined>;
  accounting(): Promise<Accounting>;
  /** Whether anybody still works on it; undefined for an id nobody has. */
  standing(leadId: LeadId): Promise<{ readonly closed: boolean } | undefined>;
  /** Open leads whose owner is none of these reps, oldest first, at most 100. */
  ownedByOthers(
    repIds: readonly string[],
  ): Promise<readonly { readonly leadId: LeadId; readonly owner: string }[]>;
  /** Leads that wait for somebody who can take them, oldest first. */
  parked(): Promise<readonly LeadId[]>;
  /** Leads with an owner that are not over and whose partner is absent now, in an absence that began after `since`. */
  partnersAway(since?: IsoInstant): Promise<readonly LeadId[]>;
}

export interface Accounting {
  readonly accepted: number;
  readonly assigned: number;
  readonly parked: number;
  readonly merged: number;
  readonly rejected: number;
  readonly deadLettered: number;
  readonly inFlight: number;
  readonly balanced: boolean;
}

export interface RepStore {
  setStatus(repId: string, status: 'active' | 'paused', reason: string | undefined): Promise<void>;
  /**
   * Replaces the rep's absence that starts at the same instant; an `until` not after `from` removes it. Time he was away
   * already stays: an absence that has begun ends at `now` at the earliest.
   */
  setAbsence(
    repId: string,
    absence: { readonly from: IsoInstant; readonly until: IsoInstant; readonly reason?: string | undefined },
    now: IsoInstant,
  ): Promise<void>;
  states(): Promise<
    readonly {
      readonly repId: string;
      readonly status: 'active' | 'paused';
      readonly pauseReason?: string;
      readonly openCount: number;
      readonly absences: readonly {
        readonly from: IsoInstant;
        readonly until: IsoInstant;
        readonly reason?: string;
      }[];
    }[]
  >;
}

export interface PoolReader {
  ledger(
    poolId: string,
    query: { readonly limit: number; readonly startingAfter?: bigint | undefined },
  ): Promise<
    Page<{
      readonly seq: number;
      readonly leadId: LeadId;
      readonly hop: number;
      readonly rep: string;
      readonly at: IsoInstant;
      readonly charged: number;
      readonly candidates: readonly CandidateVerdict[];
      readonly credit?: { readonly rep: string; readonly cause: string; readonly amount: number };
    }> & {
      readonly shares: readonly {
        readonly rep: string;
        readonly weight: number;
        readonly assigned: number;
        readonly target: number;
      }[];
    }
  >;
}

export const apiScopes = ['intake', 'read', 'act', 'operate', 'admin'] as const;

export type ApiScope = (typeof apiScopes)[number];

export interface ApiKeyView {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  readonly ratePerSecond?: number;
  readonly createdAt: IsoInstant;
  readonly revokedAt?: IsoInstant;
}

export interface ApiKeyStore {
  /** All keys that are not revoked, with the SHA-256 (hex) of each. */
  live(): Promise<readonly (ApiKeyView & { readonly hash: string })[]>;
  create(key: {
    readonly id: string;
    readonly name: string;
    readonly scopes: readonly ApiScope[];
    readonly hash: string;
    readonly ratePerSecond?: number | undefined;
  }): Promise<ApiKeyView>;
  list(): Promise<readonly ApiKeyView[]>;
  revoke(id: string, at: IsoInstant): Promise<boolean>;
}

export const sourceKinds = [
  'standard-webhooks',
  'generic',
  'email',
  'cloudevents',
  'hubspot',
  'hubspot-v2',
  'hubspot-v1',
  'meta',
  'google-ads',
  'linkedin',
  'typeform',
  'webflow',
  'calendly',
  'stripe',
  'intercom',
  'segment',
  'slack',
  'pipedrive',
] as const;

export type SourceKind = (typeof sourceKinds)[number];

export interface SourceConfig {
  readonly name: string;
  readonly kind: SourceKind;
  /** Secrets, newest first, at most two. */
  readonly secrets: readonly string[];
  /** Until when the older secret is good; absent means until the next rotation. */
  readonly previousUntil?: IsoInstant;
  /** Word that the sender repeats in its handshake. */
  readonly verifyToken?: string;
  /** With which leads are fetched that the source only names. */
  readonly accessToken?: string;
  /** With which such tokens are got instead; the client's secret is the newest of `secrets`. */
  readonly oauth?: SourceOauth;
  /** Canonical field → path in an event. */
  readonly mapping?: Readonly<Record<string, string>>;
  /** What it asks of its leads before they are routed; the standard gate when absent. */
  readonly gate?: GateSettings;
}

export interface SourceOauth {
  readonly clientId: string;
  readonly refreshToken: string;
}

export interface SourceStore {
  all(): Promise<readonly SourceConfig[]>;
  put(source: SourceConfig): Promise<void>;
}

/** Leads that the gate turned away. */
export interface GateKeeper {
  /** Makes one a lead again; undefined for an id nobody has. */
  release(input: {
    readonly leadId: LeadId;
    readonly at: IsoInstant;
    readonly by?: string | undefined;
    readonly reason?: string | undefined;
  }): Promise<'released' | 'not_rejected' | undefined>;
}

/**
 * Why an authentic event made no lead when it came. `fetching`: its lead is being fetched from the vendor; `fetched`: it is a
 * lead by now, and so is `replayed`, which was a dead letter.
 */
export const eventStates = [
  'test',
  'id_only',
  'fetching',
  'fetched',
  'other',
  'spam',
  'dead_lettered',
  'replayed',
] as const;
export type EventState = (typeof eventStates)[number];

export interface KeptEvent {
  /** The id that the lead has, or would have. */
  readonly leadId: LeadId;
  readonly source: string;
  readonly eventKey: string;
  readonly type?: string | undefined;
  readonly state: EventState;
  /** What is wrong with a dead letter. */
  readonly reason?: string | undefined;
  /** JSON of the event's own part of the body. */
  readonly rawBody: string;
  readonly receivedAt: IsoInstant;
}

export interface EventStore {
  /** Keeps events that are no leads; a repeat changes nothing. A dead letter opens an error of step `map`. */
  keep(events: readonly KeptEvent[]): Promise<void>;
  deadLetter(leadId: LeadId): Promise<KeptEvent | undefined>;
  /** The lead of a dead letter is to be fetched once more. @returns false when there is no such dead letter. */
  refetch(leadId: LeadId): Promise<boolean>;
  /** The dead letter is a lead now; closes its error. */
  replayed(leadId: LeadId, at: IsoInstant): Promise<void>;
  list(query: {
    readonly source: string;
    readonly state?: EventState | undefined;
    readonly limit: number;
    readonly startingAfter?: LeadId | undefined;
  }): Promise<Page<KeptEvent>>;
}

export const importFormats = ['csv', 'jsonl'] as const satisfies readonly ImportFormat[];

export const importStates = ['queued', 'running', 'finished', 'cancelled'] as const;

export interface ImportView {
  readonly id: string;
  readonly status: (typeof importStates)[number];
  readonly source: string;
  readonly format: ImportFormat;
  /** Lines with something on them; absent until the file is split into lines. */
  readonly rows?: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly failed: number;
  readonly createdAt: IsoInstant;
  readonly finishedAt?: IsoInstant;
}

export interface ImportBook {
  /** Keeps a file. An import that is there already stays as it is, but for a cancelled one, which starts over. */
  open(wanted: {
    readonly id: string;
    readonly file: Buffer;
    readonly reading: ImportReading;
    readonly at: IsoInstant;
  }): Promise<void>;
  view(id: string): Promise<ImportView | undefined>;
  /** Lines that are no leads, by number. */
  faults(id: string): Promise<readonly ({ readonly line: number } & LineFault)[]>;
  /** Forgets what has not been taken in. @returns false when the import is over already. */
  cancel(id: string, at: IsoInstant): Promise<boolean>;
}
