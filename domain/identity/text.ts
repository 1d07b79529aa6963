import { transliterate } from 'transliteration';

/** What a stranger typed, readable: mojibake repaired, compatibility forms unified, control characters and double blanks gone. */
export function cleanText(raw: string | undefined): string {
  if (raw === undefined) return '';
  return repairMojibake(raw)
    .normalize('NFKC')
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/**
 * Lower-case ASCII form under which spellings of one word agree: `Müller`, `Mueller`, `MULLER` and `MÃ¼ller`. Letters of
 * other scripts are transliterated. Never shown to anybody; only compared.
 */
export function fold(raw: string | undefined): string {
  const text = cleanText(raw);
  const ascii = /^[\u0020-\u007e]*$/.test(text) ? text : transliterate(text);
  return unifyUmlauts(ascii.toLowerCase());
}

/** Letters and digits of the folded text, in order. */
export function foldedWords(raw: string | undefined): readonly string[] {
  return fold(raw)
    .replace(/['’`´]/g, '')
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/** ü, ue and u; ø, oe and o; å, aa and a become one. Vowels before keep `Bauer` and `Queen` as they are. */
function unifyUmlauts(text: string): string {
  return text
    .replace(/(?<![aeoq])ue/g, 'u')
    .replace(/oe/g, 'o')
    .replace(/ae|aa/g, 'a');
}

/**
 * The key under which words of the same sound agree, whatever the language spells: consonant classes in the order of
 * Cologne phonetics (Postel 1969) with the digraphs of Romance, Slavic and English spelling folded first; vowels only
 * count at the beginning. @param word folded
 */
export function soundOf(word: string): string {
  const letters = word
    .replace(/^(?:wr|kn|gn|ps|mc|mac)/, (start) => soundStarts[start] ?? start)
    .replace(/tsch|dsch|sch|tch|shch|cz|sz|zh|sh|ch|ts|tz|rz|dz/g, 's')
    .replace(/ph|v|w/g, 'f')
    .replace(/x/g, 'ks')
    .replace(/c(?=[eiy])/g, 's')
    .replace(/ck|qu|q|c|g/g, 'k')
    .replace(/th|dt|d/g, 't')
    .replace(/b/g, 'p')
    .replace(/z/g, 's')
    .replace(/m/g, 'n');
  const first = /^[aeiouyjh]/.test(letters) ? 'a' : '';
  return (first + letters.replace(/[^fklnprst0-9]/g, '')).replace(/(.)\1+/g, '$1');
}

const soundStarts: Readonly<Record<string, string>> = {
  wr: 'r',
  kn: 'n',
  gn: 'n',
  ps: 's',
  mc: 'k',
  mac: 'k',
};

/** Form in which letters agree that scanners take for each other: `Carrnen` and `Carmen`, `Fischcr` and `Fischer`. */
export function scanFold(word: string): string {
  return word
    .replace(/rn/g, 'm')
    .replace(/vv/g, 'w')
    .replace(/cl/g, 'd')
    .replace(/c/g, 'e')
    .replace(/[1i]/g, 'l')
    .replace(/0/g, 'o')
    .replace(/5/g, 's')
    .replace(/8/g, 'b');
}

/**
 * Slips of a typist between two words: insertions, deletions, replacements and swaps of neighbours (optimal string
 * alignment, Damerau 1964). @returns `most + 1` as soon as there are more than `most`.
 */
export function slips(a: string, b: string, most: number): number {
  if (a === b) return 0;
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, place) => place);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      let cost = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, at(before, j - 2) + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > most) return most + 1;
    [before, last] = [last, row];
  }
  return Math.min(at(last, b.length), most + 1);
}

const at = (row: readonly number[], place: number): number => row[place] ?? Number.POSITIVE_INFINITY;

/** UTF-8 that was read as Windows-1252 turned back; anything else stays as it is. */
function repairMojibake(text: string): string {
  if (!/[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0178\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]/.test(text))
    return text;
  const bytes: number[] = [];
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    const byte = code < 0x100 ? code : windows1252.get(code);
    if (byte === undefined) return text;
    bytes.push(byte);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
  } catch {
    return text; // Not UTF-8, so not mojibake of this kind: a real "Ã" is a letter.
  }
}

/** Code points that Windows-1252 gives to the bytes 0x80 to 0x9f. */
const windows1252: ReadonlyMap<number, number> = new Map(
  Array.from('€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ').map((letter, place) => [
    letter.codePointAt(0) ?? 0,
    0x80 + place,
  ]),
);
