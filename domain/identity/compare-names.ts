import type { Evidence } from './evidence';
import { spelledBy, localWords } from './mailbox-name';
import { bestLikeness, likeness, type Likeness } from './words';
import type { PersonName } from './person-name';
import type { Traits } from './traits';

interface NameEvidence {
  readonly evidence: readonly Evidence[];
  /** Smaller is closer; to choose between the names a person ever showed. */
  readonly rank: number;
}

const given = ['same', 'form', 'slip', 'sound', 'joined', 'far', 'initial', 'missing', 'alike', 'other'];
const family = ['same', 'part', 'slip', 'sound', 'far', 'initial', 'missing', 'other'];

/**
 * Compares the name of a lead with every name a person ever showed, the fullest and closest first. Where one side has
 * none, the name that its mailbox spells stands for it.
 */
export function compareNames(lead: Traits, known: readonly Traits[]): readonly Evidence[] {
  const found = known.flatMap((other) => {
    const one = lead.name && other.name ? asTyped(lead.name, other.name) : bySpelling(lead, other);
    return one ? [one] : [];
  });
  const fullest = Math.max(0, ...found.map(({ evidence }) => evidence.length));
  const [best] = found.filter(({ evidence }) => evidence.length === fullest).sort((a, b) => a.rank - b.rank);
  return best ? confirmed(best.evidence, lead, known) : [];
}

function bySpelling(lead: Traits, other: Traits): NameEvidence | undefined {
  const named = lead.name ?? other.name;
  const mailbox = lead.name ? other.mailbox : lead.mailbox;
  if (!named || !mailbox || mailbox.role || mailbox.placeholder) return undefined;
  return fromMailbox(named, mailbox.local);
}

/** Lets the mailboxes judge given names that are near each other: what is typed alike twice is no slip. */
function confirmed(
  evidence: readonly Evidence[],
  lead: Traits,
  known: readonly Traits[],
): readonly Evidence[] {
  const [one, ...rest] = evidence;
  const near = one?.fact === 'given' && ['slip', 'sound', 'far', 'form', 'alike'].includes(one.level);
  if (!one || !near) return evidence;
  const [mine = '', theirs = ''] = one.values ?? [];
  const own = [lead].flatMap(spelling);
  const others = known.flatMap(spelling);
  const says = (locals: readonly string[], word: string, not: string): boolean =>
    locals.some((local) => spells(local, word) && !(not.length > word.length && spells(local, not)));
  if (
    says(own, mine, theirs) &&
    says(others, theirs, mine) &&
    (one.level !== 'form' || sameHouse(lead, known))
  )
    return [{ ...one, level: 'alike' }, ...rest];
  if (one.level !== 'form' && (says(own, theirs, mine) || says(others, mine, theirs)))
    return [{ ...one, level: 'same', values: [mine, theirs] }, ...rest];
  return evidence;
}

const spelling = ({ mailbox }: Traits): readonly string[] =>
  mailbox && !mailbox.role && !mailbox.placeholder ? [localWords(mailbox.local).words.join('')] : [];

const spells = (local: string, word: string): boolean => word.length >= 3 && local.includes(word);

const sameHouse = (lead: Traits, known: readonly Traits[]): boolean =>
  known.some(
    ({ mailbox }) => mailbox !== undefined && !mailbox.freeMail && mailbox.domain === lead.mailbox?.domain,
  );

function asTyped(a: PersonName, b: PersonName): NameEvidence | undefined {
  const straight = levels(a, b);
  const turned = levels({ ...a, given: a.family, family: a.given }, b);
  const found = turned.rank + 2 < straight.rank ? turned : straight;
  // A name in Chinese characters has many readings: one that does not fit says nothing.
  if ((a.eastAsian ?? b.eastAsian) && a.eastAsian !== b.eastAsian && found.rank >= 100) return undefined;
  return found;
}

function levels(a: PersonName, b: PersonName): NameEvidence {
  const one = givenLevel(a.given, b.given);
  const two = familyLevel(a.family, b.family);
  const evidence: Evidence[] = [];
  if (one) evidence.push({ fact: 'given', ...one });
  if (two) evidence.push({ fact: 'family', ...two });
  return {
    evidence,
    rank: score(given, one?.level ?? 'missing') + score(family, two?.level ?? 'missing'),
  };
}

const score = (order: readonly string[], level: string): number =>
  level === 'other' ? 100 : order.indexOf(level);

type Level = Omit<Evidence, 'fact'>;

function givenLevel(a: readonly string[], b: readonly string[]): Level | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  const [first, other] = [a[0] ?? '', b[0] ?? ''];
  if (a.join('') === b.join('')) return { level: 'same', values: [a.join('')] };
  const how = likeness(first, other);
  if (how === 'slip' && isOtherName(first, other)) return { level: 'alike', values: [first, other] };
  if (how === 'same') return { level: 'same', values: [first] };
  const joined = a.join('') === other || b.join('') === first;
  if (joined) return { level: 'same', values: [a.join('')] };
  if (how !== 'other' && how !== 'far') return { level: how, values: [first, other] };
  const any = bestLikeness(a, b);
  if (
    any.words[0].length > 1 &&
    any.words[1].length > 1 &&
    any.likeness !== 'other' &&
    any.likeness !== 'initial' &&
    any.likeness !== 'far'
  )
    return { level: any.likeness === 'same' ? 'joined' : any.likeness, values: any.words };
  if (how === 'far') return { level: 'far', values: [first, other] };
  if (alike(first, other)) return { level: 'alike', values: [first, other] };
  return { level: 'other', values: [first, other] };
}

/** `Julia` and `Julian`, `Mario` and `Maria`: one slip apart, and two names. */
function isOtherName(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (long === `${short}a` || long === `${short}e` || long === `${short}n`) return true;
  return (
    short.length === long.length &&
    short.slice(0, -1) === long.slice(0, -1) &&
    /[aeioy]{2}$/.test((short.at(-1) ?? '') + (long.at(-1) ?? ''))
  );
}

const alike = (a: string, b: string): boolean =>
  Math.min(a.length, b.length) >= 4 && a.slice(0, 4) === b.slice(0, 4);

function familyLevel(a: readonly string[], b: readonly string[]): Level | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  if (a.join('') === b.join('')) return { level: 'same', values: [a.join('')] };
  const found = bestLikeness(a, b);
  const parts = Math.max(a.length, b.length) > 1;
  if (found.likeness === 'same') return { level: 'part', values: found.words };
  const whole = likeness(a.join(''), b.join(''));
  const how: Likeness = whole === 'form' || whole === 'other' ? found.likeness : whole;
  if (how === 'slip' || how === 'sound' || how === 'far')
    return { level: how, values: parts ? [a.join(''), b.join('')] : found.words };
  if (how === 'initial') return { level: 'initial', values: found.words };
  return { level: 'other', values: found.words };
}

function fromMailbox(name: PersonName, local: string): NameEvidence | undefined {
  const spelled = spelledBy(local, name);
  const given: Evidence = { fact: 'given', level: 'same', values: [name.given[0] ?? ''] };
  const family: Evidence = { fact: 'family', level: 'same', values: [name.family.join('')] };
  switch (spelled) {
    case 'full':
      return { evidence: [given, family], rank: 2 };
    case 'family':
      return { evidence: [{ ...given, level: 'initial' }, family], rank: 6 };
    case 'given':
      return { evidence: [given], rank: 6 };
    case 'initials':
    case 'none':
      return undefined;
  }
}
