import { transliterate } from 'transliteration';
import { repairMojibake } from './mojibake';

/** What a stranger typed, readable: mojibake repaired, compatibility forms unified, unseen characters and double blanks gone. */
export function cleanText(raw: string | undefined): string {
  if (raw === undefined) return '';
  return repairMojibake(repairMojibake(raw).normalize('NFKC'))
    .replace(/\p{Cf}+/gu, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}

/**
 * Lower-case ASCII form under which spellings of one word agree: `Müller`, `Mueller`, `MULLER` and `MÃ¼ller`. Letters of
 * other scripts are transliterated. Never shown to anybody; only compared.
 */
export function fold(raw: string | undefined): string {
  const text = cleanText(raw);
  const ascii = /^[\u0020-\u007e]*$/.test(text) ? text : latin(text);
  return unifyUmlauts(ascii.toLowerCase());
}

/** Letters of other scripts as names are spelled in English: the usual table has `Elcin` for Yeltsin. */
const latin = (text: string): string =>
  cleanText(transliterate(text.toLowerCase().replace(/[цхє]/g, (letter) => cyrillic.get(letter) ?? letter)));

const cyrillic: ReadonlyMap<string, string> = new Map([
  ['ц', 'ts'],
  ['х', 'kh'],
  ['є', 'ye'],
]);

/** Letters and digits of the folded text, in order. */
export function foldedWords(raw: string | undefined): readonly string[] {
  return fold(raw)
    .replace(/['’`´]/g, '')
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/**
 * ü, ue and u; ø, oe and o; å, aa and a become one inside a word; at its end they are what they are (`Joe`, `Sue`, `Doe`).
 * Vowels before keep `Bauer` and `Queen` as they are.
 */
function unifyUmlauts(text: string): string {
  const once = text
    .replace(/(?<![aeoq])ue(?=[a-z])/g, 'u')
    .replace(/oe(?=[a-z])/g, 'o')
    .replace(/(?:ae|aa)(?=[a-z])/g, 'a');
  return once === text ? text : unifyUmlauts(once);
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
