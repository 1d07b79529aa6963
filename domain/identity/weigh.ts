import type { Evidence, Fact } from './evidence';
import { spelledBy } from './mailbox-name';
import { bitsOf, levelOf, priorBits, type Census, type IdentityModel } from './model';
import type { Traits } from './traits';

/** What one fact added to the odds, for people who ask why. */
export interface Reason {
  readonly fact: Fact | 'prior' | 'together';
  readonly level: string;
  readonly bits: number;
}

export interface Weighed {
  /** log2 odds that both are one person. */
  readonly bits: number;
  readonly reasons: readonly Reason[];
}

interface Weight {
  readonly fact: Fact;
  readonly level: string;
  readonly bits: number;
}

/**
 * Adds up the evidence, each fact once: company, office address and switchboard are one fact, the firm, of which the
 * strongest sign counts; what a household shares counts once where the given names differ.
 */
export function weigh(
  evidence: readonly Evidence[],
  lead: Traits,
  model: IdentityModel,
  census: Census,
): Weighed {
  const weights = evidence.map((one) => ({
    fact: one.fact,
    level: levelOf(one, model, census),
    bits: bitsOf(one, model, census),
  }));
  const of: WeightOf = (fact) => weights.find((one) => one.fact === fact);
  const shared = isShared(evidence, census);
  const sumUp = (relatives: boolean): Weighed => {
    const reasons: readonly Reason[] = [
      { fact: 'prior', level: 'any', bits: priorBits(model, census) },
      ...nameReasons(of, { lead, relatives, model }),
      ...bodyReasons(weights, { of, lead, shared, relatives }),
    ];
    return { bits: total(reasons), reasons };
  };
  const weighed = sumUp(mayBeRelatives(of));
  const { bits, reasons } =
    mayBeMistyped(of) && sameHome.has(of('address')?.level ?? '')
      ? besideRelatives(weighed, sumUp(false), model)
      : weighed;
  // However rare a name is: namesakes exist, and nothing else speaks for this pair.
  const excess = bits - (model.acceptBits - 0.5);
  const supporting = of('given') || of('family') ? besideName : withoutName;
  if (excess <= 0 || reasons.some((one) => supports(one, supporting))) return { bits, reasons };
  return { bits: bits - excess, reasons: [...reasons, { fact: 'together', level: 'alone', bits: -excess }] };
}

const total = (reasons: readonly Reason[]): number => reasons.reduce((sum, { bits }) => sum + bits, 0);

const sameHome: ReadonlySet<string> = new Set(['same', 'most', 'near']);

/**
 * Another given name in one household: a relative, or somebody whose name was written wrong. Which of the two is usual
 * was learned, and is the most that all they share can say.
 */
function besideRelatives(relative: Weighed, stranger: Weighed, { relatives }: IdentityModel): Weighed {
  const most = Math.log2((1 - relatives) / relatives);
  const excess = Math.max(0, stranger.bits - most);
  if (stranger.bits - excess <= relative.bits) return relative;
  const known: Reason = { fact: 'together', level: 'relative', bits: -excess };
  return {
    bits: stranger.bits - excess,
    reasons: excess > 0 ? [...stranger.reasons, known] : stranger.reasons,
  };
}

type Supporting = Readonly<Partial<Record<Fact, readonly string[]>>>;

/** Facts beside the name of which one has to speak for a pair before it is merged; a mailbox that repeats it does not. */
const besideName: Supporting = {
  mailbox: ['same', 'slip', 'local', 'alias'],
  phone: ['same', 'tail', 'slip'],
  firm: ['domain', 'label', 'name', 'near', 'part', 'labelName'],
  address: ['same', 'most', 'near', 'postal', 'area'],
  birth: ['same', 'slip'],
  external: ['same', 'slip'],
};

/** The same where no name was compared: a line, a house or a firm is shared by whoever answers there. */
const withoutName: Supporting = {
  mailbox: ['same', 'slip'],
  birth: ['same'],
  external: ['same'],
};

const supports = ({ fact, level, bits }: Reason, supporting: Supporting): boolean =>
  bits > 0 && (supporting[fact as Fact]?.includes(level) ?? false);

type WeightOf = (fact: Fact) => Weight | undefined;

/** A given name that another person would have. */
const conflicts = (given: Weight | undefined): boolean =>
  given?.level === 'other' || given?.level === 'alike';

/** Relatives share a family name, an address and a telephone, but never an id that was issued to one of them. */
const mayBeRelatives = (of: WeightOf): boolean =>
  (conflicts(of('given')) || of('generation')?.level === 'other') && of('external')?.level !== 'same';

/** Nobody mistypes a `sen.` for a `jun.`, but a given name. */
const mayBeMistyped = (of: WeightOf): boolean => mayBeRelatives(of) && of('generation')?.level !== 'other';

