/** Where an assignment may look for an owner, and what it must keep to; the ports themselves are in ports.ts. */
import type { CapWindow } from '../domain/assignment/caps';
import type { MakeUp } from '../domain/assignment/make-up';
import type { PoolMode } from '../domain/assignment/narrow';
import type { CandidateVerdict } from '../domain/assignment/picker';
import type { LeadId } from '../domain/ids';

/** Most wanted first; the first target with an eligible rep wins. */
export type OwnerTarget = { readonly kind: 'rep'; readonly repId: string } | PoolTarget;

/** Where the one who works a lead beside its owner is looked for. */
export interface PairTarget {
  readonly targets: readonly OwnerTarget[];
  readonly whenNobody: 'alone' | 'park';
}

export interface PoolTarget {
  readonly kind: 'pool';
  readonly poolId: string;
  /** Pool whose standings and ledger are used: its own, or the one it counts with. */
  readonly counterId: string;
  /** Rep id → weight. */
  readonly members: Readonly<Record<string, number>>;
  /** Members of every pool that counts with the same one; those not in `members` keep their place. */
  readonly roster: Readonly<Record<string, number>>;
  readonly mode: PoolMode;
  /** Members who are none for this lead. */
  readonly barred: Readonly<Record<string, 'condition' | 'skills' | 'offers_spent'>>;
  /** Points by member, for `best_fit`. */
  readonly fit: Readonly<Record<string, number>>;
  readonly makeUp: MakeUp;
  /** So long whoever is picked, or whoever of all can, has to take it. */
  readonly offer?: { readonly to: 'next' | 'all'; readonly ms: number };
  /** Who claims a lead that is open to the pool, and to whom it is open: it goes to nobody else. */
  readonly claim?: { readonly by: string; readonly reps: readonly string[] };
}

export interface RepLimits {
  /** Most he may hold at once, as leads cost. */
  readonly open?: number;
  readonly windows: readonly CapWindow[];
}

/** Who works a lead beside its owner and leaves it to somebody else. */
export interface PartnerLeaving {
  readonly repId: string;
  /** `absent` leaves only who is away at that instant. */
  readonly because: 'declined' | 'absent';
  readonly reason?: string;
}

export type PartnerChanged =
  /** He is not its partner, or is not away. */
  | { readonly kind: 'same' }
  | {
      readonly kind: 'changed';
      readonly partner?: string;
      /** There should be one, and nobody can. */
      readonly unpaired?: readonly CandidateVerdict[];
      /** A parked lead that gets the room he leaves, and those called before. */
      readonly wake: readonly LeadId[];
    };
