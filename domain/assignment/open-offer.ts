import type { IsoInstant } from '../instant';

/** A lead that several reps may claim. */
export interface OpenOffer {
  readonly poolId: string;
  /** Number of the assignment it waits for. */
  readonly hop: number;
  readonly until: IsoInstant;
  readonly reps: readonly string[];
  /** Pools it has been open to so far, this one included: none of them a second time. */
  readonly opened: readonly string[];
  /** It was claimed, or nobody did. */
  readonly ended?: true;
}

/** Whether a lead that waits for its assignment of that number still is open. */
export function isOpen(
  offer: OpenOffer,
  { hop, at }: { readonly hop: number; readonly at: string },
): boolean {
  return offer.ended === undefined && offer.hop === hop && offer.until > at;
}

/** Pools that the lead is not opened to any more. */
export function spentPools(
  offer: OpenOffer | undefined,
  wanted: Parameters<typeof isOpen>[1],
): readonly string[] {
  if (offer === undefined) return [];
  return isOpen(offer, wanted) ? offer.opened.filter((pool) => pool !== offer.poolId) : offer.opened;
}
