import fc from 'fast-check';
import { compare } from '../../domain/identity/compare';
import { companyCore } from '../../domain/identity/company-name';
import { readMailbox } from '../../domain/identity/email';
import { isWeighed, keysOf } from '../../domain/identity/keys';
import { learnLevels } from '../../domain/identity/learn';
import { defaultModel } from '../../domain/identity/model';
import { nameBands } from '../../domain/identity/name-bands';
import { readName } from '../../domain/identity/person-name';
import { fold, slips } from '../../domain/identity/text';
import { traitsOf } from '../../domain/identity/traits';
import { weigh } from '../../domain/identity/weigh';

const typed = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('', ' ', 'Müller', 'MÃ¼ller', '佐藤', 'info@acme.de', '+49 30 1'),
);
const lead = fc.record(
  {
    firstName: typed,
    lastName: typed,
    email: typed,
    phone: typed,
    company: typed,
    website: typed,
    street: typed,
    postalCode: typed,
    city: typed,
    country: typed,
    dateOfBirth: typed,
    title: typed,
  },
  { requiredKeys: [] },
);

test('folding is done once: folding again changes nothing, and only printable ASCII is left', () => {
  fc.assert(
    fc.property(typed, (text) => {
      const once = fold(text);
      expect(once).toMatch(/^[\x20-\x7e]*$/);
      expect(fold(once)).toBe(once);
    }),
  );
});

test('slips are the same both ways, and none for the same word', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 10 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(slips(a, b, 20)).toBe(slips(b, a, 20));
      expect(slips(a, a, 20)).toBe(0);
      expect(slips(a, b, 2)).toBe(Math.min(3, slips(a, b, 20)));
    }),
  );
});

test('whatever is weighed by how many share it is counted', () => {
  const full = {
    firstName: 'Anna',
    lastName: 'Quendler',
    email: 'anna.quendler@acme.de',
    phone: '+49 30 1234567',
    company: 'Acme',
    website: 'acme.com',
    street: 'Hauptstr. 1',
    street2: 'Lindenhof',
    postalCode: '10115',
    city: 'Berlin',
    dateOfBirth: '1980-01-02',
    externalId: '4711-0815',
  };
  const slipped = {
    email: 'anna.quendlr@acme.de',
    company: 'Acme Bau',
    website: 'acme.at',
    street: 'Ringstr. 7',
  };
  const some = fc.subarray(Object.keys(full), { minLength: 1 });
  fc.assert(
    fc.property(some, some, fc.boolean(), (a, b, slip) => {
      const [one, other] = [a, b].map((names, place) =>
        traitsOf(
          Object.fromEntries(
            Object.entries({ ...full, ...(slip && place === 1 ? slipped : {}) }).filter(([name]) =>
              names.includes(name),
            ),
          ),
        ),
      );
      const counted = [one!, other!].flatMap((traits) => keysOf(traits).count);
      const values = compare(one!, [other!]).flatMap((evidence) => evidence.values ?? []);
      for (const key of values.filter((value) => value.includes(':')))
        expect({ key, isCounted: isWeighed(key) || counted.includes(key) }).toEqual({ key, isCounted: true });
    }),
  );
});

test('any input can be normalised, keyed and compared; a lead weighs as much against itself as its facts allow', () => {
  fc.assert(
    fc.property(lead, lead, (a, b) => {
      const [one, other] = [traitsOf(a), traitsOf(b)];
      const census = { people: 1_000, bearers: () => 1 };
      const { bits, reasons } = weigh(compare(one, [other]), one, defaultModel, census);
      expect(Number.isFinite(bits)).toBe(true);
      expect(reasons.reduce((sum, reason) => sum + reason.bits, 0)).toBeCloseTo(bits);
      expect(keysOf(one).find.length).toBeLessThan(150);
      const self = compare(one, [one]).filter(({ level }) => level === 'other' || level === 'clash');
      expect(self).toEqual([]);
    }),
  );
});

const name = fc.stringMatching(/^[a-z]{6,11}$/);
/** Another letter in the middle of a word. */
const slipped = (word: string): string => `${word.slice(0, 3)}${word[3] === 'q' ? 'j' : 'q'}${word.slice(4)}`;
const shareBand = (a: readonly string[], b: readonly string[]): boolean =>
  nameBands(a).some((band) => nameBands(b).includes(band));

