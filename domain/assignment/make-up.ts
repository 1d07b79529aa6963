import type { DurationText } from '../duration';

/**
 * What a member is owed for leads that came while he was absent. `none`: nothing, nor is it held against him. `full`:
 * leads count for him as if he were there, so he gets nearly every one until he is level. `bounded`: they go on an
 * account of their own; while there is something on it his weight counts `share` times, and what is left lapses
 * `expires` after the last lead he missed.
 */
export type MakeUp =
  | { readonly kind: 'none' | 'full' }
  | { readonly kind: 'bounded'; readonly share: number; readonly expires: DurationText };

/**
 * How much a member is raised beyond his weight for one lead, to be taken from what he is owed. Whole units of
 * 1/(sum of weights) leads, as the standings.
 */
export function boostOf(
  makeUp: MakeUp,
  { weight, owed }: { readonly weight: number; readonly owed: number },
): number {
  return makeUp.kind === 'bounded' ? Math.min(owed, weight * (makeUp.share - 1)) : 0;
}
