import fc from 'fast-check';
import { decide } from '../../../domain/identity/decide';
import { defaultModel } from '../../../domain/identity/model';
import { traitsOf } from '../../../domain/identity/traits';

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

test('two people of whom either may be meant are hardly one bit apart, however much speaks for each', () => {
  const people = [
    { personId: 'a', traits: [traitsOf({ email: 'okb1971@gmx.de' })] },
    { personId: 'b', traits: [traitsOf({ externalId: '4711-0815' })] },
  ];
  const both = { email: 'okb1971@gmx.de', externalId: '4711-0815' };
  const decision = decide(traitsOf(both), people, defaultModel, census);
  expect(decision).toMatchObject({ kind: 'review', nearest: { personId: 'a' } });
  const nearest = decision.kind === 'review' ? decision.nearest : undefined;
  expect(nearest?.bits).toBeLessThan(2);
  expect(nearest?.reasons.at(-1)).toMatchObject({ fact: 'together', level: 'rivals' });
});
