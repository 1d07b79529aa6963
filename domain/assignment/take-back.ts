import type { CandidateVerdict, MemberStanding } from './picker';

/**
 * Standings after a pick is undone without another one in its place: the winner gets the charge back, and those it was
 * counted for give back, by weight, what they were raised by. With the members and weights of the pick that is its
 * exact reversal; the sum stays zero in every case. Units that cannot be divided go to the largest remainders, ties to
 * the lowest rep id. Nothing changes when the winner left the pool.
 */
export function takeBack(
  members: readonly MemberStanding[],
  picked: {
    readonly rep: string;
    /** In units of today's weights (`chargeToday`). */
    readonly amount: number;
    readonly candidates: readonly CandidateVerdict[];
  },
): readonly MemberStanding[] {
  const sorted = [...members].sort(byRep);
  if (!sorted.some(({ rep }) => rep === picked.rep)) return sorted;
  const raised = new Set(
    picked.candidates.filter(({ eligible, counted }) => eligible || counted).map(({ rep }) => rep),
  );
  const payers = sorted.filter(({ rep }) => raised.has(rep));
  const shares = divide(picked.amount, payers.length > 0 ? payers : sorted);
  return sorted.map((member) => ({
    ...member,
    current: member.current + (member.rep === picked.rep ? picked.amount : 0) - (shares.get(member.rep) ?? 0),
  }));
}

function divide(amount: number, payers: readonly MemberStanding[]): ReadonlyMap<string, number> {
  const total = payers.reduce((sum, { weight }) => sum + weight, 0);
  const exact = payers.map(({ rep, weight }) => {
    const floor = Math.floor((amount * weight) / total);
    return { rep, floor, rest: amount * weight - floor * total };
  });
  const missing = amount - exact.reduce((sum, { floor }) => sum + floor, 0);
  const roundedUp = new Set(
    [...exact]
      .sort((a, b) => b.rest - a.rest || byRep(a, b))
      .slice(0, missing)
      .map(({ rep }) => rep),
  );
  return new Map(exact.map(({ rep, floor }) => [rep, roundedUp.has(rep) ? floor + 1 : floor]));
}

const byRep = (a: { readonly rep: string }, b: { readonly rep: string }): number => (a.rep < b.rep ? -1 : 1);
