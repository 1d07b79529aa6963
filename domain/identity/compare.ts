import type { Address } from './address';
import { companyLikeness } from './compare-company';
import { compareNames } from './compare-names';
import type { Evidence, Fact } from './evidence';
import { spelledBy, localWords } from './mailbox-name';
import { isOneState } from './state';
import type { Traits } from './traits';
import { domainLabel } from './web-domain';
import { slips } from './text';

/** Everything a lead and a known person have to say about each other. @param known each lead of the person so far */
export function compare(lead: Traits, known: readonly Traits[]): readonly Evidence[] {
  const name = compareNames(lead, known);
  const found: (Evidence | undefined)[] = [
    ...name,
    best(known, (other) => mailboxEvidence(lead, other, name)),
    best(known, (other) => phoneEvidence(lead, other)),
    best(known, (other) => firmEvidence(lead, other)),
    best(known, (other) => addressEvidence(lead, other)),
    best(known, (other) => titleEvidence(lead, other)),
    best(known, (other) => digitsEvidence('birth', lead.birth, other.birth)),
    best(known, (other) => digitsEvidence('external', lead.externalId, other.externalId)),
    best(known, (other) => generationEvidence(lead, other)),
  ];
  return found.filter((evidence) => evidence !== undefined);
}

/** Levels from strong to weak; a person is judged by the best of what he ever showed. */
const rank: Readonly<Record<Fact, readonly string[]>> = {
  given: ['same', 'form', 'slip', 'sound', 'joined', 'far', 'initial', 'alike', 'other'],
  family: ['same', 'part', 'slip', 'sound', 'far', 'initial', 'other'],
  mailbox: ['same', 'slip', 'alias', 'clash', 'numbered', 'local', 'role', 'otherFree'],
  phone: ['same', 'tail', 'slip', 'other'],
  firm: ['domain', 'label', 'name', 'near', 'part', 'labelName', 'nameOther', 'block', 'other'],
  address: ['same', 'most', 'near', 'postal', 'area', 'city', 'state', 'other'],
  title: ['same', 'other'],
  birth: ['same', 'slip', 'other'],
  external: ['same', 'slip', 'other'],
  generation: ['same', 'one', 'other'],
};

export const strength = ({ fact, level }: Evidence): number => rank[fact].indexOf(level);

function best(
  known: readonly Traits[],
  evidence: (other: Traits) => Evidence | undefined,
): Evidence | undefined {
  let found: Evidence | undefined;
  for (const other of known) {
    const one = evidence(other);
    if (one && (found === undefined || strength(one) < strength(found))) found = one;
  }
  return found;
}

function mailboxEvidence(lead: Traits, other: Traits, name: readonly Evidence[]): Evidence | undefined {
  const [a, b] = [lead.mailbox, other.mailbox];
  if (!a || !b || a.placeholder || b.placeholder) return undefined;
  const level = (name: string, ...values: string[]): Evidence => ({ fact: 'mailbox', level: name, values });
  if (a.canonical === b.canonical)
    return level(
      a.role && (lead.name === undefined) !== (other.name === undefined) ? 'role' : 'same',
      `m:${a.canonical}`,
    );
  if (a.role || b.role) return undefined;
  const sameDomain = a.domain === b.domain;
  const sameHouse =
    sameDomain || (!a.freeMail && !b.freeMail && domainLabel(a.domain) === domainLabel(b.domain));
  const [one, two] = [localWords(a.local), localWords(b.local)];
  const sameWords = one.words.join('') === two.words.join('');
  if (
    sameHouse &&
    !a.freeMail &&
    one.number !== two.number &&
    ([one.number, two.number].every((number) => number !== '') || (one.number + two.number).length < 3)
  )
    return level('numbered'); // namesakes in one company are numbered
  if (sameDomain && sameWords && one.number === two.number)
    return level('same', `m:${a.canonical}`, `m:${b.canonical}`);
  const bothConfirmed = name.some(
    ({ fact, level: how }) =>
      fact === 'given' && how !== 'same' && how !== 'slip' && how !== 'sound' && how !== 'initial',
  );
  if (
    sameDomain &&
    one.number === two.number &&
    !bothConfirmed &&
    !(a.freeMail && sameWords) &&
    slips(a.local, b.local, 2) <= (a.local.length > 8 ? 2 : 1)
  )
    return level('slip', `m:${a.canonical}`, `m:${b.canonical}`);
  if (a.local === b.local && slips(a.domain, b.domain, 1) <= 1)
    return level('slip', `m:${a.canonical}`, `m:${b.canonical}`);
  if (
    sameWords &&
    !sameDomain &&
    one.number === two.number &&
    (one.number !== '' || one.words.join('').length >= 5)
  )
    return level('local', `l:${a.local}`);
  if (!sameHouse || a.freeMail) return level('otherFree');
  const agreed = name.some(({ fact, level: how }) => fact === 'given' && (how === 'same' || how === 'form'));
  const explained = (box: string): boolean =>
    [lead.name, other.name].some((who) => who !== undefined && spelledBy(box, who) !== 'none');
  return level(agreed && explained(a.local) && explained(b.local) ? 'alias' : 'clash');
}

