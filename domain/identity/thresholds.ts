/** What a person decided about two people who might be one. */
export interface Verdict {
  /** log2 odds the model had given. */
  readonly bits: number;
  readonly same: boolean;
}

export interface Thresholds {
  readonly acceptBits: number;
  readonly reviewBits: number;
}

/** What other thresholds would have done with the verdicts that were given, for people to read before they act. */
export interface ThresholdReport {
  readonly verdicts: number;
  readonly same: number;
  readonly different: number;
  readonly before: Thresholds;
  readonly after: Thresholds;
  /** Would have been merged without a question; `wrong` are those a person kept apart. */
  readonly merged: { readonly right: number; readonly wrong: number };
  /** Would have been kept apart without a question; `wrong` are those a person said are one. */
  readonly keptApart: { readonly right: number; readonly wrong: number };
  /** Would still have been asked. */
  readonly asked: number;
  /** Estimated precision of what would have been merged, the model's own odds counted in; absent for none. */
  readonly precision?: number;
}

export type ThresholdProposal =
  | { readonly kind: 'proposed'; readonly report: ThresholdReport }
  /** `missing` more verdicts are wanted. */
  | { readonly kind: 'too_few'; readonly verdicts: number; readonly missing: number };

/** Fewer verdicts than this say nothing. */
export const fewestVerdicts = 50;
/** What is merged without a question must be right this often. */
const precisionWanted = 0.995;
/** The model's own odds count as so many verdicts. */
const modelCounts = 10;
/** Of the pairs that people said are one, so many may be asked about no more. */
const lostAtMost = 0.02;

/**
 * Thresholds that the verdicts speak for.
 *
 * Accept: the lowest bits from which on the share of `same`, with the model's own expectation weighed in as ten
 * verdicts, is at least 0.995; where even the highest bits do not reach it, just above the highest pair that was kept
 * apart. Without a verdict above today's threshold and without enough below it, it stays. About 75 verdicts without a
 * `different` lower it to 4.5 bits, about 210 to 3: certainty of one in 200 costs that many, whatever the method
 * (isotonic and logistic calibration extrapolate from fewer, which is what must not happen here).
 *
 * Review: the highest bits that still ask about 98 % of the pairs that were one. It is never lowered: nobody was asked
 * about pairs below it, so nothing is known of them.
 */
export function proposeThresholds(verdicts: readonly Verdict[], before: Thresholds): ThresholdProposal {
  if (verdicts.length < fewestVerdicts)
    return { kind: 'too_few', verdicts: verdicts.length, missing: fewestVerdicts - verdicts.length };
  const acceptBits = acceptFrom(verdicts, before.acceptBits);
  const reviewBits = Math.min(reviewFrom(verdicts, before.reviewBits), acceptBits);
  return { kind: 'proposed', report: report(verdicts, before, { acceptBits, reviewBits }) };
}

/** What the thresholds would have done with the verdicts. */
function report(verdicts: readonly Verdict[], before: Thresholds, after: Thresholds): ThresholdReport {
  const merged = verdicts.filter(({ bits }) => bits >= after.acceptBits);
  const apart = verdicts.filter(({ bits }) => bits < after.reviewBits);
  const same = count(verdicts);
  return {
    verdicts: verdicts.length,
    same,
    different: verdicts.length - same,
    before,
    after,
    merged: { right: count(merged), wrong: merged.length - count(merged) },
    keptApart: { right: apart.length - count(apart), wrong: count(apart) },
    asked: verdicts.length - merged.length - apart.length,
    ...(merged.length === 0 ? {} : { precision: round(precisionOf(merged), 4) }),
  };
}

function acceptFrom(verdicts: readonly Verdict[], current: number): number {
  const from = (bits: number): readonly Verdict[] => verdicts.filter((verdict) => verdict.bits >= bits);
  const steps = [...new Set([current, ...verdicts.map(({ bits }) => roundedUp(bits))])].sort((a, b) => a - b);
  const good = steps.find((bits) => {
    const group = from(bits);
    return group.length > 0 && precisionOf(group) >= precisionWanted;
  });
  if (good !== undefined) return good;
  const wrong = from(current).filter(({ same }) => !same);
  // Nothing speaks against today's threshold: what was not asked about is not known to be wrong.
  return wrong.length === 0 ? current : roundedUp(Math.max(...wrong.map(({ bits }) => bits)) + 0.1);
}

function reviewFrom(verdicts: readonly Verdict[], current: number): number {
  const ones = verdicts
    .filter(({ same }) => same)
    .map(({ bits }) => bits)
    .sort((a, b) => a - b);
  if (ones.length < fewestVerdicts / 2) return current;
  const lowest = ones[Math.floor(ones.length * lostAtMost)] ?? current;
  return Math.max(current, Math.floor(lowest * 10) / 10);
}

/** Share of `same`, the model's own expectation counted as some verdicts more. */
function precisionOf(verdicts: readonly Verdict[]): number {
  const expected = verdicts.reduce((sum, { bits }) => sum + 1 / (1 + 2 ** -bits), 0) / verdicts.length;
  return (count(verdicts) + modelCounts * expected) / (verdicts.length + modelCounts);
}

const count = (verdicts: readonly Verdict[]): number => verdicts.filter(({ same }) => same).length;
const roundedUp = (bits: number): number => Math.ceil(round(bits, 6) * 10) / 10;
const round = (value: number, places: number): number => Math.round(value * 10 ** places) / 10 ** places;
