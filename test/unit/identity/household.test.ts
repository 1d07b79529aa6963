import { compare } from '../../../domain/identity/compare';
import { decide } from '../../../domain/identity/decide';
import { countHousehold, noHouseholds, relativesOf } from '../../../domain/identity/household';
import { defaultModel } from '../../../domain/identity/model';
import { traitsOf, type Traits } from '../../../domain/identity/traits';

const home = { street: 'Lindenhof 4', postalCode: '10115', city: 'Berlin' };
const at = (firstName: string, lastName = 'Quendler'): Traits => traitsOf({ firstName, lastName, ...home });

/** What is said of relatives after leads that each met these people of one household. */
function seen(...leads: { readonly lead: Traits; readonly known: boolean; readonly met: Traits[][] }[]) {
  const counts = noHouseholds();
  for (const { lead, known, met } of leads)
    countHousehold(
      counts,
      known,
      met.map((person) => ({ evidence: compare(lead, person), person })),
    );
  return { counts, relatives: relativesOf(counts) };
}

const repeat = { lead: at('Anna'), known: true, met: [[at('Anna')]] };
const newcomer = { lead: at('Frederik'), known: false, met: [[at('Anna'), at('Anna')]] };

test('with nothing seen, another given name in a household is a relative', () => {
  expect(relativesOf(noHouseholds())).toBe(1);
  expect(defaultModel.relatives).toBe(1);
});

test('a name that comes back beside another one that came twice is a relative', () => {
  const returned = { lead: at('Frederik'), known: true, met: [[at('Frederik')], [at('Anna'), at('Anna')]] };
  const { counts, relatives } = seen(newcomer, returned, repeat);
  expect(counts).toEqual({ leads: 3, repeats: 2, newcomers: 1, returns: 1 });
  expect(relatives).toBe(1);
});

test('a person who comes back after his name was once written wrong is no return of a relative', () => {
  const again = { lead: at('Anna'), known: true, met: [[at('Anna'), at('Anna')], [at('Frederik')]] };
  expect(seen(newcomer, again).counts.returns).toBe(0);
});

test('many newcomers of whom none comes back: names are written wrong here', () => {
  const leads = Array.from({ length: 60 }, () => [newcomer, repeat]).flat();
  expect(seen(...leads).relatives).toBeLessThan(1 / 17);
});

test('people who only share a surname or only an address are no household', () => {
  const elsewhere = { ...newcomer, met: [[traitsOf({ firstName: 'Anna', lastName: 'Quendler' })]] };
  const neighbour = { ...newcomer, met: [[at('Anna', 'Brandauer')]] };
  expect(seen(elsewhere, neighbour).counts.newcomers).toBe(0);
});

test.each([
  ['relatives are usual', 1, 'new'],
  ['relatives were never seen', 0.01, 'known'],
])('another given name at one address, where %s', (_, relatives, kind) => {
  const model = {
    ...defaultModel,
    m: { ...defaultModel.m, given: { ...defaultModel.m.given, other: 0.05 } },
  };
  const census = { people: 1_000, bearers: () => 1 };
  const anna = { personId: 'p1', traits: [at('Anna')] };
  expect(decide(at('Frederik'), [anna], { ...model, relatives }, census).kind).toBe(kind);
});

test('colleagues of one family name in one company stay two people, whatever is known of households', () => {
  const atWork = (firstName: string): Traits =>
    traitsOf({ firstName, lastName: 'Quendler', company: 'Quendler Bau GmbH', phone: '+49 30 1234567' });
  const census = { people: 1_000, bearers: () => 1 };
  const anna = { personId: 'p1', traits: [atWork('Anna')] };
  const decision = decide(atWork('Frederik'), [anna], { ...defaultModel, relatives: 0.001 }, census);
  expect(decision.kind).not.toBe('known');
});
