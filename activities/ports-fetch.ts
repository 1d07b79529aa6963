/** What it takes to fetch the leads of which a webhook told only the id. */
import type { KeptEvent, SourceConfig } from '../api/ports';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import type { NewLead } from './ports';

/** An event that names a lead, and the source it came from as that is now. */
export interface LeadToFetch {
  readonly event: Omit<KeptEvent, 'state' | 'reason'>;
  /** Undefined when somebody has taken the source away. */
  readonly source: SourceConfig | undefined;
}

export interface FetchWanted {
  /** The event's own part of the body. */
  readonly data: unknown;
  readonly accessToken: string;
  readonly mapping: SourceConfig['mapping'];
}

export interface FetchPort {
  /**
   * Asks the vendor for the lead that an event names. Reading does not change anything over there, so it can be repeated.
   * @returns the event's data with the lead's fields in it, where the kind of source and mappings look for them;
   * `test` for one that somebody made to try the form, `other` for a record that we made there. @throws ConnectorError
   */
  fetch(
    wanted: FetchWanted,
    signal: AbortSignal,
  ): Promise<{ readonly data: unknown; readonly nature: 'lead' | 'test' | 'other' }>;
}

/** Where the access token of a source comes from. */
export interface FetchTokens {
  /** Undefined for a source without any. @throws ConnectorError when a token is to be got and the vendor gives none */
  current(source: SourceConfig): Promise<string | undefined>;
  /** Another one instead of one that was refused; undefined where there is none to get. @throws ConnectorError */
  renewed(source: SourceConfig, refused: string): Promise<string | undefined>;
}

/** The vendors that can be asked, by kind of source. */
export type Fetchers = Readonly<Partial<Record<SourceConfig['kind'], FetchPort>>>;

/** Reads a fetched event like one that came with its fields. Pure. */
export type EventReader = (
  toFetch: LeadToFetch & { readonly source: SourceConfig },
  data: unknown,
) => { readonly lead: NewLead } | { readonly isSpam: true } | { readonly reason: string };

/** Why there is no lead yet; `fingerprint` is shared by all with the same cause. */
export interface FetchFault {
  readonly step: 'fetch' | 'map';
  readonly code: string;
  readonly fingerprint: string;
  readonly message: string;
}

export interface FetchStore {
  /** Undefined unless the event waits for its lead to be fetched. */
  toFetch(leadId: LeadId): Promise<LeadToFetch | undefined>;
  /** Events that wait, oldest first, at most 1000. */
  waiting(): Promise<readonly LeadId[]>;
  /**
   * Notes what became of a waiting event, and what was fetched; closes its errors, or opens one with the `fault` that
   * makes it a dead letter. Safe to repeat.
   */
  settle(input: {
    readonly leadId: LeadId;
    readonly at: IsoInstant;
    readonly outcome:
      { readonly state: 'fetched' | 'test' | 'other' | 'spam' } | { readonly fault: FetchFault };
    readonly data?: unknown;
  }): Promise<void>;
}
