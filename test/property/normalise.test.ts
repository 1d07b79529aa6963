import fc from 'fast-check';
import { readAddress } from '../../domain/identity/address';
import { companyCore } from '../../domain/identity/company-name';
import { countryCode } from '../../domain/identity/country';
import { readMailbox } from '../../domain/identity/email';
import { readName } from '../../domain/identity/person-name';
import { readDialled, readPhone } from '../../domain/identity/phone';
import { cleanText, fold } from '../../domain/identity/text';
import { domainLabel, registrableDomain, webDomain } from '../../domain/identity/web-domain';

const inherited = Object.getOwnPropertyNames(Object.prototype);
const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom(
    ...inherited,
    '+49',
    '0711',
    '12',
    ' ',
    '/',
    ',',
    '.',
    '-',
    '@',
    'ext. 5',
    'St.',
    '5th',
    'Flat',
    '17. Juni',
    'La',
  ),
  fc.constantFrom(
    'Dr.',
    'geb.',
    'Ma',
    'GmbH',
    '株式会社',
    'Ã¼',
    '&uuml;',
    '&amp;',
    'oe',
    'aa',
    'uk.com',
    'https://',
    'co.uk',
    'xn--',
  ),
);
const anything = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
const runs = { numRuns: 1_000 };

test('nothing that can be typed makes normalisation throw', () => {
  fc.assert(
    fc.property(anything, anything, (one, other) => {
      readName(one, other);
      readMailbox(one);
      readAddress({ street: one, street2: other, postalCode: one, city: other, state: one });
      readPhone(one, countryCode(other) || 'DE');
      companyCore(one);
      webDomain(one);
    }),
    runs,
  );
});

test('cleaning and folding are done once', () => {
  fc.assert(
    fc.property(anything, (text) => {
      expect(cleanText(cleanText(text))).toBe(cleanText(text));
      expect(fold(fold(text))).toBe(fold(text));
    }),
    runs,
  );
});

test('a number that was read reads the same again, by itself', () => {
  fc.assert(
    fc.property(anything, fc.constantFrom('DE', 'US', 'IT', 'RU', 'ZZ', ''), (text, country) => {
      const read = readDialled(text, country === '' ? [] : [country]);
      if (read) expect(read.digits).toMatch(/^[1-9]\d{5,}$/);
      const phone = readPhone(text, country);
      if (phone) expect(readPhone(phone.e164, '')?.e164).toBe(phone.e164);
      if (phone) expect(readDialled(phone.e164, [])?.digits).toBe(phone.e164.slice(1));
    }),
    runs,
  );
});

test('city and post code of an address read the same again', () => {
  fc.assert(
    fc.property(anything, anything, (city, postalCode) => {
      const read = readAddress({ city, postalCode });
      const again = readAddress({ city: read.city, postalCode: read.postalCode });
      expect([again.city, again.postalCode]).toEqual([read.city, read.postalCode]);
      expect(read.city).toMatch(/^[a-z0-9]*$/);
    }),
    runs,
  );
});

test('the domain of a web address is its own domain, in ASCII, and labelled', () => {
  fc.assert(
    fc.property(
      fc.oneof(anything, fc.webUrl(), fc.domain(), fc.constant(`st.${'ὂ🜀'.repeat(30)}`)),
      (text) => {
        const domain = webDomain(text);
        if (domain === undefined) return;
        expect(webDomain(domain)).toBe(domain);
        expect(domain).toMatch(/^[\x21-\x7e]+$/);
        expect(registrableDomain(domain) ?? domain).toBe(domain);
        expect(domainLabel(domain)).toMatch(/^[a-z0-9]*$/);
      },
    ),
    runs,
  );
});

test('a country is two letters that read as themselves, or nothing', () => {
  fc.assert(
    fc.property(fc.oneof(anything, fc.constantFrom('Česko', 'DEU', 'The Netherlands', '日本')), (text) => {
      const code = countryCode(text);
      expect(code).toMatch(/^(?:[A-Z]{2})?$/);
      expect(countryCode(code)).toBe(code);
    }),
    runs,
  );
});
