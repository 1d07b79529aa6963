import type { Evidence, Fact } from './evidence';
import { defaultModel, levelOf, type Census, type IdentityModel, type SharedKind } from './model';
import type { Traits } from './traits';
import { weigh } from './weigh';

/** A lead and everybody it was compared with. */
export interface Observation {
  readonly lead: Traits;
  readonly pairs: readonly { readonly evidence: readonly Evidence[]; readonly census: Census }[];
}

const rounds = 8;
/** Fewer repeats than this teach nothing. */
const fewestRepeats = 40;
/** The defaults weigh as much as this many observations. */
const defaultsCount = 200;
/** Of these facts no more than that, as they are opened to contradictions from the start (`readier`). Of all others as
 * much again as what was seen: contradictions are rare among the pairs that a model accepts already. */
const opened: ReadonlySet<string> = new Set(['given', 'family'] satisfies Fact[]);
const contradictions = 0.06;
/** The shares of common names weigh as much as so many people. */
const defaultsPeople = 300;

/**
 * Expectation maximisation over what an instance has seen, without labels (Dempster, Laird, Rubin 1977; for linkage
 * Winkler 1988): weigh every pair with the model of the round before, then count the levels of each fact by how likely
 * the pair is one person. u stays counted. @returns `start` when there was too little to learn from
 */
export function learnLevels(observations: readonly Observation[], start: IdentityModel): IdentityModel {
  let model = readier(start);
  for (let round = 0; round < rounds; round++) {
    const seen = expect(observations, model);
    if (seen.repeats < fewestRepeats) return start;
    model = {
      ...model,
      m: Object.fromEntries(
        Object.entries(defaultModel.m).map(([fact, levels]) => [
          fact,
          maximise(levels, seen.levels.get(fact as Fact), opened.has(fact)),
        ]),
      ) as IdentityModel['m'],
      shared: {
        mailbox: rateOf(seen, 'mailbox'),
        phone: rateOf(seen, 'phone'),
        address: rateOf(seen, 'address'),
      },
      repeats: Math.min(0.8, Math.max(0.3, (seen.repeats + 5) / (observations.length + 10))),
    };
  }
  return model;
}

/** Names that contradict are taken for likelier than they are, or they would never be seen to happen. */
function readier(model: IdentityModel): IdentityModel {
  const open = (levels: Readonly<Record<string, number>>): Readonly<Record<string, number>> => ({
    ...levels,
    other: Math.max(levels['other'] ?? 0, contradictions),
  });
  return { ...model, m: { ...model.m, given: open(model.m.given), family: open(model.m.family) } };
}

interface Seen {
  repeats: number;
  readonly levels: Map<Fact, Map<string, number>>;
  /** Of the leads that show a value of the kind: how many, and how many share it with somebody else. */
  readonly shown: Record<SharedKind, number>;
  readonly others: Record<SharedKind, number>;
}

function expect(observations: readonly Observation[], model: IdentityModel): Seen {
  const seen: Seen = {
    repeats: 0,
    levels: new Map(),
    shown: { mailbox: 0, phone: 0, address: 0 },
    others: { mailbox: 0, phone: 0, address: 0 },
  };
  for (const { lead, pairs } of observations) {
    if (lead.mailbox && !lead.mailbox.role) seen.shown.mailbox++;
    if (lead.phone) seen.shown.phone++;
    if (lead.address.street !== '') seen.shown.address++;
    const odds = pairs.map(
      ({ evidence, census }) => 2 ** Math.min(weigh(evidence, lead, model, census).bits, 60),
    );
    const all = 1 + odds.reduce((sum, one) => sum + one, 0);
    pairs.forEach((pair, place) => {
      note(seen, { lead, ...pair, same: (odds[place] ?? 0) / all }, model);
    });
  }
  return seen;
}

