import { hash } from 'node:crypto';
import { localWords } from './mailbox-name';
import { nameBands } from './name-bands';
import { formsOf } from './nicknames';
import { soundOf } from './text';
import type { Traits } from './traits';
import { domainLabel } from './web-domain';

/** Under which a lead is found again, and whose bearers are counted. */
export interface IdentityKeys {
  /** Values by which known people are found. */
  readonly find: readonly string[];
  /** Values that are only counted: they have too many bearers to look them all up. */
  readonly count: readonly string[];
}

/** Kinds of which it matters how many people share a value, although people are found by them. */
const weighedKinds: ReadonlySet<string> = new Set(['m', 'l', 't', 'a', 'x']);

/** Whether what it says that two people share the value depends on how common it is. */
export const isWeighed = (key: string): boolean => weighedKinds.has(key.slice(0, key.indexOf(':')));

/**
 * The keys of one lead. Each is a kind, a colon and a folded value:
 * `m` mailbox, `l` local part, `p` number, `t` its last eight digits, `n` full name, `x` foreign id, `a` address, and
 * `h` a house or street with its post code, `w` a word of the name together with a place (company, street, post code, city, half a phone number, date of birth),
 * `g` what the whole name may have in common with another spelling of it, together with company, post code or city.
 * Counted only: `d` domain, `e` its label, `c` company name, `z` post code, `y` city, `k` second line of an address.
 */
export function keysOf(traits: Traits): IdentityKeys {
  const { name, mailbox, phone, firm, address } = traits;
  const find = new Set<string>();
  const count = new Set<string>();
  const box = mailbox && !mailbox.placeholder ? mailbox : undefined;
  if (box) find.add(`m:${box.canonical}`);
  if (box && !box.role && box.local.length >= 5) find.add(`l:${box.local}`);
  if (box && !box.role) {
    const { words, number } = localWords(box.local);
    if (words.join('').length >= 6) find.add(`l:~${soundOf(words.join(''))}${number}`);
  }
  const number = phone && !phone.placeholder ? phone : undefined;
  if (number) find.add(`p:${number.digits}`).add(`t:${number.tail}`);
  if (traits.externalId !== '') find.add(`x:${traits.externalId}`);
  if (address.street !== '' && address.number !== '') {
    for (const place of [address.postalCode, address.city])
      if (place !== '') find.add(`a:${address.street}|${address.number}|${place}`);
  }
  if (address.postalCode !== '' && (address.street !== '' || address.number !== '')) {
    find
      .add(`h:${address.number}|${address.postalCode}`)
      .add(`h:${soundOf(address.street.replaceAll(' ', ''))}|${address.postalCode}`);
  }
  for (const domain of firm?.domains ?? []) count.add(`d:${domain}`).add(`e:${domainLabel(domain)}`);
  if (firm && firm.core.length > 0) count.add(`c:${firm.core.join('')}`);
  if (address.postalCode !== '') count.add(`z:${address.postalCode}`);
  if (address.city !== '') count.add(`y:${address.city}`);
  if (address.line2 !== '') count.add(`k:${address.line2}`);
  if (traits.birth !== '') count.add(`b:${traits.birth}`);

  const spelled = box && !box.role ? localWords(box.local).words.filter((word) => word.length > 1) : [];
  const words = name ? [...name.given, ...name.family] : spelled;
  const full = [...words].sort().join(' ');
  if (words.length > 1) find.add(`n:${full}`).add(`n:${words.map(soundOf).sort().join(' ')}~`);
  if (name) nameKeys(name.given, name.family, find);
  const places = placesOf(traits);
  for (const word of wordsToFind(words, spelled, name === undefined)) {
    for (const place of places) find.add(`w:${word}|${place}`);
  }
  const bands = words.length > 1 ? nameBands(words) : [];
  for (const place of places.filter((one) => /^[fzy]/.test(one))) {
    for (const band of bands) find.add(`g:${band}|${place}`);
  }
  return { find: [...find], count: [...count] };
}

function nameKeys(given: readonly string[], family: readonly string[], find: Set<string>): void {
  const first = given[0] ?? '';
  for (const last of family) {
    if (first !== '') {
      for (const form of formsOf(first)) find.add(`n:${form} ${last}`);
      find.add(`n:${first} ${last.slice(0, 2)}~`).add(`n:${first} ~${last.slice(-3)}`);
      find.add(`n:${last} ${first.slice(0, 2)}~`).add(`n:${last} ~${first.slice(-2)}`);
      find.add(`n:${first} ${last}`);
    }
  }
}

/** Sounds of the words, and what may be a family name behind an initial: `kkoch`. */
function wordsToFind(
  words: readonly string[],
  spelled: readonly string[],
  guess: boolean,
): readonly string[] {
  const found = new Set<string>();
  for (const word of words) if (word.length > 1) found.add(soundOf(word));
  if (guess) for (const word of spelled) if (word.length > 3) found.add(soundOf(word.slice(1)));
  return [...found].filter((sound) => sound !== '');
}

function placesOf({ firm, address, phone, birth }: Traits): readonly string[] {
  const places = new Set<string>();
  for (const domain of firm?.domains ?? []) places.add(`f${domainLabel(domain).slice(0, 5)}`);
  const core = firm?.core.join('') ?? '';
  if (core !== '') places.add(`f${core.slice(0, 5)}`);
  if (address.postalCode !== '') places.add(`z${address.postalCode}`);
  if (address.street !== '') places.add(`s${soundOf(address.street.split(' ')[0] ?? '')}${address.number}`);
  if (address.city !== '') places.add(`y${address.city.slice(0, 6)}`);
  if (phone && !phone.placeholder) places.add(`t${phone.tail.slice(0, 4)}`).add(`u${phone.tail.slice(-4)}`);
  if (birth !== '') places.add(`b${birth}`);
  return [...places];
}

/** The number under which a key is stored and locked: the first 64 bits of its SHA-256. */
export function hashOf(key: string): bigint {
  return hash('sha256', key, 'buffer').readBigInt64BE(0);
}