function nameReasons(
  of: WeightOf,
  {
    lead,
    relatives,
    model,
  }: { readonly lead: Traits; readonly relatives: boolean; readonly model: IdentityModel },
): readonly Reason[] {
  const [given, family] = [of('given'), of('family')];
  const last = family && relatives ? { ...family, bits: Math.min(family.bits, 0) } : family;
  const together =
    given && family && !conflicts(given) && family.level !== 'other' && given.level !== 'initial';
  return [
    ...(given ? [given] : []),
    ...(last ? [last] : []),
    ...(together
      ? [
          {
            fact: 'together' as const,
            level: lead.name?.spelled ? 'spelled' : 'typed',
            bits: -model.togetherBits - (lead.name?.spelled ? 1 : 0),
          },
        ]
      : []),
  ];
}

const isShared = (evidence: readonly Evidence[], census: Census): boolean =>
  evidence.some(
    ({ fact, values }) => fact === 'phone' && (values ?? []).some((value) => census.bearers(value) > 1),
  );

/** Everything but the name. */
function bodyReasons(
  weights: readonly Weight[],
  {
    of,
    lead,
    shared,
    relatives,
  }: { readonly of: WeightOf; readonly lead: Traits; readonly shared: boolean; readonly relatives: boolean },
): readonly Reason[] {
  const body = weights
    .filter(({ fact }) => fact !== 'given' && fact !== 'family')
    .map((one) => tamed(one, of, lead));
  const sameFirm = (of('firm')?.bits ?? 0) > 0;
  const isPlace = ({ fact }: Weight): boolean =>
    fact === 'firm' || fact === 'address' || (fact === 'phone' && (sameFirm || shared));
  const places = body.filter((one) => isPlace(one) && one.bits > 0).sort(strongest);
  const own = body.filter((one) => !isPlace(one) && one.bits > 0 && identifying.has(one.fact));
  const rest = body.filter((one) => one.bits <= 0 || !(identifying.has(one.fact) || isPlace(one)));
  const weakName = relatives || of('family')?.level === 'other' || of('given') === undefined;
  const positive = [...own, ...onePlace(places)].sort(strongest);
  return [
    ...(weakName ? positive.map(besideWeakName) : positive),
    // One fact with the strongest place, and said for completeness.
    ...places.slice(1).map((one) => ({ ...one, bits: 0 })),
    ...(places.length > 0 ? rest.map(lessFarAway) : rest),
  ];
}

/** A fact for what it is worth beside the others of the pair. */
function tamed(one: Weight, of: WeightOf, lead: Traits): Weight {
  switch (one.fact) {
    case 'firm': {
      // Two mailboxes of one name in one company are two people of that company: that they share it says nothing more.
      const clash = of('mailbox')?.level === 'clash' || of('mailbox')?.level === 'numbered';
      return clash ? atMost(one, 0) : one;
    }
    case 'mailbox':
      return repeatedName(one, lead, isNamed(of));
    case 'address':
      // Namesakes speak one language, so they crowd in the same cities.
      return one.level === 'city' && isNamed(of) ? atMost(one, 1.5) : one;
    default:
      return one;
  }
}

const isNamed = (of: WeightOf): boolean => of('given') !== undefined && of('family') !== undefined;

const atMost = (one: Weight, most: number): Weight => ({ ...one, bits: Math.min(one.bits, most) });

/** Home, office and line are one place: the strongest sign of it counts, a second one confirms it. */
const onePlace = ([first, ...others]: readonly Weight[]): readonly Weight[] =>
  first ? [{ ...first, bits: first.bits + (others.length > 0 ? 1.5 : 0) }] : [];

/** Without a name that agrees, whatever a household or an office shares counts once. */
const besideWeakName = (one: Weight, place: number): Weight =>
  place > 0 && !personal.has(one.fact) ? atMost(one, 2) : one;

/** An address elsewhere matters less between people who are known to share a place. */
const lessFarAway = (one: Weight): Weight =>
  one.bits < 0 && one.fact === 'address' ? { ...one, bits: one.bits / 3 } : one;

const strongest = (a: Weight, b: Weight): number => b.bits - a.bits;

/** Facts of which several agree in one household or office. */
const identifying: ReadonlySet<Fact> = new Set<Fact>([
  'mailbox',
  'phone',
  'firm',
  'address',
  'birth',
  'external',
]);
/** Facts that nobody shares. */
const personal: ReadonlySet<Fact> = new Set<Fact>(['birth', 'external']);

/** A local part that spells the name repeats it; one with a number of its own says more. */
function repeatedName(mailbox: Weight, lead: Traits, named: boolean): Weight {
  if (mailbox.level !== 'local') return mailbox;
  const local = lead.mailbox?.local ?? '';
  if (lead.name && spelledBy(local, lead.name) === 'none') return mailbox;
  const most = /\d/.test(local) ? 7 : named ? 0 : 3;
  return atMost(mailbox, most);
}
