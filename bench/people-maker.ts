import { hashOf, keysOf } from '../domain/identity/keys';
import { traitsOf, type Traits } from '../domain/identity/traits';
import type { LeadFields } from '../domain/lead';

const syllables =
  'ba be bi bo da de di do fa fe ga ge ka ke ki ko la le li lo ma me mi mo na ne ni no ra re ri ro sa se si so ta te ti to va ve'.split(
    ' ',
  );

/**
 * Person number `number`, always the same. Names follow a long tail (a few are borne by thousands), a company has about
 * twenty people, a city some per cent of all: the hot keys of real data are there.
 * @param slipped with a slip in the family name and another mailbox
 */
export function makePerson(number: number, slipped = false): LeadFields {
  const given = word(tail(number * 7 + 1, 3_000), 2);
  const family = word(tail(number * 13 + 5, 40_000) + 9_000, 3);
  const firm = Math.floor(scatter(number * 3 + 11) * Math.max(50, number / 20));
  const company = `${word(firm + 77_000, 3)} ${['Systems', 'Logistics', 'Energy', 'Media', 'Foods'][firm % 5] ?? ''}`;
  const city = word(tail(number * 5 + 3, 400) + 500, 2);
  const domain = `${word(firm + 77_000, 3)}${String(firm)}.com`;
  return {
    firstName: given,
    lastName: slipped ? `${family.slice(0, 2)}x${family.slice(2)}` : family,
    email: slipped
      ? `${given}${String(number)}@gmail.com`
      : `${given}.${family}${String(number % 7)}@${domain}`,
    company: `${company} GmbH`,
    ...(number % 2 === 0 ? { phone: `+4930${String(10_000_000 + (number % 80_000_000))}` } : {}),
    ...(number % 3 === 0
      ? {
          city,
          postalCode: String(10_000 + (tail(number, 5_000) % 90_000)),
          street: `${word(tail(number, 9_000), 3)}str. ${String(number % 180)}`,
        }
      : {}),
  };
}

/** What the store would keep of that person. */
export function identityKeysOf(number: number): {
  readonly id: string;
  readonly traits: Traits;
  readonly hashes: readonly string[];
} {
  const traits = traitsOf(makePerson(number));
  const { find, count } = keysOf(traits);
  return {
    id: `s${String(number)}`,
    traits,
    hashes: [...new Set([...find, ...count])].map((key) => hashOf(key).toString()),
  };
}

function word(number: number, length: number): string {
  let [left, text] = [number, ''];
  for (let place = 0; place < length; place++) {
    text += syllables[left % syllables.length] ?? '';
    left = Math.floor(left / syllables.length) + 7 * place;
  }
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** 0 to 1, without order. */
const scatter = (number: number): number => {
  const mixed = Math.imul(number ^ (number >>> 15), 0x2c1b3c6d) >>> 0;
  return (Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39) >>> 0) / 0x1_0000_0000;
};

/** A number below `most`, small ones far more often. */
const tail = (number: number, most: number): number => Math.floor(most * scatter(number) ** 3);
