import { likeness } from './words';
import { slips } from './text';
import type { Firm } from './traits';
import { domainLabel } from './web-domain';

export type FirmLevel = 'domain' | 'label' | 'name' | 'near' | 'part' | 'labelName' | 'nameOther';

/** How two companies are related, with the key of the value in which they agree; no level when they are two. */
export function companyLikeness(a: Firm, b: Firm): { readonly level?: FirmLevel; readonly value: string } {
  const domain = a.domains.find((one) => b.domains.includes(one));
  if (domain !== undefined) return { level: 'domain', value: `d:${domain}` };
  const labels = a.domains.map(domainLabel);
  const others = b.domains.map(domainLabel);
  const label = labels.find(
    (one) => one.length > 2 && others.some((other) => other === one || nearLabel(one, other)),
  );
  if (label !== undefined) return { level: 'label', value: `e:${label}` };
  const twoDomains = labels.length > 0 && others.length > 0;
  const [core, other] = [a.core.join(''), b.core.join('')];
  if (core !== '' && other !== '') {
    const name = nameLevel(a.core, b.core);
    if (name !== undefined) return { level: twoDomains ? 'nameOther' : name, value: `c:${other}` };
  }
  const across =
    others.find((one) => labelIsName(one, a.core)) ?? labels.find((one) => labelIsName(one, b.core));
  if (across !== undefined) return { level: 'labelName', value: `e:${across}` };
  return { value: '' };
}

const nearLabel = (a: string, b: string): boolean =>
  a.length >= 6 && slips(a, b, 1) <= 1 && !numberedApart(a, b);

/** Firms that are told apart by a number (`Studio 54` and `Studio 55`) are two firms, not a slip. */
function numberedApart(a: string, b: string): boolean {
  const [one, other] = [a, b].map((text) => text.replace(/\D+/g, ' ').trim());
  return one !== '' && other !== '' && one !== other;
}

/** `name` the same words, `near` with slips or abbreviations, `part` one name begins the other. */
export function nameLevel(a: readonly string[], b: readonly string[]): 'name' | 'near' | 'part' | undefined {
  const [one, other] = [a.join(''), b.join('')];
  if (one === other) return 'name';
  if (numberedApart(one, other)) return undefined;
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (
    slips(one, other, 2) <= (Math.min(one.length, other.length) >= 7 ? 2 : 1) &&
    Math.min(one.length, other.length) >= 5
  )
    return 'near';
  if (
    short.length === long.length &&
    short.length > 0 &&
    short.every((word, place) => wordAgrees(word, long[place] ?? ''))
  )
    return 'near';
  if (
    short.length < long.length &&
    short.join('').length >= 3 &&
    short.every((word, place) => wordAgrees(word, long[place] ?? ''))
  )
    return 'part';
  return isAcronym(one, b) || isAcronym(other, a) ? 'part' : undefined;
}

/** The same word, with a slip, or cut short: `cons` and `consulting`. */
function wordAgrees(a: string, b: string): boolean {
  if (a === b) return true;
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length >= 3 && long.startsWith(short)) return true;
  const how = likeness(a, b);
  return short.length >= 5 && how === 'slip';
}

const isAcronym = (short: string, words: readonly string[]): boolean =>
  words.length >= 2 &&
  short.length === words.length &&
  words.every((word, place) => word[0] === short[place]);

/** Whether a domain's label spells a company's name: `kaminskinieruchomosci`, `kaminski`, or both with a word left out. */
export function labelIsName(label: string, core: readonly string[]): boolean {
  if (core.length === 0 || label.length < 3) return false;
  const whole = core.join('');
  if (numberedApart(label, whole)) return false;
  if (label === whole || (whole.length >= 5 && slips(label, whole, 1) <= 1)) return true;
  const spelled = label
    .replace(/(?:group|gruppe|holding|international|gmbh|inc|ltd|llc|online|web)$/, '')
    .replace(/and|und|y|et/g, '');
  const named = whole.replace(/and|und|y|et/g, '');
  if (spelled.length >= 3 && (spelled === named || spelled === core[0])) return true;
  return named.length >= 5 && label.startsWith(whole);
}