function note(
  seen: Seen,
  {
    lead,
    evidence,
    census,
    same,
  }: { readonly lead: Traits; readonly same: number } & Observation['pairs'][number],
  model: IdentityModel,
): void {
  seen.repeats += same;
  for (const one of evidence) {
    if (
      isSharedKind(one.fact) &&
      one.level === 'same' &&
      !(one.fact === 'mailbox' && lead.mailbox?.role === true)
    ) {
      const bearers = Math.max(1, ...(one.values ?? []).map((value) => census.bearers(value)));
      seen.others[one.fact] += (1 - same) / bearers;
    }
    const levels = seen.levels.get(one.fact) ?? new Map<string, number>();
    const level = levelOf(one, model, census);
    levels.set(level, (levels.get(level) ?? 0) + same);
    seen.levels.set(one.fact, levels);
  }
}

const isSharedKind = (fact: Fact): fact is SharedKind =>
  fact === 'mailbox' || fact === 'phone' || fact === 'address';

function maximise(
  defaults: Readonly<Record<string, number>>,
  seen: ReadonlyMap<string, number> | undefined,
  isOpened: boolean,
): Readonly<Record<string, number>> {
  const total = [...(seen?.values() ?? [])].reduce((sum, one) => sum + one, 0);
  const base = Object.values(defaults).reduce((sum, one) => sum + one, 0);
  const prior = defaultsCount + (isOpened ? 0 : total);
  return Object.fromEntries(
    Object.entries(defaults).map(([level, share]) => [
      level,
      ((seen?.get(level) ?? 0) + (prior * share) / base) / (total + prior),
    ]),
  );
}

const rateOf = ({ others, shown }: Seen, kind: SharedKind): number =>
  (others[kind] + 20 * defaultModel.shared[kind]) / (shown[kind] + 20);

/** How often each given, family and full name is borne; a person is counted once. */
export interface NameCounts {
  readonly given: ReadonlyMap<string, number>;
  readonly family: ReadonlyMap<string, number>;
  readonly full: ReadonlyMap<string, number>;
}

/** Shares of names, and how much oftener two people bear one full name than those shares say. @param people known */
export function countNames(
  counts: NameCounts,
  people: number,
): Pick<IdentityModel, 'shares' | 'togetherBits'> {
  const share = (half: 'given' | 'family'): ReadonlyMap<string, number> => {
    const known = defaultModel.shares[half];
    const names = [...counts[half]].filter(([name, count]) => count > 1 || known.has(name));
    const rest = [...known].filter(([name]) => !counts[half].has(name)).map(([name]) => [name, 0] as const);
    return new Map(
      [...names, ...rest].map(([name, count]) => [
        name,
        (count + defaultsPeople * (known.get(name) ?? 0)) / (people + (known.has(name) ? defaultsPeople : 0)),
      ]),
    );
  };
  const named = sum(counts.full);
  const pairs = [...counts.full.values()].reduce((total, count) => total + (count * (count - 1)) / 2, 0);
  const expected = ((named * (named - 1)) / 2) * agreement(counts.given) * agreement(counts.family);
  return {
    shares: { given: share('given'), family: share('family') },
    togetherBits: Math.max(0, Math.log2((pairs + 2) / (expected + 1))),
  };
}

const sum = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((total, one) => total + one, 0);

/** P(two people bear the same one). */
function agreement(counts: ReadonlyMap<string, number>): number {
  const total = sum(counts);
  if (total < 2) return 0;
  return [...counts.values()].reduce((same, count) => same + count * (count - 1), 0) / (total * (total - 1));
}

/** Counts one more person's name. */
export function countName(
  counts: {
    readonly given: Map<string, number>;
    readonly family: Map<string, number>;
    readonly full: Map<string, number>;
  },
  { name }: Traits,
): void {
  if (!name) return;
  const add = (names: Map<string, number>, word: string): void =>
    void names.set(word, (names.get(word) ?? 0) + 1);
  const [first] = name.given;
  const last = name.family.join('');
  if (first !== undefined) add(counts.given, first);
  for (const word of new Set([...name.family, last])) if (word !== '') add(counts.family, word);
  if (first !== undefined && last !== '') add(counts.full, `${first} ${last}`);
}
