/** What a member got of a pool's leads, next to what his weight would give him. */
export interface Share {
  readonly rep: string;
  /** 0 for someone who is no longer a member. */
  readonly weight: number;
  /** Leads he was given and has not handed back with credit. */
  readonly assigned: number;
  /** All assigned leads · weight / sum of weights; rarely whole. */
  readonly target: number;
}

/** The part of a ledger entry that says where a lead went. */
export interface SharedEntry {
  readonly rep: string;
  /** 0: nobody was picked, a charge was returned for a lead that was merged into another one. */
  readonly charged?: number | undefined;
  /** The previous owner, when the lead left him with credit: it no longer counts as his. */
  readonly credit?: { readonly rep: string } | undefined;
}

/** Net leads per rep over ledger entries; can be negative when the entries start after the one that is credited. */
export function countAssigned(entries: Iterable<SharedEntry>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const add = (rep: string, n: number): void => {
    counts.set(rep, (counts.get(rep) ?? 0) + n);
  };
  for (const { rep, charged, credit } of entries) {
    if (charged !== 0) add(rep, 1);
    if (credit !== undefined) add(credit.rep, -1);
  }
  return counts;
}

/**
 * Assigned against target, by rep id, for every member and everyone who ever got a lead. Targets sum to the leads
 * assigned (all 0 in a pool without members).
 */
export function shares(
  weights: Readonly<Record<string, number>>,
  assigned: ReadonlyMap<string, number>,
): readonly Share[] {
  const weightOf = new Map(Object.entries(weights));
  const allWeights = sumOf(weightOf.values());
  const allAssigned = sumOf(assigned.values());
  const reps = [...new Set([...weightOf.keys(), ...assigned.keys()])].sort();
  return reps.map((rep) => {
    const weight = weightOf.get(rep) ?? 0;
    const target = allWeights === 0 ? 0 : (allAssigned * weight) / allWeights;
    return { rep, weight, assigned: assigned.get(rep) ?? 0, target };
  });
}

function sumOf(numbers: Iterable<number>): number {
  let sum = 0;
  for (const n of numbers) sum += n;
  return sum;
}
