import type { MemberState } from './picker';

/**
 * How a pool chooses. `weighted` leaves it to the standings. The others first narrow the field to those who come first
 * by their own measure; among these the standings decide, as ever: a mode can be changed at any time without anybody's
 * debt coming due, every tie is fair and the same on every machine, and a recorded pick is recomputed the same way.
 */
export const poolModes = ['weighted', 'order', 'load', 'best_fit'] as const;
export type PoolMode = (typeof poolModes)[number];

export interface Contender extends MemberState {
  /** What he holds that is not closed, as leads cost. */
  readonly load: number;
  /** Points of the pool's fit rules. */
  readonly fit: number;
}

/**
 * Skips every eligible member who does not come first by the mode:
 * - `order`: the turn goes round by rep id and on from `last`, whoever had the latest lead, member or not any more. A
 *   member who cannot take a lead loses this turn.
 * - `load`: fewest open leads for his weight, counting the one to come, so that an idle pool starts with the heavy.
 * - `best_fit`: most points.
 */
export function narrow(
  mode: PoolMode,
  members: readonly Contender[],
  last: string | undefined,
): readonly Contender[] {
  const eligible = members.filter(({ skip }) => skip === undefined);
  const [first] = eligible;
  if (mode === 'weighted' || first === undefined) return members;
  const { skip, beats } = measures(mode, last);
  const best = eligible.reduce((leader, member) => (beats(member, leader) ? member : leader), first);
  return members.map((member) =>
    member.skip === undefined && beats(best, member) ? { ...member, skip } : member,
  );
}

function measures(
  mode: Exclude<PoolMode, 'weighted'>,
  last: string | undefined,
): {
  readonly skip: 'not_his_turn' | 'busier' | 'fits_less';
  readonly beats: (a: Contender, b: Contender) => boolean;
} {
  switch (mode) {
    case 'order': {
      // those after the last one come before those up to him
      const behind = ({ rep }: Contender): boolean => last !== undefined && rep <= last;
      return {
        skip: 'not_his_turn',
        beats: (a, b) => (behind(a) === behind(b) ? a.rep < b.rep : behind(b)),
      };
    }
    case 'load':
      // in whole numbers: equal fractions must be equal
      return { skip: 'busier', beats: (a, b) => (a.load + 1) * b.weight < (b.load + 1) * a.weight };
    case 'best_fit':
      return { skip: 'fits_less', beats: (a, b) => a.fit > b.fit };
  }
}
