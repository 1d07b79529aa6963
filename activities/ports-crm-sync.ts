/** What activities need to hear of what people change in the CRM. */
import type { FieldChange, FieldState, SharedField, Verdict } from '../domain/crm/change';
import type { CrmCursor, Stamped } from '../domain/crm/cursor';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import type { LeadStatus } from '../domain/lead';

/** A record of ours as it stands in the CRM. */
export interface CrmRecord extends Stamped {
  /** Our id, where the record carries one. */
  readonly leadId?: LeadId;
  /** Our statuses that the CRM's word stands for, the least advanced first; empty when it means nothing here. */
  readonly status: readonly LeadStatus[];
  /** E-mail address of the user who owns it; absent when nobody does. */
  readonly ownerEmail?: string;
  /** Ids of records that people merged into this one. */
  readonly absorbed?: readonly string[];
  /** Id of the record that people merged this one into; nothing else of it counts then. */
  readonly mergedInto?: string;
  readonly deleted?: boolean;
  /** It is not to be found, and may be there all the same; nothing else of it counts then. */
  readonly unclear?: boolean;
}

/** How to ask a CRM what was changed there; for CRMs that can be asked. */
export interface CrmChanges {
  /** Time from one question to the next that the vendor's limits allow, in milliseconds. */
  readonly everyMs: number;
  /** How long it takes at most until a change can be found, in milliseconds. */
  readonly lagMs: number;
  /**
   * Records of ours that were changed at or after an instant of the CRM's clock, oldest first, page by page.
   * @throws ConnectorError
   */
  since(
    since: IsoInstant,
    page: string | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly records: readonly CrmRecord[]; readonly nextPage?: string | undefined }>;
  /**
   * At most 100 records by their ids, in any order; one that does not exist any more is left out, or deleted where the CRM
   * says so. @throws ConnectorError
   */
  read(externalIds: readonly string[], signal: AbortSignal): Promise<readonly CrmRecord[]>;
  /**
   * The same for records that the CRM named itself just now; what became of one that is gone is not looked for. Absent where
   * that makes no difference.
   */
  named?: CrmChanges['read'];
}

/** A lead and what is known of it on both sides. */
export interface CrmStanding {
  readonly leadId: LeadId;
  /** Order of arrival. */
  readonly seq: bigint;
  /** It came with a file. */
  readonly imported: boolean;
  readonly externalId?: string;
  readonly fields: Readonly<Record<SharedField, FieldState>>;
}

export interface CrmSyncStore {
  cursor(system: string): Promise<CrmCursor | undefined>;
  saveCursor(system: string, cursor: CrmCursor, at: IsoInstant): Promise<void>;
  /** Open leads that were written under these ids, or have these ids. */
  standings(query: {
    readonly system: string;
    readonly externalIds: readonly string[];
    readonly leadIds: readonly LeadId[];
  }): Promise<readonly CrmStanding[]>;
  /** Open leads that were written to the CRM, in order of arrival after `afterSeq`. */
  written(query: {
    readonly system: string;
    readonly afterSeq: bigint;
    readonly limit: number;
  }): Promise<readonly CrmStanding[]>;
  /**
   * Judges a change under a lock on what is known of the lead, remembers it, and tells the timeline what is done about
   * it. A repeat gets the same answer. Undefined when nobody has the lead's id.
   */
  takeChange(
    change: FieldChange & { readonly leadId: LeadId; readonly by?: string },
    now: IsoInstant,
    judge: (state: FieldState) => Verdict,
  ): Promise<Verdict | undefined>;
  /**
   * Tells the timeline why a change that was to be followed could not be. Safe to repeat. @returns whether the CRM gets
   * our value back: not when the same was refused a moment ago, since `recent`.
   */
  refuseChange(
    change: Pick<FieldChange, 'field' | 'value'> & { readonly leadId: LeadId; readonly reason: string },
    now: IsoInstant,
    recent: IsoInstant,
  ): Promise<boolean>;
  /** The record was merged into another one over there, which stands for the lead from now on. */
  repoint(input: {
    readonly system: string;
    readonly from: readonly string[];
    readonly to: string;
    readonly at: IsoInstant;
  }): Promise<void>;
  /** The record is gone over there. Safe to repeat. */
  deleted(leadId: LeadId, at: IsoInstant): Promise<void>;
  saveReport(report: CrmReport): Promise<void>;
  /** Newest first. */
  reports(limit: number): Promise<readonly CrmReport[]>;
}

/** One thing that differs between a lead and its record, and what is done about it. */
export interface CrmDifference {
  readonly leadId: string;
  readonly field: SharedField | 'record';
  readonly ours: string;
  readonly theirs: string;
  /** `taken`: the lead follows the CRM. `written`: the CRM gets our value. `asked`: a person must decide. */
  readonly repair: 'taken' | 'written' | 'asked';
}

/** A comparison of all open leads with the CRM. */
export interface CrmReport {
  readonly id: string;
  readonly system: string;
  readonly startedAt: IsoInstant;
  readonly finishedAt: IsoInstant;
  readonly counts: CrmReportCounts;
  /** The first of them. */
  readonly differences: readonly CrmDifference[];
}

/** Leads checked, leads that differ, repairs begun by kind, and records that are gone. */
export interface CrmReportCounts {
  readonly checked: number;
  readonly differing: number;
  readonly taken: number;
  readonly written: number;
  readonly asked: number;
}
