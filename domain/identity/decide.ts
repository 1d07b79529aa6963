import { compare } from './compare';
import type { Census, IdentityModel } from './model';
import { weigh, type Reason, type Weighed } from './weigh';
import type { Traits } from './traits';

/** A person who may be meant, with what each of his leads showed. */
export interface Candidate {
  readonly personId: string;
  readonly traits: readonly Traits[];
}

export interface Compared {
  readonly personId: string;
  readonly bits: number;
  readonly reasons: readonly Reason[];
}

/** Who a lead is from; for `new`, `nearest` is the closest person who was not close enough. */
export type IdentityDecision =
  | { readonly kind: 'known'; readonly match: Compared }
  | { readonly kind: 'review'; readonly nearest: Compared }
  | { readonly kind: 'new'; readonly nearest?: Compared };

/**
 * Accept, review or new, by the odds of the closest person against all others and against nobody known. A rival who is
 * himself likely the same person takes nothing away: whichever is chosen is right.
 */
export function decide(
  lead: Traits,
  candidates: readonly Candidate[],
  model: IdentityModel,
  census: Census,
): IdentityDecision {
  const ranked = candidates
    .map((candidate) => ({ candidate, ...weighPair(lead, candidate, model, census) }))
    .sort((a, b) => b.bits - a.bits || (a.candidate.personId < b.candidate.personId ? -1 : 1));
  const [best, ...others] = ranked;
  if (!best) return { kind: 'new' };
  const match: Compared = { personId: best.candidate.personId, bits: best.bits, reasons: best.reasons };
  const rivals = others.filter(
    ({ bits, candidate }) => bits <= 0 || !areOne(candidate, best.candidate, model, census),
  );
  const against = rivals.reduce((sum, { bits }) => sum + odds(bits), 1);
  if (best.bits - Math.log2(against) >= model.acceptBits) return { kind: 'known', match };
  return best.bits >= model.reviewBits ? { kind: 'review', nearest: match } : { kind: 'new', nearest: match };
}

export function weighPair(
  lead: Traits,
  { traits }: Candidate,
  model: IdentityModel,
  census: Census,
): Weighed {
  return weigh(compare(lead, traits), lead, model, census);
}

function areOne(a: Candidate, b: Candidate, model: IdentityModel, census: Census): boolean {
  const latest = a.traits[a.traits.length - 1];
  return latest !== undefined && weighPair(latest, b, model, census).bits > 0;
}

const odds = (bits: number): number => 2 ** Math.min(bits, 60);
