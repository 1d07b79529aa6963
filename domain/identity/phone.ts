import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';

export interface Phone {
  readonly e164: string;
  /** ISO 3166-1 alpha-2, empty when the number does not tell. */
  readonly country: string;
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
