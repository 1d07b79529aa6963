import { isEastAsian, isJapanese, latinReading } from './east-asian-names';
import {
  degrees,
  doubtfulSuffixes,
  doubtfulTitles,
  generations,
  givenParticles,
  maidenWords,
  particles,
  titleParts,
  titles,
} from './name-words';
import { cleanText, fold, foldedWords } from './text';

/** A person's name taken apart for comparison, every word folded (text.ts). */
export interface PersonName {
  /** First and middle names; single letters are initials. */
  readonly given: readonly string[];
  /** Last names, without particles such as `van` and `de la`. */
  readonly family: readonly string[];
  /** Tells two generations of one name apart. */
  readonly generation?: 'jr' | 'sr';
  /** Written in a script whose reading in Latin letters is uncertain: Chinese characters, Hangul, kana, Arabic, Hebrew … */
  readonly eastAsian?: true;
  /** Nobody typed it: the mailbox spells it, in whatever order. */
  readonly spelled?: true;
}

/**
 * Reads a first and a last name, however they were typed: with titles and degrees, in one field, as `Last, First` or
 * `LAST First`, with a suffix, in another script. @returns undefined when nothing is left that could be a name
 */
export function readName(first: string | undefined, last: string | undefined): PersonName | undefined {
  const [givenText, familyText] = splitFields(bare(first), bare(last));
  const oneField = givenText === '' || familyText === '';
  const japanese = isJapanese(familyText) || isJapanese(givenText);
  const one = readField(givenText, oneField, japanese);
  const other = readField(familyText, oneField, japanese);
  const [given, family] = oneField
    ? splitOneField([...one.words, ...other.words], `${givenText}${familyText}`, familyText !== '')
    : [isOnlyTitle(one.words) ? [] : one.words, withoutParticles(other.words)];
  const generation = one.generation ?? other.generation;
  if (given.length === 0 && family.length === 0) return undefined;
  return {
    given,
    family: [...family, ...one.maiden, ...other.maiden],
    ...(generation === undefined ? {} : { generation }),
    ...(isReadingUncertain(givenText + familyText) ? { eastAsian: true } : {}),
  };
}

/** Scripts that leave vowels out, have many readings, or are spelled in Latin letters as everybody likes. */
const isReadingUncertain = (text: string): boolean =>
  /[^\P{L}\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Georgian}]/u.test(
    text,
  );

/** Without what stands in brackets or quotation marks, and without East Asian forms of address. */
function bare(text: string | undefined): string {
  return cleanText(text)
    .replace(/[([{"“„«].*?[)\]}"”»]/g, ' ')
    .trim()
    .replace(/(?<=.)\s*(?:先生|女士|小姐|様|さん|さま|氏|殿|님|씨)$/u, '');
}

/** `Last, First` and `LAST First` in one field are turned round; degrees behind a comma stay behind. */
function splitFields(one: string, other: string): readonly [string, string] {
  if (one !== '' && other !== '') return [one, other];
  const parts = `${one}${other}`.split(',').map((part) => part.trim());
  const isSuffix = (part: string): boolean =>
    wordsOf(`x ${part}`)
      .slice(1)
      .every((word) => generations.has(word) || degrees.has(word));
  const [head = '', second, ...rest] = [
    ...parts.filter((part) => !isSuffix(part)),
    ...parts.filter(isSuffix),
  ];
  if (second !== undefined && !isSuffix(second)) return [[second, ...rest].join(' '), head];
  const [, capitals = '', then = ''] = /^(\p{Lu}[\p{Lu}'’-]{2,})\s+(\p{Lu}\p{Ll}.*)$/u.exec(head) ?? [];
  if (then !== '' && second === undefined && !titles.has(fold(capitals))) return [then, capitals];
  const whole = parts.join(' ').trim();
  return one === '' ? ['', whole] : [whole, ''];
}

interface NameField {
  readonly words: readonly string[];
  /** The name that somebody was born with. */
  readonly maiden: readonly string[];
  readonly generation?: 'jr' | 'sr';
}

/**
 * The words of one field without titles before and degrees and suffixes after the name.
 * @param whole the field holds a whole name: what may be a part of it is kept where given and family name need it
 */
function readField(text: string, whole: boolean, japanese: boolean): NameField {
  const latin = isEastAsian(text) ? latinReading(text, { whole, japanese }) : text;
  const all = wordsOf(latin)
    .filter((word) => !/^\d+$/.test(word))
    .map(unleet);
  const born = all.findIndex((word, place) => place > 0 && place < all.length - 1 && maidenWords.has(word));
  const words = born < 0 ? all : all.slice(0, born);
  const least = whole ? 2 : 1;
  const from = titlesBefore(words, least);
  let until = words.length;
  let generation: NameField['generation'];
  for (; until - 1 > from; until--) {
    const word = words[until - 1] ?? '';
    const isSuffix = generations.has(word) || degrees.has(word);
    if (!isSuffix || (doubtfulSuffixes.has(word) && until - 1 - from < least)) break;
    generation ??= generations.get(word);
  }
  return {
    words: words.slice(from, until),
    maiden: born < 0 ? [] : all.slice(born + 1),
    ...(generation === undefined ? {} : { generation }),
  };
}

/** `Mr` in the field for the first name. */
const isOnlyTitle = ([word = '', ...more]: readonly string[]): boolean =>
  more.length === 0 && word.length > 1 && titles.has(word) && !doubtfulTitles.has(word);

/** How many words before a name are titles; one word at least is a name, where a title may be one, `least`. */
function titlesBefore(words: readonly string[], least: number): number {
  let from = 0;
  for (; from < words.length - 1; from++) {
    const word = words[from] ?? '';
    const isTitle = titles.has(word) || (from > 0 && titleParts.has(word));
    if (!isTitle || (doubtfulTitles.has(word) && words.length - from - 1 < least)) break;
  }
  return from;
}

/** The folded words of a name; a degree with dots (`Ph.D.`, `LL. M.`) and `h. c.` are one. */
function wordsOf(text: string): readonly string[] {
  const joined = text
    .replace(/\bh\.\s?c\b/gi, 'hc')
    .replace(/\b(ph|ll|c|dr|m|b)\.\s(d|m|b|sc)\./gi, (typed, one: string, two: string) =>
      degrees.has(fold(one + two)) && (one + two).length > 2 ? one + two : typed,
    );
  return joined.split(/[\s,;]+/).flatMap((typed, place) => {
    const plain = foldedWords(typed).join('');
    const isDegree = place > 0 && /\..*\p{L}/u.test(typed) && degrees.has(plain);
    return isDegree ? [plain] : foldedWords(typed.replace(/\./g, '. '));
  });
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
  // What looks like a particle is a name where it stands last (`Rahul Das`), some also first (`Ben Smith`).
  const list = words.filter(
    (word, place) =>
      !particles.has(word) || place === words.length - 1 || (place === 0 && givenParticles.has(word)),
  );
  // `Karl-Heinz` or `Klein-Navarro` alone is half a name, not a whole one.
  const half = list.length < 2 || (!isEastAsian(text) && !/\s/.test(text));
  if (half) return inFamilyField || words.length > list.length ? [[], list] : [list, []];
  if (isEastAsian(text)) return [list.slice(1), list.slice(0, 1)];
  return [list.slice(0, -1), list.slice(-1)];
}

function withoutParticles(words: readonly string[]): readonly string[] {
  const kept = words.filter((word) => !particles.has(word));
  return kept.length > 0 ? kept : words;
}
