import { parsePhoneNumberFromString, type CountryCode, type PhoneNumber } from 'libphonenumber-js/min';
import { transliterate } from 'transliteration';

export interface Phone {
  readonly e164: string;
  /** ISO 3166-1 alpha-2, empty when the number does not tell. */
  readonly country: string;
}

/** A number taken apart for comparison, also where its country is unknown. */
export interface DialledNumber {
  /** E.164 without plus where the country is known, else the digits without leading zeros. */
  readonly digits: string;
  /** The last eight digits: what is left of one number in every way of writing it. */
  readonly tail: string;
  readonly extension?: string;
  /** Typed because the form wanted something: 1234567890, 555-5555. */
  readonly placeholder: boolean;
}

/** @param country ISO code that decides how a national number is read. @returns undefined when it is no number. */
export function readPhone(text: string | undefined, country: string): Phone | undefined {
  const parsed = parse(takeApart(text ?? '').number, country === '' ? [] : [country]);
  return parsed?.isPossible() ? { e164: parsed.number, country: parsed.country ?? '' } : undefined;
}

/**
 * Reads a number for comparison, the first of several: label and extension are cut off, the country is the first of
 * `hints` under which it is valid. @returns undefined when there are fewer than six digits
 */
export function readDialled(text: string | undefined, hints: readonly string[]): DialledNumber | undefined {
  const { number, extension } = takeApart(text ?? '');
  const typed = number.replace(/\D/g, '');
  const significant = typed.replace(/^0+/, '');
  if (significant.length < 6) return undefined;
  const digits = parse(number, hints)?.number.slice(1) ?? significant;
  return {
    digits,
    tail: digits.slice(-8),
    placeholder: isPlaceholder(typed),
    ...(extension === undefined ? {} : { extension }),
  };
}

/** `Tel: +49 (0)711 2912027 ext. 5 / 0170 …` is `+49 711 2912027` and `5`; digits of all scripts become our own. */
function takeApart(text: string): { readonly number: string; readonly extension?: string | undefined } {
  const plain = text
    .slice(0, 200)
    .normalize('NFKC')
    .replace(/\p{Nd}/gu, (digit) => transliterate(digit))
    .replace(/\(0\)/g, ' ');
  const from = plain.search(/[+\d]/);
  const [one = ''] = from < 0 ? [] : firstOf(plain.slice(from).replace(/^\++/, '+'));
  const [, number = one, extension] = extended.exec(one) ?? [];
  const bare = number.replace(/\p{L}.*$/su, '').replace(/^\+(?=\D*0)/, '');
  return { number: bare.replace(/^00(?=[1-9])/, '+').trim(), extension };
}

/** A number and its extension, as telephone systems of many countries call it. */
const extended =
  /^(.*?\d.*?)[\s;,(]*(?:ext(?:ension|ensión|n)?|durchwahl|dw|nebenstelle|nst|poste|anexo|interno|int|ramal|toestel|tst|anknytning|lokal|linka|klapka|wewn|wew|mellék|dahili|доб|вн|内線|内线|分机|분기|내선|tlj|x|#)[\s.:=]*(\d{1,6})\D*$/iu;

/** The first of several numbers: after a comma or slash another begins where both are long enough to be one. */
function firstOf(text: string): readonly string[] {
  const isLong = (part: string): boolean => part.replace(/\D/g, '').length >= 7;
  for (const { index, 0: between } of text.matchAll(separator)) {
    const [before, after] = [text.slice(0, index), text.slice(index + between.length)];
    if (isLong(before) && isLong(after) && (between !== ' ' || isTooLong(text))) return [before, after];
  }
  return [text];
}

/** Between two numbers; a blank only where together they are no number. */
const separator = /\s*[/,;|\n&]+\s*|\s+(?:oder|or|und|and|ou|et|y|o|e|i)\s+|\s*(?=\+)| (?=0)/giu;

const isTooLong = (text: string): boolean => text.replace(/\D/g, '').length > 15;

function parse(number: string, hints: readonly string[]): PhoneNumber | undefined {
  if (number.startsWith('+')) return parsePhoneNumberFromString(number);
  for (const hint of hints) {
    const parsed = parsePhoneNumberFromString(number, { defaultCountry: hint as CountryCode });
    if (parsed?.isPossible()) return withoutPlus(number, parsed) ?? parsed;
  }
  return undefined;
}

/** `49 711 2912027` in Germany, where a national number begins with 0. */
function withoutPlus(number: string, national: PhoneNumber): PhoneNumber | undefined {
  const digits = number.replace(/\D/g, '');
  if (digits.startsWith('0') || !/^\D*0/.test(national.formatNational())) return undefined;
  const parsed = digits.startsWith(national.countryCallingCode)
    ? parsePhoneNumberFromString(`+${digits}`)
    : undefined;
  return digits.length >= 10 && parsed?.isPossible() ? parsed : undefined;
}

const isPlaceholder = (digits: string): boolean =>
  /(\d)\1{5}/.test(digits) ||
  /^0*(?:1?(?:123456|234567|345678)|987654)/.test(digits) ||
  /^(?:0|1)?(?:55555|\d{3}5550[01])/.test(digits);
