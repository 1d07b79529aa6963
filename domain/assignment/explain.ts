import { recompute, type CandidateVerdict, type SkipReason } from './picker';
import { skipWords } from './words';

/** A pick in words, each of which follows from what the ledger has recorded. */
export interface PickExplanation {
  /** Why this rep. */
  readonly because: string;
  /** Why not the others, by rep id. */
  readonly others: readonly { readonly rep: string; readonly because: string }[];
  /** The smallest change that would have sent the lead to somebody else; absent when nobody else was in the pool. */
  readonly smallestChange?: string;
}

/** What ends: by the clock, by a switch, or when one of his leads is closed or handed on. */
export const passingSkips: readonly SkipReason[] = [
  'absent',
  'paused',
  'hour_cap',
  'daily_cap',
  'week_cap',
  'rolling_cap',
  'open_cap',
  'held',
];

/** Skips that another day, another lead or a free hour would lift. */
const lifted: readonly SkipReason[] = [...passingSkips, 'condition', 'skills'];

/** Explains a recorded pick. @returns undefined for an entry that is none: nobody was eligible. */
export function explainPick(candidates: readonly CandidateVerdict[]): PickExplanation | undefined {
  const picked = candidates.find(({ rep }) => rep === recompute(candidates));
  if (!picked) return undefined;
  const total = candidates.reduce((sum, candidate) => sum + raise(candidate), 0);
  const leads = (units: number): string => `${(units / total).toFixed(2)} leads`;
  const standing = (one: CandidateVerdict): number => one.before + raise(one);
  const rivals = candidates.filter(({ eligible, rep }) => eligible && rep !== picked.rep);
  const others = candidates
    .filter(({ rep }) => rep !== picked.rep)
    .map((one) => ({
      rep: one.rep,
      because:
        one.skip === undefined
          ? `was owed ${leads(standing(one))}, ${notMore(standing(one), standing(picked))}`
          : skipWords[one.skip],
    }));
  const [slower] = candidates.filter(({ skip }) => skip === 'not_claimed');
  const change = slower
    ? `had ${slower.rep} claimed it first, it would be with ${slower.rep}`
    : (closest(picked, rivals, leads) ?? unblocked(candidates, picked.rep));
  return {
    because: slower
      ? 'claimed it before the others it was open to'
      : whyPicked(rivals, leads(standing(picked))),
    others,
    ...(change === undefined ? {} : { smallestChange: change }),
  };
}

const whyPicked = (rivals: readonly CandidateVerdict[], owed: string): string =>
  rivals.length === 0
    ? 'nobody else of the pool could take it'
    : `was owed most of those who could take it: ${owed}, this one included`;

/** What this pick raised a member by. */
function raise({ eligible, counted, weight, boost = 0 }: CandidateVerdict): number {
  return eligible || counted === true ? weight + boost : 0;
}

const notMore = (own: number, winner: number): string =>
  own === winner ? 'as much, and comes later by id' : 'less';

/** How much more the nearest rival needed; one unit breaks a tie that the ids have decided against him. */
function closest(
  picked: CandidateVerdict,
  rivals: readonly CandidateVerdict[],
  leads: (units: number) => string,
): string | undefined {
  const gaps = rivals.map((rival) => ({ rival, units: marginOf(picked, rival) }));
  const [nearest] = gaps.sort((a, b) => a.units - b.units || (a.rival.rep < b.rival.rep ? -1 : 1));
  return (
    nearest && `with ${leads(nearest.units)} more to his credit it would have gone to ${nearest.rival.rep}`
  );
}

/** Units of standing that `rival` lacked to be picked instead. */
export function marginOf(picked: CandidateVerdict, rival: CandidateVerdict): number {
  const gap = picked.before + raise(picked) - (rival.before + raise(rival));
  return rival.rep < picked.rep ? gap : gap + 1;
}

/** Somebody who was skipped and would have been picked, had he not been. */
function unblocked(candidates: readonly CandidateVerdict[], picked: string): string | undefined {
  for (const one of candidates) {
    if (one.skip === undefined || !lifted.includes(one.skip)) continue;
    const instead = candidates.map((other) => (other.rep === one.rep ? { ...other, eligible: true } : other));
    if (recompute(instead) !== picked)
      return `it would have gone to ${one.rep}, were it not for this: ${skipWords[one.skip]}`;
  }
  return undefined;
}
