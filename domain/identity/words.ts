import { areForms } from './nicknames';
import { scanFold, slips, soundOf } from './text';

/** How two words of a name are related, strongest first. */
export type Likeness = 'same' | 'form' | 'slip' | 'sound' | 'far' | 'initial' | 'other';

const order: readonly Likeness[] = ['same', 'form', 'slip', 'sound', 'far', 'initial', 'other'];

/** Relates two folded words. A form is a nickname; a slip one or two mistakes of a typist or a scanner. */
export function likeness(a: string, b: string): Likeness {
  if (a === b) return 'same';
  if (areForms(a, b)) return 'form';
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length === 1) return long.startsWith(short) ? 'initial' : 'other';
  if (isSlip(short, long)) return 'slip';
  if (short.length >= 3 && soundOf(a) === soundOf(b) && soundOf(a).length >= 2) {
    if (slips(a, b, 3) <= Math.max(1, Math.floor(long.length / 2) - 1)) return 'sound';
  }
  return isFar(short, long) ? 'far' : 'other';
}

/** Garbled: two slips in a short word, three in a long one, or cut off. */
function isFar(short: string, long: string): boolean {
  const most = long.length >= 9 ? 3 : long.length >= 5 ? 2 : 0;
  return most > 0 && (slips(short, long, most) <= most || (short.length >= 4 && long.startsWith(short)));
}

function isSlip(short: string, long: string): boolean {
  const most = long.length >= 8 ? 2 : long.length >= 4 ? 1 : 0;
  if (most > 0 && slips(short, long, most) <= most) return true;
  return short.length >= 4 && scanFold(short) === scanFold(long);
}

/** The best relation between any word of one list and any of the other, with the words. */
export function bestLikeness(
  a: readonly string[],
  b: readonly string[],
): { readonly likeness: Likeness; readonly words: readonly [string, string] } {
  let best: { likeness: Likeness; words: readonly [string, string] } = { likeness: 'other', words: ['', ''] };
  for (const one of a)
    for (const other of b) {
      const found = likeness(one, other);
      if (best.words[0] === '' || order.indexOf(found) < order.indexOf(best.likeness))
        best = { likeness: found, words: [one, other] };
    }
  return best;
}
