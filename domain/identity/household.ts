import type { Evidence } from './evidence';
import type { Traits } from './traits';

/**
 * What an instance has seen of households: whether another given name at a known family's address is a relative, or
 * the same person written wrong. Relatives come back under their names as people do; a wrong name does not.
 */
export interface HouseholdCounts {
  leads: number;
  /** Leads of people who were known already. */
  repeats: number;
  /** Leads with another given name than everybody of the household. */
  newcomers: number;
  /** Leads of one member while another one is known by a name that came more than once. */
  returns: number;
}

export const noHouseholds = (): HouseholdCounts => ({ leads: 0, repeats: 0, newcomers: 0, returns: 0 });

/** Counts one more lead, with everybody it was compared with. */
export function countHousehold(
  counts: HouseholdCounts,
  known: boolean,
  pairs: readonly { readonly evidence: readonly Evidence[]; readonly person: readonly Traits[] }[],
): void {
  const members = pairs.filter(({ evidence }) => shareHousehold(evidence));
  const named = (others: boolean): typeof members =>
    members.filter(({ evidence }) => {
      const given = levelAt(evidence, 'given');
      return given !== undefined && otherName.has(given) === others;
    });
  const [itself, others] = [named(false), named(true)];
  counts.leads++;
  if (known) counts.repeats++;
  if (others.length > 0 && itself.length === 0) counts.newcomers++;
  if (itself.length > 0 && others.some(({ person }) => cameAgain(person))) counts.returns++;
}

/**
 * Share of newcomers who are relatives: those whose names came back, over those who would have if all were. Two people
 * of a household are both seen again at the square of the rate at which anybody is. Half a return is added to either
 * (Jeffreys' prior for a rate), so that only many newcomers without a return say that there are no relatives.
 */
export function relativesOf({ leads, repeats, newcomers, returns }: HouseholdCounts): number {
  const again = leads === 0 ? 0 : repeats / leads;
  return Math.min(1, (returns + 0.5) / (newcomers * again ** 2 + 0.5));
}

const otherName: ReadonlySet<string> = new Set(['other', 'alike']);

const levelAt = (evidence: readonly Evidence[], fact: Evidence['fact']): string | undefined =>
  evidence.find((one) => one.fact === fact)?.level;

function shareHousehold(evidence: readonly Evidence[]): boolean {
  const [family, address] = [levelAt(evidence, 'family'), levelAt(evidence, 'address')];
  const sameFamily = family !== undefined && family !== 'other' && family !== 'initial';
  return sameFamily && (address === 'same' || address === 'most');
}

/** Whether one given name of the person was on more than one lead. */
function cameAgain(person: readonly Traits[]): boolean {
  const names = person.flatMap(({ name }) => name?.given[0] ?? []);
  return new Set(names).size < names.length;
}
