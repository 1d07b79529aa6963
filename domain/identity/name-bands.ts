const bands = 4;
const minimaPerBand = 2;

/**
 * What two spellings of a name are likely to have in common when each half has a slip of its own: of the trigrams of its
 * words the least by each of eight orders, two and two (Broder, On the resemblance and containment of documents, 1997).
 * Names that share a share s of their trigrams share one of these with 1 − (1 − s²)⁴.
 */
export function nameBands(words: readonly string[]): readonly string[] {
  const trigrams = trigramsOf(words);
  if (trigrams.length === 0) return [];
  return Array.from({ length: bands }, (_, band) =>
    [
      band,
      ...Array.from({ length: minimaPerBand }, (_, place) => least(trigrams, band * minimaPerBand + place)),
    ].join('.'),
  );
}

/** Of each word by itself, so that their order does not matter; three letters and an end as numbers. */
function trigramsOf(words: readonly string[]): readonly number[] {
  const found = new Set<number>();
  for (const word of words) {
    const bounded = `^${word}$`;
    for (let at = 0; at + 3 <= bounded.length; at++)
      found.add(
        (bounded.charCodeAt(at) << 16) ^ (bounded.charCodeAt(at + 1) << 8) ^ bounded.charCodeAt(at + 2),
      );
  }
  return [...found];
}

const least = (trigrams: readonly number[], order: number): string =>
  Math.min(...trigrams.map((trigram) => mixed(trigram, order))).toString(36);

/** Without order, and for each `order` another one (the finaliser of MurmurHash3). */
function mixed(value: number, order: number): number {
  let hash = Math.imul(value ^ Math.imul(order + 1, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
