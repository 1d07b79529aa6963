import type { LeadId } from './ids';

/** How far a lead has come. `needs_attention` is shown instead of these while an error of it is open. */
export const leadProgress = [
  'received',
  'identified',
  'parked',
  'assigned',
  'touched',
  'qualified',
  'disqualified',
  'converted',
  'merged',
  'rejected',
] as const;
export type LeadProgress = (typeof leadProgress)[number];

export const leadStatus = [...leadProgress, 'needs_attention'] as const;
export type LeadStatus = (typeof leadStatus)[number];

/** Step of an open error whose lead could not be read out of a webhook's event; there is no run yet. */
export const mapStep = 'map';

/** Step of an open error whose lead could not be fetched from its source. */
export const fetchStep = 'fetch';

/** A lead as a source sent it, after field-by-field checks; every value is as typed by the person. */
export interface LeadFields {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly company?: string | undefined;
  readonly website?: string | undefined;
  readonly title?: string | undefined;
  readonly country?: string | undefined;
  readonly city?: string | undefined;
  readonly state?: string | undefined;
  readonly postalCode?: string | undefined;
  readonly street?: string | undefined;
  readonly street2?: string | undefined;
  /** Digits or ISO; only compared, never shown. */
  readonly dateOfBirth?: string | undefined;
  readonly source?: string | undefined;
  readonly message?: string | undefined;
  readonly consent?: boolean | undefined;
  readonly utm?: Readonly<Record<string, string>> | undefined;
  readonly externalId?: string | undefined;
}

/** What routing and scoring may look at: facts about a lead, none of which says who the person is. */
export interface LeadFacts {
  readonly lead: {
    readonly source: string;
    readonly country: string;
    readonly city: string;
    /** State or province as the person wrote it. */
    readonly state: string;
    readonly postalCode: string;
    readonly title: string;
    readonly emailDomain: string;
    /** Whether that domain takes mail, by its name servers; empty when it is not known. */
    readonly emailDeliverable: 'yes' | 'no' | '';
    readonly freeMail: boolean;
    readonly roleMailbox: boolean;
    readonly hasPhone: boolean;
    readonly hasMessage: boolean;
    readonly consent: boolean;
    readonly utm: Readonly<Record<string, string>>;
    /** What the person did, as the source names it (`utm.event`, else `form`): keys of `scoring.engagement.points`. */
    readonly event: string;
  };
  readonly account: {
    readonly name: string;
    readonly domain: string;
    readonly employees: number;
    readonly industry: string;
    readonly country: string;
  };
  readonly match: {
    readonly knownPerson: boolean;
    readonly knownAccount: boolean;
    /** Rep id of the rep who owns the person's latest lead, or else the account's; empty when nobody does. */
    readonly owner: string;
    /** Rep id of the rep who owns the account's latest lead; empty when nobody does. */
    readonly accountOwner: string;
  };
}

/** Kinds of first-hand engagement by a rep that stop the clock; a page view is none of them. */
export const touchKinds = ['call', 'email', 'meeting', 'message', 'crm_status', 'claim'] as const;
export type TouchKind = (typeof touchKinds)[number];

export const dispositionOutcomes = ['qualified', 'disqualified', 'converted'] as const;
export type DispositionOutcome = (typeof dispositionOutcomes)[number];

/** Why a lead came to an owner. */
export const assignmentCauses = [
  'routed',
  'declined',
  /** Nobody took the offer in time. */
  'lapsed',
  'sla_reassign',
  'reassigned',
  'claimed',
  'recycled',
  'band_changed',
] as const;
export type AssignmentCause = (typeof assignmentCauses)[number];

/** What a message to a person is about. */
export const notificationKinds = [
  'assigned',
  /** His if he takes it in time. */
  'offered',
  /** His if he claims it before the others do who are told too. */
  'open',
  /** Of a lead that another rep owns: work it with him. */
  'paired',
  /** Of a lead that should have two, and has one. */
  'unpaired',
  'reminder',
  'reassigned',
  /** The owner keeps a lead whose score moved it into another band, under another promise. */
  'band_changed',
  'escalation',
  /** Of an escalated lead: somebody is on it, but has not worked it yet. */
  'acknowledged',
  /** Of an escalated lead: nobody has to be woken any more. */
  'resolved',
  're_engaged',
  /** Of a lead that joined an older one of the same person, which somebody else owns. */
  'joined',
  'parked',
] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** An open lead whose run is to end as merged into the same person's older open one. */
export interface LeadToJoin {
  readonly leadId: LeadId;
  readonly into: LeadId;
}
