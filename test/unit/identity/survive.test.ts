import fc from 'fast-check';
import { profileOf, survive, type Showing } from '../../../domain/identity/survive';
import type { LeadFields } from '../../../domain/lead';

const earlier = '2026-11-01T09:00:00.000Z';
const later = '2026-11-20T09:00:00.000Z';
const both = (old: LeadFields, recent: LeadFields): LeadFields =>
  survive([
    { profile: old, at: earlier },
    { profile: recent, at: later },
  ]);

test.each<[string, LeadFields, LeadFields, LeadFields]>([
  [
    'a whole first name beats a later initial',
    { firstName: 'Ada' },
    { firstName: 'A.' },
    { firstName: 'Ada' },
  ],
  [
    'of two whole e-mail addresses the later one survives',
    { email: 'ada@old.example' },
    { email: 'ada@new.example' },
    { email: 'ada@new.example' },
  ],
  [
    'an own mailbox beats a later one that several people read',
    { email: 'ada@firm.example' },
    { email: 'info@firm.example' },
    { email: 'ada@firm.example' },
  ],
  [
    'what is no address loses',
    { email: 'ada@firm.example' },
    { email: 'ada' },
    { email: 'ada@firm.example' },
  ],
  [
    'a number with its country beats a later one without',
    { phone: '+49 30 1234567' },
    { phone: '030 1234567' },
    { phone: '+49 30 1234567' },
  ],
  ['a number cut short loses', { phone: '030 1234567' }, { phone: '1234' }, { phone: '030 1234567' }],
  [
    'a year loses to a date of birth',
    { dateOfBirth: '1990-02-03' },
    { dateOfBirth: '1990' },
    { dateOfBirth: '1990-02-03' },
  ],
  [
    'nothing is lost where only one side says it',
    { title: 'CTO' },
    { company: 'Acme' },
    { title: 'CTO', company: 'Acme' },
  ],
  ['blank is nothing', { title: 'CTO' }, { title: '  ' }, { title: 'CTO' }],
  [
    'an address is taken whole, the fuller one',
    { street: 'Gartenstr. 4', postalCode: '10115', city: 'Berlin' },
    { city: 'Hamburg' },
    { street: 'Gartenstr. 4', postalCode: '10115', city: 'Berlin' },
  ],
])('%s', (_name, old, recent, expected) => {
  expect(both(old, recent)).toEqual(expected);
});

test('a source with more authority wins, even with the less complete value, and only where both are known', () => {
  const crm: Showing = { profile: { firstName: 'A.' }, at: earlier, authority: 2 };
  const form: Showing = { profile: { firstName: 'Ada' }, at: later, authority: 1 };
  expect(survive([crm, form])).toEqual({ firstName: 'A.' });
  expect(survive([form, crm])).toEqual({ firstName: 'A.' });
  expect(survive([crm, { ...form, authority: undefined }])).toEqual({ firstName: 'Ada' });
  expect(survive([crm, { ...form, profile: {} }])).toEqual({ firstName: 'A.' });
});

test('a profile is the lead without its request', () => {
  expect(
    profileOf({
      firstName: 'Ada',
      message: 'Hello',
      consent: true,
      source: 'website',
      externalId: '7',
      utm: {},
    }),
  ).toEqual({ firstName: 'Ada' });
});

test('the order of the two is no matter, both with itself is itself, and every value comes from one of them', () => {
  const value = fc.constantFrom(
    'Ada',
    'A.',
    'ada@firm.example',
    'info@firm.example',
    '+49 30 1234567',
    '12',
    '',
  );
  const profile = fc.record(
    { firstName: value, email: value, phone: value, city: value, street: value, dateOfBirth: value },
    { requiredKeys: [] },
  );
  const showing = fc.record({ profile, at: fc.constantFrom(earlier, later) });
  fc.assert(
    fc.property(showing, showing, (a, b) => {
      const result = survive([a, b]);
      expect(survive([b, a])).toEqual(result);
      for (const [field, survived] of Object.entries(result))
        expect([a.profile, b.profile].map((one) => one[field as 'city'])).toContain(survived);
      expect(
        survive([
          { profile: result, at: earlier },
          { profile: result, at: later },
        ]),
      ).toEqual(result);
    }),
  );
});