function phoneEvidence(lead: Traits, other: Traits): Evidence | undefined {
  const [a, b] = [lead.phone, other.phone];
  if (!a || !b || a.placeholder || b.placeholder) return undefined;
  const values = [`t:${a.tail}`];
  if (a.digits === b.digits) return { fact: 'phone', level: 'same', values };
  if (a.tail.length === 8 && a.tail === b.tail) return { fact: 'phone', level: 'same', values };
  const endsAlike = a.digits.endsWith(b.digits) || b.digits.endsWith(a.digits);
  if (endsAlike) return { fact: 'phone', level: 'tail', values };
  if (
    a.digits.length >= 8 &&
    slips(a.digits, b.digits, 1) <= 1 &&
    a.digits.slice(0, -3) !== b.digits.slice(0, -3)
  )
    return { fact: 'phone', level: 'slip', values };
  return { fact: 'phone', level: 'other' };
}

function firmEvidence(lead: Traits, other: Traits): Evidence | undefined {
  if (lead.firm && other.firm) {
    const { level, value } = companyLikeness(lead.firm, other.firm);
    if (level !== undefined) return { fact: 'firm', level, values: [value] };
  }
  const [a, b] = [lead.phone, other.phone];
  if (
    a &&
    b &&
    !a.placeholder &&
    a.digits !== b.digits &&
    a.digits.length >= 9 &&
    a.digits.slice(0, -3) === b.digits.slice(0, -3)
  )
    return { fact: 'firm', level: 'block', values: [`t:${a.tail}`] };
  return lead.firm && other.firm ? { fact: 'firm', level: 'other' } : undefined;
}

function addressEvidence(lead: Traits, other: Traits): Evidence | undefined {
  const [a, b] = [lead.address, other.address];
  const level = (name: string, ...values: string[]): Evidence => ({ fact: 'address', level: name, values });
  // The two lines of an address are easily swapped.
  const sameStreet =
    sameLine(a.street, b.street) ||
    sameTyped(a, b) ||
    sameLine(a.street, b.line2) ||
    sameLine(a.line2, b.street);
  const sameSecond = sameLine(a.line2, b.line2);
  const sameNumber = a.number === b.number;
  const numbered = sameNumber && a.number !== '';
  const samePost = a.postalCode !== '' && a.postalCode === b.postalCode;
  const nearPost =
    samePost || (a.postalCode !== '' && b.postalCode !== '' && slips(a.postalCode, b.postalCode, 1) <= 1);
  const sameCity = a.city !== '' && b.city !== '' && near(a.city, b.city, 7);
  const place = [`a:${b.street}|${b.number}|${b.postalCode}`, `a:${b.street}|${b.number}|${b.city}`];
  if (sameStreet && sameNumber && (samePost || sameCity)) return level('same', ...place);
  // A slip in the post code or another name for the city: the rest still names the house.
  if (sameStreet && sameSecond && (nearPost || sameCity)) return level('same', ...place);
  if (sameSecond && numbered && (samePost || sameCity)) return level('most', ...place);
  if (sameStreet && nearPost && (samePost || sameCity)) return level('most', ...place);
  if (a.street !== '' && b.street !== '' && numbered && samePost && sameCity) return level('most', ...place);
  if (sameStreet && (nearPost || (sameCity && a.number !== ''))) return level('near', ...place);
  if (sameSecond && (nearPost || sameCity)) return level('near', `k:${a.line2}`, `k:${b.line2}`);
  if (samePost) return level('postal', `z:${a.postalCode}`);
  if (sameCity) return level(nearPost ? 'area' : 'city', `y:${a.city}`);
  if (a.city !== '' && b.city !== '') return level(isOneState(a.state, b.state) ? 'state' : 'other');
  return a.postalCode !== '' && b.postalCode !== '' ? level('other') : undefined;
}

const sameLine = (a: string, b: string): boolean => a !== '' && b !== '' && near(a, b, 5);

/** A slip in the kind of street, or a blank gone astray: `leist strewt`, `hovea st reet`, `booleestreet`. */
function sameTyped(a: Address, b: Address): boolean {
  const [one = '', other = ''] = [a.line, b.line];
  const most = Math.min(a.street.length, b.street.length) > 5 ? 2 : 1;
  return one !== '' && other !== '' && sameDigits(one, other) && slips(one, other, most) <= most;
}

/** `5th` and `7th` are two streets, not a slip. */
const sameDigits = (a: string, b: string): boolean => a.replace(/\D/g, '') === b.replace(/\D/g, '');

/** The same words, give or take a slip or two. */
const near = (a: string, b: string, long: number): boolean =>
  a === b ||
  (sameDigits(a, b) &&
    slips(a.replaceAll(' ', ''), b.replaceAll(' ', ''), 2) <= (Math.min(a.length, b.length) > long ? 2 : 1));

function titleEvidence(lead: Traits, other: Traits): Evidence | undefined {
  if (lead.title === '' || other.title === '') return undefined;
  return { fact: 'title', level: lead.title === other.title ? 'same' : 'other' };
}

function digitsEvidence(fact: 'birth' | 'external', a: string, b: string): Evidence | undefined {
  if (a === '' || b === '') return undefined;
  if (a === b) return { fact, level: 'same', values: [`${fact === 'birth' ? 'b' : 'x'}:${a}`] };
  return a.length > 4 && slips(a, b, 1) <= 1
    ? { fact, level: 'slip', values: [b] }
    : { fact, level: 'other' };
}

function generationEvidence(lead: Traits, other: Traits): Evidence | undefined {
  const [a, b] = [lead.name?.generation, other.name?.generation];
  if (a === undefined && b === undefined) return undefined;
  if (a === b) return { fact: 'generation', level: 'same' };
  return { fact: 'generation', level: a === undefined || b === undefined ? 'one' : 'other' };
}
