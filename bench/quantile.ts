/** The two points of a distribution that we report. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
}

/**
 * The smallest value that at least the share `q` of all values does not exceed (nearest rank, no interpolation: every
 * answer is something that was measured). @throws RangeError without values, or for a share outside 0 to 1
 */
export function quantile(values: readonly number[], q: number): number {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`quantile ${q} is not between 0 and 1`);
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('a quantile needs at least one value');
  return value;
}

/** The middle value; between the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const lower = quantile(values, 0.5);
  if (values.length % 2 === 1) return lower;
  const sorted = [...values].sort((a, b) => a - b);
  return (lower + (sorted[values.length / 2] ?? lower)) / 2;
}

/** Median and 99th percentile, rounded to a tenth. */
export function spread(values: readonly number[]): Spread {
  return { p50: rounded(quantile(values, 0.5)), p99: rounded(quantile(values, 0.99)) };
}

/** Rounds to `digits` places: more would claim a precision no run has. */
export function rounded(value: number, digits = 1): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
