import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';

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
  if (text === undefined) return undefined;
  const international = text.trim().replace(/^00(?=[1-9])/, '+');
  const parsed = parsePhoneNumberFromString(
    international,
    country === '' ? {} : { defaultCountry: country as CountryCode },
  );
  if (!parsed?.isPossible()) return undefined;
  return { e164: parsed.number, country: parsed.country ?? '' };
}

/**
 * Reads a number for comparison: the extension is cut off, the country is the first of `hints` under which it is valid.
 * @returns undefined when there are fewer than six digits
 */
export function readDialled(text: string | undefined, hints: readonly string[]): DialledNumber | undefined {
  if (text === undefined) return undefined;
  const cut =
    /^(.*?\d.*?)\s*(?:(?:ext(?:ension)?|extn|durchwahl|dw|poste|anexo|interno|int|wew|tlj|x|#)[\s.:]*)(\d{1,6})\D*$/i.exec(
      text,
    );
  const number = (cut?.[1] ?? text).replace(/\(0\)/g, '').replace(/[a-z].*$/i, '');
  const typed = number.replace(/\D/g, '');
  if (typed.length < 6) return undefined;
  const digits = international(number, typed, hints) ?? typed.replace(/^0+/, '');
  return {
    digits,
    tail: digits.slice(-8),
    placeholder: isPlaceholder(typed),
    ...(cut?.[2] === undefined ? {} : { extension: cut[2] }),
  };
}

function international(number: string, typed: string, hints: readonly string[]): string | undefined {
  const plus = number.trim().replace(/^00(?=[1-9])/, '+');
  if (plus.startsWith('+'))
    return parsePhoneNumberFromString(plus)?.number.slice(1) ?? typed.replace(/^0+/, '');
  for (const hint of hints) {
    const parsed = parsePhoneNumberFromString(plus, { defaultCountry: hint as CountryCode });
    if (parsed?.isPossible()) return parsed.number.slice(1);
  }
  return undefined;
}

const isPlaceholder = (digits: string): boolean =>
  /(\d)\1{5}/.test(digits) ||
  /^0*(?:1?(?:123456|234567|345678)|987654)/.test(digits) ||
  /^(?:0|1)?(?:55555|\d{3}5550[01])/.test(digits);
