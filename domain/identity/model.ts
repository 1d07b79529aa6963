import { commonFamily, commonGiven } from './common-names';
import type { Evidence, Fact } from './evidence';
import { isGivenName } from './nicknames';

/**
 * What the engine knows about how people repeat themselves and how alike strangers are: the m- and u-probabilities of
 * Fellegi and Sunter (A Theory for Record Linkage, 1969). What a model holds is learned or counted (learn.ts); the
 * defaults below stand in until an instance has seen enough. How much wider than an equal value a near one is, is a
 * constant (`chances`).
 */
export interface IdentityModel {
  /** P(level | same person) of each fact, among pairs in which both sides show the fact. */
  readonly m: Readonly<Record<Fact, Readonly<Record<string, number>>>>;
  /** Folded word → share of people who bear it. */
  readonly shares: Readonly<Record<'given' | 'family', ReadonlyMap<string, number>>>;
  /** Of the values of a kind, the share that a second person shows too. */
  readonly shared: Readonly<Record<SharedKind, number>>;
  /** Of those who share a household and a family name with somebody but not the given name, the share who are others. */
  readonly relatives: number;
  /** Share of leads that come from a person who is known already. */
  readonly repeats: number;
  /** Bits by which full names are commoner than the shares of their halves say: names of one language go together. */
  readonly togetherBits: number;
  /** From here a pair is one person; bits of log2 odds. */
  readonly acceptBits: number;
  /** From here a pair is worth a person's look. */
  readonly reviewBits: number;
}

export type SharedKind = 'mailbox' | 'phone' | 'address';

/** How many people are known, and how many of them show a value. */
export interface Census {
  readonly people: number;
  /** @param key of keys.ts; at least 1 for a value that a candidate shows */
  bearers(key: string): number;
}

/** What a common name is taken to be worth until it was counted: the usual share of a name among the first hundred. */
const commonShares = { given: 0.006, family: 0.004 } as const;
/** Fewer people than this say nothing about how rare a value is. */
export const fewestPeople = 1_000;
/** Shares below these are not told apart: a name seen once may be anybody's. */
const rarest = { given: 1 / 1_000, family: 1 / 2_500 } as const;

/**
 * Defaults: m from expectation maximisation over leads without labels, rounded, with the levels that contradict kept
 * apart; shares of names that are common in some language (common-names.ts), so that every other name is rare until it
 * is counted.
 */
export const defaultModel: IdentityModel = {
  m: {
    given: {
      same: 0.8,
      form: 0.05,
      slip: 0.05,
      sound: 0.015,
      joined: 0.01,
      far: 0.01,
      initial: 0.03,
      alike: 0.004,
      other: 0.012,
    },
    family: { same: 0.86, part: 0.03, slip: 0.05, sound: 0.015, far: 0.01, initial: 0.005, other: 0.02 },
    mailbox: {
      same: 0.5,
      slip: 0.04,
      local: 0.04,
      alias: 0.04,
      otherFree: 0.37,
      clash: 0.003,
      numbered: 0.0005,
      role: 0.02,
    },
    phone: { same: 0.55, tail: 0.03, slip: 0.03, other: 0.39 },
    firm: {
      domain: 0.45,
      label: 0.05,
      name: 0.15,
      near: 0.05,
      part: 0.06,
      labelName: 0.07,
      nameOther: 0.02,
      block: 0.02,
      other: 0.13,
    },
    address: {
      same: 0.35,
      most: 0.04,
      near: 0.03,
      postal: 0.12,
      area: 0.03,
      city: 0.27,
      state: 0.03,
      other: 0.15,
    },
    title: { same: 0.65, other: 0.35 },
    birth: { same: 0.9, slip: 0.07, other: 0.03 },
    external: { same: 0.5, slip: 0.05, other: 0.45 },
    generation: { same: 0.4, one: 0.58, other: 0.002 },
  },
  shares: {
    given: new Map([...commonGiven].map((name) => [name, commonShares.given])),
    family: new Map([...commonFamily].map((name) => [name, commonShares.family])),
  },
  shared: { mailbox: 0.012, phone: 0.15, address: 0.2 },
  relatives: 1,
  repeats: 0.5,
  togetherBits: 3,
  acceptBits: 4,
  reviewBits: -2,
};

