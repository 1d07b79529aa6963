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

/**
 * Who a lead is from. For `known`, `also` is another person who is near enough for the lead to be his, or only to be
 * asked about where nothing tells the two apart: most likely a duplicate. For `review`, the bits of `nearest` are what
 * decided: his own less what the others speak for themselves. For `new`, `nearest` is the closest person who was not
 * close enough.
 */
export type IdentityDecision =
  | { readonly kind: 'known'; readonly match: Compared; readonly also?: Compared }
  | { readonly kind: 'review'; readonly nearest: Compared }
  | { readonly kind: 'new'; readonly nearest?: Compared };

interface Ranked extends Compared {
  readonly candidate: Candidate;
}

/**
 * Accept, review or new, by the odds of the closest person against all others and against nobody known. A rival who is
 * himself likely the same person takes nothing away: whichever is chosen is right. Nor does one who never showed a fact
 * that the closest person showed, as where one is known by a mailbox and the other by a number: the lead may be from
 * both, so that it shows the number says nothing against the mailbox.
 */
export function decide(
  lead: Traits,
  candidates: readonly Candidate[],
  model: IdentityModel,
  census: Census,
): IdentityDecision {
  const ranked = candidates
    .map((candidate): Ranked => ({
      candidate,
      personId: candidate.personId,
      ...weighPair(lead, candidate, model, census),
    }))
    .sort((a, b) => b.bits - a.bits || (a.personId < b.personId ? -1 : 1));
  const [best, ...others] = ranked;
  if (!best) return { kind: 'new' };
  const isApart = ({ candidate }: Ranked): boolean => !areComparable(candidate, best.candidate);
  const rivals = others.filter(
    (one) => !isApart(one) && (one.bits <= 0 || !areOne(one.candidate, best.candidate, model, census)),
  );
  const against = Math.log2(rivals.reduce((sum, { bits }) => sum + odds(bits), 1));
  if (best.bits - against < model.acceptBits)
    return best.bits >= model.reviewBits
      ? { kind: 'review', nearest: withReason(best, 'rivals', -against) }
      : { kind: 'new', nearest: compared(best) };
  const [also] = others.filter(
    (one) => one.bits >= model.acceptBits || (one.bits >= model.reviewBits && isApart(one)),
  );
  return {
    kind: 'known',
    match: compared(best),
    ...(also ? { also: withReason(also, 'duplicate', 0) } : {}),
  };
}

const compared = ({ personId, bits, reasons }: Compared): Compared => ({ personId, bits, reasons });

const withReason = ({ personId, bits, reasons }: Compared, level: string, more: number): Compared => ({
  personId,
  bits: bits + more,
  reasons: [...reasons, { fact: 'together', level, bits: more }],
});

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

/** Whether there is a fact that both ever showed, by which they may agree or differ. */
const areComparable = (a: Candidate, b: Candidate): boolean =>
  a.traits.some((one) => compare(one, b.traits).length > 0);

const odds = (bits: number): number => 2 ** Math.min(bits, 60);