test('bands of a name do not depend on the order of its words, and most slips in both halves leave one in common', () => {
  fc.assert(
    fc.property(name, name, (first, last) => {
      expect(nameBands([first, last])).toEqual(nameBands([last, first]));
      expect(nameBands([first, last])).toHaveLength(4);
    }),
  );
  const pairs = fc.sample(fc.tuple(name, name), { numRuns: 2_000, seed: 4 });
  const found = pairs.filter(([first, last]) => shareBand([first, last], [slipped(first), slipped(last)]));
  expect(found.length / pairs.length).toBeGreaterThan(0.5);
  const strangers = pairs.slice(1).filter((pair, place) => shareBand(pair, pairs[place]!));
  expect(strangers.length / pairs.length).toBeLessThan(0.01);
});

test('a repeat with a slip in each half of the name and nothing but the company in common can be found', () => {
  const pairs = fc.sample(fc.tuple(name, name), { numRuns: 500, seed: 9 });
  const keys = (firstName: string, lastName: string) =>
    keysOf(traitsOf({ firstName, lastName, company: 'Kestrel Optik' })).find;
  const shared = pairs.map(([first, last]) => {
    const known = new Set(keys(first, last));
    return keys(slipped(first), slipped(last)).filter((key) => known.has(key));
  });
  const lost = shared.filter((found) => found.every((key) => key.startsWith('g:')));
  expect(lost.length).toBeGreaterThan(50);
  expect(lost.filter((found) => found.length > 0).length / lost.length).toBeGreaterThan(0.5);
});

test('a mailbox reads the same however often it is read, and a company name never loses all its words', () => {
  fc.assert(
    fc.property(typed, (text) => {
      const mailbox = readMailbox(text);
      if (mailbox) expect(readMailbox(mailbox.canonical)?.canonical).toBe(mailbox.canonical);
      if (/[a-z0-9]/.test(fold(text))) expect(companyCore(text).length).toBeGreaterThan(0);
    }),
  );
});

test('a title, a plus tag and the order of the fields do not change who somebody is', () => {
  const word = fc.constantFrom('anna', 'bernhard', 'quendler', 'uhlig', 'okafor');
  fc.assert(
    fc.property(word, word, fc.constantFrom('Dr.', 'Frau', 'Mr', 'Mme'), (first, last, title) => {
      expect(readName(`${title} ${first}`, last)).toEqual(readName(first, last));
      expect(readName(`${last}, ${first}`, undefined)).toEqual(readName(first, last));
      expect(readMailbox(`${first}+x@acme.de`)).toEqual(readMailbox(`${first}@acme.de`));
    }),
  );
});

test('learning keeps probabilities: levels of a fact add up to one, whatever was seen', () => {
  const one = traitsOf({ firstName: 'Anna', lastName: 'Quendler', email: 'anna@acme.de' });
  const census = { people: 1_000, bearers: () => 1 };
  const observation = { lead: one, pairs: [{ evidence: compare(one, [one]), census }] };
  const learned = learnLevels(
    Array.from({ length: 100 }, () => observation),
    defaultModel,
  );
  for (const levels of Object.values(learned.m))
    expect(Object.values(levels).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
  expect(learned.m.mailbox['same']).toBeGreaterThan(defaultModel.m.mailbox['same'] ?? 1);
  expect(learnLevels([observation], defaultModel)).toBe(defaultModel);
});

test('how often names are written wrong is learned, where something else says who it is', () => {
  const known = traitsOf({ firstName: 'Anna', lastName: 'Quendler', externalId: '4711-0815' });
  const wrong = traitsOf({ firstName: 'Anna', lastName: 'Brandauer', externalId: '4711-0815' });
  const census = { people: 1_000, bearers: () => 1 };
  const observations = Array.from({ length: 1_000 }, (_, place) => {
    const lead = place % 10 === 0 ? wrong : known;
    return { lead, pairs: [{ evidence: compare(lead, [known]), census }] };
  });
  expect(learnLevels(observations, defaultModel).m.family['other']).toBeGreaterThan(0.08);
});
