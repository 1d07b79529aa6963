/**
 * Smooth weighted round robin in whole numbers.
 *
 * Every pick raises each eligible member's `current` by his weight, takes the highest, and lowers the winner's by the
 * sum of the eligible weights. Nothing enters or leaves, so a pool's currents always sum to zero, and `current / sum of
 * weights` is how many leads a member is owed (below zero: has had in advance).
 *
 * While all n members are eligible, from a fresh pool, with W the sum of the weights:
 * - any k·W picks in a row give everyone exactly k times his weight;
 * - nobody is ever ahead of his share by a whole lead: at most 1 − 1/n, as the winner had at least the mean;
 * - nobody is ever behind by more than 1/2 + 1/3 + … + 1/n leads: 0.5 for two, 0.83 for three, 1.08 for four. (Of any
 *   k members who did not win, the winner had at least as much as each, so their sum is at most k/(k+1) of the sum
 *   with him; from all n, whose sum is fixed, down to one.) In practice it stays about one: 1 at most in
 *   every pool of four with weights up to 30, 1.04 with five members of weights 1,1,1,11,11.)
 * A member who is skipped keeps his standing: what he missed meanwhile is neither owed to him nor held against him.
 */

/** Why a member does not get this lead. */
export const skipReasons = [
  /** He declined it or has had it before. */
  'excluded',
  'paused',
  'absent',
  'hour_cap',
  'daily_cap',
  'week_cap',
  'rolling_cap',
  'open_cap',
  /** What he has room for is kept for a lead that has waited for it. */
  'held',
  'not_a_rep',
  /** His calendar and absences never get to the deadlines. */
  'no_hours',
  /** The pool's condition for him does not hold for this lead. */
  'condition',
  'skills',
  /** It was offered to as many of the pool as may be asked. */
  'offers_spent',
  /** It was open to him as well, and somebody else claimed it. */
  'not_claimed',
  /** Somebody else claimed it, and it was not open to him. */
  'not_asked',
  /** He counts with this pool but is not in it. */
  'other_pool',
  /** The three of `narrow`. */
  'not_his_turn',
  'busier',
  'fits_less',
] as const;
export type SkipReason = (typeof skipReasons)[number];

/** A member's place in the pool. */
export interface MemberStanding {
  readonly rep: string;
  /** A positive whole number. */
  readonly weight: number;
  /** What he is owed, in units of 1/(sum of weights) leads. */
  readonly current: number;
}

export interface MemberState extends MemberStanding {
  /** Absent means eligible. */
  readonly skip?: SkipReason | undefined;
  /** Raised like the others although he is skipped: the lead counts for him as one he is behind by. */
  readonly counted?: boolean | undefined;
  /** Raised by this much more than his weight, to make up for an absence; only if he is eligible. */
  readonly boost?: number | undefined;
}

/** One member's part in a pick; all members together are enough to recompute it. */
export interface CandidateVerdict {
  readonly rep: string;
  readonly weight: number;
  /** Standing before the pick, a returned charge included. */
  readonly before: number;
  readonly eligible: boolean;
  readonly skip?: SkipReason;
  /** Raised although he was skipped. */
  readonly counted?: true;
  /** Raised beyond his weight to make up for an absence. */
  readonly boost?: number;
  readonly after: number;
}

export interface PickInput {
  readonly members: readonly MemberState[];
  /**
   * The lead was charged to `rep` in this pool and comes back with credit. The charge moves to the new owner, as if
   * he had been picked in the first place. Given to `rep` alone it would not be paid for by anyone: of two equal
   * members, one who declines everything would get back only every second lead.
   */
  readonly handover?: { readonly rep: string; readonly amount: number } | undefined;
}

export interface PickResult {
  /** Absent when nobody is eligible; then no standing changes and a handover is still due at the next try. */
  readonly picked?: string;
  /** What the lead cost the winner: the amount to give back if it leaves him with credit. 0 without a winner. */
  readonly charged: number;
  /** By rep id. */
  readonly candidates: readonly CandidateVerdict[];
  /** By rep id; every member, changed or not. */
  readonly next: readonly { readonly rep: string; readonly current: number }[];
}

/**
 * Picks the next owner. Ties go to the lowest rep id (by code unit, not by locale): the answer is the same for every
 * order of `members`, on every machine, and again in a year.
 *
 * @throws RangeError for a weight that is not a positive whole number, a current that is not whole, or a rep twice.
 */
export function pick({ members, handover }: PickInput): PickResult {
  const sorted = checked(members);
  const returned = sorted.some(({ rep }) => rep === handover?.rep) ? handover : undefined;
  const before = (member: MemberState): number =>
    member.rep === returned?.rep ? creditBack(member.current, returned.amount) : member.current;
  const eligible = sorted.filter(({ skip }) => skip === undefined);
  const picked = highest(eligible.map((member) => ({ ...member, before: before(member) })));
  if (picked === undefined) {
    return {
      charged: 0,
      candidates: sorted.map((member) => verdict(member, member.current, 0)),
      next: standings(sorted),
    };
  }
  // a handed-over lead was counted for everyone when it was first picked
  const step = returned === undefined ? 1 : 0;
  const charged = returned?.amount ?? sumOf(sorted.filter(isRaised).map(raised));
  const candidates = sorted.map((member) => {
    const raise = isRaised(member) ? raised(member) * step : 0;
    return verdict(member, before(member), raise - (member.rep === picked ? charged : 0));
  });
  return { picked, charged, candidates, next: candidates.map(({ rep, after }) => ({ rep, current: after })) };
}

