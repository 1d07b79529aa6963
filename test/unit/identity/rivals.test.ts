import fc from 'fast-check';
import { decide } from '../../../domain/identity/decide';
import { defaultModel } from '../../../domain/identity/model';
import { traitsOf } from '../../../domain/identity/traits';
import type { LeadFields } from '../../../domain/lead';

const census = { people: 1_000, bearers: () => 1 };
const who = { firstName: 'Ottokar', lastName: 'Brzezinka' };
const lead = { ...who, email: 'okb1971@gmx.de', phone: '+49 170 5512399', company: 'Kestrel Optik' };
/** Each shares another thing with the lead, and none anything with another. */
const strangers = [
  { email: 'okb1971@gmx.de' },
  { phone: '+49 170 5512399' },
  { firstName: 'Ottokar', lastName: 'Brzezinka', company: 'Kestrel Optik' },
  { firstName: 'Zora', lastName: 'Quell' },
];

test('what a review says is the odds against everybody else who may be meant, and always below what is accepted', () => {
  fc.assert(
    fc.property(
      fc.subarray(strangers, { minLength: 1 }),
      fc.integer({ min: -4, max: 12 }),
      (known, acceptBits) => {
        const people = known.map((one, place) => ({
          personId: `p${String(place)}`,
          traits: [traitsOf(one)],
        }));
        const decision = decide(traitsOf(lead), people, { ...defaultModel, acceptBits }, census);
        if (decision.kind !== 'review') return;
        const { bits, reasons } = decision.nearest;
        expect(bits).toBeLessThan(acceptBits);
        expect(reasons.reduce((sum, reason) => sum + reason.bits, 0)).toBeCloseTo(bits);
      },
    ),
  );
});

const both = { email: 'okb1971@gmx.de', externalId: '4711-0815' };
const decided = (...known: readonly LeadFields[]) =>
  decide(
    traitsOf(both),
    known.map((one, place) => ({ personId: 'ab'.charAt(place), traits: [traitsOf(one)] })),
    defaultModel,
    census,
  );

test('two people of whom either may be meant are hardly one bit apart, however much speaks for each', () => {
  const decision = decided(
    { email: both.email, title: 'Optician' },
    { externalId: both.externalId, title: 'Nurse' },
  );
  expect(decision).toMatchObject({ kind: 'review', nearest: { personId: 'a' } });
  const nearest = decision.kind === 'review' ? decision.nearest : undefined;
  expect(nearest?.bits).toBeLessThan(2);
  expect(nearest?.reasons.at(-1)).toMatchObject({ fact: 'together', level: 'rivals' });
});

test('whoever shows what two people are known by, of whom nothing says that they are two, is from the likelier and asks', () => {
  expect(decided({ email: both.email }, { externalId: both.externalId })).toMatchObject({
    kind: 'known',
    match: { personId: 'a' },
    also: {
      personId: 'b',
      reasons: expect.arrayContaining([{ fact: 'together', level: 'duplicate', bits: 0 }]),
    },
  });
});
