import { areForms } from './nicknames';
import { fold, slips } from './text';
import type { PersonName } from './person-name';

/** How much of a name the local part of a mailbox spells out. */
export type Spelled = 'full' | 'family' | 'given' | 'initials' | 'none';

/** The letters of a local part, in words; numbers apart. */
export function localWords(local: string): { readonly words: readonly string[]; readonly number: string } {
  const folded = fold(local);
  return {
    words: folded.split(/[^a-z]+/).filter((word) => word !== ''),
    number: /\d+/.exec(folded)?.[0] ?? '',
  };
}

/**
 * What of a name a mailbox spells: `a.berger@` the family name (with an initial), `anna.berger@` all of it. A mailbox
 * that spells the name repeats one fact, it is none of its own.
 */
export function spelledBy(local: string, name: PersonName): Spelled {
  const joined = localWords(local).words.join('');
  if (joined.length < 2) return 'none';
  const givens = name.given.length > 1 ? [...name.given, name.given.join('')] : name.given;
  const families = name.family.length > 1 ? [...name.family, name.family.join('')] : name.family;
  const family = families.find((word) => word.length >= 2 && joined.includes(word));
  const rest = family === undefined ? joined : joined.replace(family, '');
  const given = givens.some((word) => word.length >= 2 && (rest.includes(word) || spelledForm(rest, word)));
  if (family !== undefined) {
    if (given) return 'full';
    if (rest === '') return 'family';
    return givens.length === 0 || givens.some((word) => word.startsWith(rest[0] ?? '') || rest.length > 3)
      ? 'family'
      : 'none';
  }
  if (given) return 'given';
  if (joined.length <= 3 && givens[0]?.[0] === joined[0] && families[0]?.[0] === joined[joined.length - 1])
    return 'initials';
  return nearly(joined, givens, families) ? 'full' : 'none';
}

const spelledForm = (rest: string, given: string): boolean => rest.length >= 3 && areForms(rest, given);

/** A slip in the mailbox: `brrnadette.payet`. */
function nearly(joined: string, givens: readonly string[], families: readonly string[]): boolean {
  return givens.some((given) =>
    families.some((family) =>
      [given + family, family + given, (given[0] ?? '') + family].some(
        (whole) => whole.length >= 5 && slips(whole, joined, 1) <= 1,
      ),
    ),
  );
}
