import { isEastAsian, isJapanese, latinReading } from './east-asian-names';
import { cleanText, foldedWords } from './text';

/** A person's name taken apart for comparison, every word folded (text.ts). */
export interface PersonName {
  /** First and middle names; single letters are initials. */
  readonly given: readonly string[];
  /** Last names, without particles such as `van` and `de la`. */
  readonly family: readonly string[];
  /** Tells two generations of one name apart. */
  readonly generation?: 'jr' | 'sr';
  /** Written in Chinese characters or Hangul: how it is read in Latin letters is uncertain. */
  readonly eastAsian?: true;
  /** Nobody typed it: the mailbox spells it, in whatever order. */
  readonly spelled?: true;
}

/**
 * Reads a first and a last name, however they were typed: with titles and degrees, in one field, as `Last, First`, with
 * a suffix, in another script. @returns undefined when nothing is left that could be a name
 */
export function readName(first: string | undefined, last: string | undefined): PersonName | undefined {
  const [givenText, familyText] = splitFields(cleanText(first), cleanText(last));
  const oneField = givenText === '' || familyText === '';
  const eastAsian = isEastAsian(givenText + familyText);
  const japanese = isJapanese(familyText) || isJapanese(givenText);
  const one = readField(givenText, oneField, japanese);
  const other = readField(familyText, oneField, japanese);
  const [given, family] = oneField
    ? splitOneField([...one.words, ...other.words], `${givenText}${familyText}`, familyText !== '')
    : [one.words, withoutParticles(other.words)];
  const generation = one.generation ?? other.generation;
  if (given.length === 0 && family.length === 0) return undefined;
  return {
    given,
    family,
    ...(generation === undefined ? {} : { generation }),
    ...(eastAsian ? { eastAsian } : {}),
  };
}

/** `Last, First` in one field is turned round; what stands in brackets or quotation marks is left out. */
function splitFields(first: string, last: string): readonly [string, string] {
  const bare = (text: string): string => text.replace(/[([{"“].*?[)\]}"”]/g, ' ').trim();
  const [one, other] = [bare(first), bare(last)];
  const comma = /^([^,]+),\s*([^,]+)$/.exec(one === '' ? other : other === '' ? one : '');
  const isSuffix = foldedWords(comma?.[2]).every((word) => generations.has(word) || degrees.has(word));
  return comma?.[1] === undefined || comma[2] === undefined || isSuffix ? [one, other] : [comma[2], comma[1]];
}

interface NameField {
  readonly words: readonly string[];
  readonly generation?: 'jr' | 'sr';
}

/** The words of one field without titles before and degrees and suffixes after the name. */
function readField(text: string, whole: boolean, japanese: boolean): NameField {
  const latin = isEastAsian(text) ? latinReading(text, { whole, japanese }) : text;
  const words = foldedWords(latin.replace(/\./g, '. '))
    .filter((word) => !/^\d+$/.test(word))
    .map(unleet);
  let [from, until] = [0, words.length];
  while (from < until - 1 && titles.has(words[from] ?? '')) from++;
  let generation: NameField['generation'];
  while (until - 1 > from) {
    const word = words[until - 1] ?? '';
    generation ??= generations.get(word);
    if (!generations.has(word) && !degrees.has(word)) break;
    until--;
  }
  return { words: words.slice(from, until), ...(generation === undefined ? {} : { generation }) };
}

/** Digits that stand for letters inside a word: `Lu0`. */
const unleet = (word: string): string =>
  /\d/.test(word) ? word.replace(/0/g, 'o').replace(/1/g, 'l').replace(/3/g, 'e').replace(/5/g, 's') : word;

/** A whole name typed into one field: its last word is the family name; Chinese characters begin with it. */
function splitOneField(
  words: readonly string[],
  text: string,
  inFamilyField: boolean,
): readonly [readonly string[], readonly string[]] {
  const list = withoutParticles(words);
  // `Karl-Heinz` or `Klein-Navarro` alone is half a name, not a whole one.
  const half = list.length === 1 || (!isEastAsian(text) && !/\s/.test(text));
  if (half) return inFamilyField ? [[], list] : [list, []];
  if (isEastAsian(text)) return [list.slice(1), list.slice(0, 1)];
  return [list.slice(0, -1), list.slice(-1)];
}

function withoutParticles(words: readonly string[]): readonly string[] {
  const kept = words.filter((word) => !particles.has(word));
  return kept.length > 0 ? kept : words;
}

const generations: ReadonlyMap<string, 'jr' | 'sr'> = new Map([
  ...'jr jun junior jnr ii iii fils hijo filho ml'.split(' ').map((word) => [word, 'jr'] as const),
  ...'sr sen senior snr pere padre pai st'.split(' ').map((word) => [word, 'sr'] as const),
]);

const degrees: ReadonlySet<string> = new Set(
  'phd mba md msc bsc ma ba esq cpa pe llm jd mbe obe rn dds dr mag ing'.split(' '),
);

/** Titles and forms of address of many languages, folded. */
const titles: ReadonlySet<string> = new Set(
  `mr mrs ms miss mx sir madam mister dr doctor prof professor rev hon
   herr frau hr fr herrn dipl ing ingenieur mag univ doz lic
   m mme mlle monsieur madame mademoiselle maitre
   senor senora senorita sr sra srta don dona ldo
   signor signora signorina sig dott dottore dottssa avv geom rag
   senhor senhora eng exmo exma pan pani inz mgr hab
   dhr mevr mw mevrouw meneer drs ir herra rouva fru froken
   bay bayan bey hanim sayin sri shri smt kumari gospodin gospozha`.split(/\s+/),
);

const particles: ReadonlySet<string> = new Set(
  'van von der den de del della di da do dos das du la las le les los el al y e i und zu zum zur af av ten ter op bin ibn ben bint vom'.split(
    ' ',
  ),
);