/** The level a fact really has: two given names that are both in use are two names, however near (`Lea` and `Lena`). */
export function levelOf({ fact, level, values }: Evidence, model: IdentityModel, census: Census): string {
  if (fact !== 'given' || (level !== 'slip' && level !== 'sound')) return level;
  const inUse = (word: string): boolean =>
    isGivenName(word) || (model.shares.given.get(word) ?? 0) * peopleOf(census) >= 2.5;
  return (values ?? []).every(inUse) ? 'alike' : level;
}

/** log2(m / u) of one fact: what it adds to the odds that two leads are of one person. */
export function bitsOf(evidence: Evidence, model: IdentityModel, census: Census): number {
  const level = levelOf(evidence, model, census);
  const m = model.m[evidence.fact][level] ?? 0.01;
  const bearers = Math.max(
    1,
    ...(evidence.values ?? []).map((value) => (value.includes(':') ? census.bearers(value) : 0)),
  );
  const strangers = chances[evidence.fact](level, {
    values: evidence.values ?? [],
    bearers,
    people: peopleOf(census),
    model,
  });
  return Math.log2(m / strangers);
}

export const priorBits = (model: IdentityModel, census: Census): number =>
  Math.log2(model.repeats / peopleOf(census));

const peopleOf = ({ people }: Census): number => Math.max(people, fewestPeople);

interface Chance {
  readonly values: readonly string[];
  readonly bearers: number;
  readonly people: number;
  readonly model: IdentityModel;
}

/** u: P(level | two strangers), lowered for rare values and raised for common ones. */
const chances: Readonly<Record<Fact, (level: string, chance: Chance) => number>> = {
  given: (level, { values, model }) => {
    const share = shareOf('given', values, model);
    return (
      {
        same: share,
        form: share + 0.002,
        slip: 0.1 * share + 0.001,
        sound: 0.5 * share + 0.002,
        joined: share + 0.002,
        far: 0.3 * share + 0.004,
        initial: 0.08,
        alike: 0.01,
      }[level] ?? 0.9
    );
  },
  family: (level, { values, model }) => {
    const share = shareOf('family', values, model);
    return (
      {
        same: share,
        part: 2 * share,
        slip: 0.1 * share + 0.0005,
        sound: 0.5 * share + 0.001,
        far: 0.3 * share + 0.004,
        initial: 0.06,
      }[level] ?? 0.95
    );
  },
  mailbox: (level, { bearers, people, model }) =>
    ({
      same: held(bearers, model.shared.mailbox / 2) / people,
      slip: (0.3 + bearers - 1) / people,
      local: bearers / people,
      alias: 0.1,
      role: 0.5,
    })[level] ?? 0.9,
  phone: (level, { bearers, people, model }) =>
    ({
      same: held(bearers, model.shared.phone) / people,
      tail: held(bearers, 0.05 + model.shared.phone) / people,
      slip: 2 / people,
    })[level] ?? 0.95,
  firm: (level, { bearers, people }) => {
    const times = { domain: 1, label: 1, name: 1.2, near: 2, part: 2, labelName: 2, nameOther: 20, block: 4 }[
      level
    ];
    return times === undefined ? 0.97 : Math.min(0.5, (times * (bearers + 0.5)) / people);
  },
  address: (level, { bearers, people, model }) => {
    const house = held(bearers, model.shared.address * 1.5);
    const count = {
      same: house,
      most: house + 0.1,
      near: bearers + 2,
      postal: bearers + 3,
      area: bearers + 5,
      city: 4 * (bearers + 5),
    }[level];
    return count === undefined ? (level === 'state' ? 0.1 : 0.9) : Math.min(0.5, count / people);
  },
  title: (level) => (level === 'same' ? 0.06 : 0.94),
  birth: (level) => ({ same: 1 / 15_000, slip: 1 / 800 })[level] ?? 0.99,
  external: (level, { values, people }) =>
    ({ same: 0.02 / people, slip: Math.min(0.5, Math.max(0.0005, neighbours(values[0] ?? '') / people)) })[
      level
    ] ?? 0.99,
  generation: (level) => ({ same: 0.1, one: 0.75 })[level] ?? 0.15,
};

/** Ids are handed out one after another: every one that differs in a single digit may be somebody else's. */
const neighbours = (id: string): number => 9 * id.length;

/** Others who may be expected to show a value that `bearers` people showed: a rate for one, all of them for more. */
const held = (bearers: number, rate: number): number => (bearers <= 1 ? rate : bearers);

function shareOf(half: 'given' | 'family', words: readonly string[], { shares }: IdentityModel): number {
  return Math.max(rarest[half], ...words.map((word) => shares[half].get(word) ?? 0));
}