/** Who a recorded pick must have given the lead to; undefined when nobody was eligible. Any order of candidates. */
export function recompute(candidates: readonly CandidateVerdict[]): string | undefined {
  return highest(candidates.filter(({ eligible }) => eligible));
}

/**
 * Undoes a winner's charge: `amount` is what his ledger entry recorded as `charged`. On its own it raises the pool's
 * sum, which `changeRoster` would level out; when the lead stays in the pool, give `pick` the `handover` instead.
 */
export function creditBack(current: number, amount: number): number {
  return current + amount;
}

/**
 * A charge recorded when the pool's weights summed to `totalThen`, in units of today's `totalNow`. A lead is worth the
 * sum of the weights: after 100:100 became 1:1, an old charge of 200 taken as it stands would be worth 100 leads.
 */
export function chargeToday(charged: number, totalThen: number, totalNow: number): number {
  return Math.round((charged * totalNow) / totalThen);
}

/**
 * The current at which a new member is level with his peers: their mean, which is 0 as currents sum to zero. He owes
 * nothing and is owed nothing, whatever the pool has handed out before. Rounding never comes in while the sum is zero;
 * if somebody has written the rows by hand, it is towards zero, and `changeRoster` restores the sum.
 */
export function joinLevel(members: readonly MemberStanding[]): number {
  // + 0 turns -0 into 0
  return members.length === 0
    ? 0
    : Math.trunc(sumOf(members.map(({ current }) => current)) / members.length) + 0;
}

/**
 * Standings after people joined, left, or got another weight; sums to zero. By rep id.
 *
 * - Who stays is owed as many leads as before. As a lead is worth the sum of the weights, currents are rescaled with
 *   it: left alone, a debt of half a lead at 100:100 would become fifty leads in a row at 1:1.
 * - What a leaver is owed or owes is spread evenly over those who stay, which changes no order among them.
 * - Who joins does so level with them, at 0.
 * - Fractions are rounded down and the units missing from zero go to the largest fractions, ties to the lowest rep id.
 *
 * Exact while members · (sum of weights)² stays below 2^53 (100 members of weight 1,000: 10^12).
 *
 * @throws RangeError as `pick` does, for either list.
 */
export function changeRoster(
  members: readonly MemberStanding[],
  roster: readonly { readonly rep: string; readonly weight: number }[],
): readonly MemberStanding[] {
  const old = new Map(checked(members).map((member) => [member.rep, member]));
  const next = checked(roster.map((member) => ({ ...member, current: 0 })));
  const stay = next.flatMap(({ rep }) => old.get(rep) ?? []);
  const surplus = sumOf(stay.map(({ current }) => current));
  // current − surplus/n, times new total / old total, as one fraction
  const divisor = sumOf(members.map(({ weight }) => weight)) * stay.length;
  const factor = sumOf(next.map(({ weight }) => weight));
  const exact = stay.map(({ rep, current }) => {
    const scaled = (current * stay.length - surplus) * factor;
    const floor = Math.floor(scaled / divisor);
    return { rep, floor, fraction: scaled - floor * divisor };
  });
  const missing = -sumOf(exact.map(({ floor }) => floor));
  const roundedUp = new Set(
    [...exact]
      .sort((a, b) => b.fraction - a.fraction || byRep(a, b))
      .slice(0, missing)
      .map(({ rep }) => rep),
  );
  const currents = new Map(exact.map(({ rep, floor }) => [rep, roundedUp.has(rep) ? floor + 1 : floor]));
  return next.map((member) => ({ ...member, current: currents.get(member.rep) ?? member.current }));
}

/** Highest standing after everyone's weight is added, ties to the lowest rep id. */
function highest(
  eligible: readonly (Pick<CandidateVerdict, 'rep' | 'before'> & Raised)[],
): string | undefined {
  const [best] = [...eligible].sort((a, b) => b.before + raised(b) - (a.before + raised(a)) || byRep(a, b));
  return best?.rep;
}

type Raised = Pick<MemberState, 'weight' | 'boost'>;

const raised = ({ weight, boost = 0 }: Raised): number => weight + boost;

const isRaised = ({ skip, counted }: MemberState): boolean => skip === undefined || counted === true;

function verdict(
  { rep, weight, skip, boost, counted }: MemberState,
  before: number,
  change: number,
): CandidateVerdict {
  const reason = skip === undefined ? {} : { skip, ...(counted === true ? { counted } : {}) };
  const more = skip === undefined && boost !== undefined ? { boost } : {};
  return { rep, weight, before, eligible: skip === undefined, ...reason, ...more, after: before + change };
}

function standings(members: readonly MemberState[]): PickResult['next'] {
  return members.map(({ rep, current }) => ({ rep, current }));
}

/** The members by rep id, if they can be reckoned with. */
function checked<M extends MemberStanding>(members: readonly M[]): readonly M[] {
  const seen = new Set<string>();
  for (const { rep, weight, current } of members) {
    if (!Number.isSafeInteger(weight) || weight < 1) {
      throw new RangeError(`the weight of ${rep} must be a positive whole number, not ${String(weight)}`);
    }
    if (!Number.isSafeInteger(current))
      throw new RangeError(`the current of ${rep} must be whole, not ${String(current)}`);
    if (seen.has(rep)) throw new RangeError(`${rep} is in the pool twice`);
    seen.add(rep);
  }
  return [...members].sort(byRep);
}

function byRep(a: { readonly rep: string }, b: { readonly rep: string }): number {
  return a.rep < b.rep ? -1 : 1;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0);
}
