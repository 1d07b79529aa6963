import type { IsoInstant } from '../instant';
import { judgeChange, type Authority, type FieldChange, type FieldState } from './change';

/**
 * What to do about a field that is different on both sides, found by looking and not by an event: `taken`, the lead follows
 * the CRM; `written`, the CRM gets our value. Undefined where both say the same.
 */
export function repairOf(
  theirs: FieldChange,
  ours: FieldState,
  authority: Authority,
  now: IsoInstant,
): 'taken' | 'written' | undefined {
  const verdict = judgeChange(theirs, ours, authority, now);
  if (verdict === 'same') return undefined;
  // Everything else is a value that somebody or something set there and that does not hold here: a write of ours that was
  // lost, a change that came too late, a rule over there.
  return verdict === 'apply' ? 'taken' : 'written';
}

/**
 * Which of our statuses a word of the CRM means that stands for several: the one the lead has, or was shown there, before
 * the least advanced. Undefined when it means none.
 */
export function statusMeant(meanings: readonly string[], { current, shown }: FieldState): string | undefined {
  return [current, shown].find((status) => status !== undefined && meanings.includes(status)) ?? meanings[0];
}
