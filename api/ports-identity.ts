/** What the API needs to merge, review and tune who is who; adapters live in `db/`. */
import type { ThresholdReport } from '../domain/identity/thresholds';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import type { LeadFields, LeadStatus, LeadToJoin } from '../domain/lead';
import type { Page } from '../domain/page';

export interface MergeView {
  readonly id: string;
  readonly survivorId: string;
  readonly mergedId: string;
  readonly by: string;
  readonly because: string;
  readonly at: IsoInstant;
  readonly undoneAt?: IsoInstant;
  readonly undoneBy?: string;
  /** Leads that went from one to the other. */
  readonly leads: readonly LeadId[];
}

/** Why people cannot be merged or told apart; in words for the person who asked. */
export type Refused =
  | { readonly kind: 'unknown'; readonly what: 'person' | 'merge' | 'review'; readonly id: string }
  | { readonly kind: 'conflict'; readonly reason: string };

/** `joins`: open leads of the survivor that an older open one of his takes over. */
export type Merged =
  { readonly kind: 'merged'; readonly merge: MergeView; readonly joins: readonly LeadToJoin[] } | Refused;

/** `joined`: leads that were merged into one of the other person while they were one; they stay closed. */
export type Unmerged =
  { readonly kind: 'undone'; readonly merge: MergeView; readonly joined: readonly LeadToJoin[] } | Refused;

export interface MergeInput {
  readonly survivorId: string;
  readonly mergedId: string;
  readonly by: string;
  readonly because: string;
  readonly at: IsoInstant;
  /** Id the merge gets if it is a new one. */
  readonly mergeId: string;
}

export interface PersonView {
  readonly id: string;
  /** Without the date of birth, which is compared and never shown. */
  readonly profile: LeadFields;
  readonly accountId?: string;
  readonly mergedInto?: string;
  readonly createdAt: IsoInstant;
  /** Newest first, at most 200. */
  readonly leads: readonly {
    readonly id: LeadId;
    readonly status: LeadStatus;
    readonly source: string;
    readonly receivedAt: IsoInstant;
    readonly mergedInto?: LeadId;
    readonly ownerId?: string;
    readonly closedAt?: IsoInstant;
  }[];
  /** Merges on either side, newest first, undone ones included. */
  readonly merges: readonly MergeView[];
}

export interface PeopleStore {
  person(id: string): Promise<PersonView | undefined>;
  /**
   * One transaction under locks on all keys of both and on both rows, in order of their ids: the survivor takes over
   * leads, traits and keys; profiles survive per field (domain/identity/survive.ts); everything needed to undo it is
   * written. A repeat answers with the merge that stands.
   */
  merge(input: MergeInput): Promise<Merged>;
  /**
   * Restores both people: leads that moved go back, each lead that came since goes to whom it is nearer (to the survivor
   * where it is as near to both), profiles and keys follow from what each one's leads showed. Refused while a later merge
   * of the survivor stands. A repeat changes nothing.
   */
  undo(mergeId: string, by: string, at: IsoInstant): Promise<Unmerged>;
  /** What is left to join of all merges that stand: a run could not be asked when the people became one. */
  unjoined(): Promise<readonly LeadToJoin[]>;
}

export const reviewStates = ['open', 'same', 'different'] as const;
export type ReviewState = (typeof reviewStates)[number];

export interface ReviewView {
  readonly id: string;
  readonly leadId: LeadId;
  readonly state: ReviewState;
  /** log2 odds by which it was asked. */
  readonly bits: number;
  readonly reasons: readonly { readonly fact: string; readonly level: string; readonly bits: number }[];
  /** The person the lead was created as, and the known one it may be; of two who were known, the younger and the older. */
  readonly person: ReviewedPerson;
  readonly other: ReviewedPerson;
  readonly decidedBy?: string;
  readonly decidedAt?: IsoInstant;
  readonly createdAt: IsoInstant;
}

export interface ReviewedPerson {
  readonly id: string;
  readonly profile: LeadFields;
  readonly accountId?: string;
  readonly mergedInto?: string;
}

export interface VerdictInput {
  readonly reviewId: string;
  readonly verdict: 'same' | 'different';
  readonly by: string;
  readonly at: IsoInstant;
  readonly mergeId: string;
}

export type Judged =
  | {
      readonly kind: 'judged';
      readonly review: ReviewView;
      /** Of the verdict `same`, unless they were one already. */
      readonly merge?: MergeView;
      readonly joins: readonly LeadToJoin[];
    }
  | Refused;

export interface ReviewStore {
  /** Oldest first. */
  list(query: {
    readonly state?: ReviewState | undefined;
    readonly limit: number;
    readonly startingAfter?: string | undefined;
  }): Promise<Page<ReviewView>>;
  /** Closes the review and, for `same`, merges the lead's person into the other one. A repeat changes nothing. */
  judge(input: VerdictInput): Promise<Judged>;
}

export type ThresholdDraft =
  | { readonly kind: 'draft'; readonly version: number; readonly report: ThresholdReport }
  | { readonly kind: 'too_few'; readonly verdicts: number; readonly missing: number };

export interface ThresholdStore {
  /** Saves the live model with the thresholds that the verdicts speak for as a draft; nothing is decided by it yet. */
  propose(): Promise<ThresholdDraft>;
  /** Makes a version the one that decides, within 15 s in every process. @returns false for an unknown version */
  publish(version: number): Promise<boolean>;
}
