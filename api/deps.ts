import type { UpdateDefinition } from '@temporalio/common';
import type { Registry } from 'prom-client';
import type { Clock, ErrorStore, NewLead, PolicyStore } from '../activities/ports';
import type { CrmSyncStore } from '../activities/ports-crm-sync';
import type { CrmStore } from '../activities/ports-vendors';
import type {
  ApiKeyStore,
  EventStore,
  GateKeeper,
  ImportBook,
  LeadReader,
  PoolReader,
  RepStore,
  SourceStore,
} from './ports';
import type { PeopleStore, ReviewStore, ThresholdStore } from './ports-identity';
import type { Logger } from '../config/logger';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import type { LeadFields } from '../domain/lead';
import type { Band } from '../domain/policy';
import type * as contract from '../workflows/contract';

/** Everything the API needs from the outside; `main.ts` wires the real things, tests pass fakes. */
export interface ApiDeps {
  readonly intake: Intake;
  readonly runs: Runs;
  readonly leads: Pick<
    LeadReader,
    'view' | 'list' | 'explanation' | 'person' | 'accounting' | 'ownedByOthers'
  >;
  readonly policies: PolicyStore;
  readonly reps: RepStore;
  readonly pools: PoolReader;
  readonly errors: Pick<ErrorStore, 'get' | 'list' | 'groups'>;
  readonly keys: ApiKeyStore;
  readonly sources: SourceStore;
  readonly events: EventStore;
  readonly imports: ImportBook;
  readonly gate: GateKeeper;
  readonly people: PeopleStore;
  readonly reviews: ReviewStore;
  readonly thresholds: ThresholdStore;
  readonly crm: Pick<CrmStore, 'leadIdOf' | 'hasJustMade'>;
  readonly crmSync: Pick<CrmSyncStore, 'deleted' | 'reports'>;
  /** Routes a lead on paper; nothing is written. Undefined when there is no such version, or none is live. */
  readonly preview: (
    fields: LeadFields,
    source: string,
    version?: number,
  ) => Promise<PreviewResult | undefined>;
  readonly health: () => Promise<{ readonly postgres: boolean; readonly temporal: boolean }>;
  /** Key of the links in notifications, 32 bytes. */
  readonly linkKey: Buffer;
  /** Key of the console's cookie, 32 bytes. */
  readonly sessionKey: Buffer;
  /** Standard Webhooks secret of the CRM's own changes; without it there is no source `crm`. */
  readonly crmSecret?: string | undefined;
  /** The CRM that is configured. */
  readonly crmSystem: string;
  /** The Slack app whose buttons act; `reply` posts to the address that came with a pressed button. */
  readonly slack?:
    | {
        readonly signingSecret: string;
        readonly reply: (url: string, message: unknown) => Promise<void>;
      }
    | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Requests per second of a key that has no rate of its own, averaged over 10 s. */
  readonly ratePerSecond: number;
  /** Where the API is reached from outside; known only after listening when the port is free to choose. */
  readonly publicUrl: () => string;
}

export interface Intake {
  /** Resolves once the lead is durable. @throws NothingDurableError */
  accept(lead: NewLead): Promise<void>;
}

type ArgumentOf<U> = U extends UpdateDefinition<contract.LeadStateReply, [infer A]> ? A : never;

/** What each request to a run carries: the arguments of the updates in `workflows/contract.ts`. */
export type RunRequests = {
  readonly [K in keyof typeof contract.updates]: ArgumentOf<(typeof contract.updates)[K]>;
};

/** Accepted with the new state, or refused because of the old one, in words. */
export type RunAnswer =
  | { readonly ok: true; readonly state: contract.LeadStateReply }
  | { readonly ok: false; readonly reason: string };

/** The running leads. Every method throws RunsUnavailableError when Temporal cannot be reached. */
export interface Runs {
  /** @param key the same key again is the same request, answered as before. @throws UnknownLeadError */
  request<K extends keyof RunRequests>(
    leadId: LeadId,
    kind: K,
    args: RunRequests[K],
    key?: string,
  ): Promise<RunAnswer>;
  /** Asks the runs to try these steps again. @returns how many were asked. */
  retry(errors: readonly { readonly leadId: LeadId; readonly step: string }[]): Promise<number>;
  /**
   * Tells every parked lead that someone may be able to take it now, and every lead whose partner is away that somebody
   * else is to take his place. @returns how many were told.
   */
  wakeParked(): Promise<number>;
  /** Gives a released lead another run; safe to repeat while that one goes on. */
  beginAgain(leadId: LeadId): Promise<void>;
  /** @throws UnknownLeadError */
  crmChanged(leadId: LeadId, change: contract.CrmChange): Promise<void>;
  /** Has the CRM asked for changes at once, or only for these of its records, where it is asked at all. */
  askCrm(externalIds?: readonly string[]): Promise<void>;
  schedulePublish(version: number, at: IsoInstant): Promise<void>;
  /** Safe when none is scheduled. */
  cancelPublish(version: number): Promise<void>;
  /** Sees to it that a lead of which only the id is known is fetched; `again` after that was given up. */
  fetchLead(leadId: LeadId, again?: boolean): Promise<void>;
  /** Sees to it that an import has a run. */
  startImport(importId: string): Promise<void>;
  /** Has the deadlines of running leads worked out anew: everybody's, or one rep's. */
  rebase(wanted: contract.RebaseRequested): Promise<void>;
}

/** What would happen to a lead, decided without writing anything. */
export interface PreviewResult {
  readonly version: number;
  /** Absent when no rule takes the lead. */
  readonly rule?: string | undefined;
  readonly owner: { readonly id: string; readonly name: string } | null;
  readonly score: number;
  readonly band: Band;
  /** The touch deadline and every SLA step of the owner, by due instant. */
  readonly due: readonly {
    readonly do: string;
    readonly dueAt: IsoInstant;
    readonly to?: string | undefined;
  }[];
  /** Why nobody would get the lead. */
  readonly parked?: string | undefined;
  /** Every rule that was tried, and what it said. */
  readonly trail: readonly {
    readonly rule: string;
    readonly when?: string | undefined;
    readonly verdict: string;
  }[];
}
