import { matchAccount } from '../../../domain/identity/account';
import { compare } from '../../../domain/identity/compare';
import { decide } from '../../../domain/identity/decide';
import { keysOf } from '../../../domain/identity/keys';
import { defaultModel, type Census } from '../../../domain/identity/model';
import { traitsOf } from '../../../domain/identity/traits';
import type { LeadFields } from '../../../domain/lead';

/** A city of strangers: every value is borne by those who show it here. */
function decided(lead: LeadFields, ...known: readonly LeadFields[][]) {
  const people = known.map((leads, place) => ({
    personId: `p${String(place)}`,
    traits: leads.map((one) => traitsOf(one)),
  }));
  const bearers = new Map<string, Set<string>>();
  for (const { personId, traits } of people)
    for (const one of traits)
      for (const key of [...keysOf(one).find, ...keysOf(one).count])
        bearers.set(key, (bearers.get(key) ?? new Set()).add(personId));
  const census: Census = { people: 5_000, bearers: (key) => bearers.get(key)?.size ?? 0 };
  return decide(traitsOf(lead), people, defaultModel, census);
}

const anna = {
  firstName: 'Anna',
  lastName: 'Quendler',
  email: 'anna.quendler@acme-bau.de',
  company: 'Acme Bau GmbH',
};

const home = { street: 'Hauptstr. 1', postalCode: '1010', city: 'Wien', country: 'AT' };

test.each<[string, LeadFields, LeadFields[]]>([
  ['the same mailbox', { email: 'anna.quendler@acme-bau.de' }, [anna]],
  ['a plus tag and capitals', { ...anna, email: 'Anna.Quendler+demo@ACME-BAU.de' }, [anna]],
  [
    'a slip in the name and a private mailbox',
    { firstName: 'Anna', lastName: 'Quendlr', email: 'aq77@gmx.de', phone: '+49 170 5551234' },
    [{ ...anna, phone: '0170 5551234', country: 'DE' }],
  ],
  [
    'name and company without any mailbox',
    { firstName: 'Anna', lastName: 'Quendler', phone: '030 1234987', company: 'ACME Bau' },
    [anna],
  ],
  [
    'names turned round',
    { firstName: 'Quendler', lastName: 'Anna', email: 'a.quendler@acme-bau.de', company: 'Acme Bau' },
    [anna],
  ],
  [
    'a nickname and the mailbox',
    { firstName: 'Asia', lastName: 'Januszko', email: 'joanna.januszko@idomatic.com' },
    [{ firstName: 'Joanna', lastName: 'Januszko', email: 'joanna.januszko@idomatic.com' }],
  ],
  [
    'the second line of an address, and a post code with two digits turned round',
    {
      firstName: 'Anna',
      lastName: 'Quendler',
      street: 'Lindenhof',
      street2: '2. Stock',
      postalCode: '10151',
      city: 'Berlin',
    },
    [
      {
        firstName: 'Anna',
        lastName: 'Quendler',
        street: 'Hauptstr. 1',
        street2: 'Lindenhof',
        postalCode: '10115',
        city: 'Berlin',
      },
    ],
  ],
  [
    'another given name under an id that was issued to one person',
    {
      firstName: 'Grete',
      lastName: 'Quendler',
      externalId: '4711-0815',
      street: 'Hauptstr. 1',
      city: 'Berlin',
    },
    [
      {
        firstName: 'Anna',
        lastName: 'Quendler',
        externalId: '4711-0815',
        street: 'Hauptstr. 1',
        city: 'Berlin',
      },
    ],
  ],
  [
    'an identifier of an earlier lead',
    { firstName: 'Anna', lastName: 'Quendler', email: 'anna.q@web.de' },
    [{ ...anna, email: 'anna.q@web.de' }, anna],
  ],
])('is the same person: %s', (_what, lead, known) => {
  expect(decided(lead, known).kind).toBe('known');
});

test.each<[string, LeadFields, LeadFields]>([
  [
    'colleagues on one switchboard',
    { firstName: 'Bernd', lastName: 'Uhlig', phone: '030 1234567', company: 'Acme Bau', country: 'DE' },
    { ...anna, phone: '030 1234567', country: 'DE' },
  ],
  [
    'an info@ mailbox',
    { firstName: 'Bernd', lastName: 'Uhlig', email: 'info@acme-bau.de' },
    { firstName: 'Anna', lastName: 'Quendler', email: 'info@acme-bau.de' },
  ],
  [
    'spouses with one mailbox and address',
    {
      firstName: 'Otto',
      lastName: 'Quendler',
      email: 'casa@web.de',
      street: 'Hauptstr. 1',
      postalCode: '10115',
    },
    {
      firstName: 'Anna',
      lastName: 'Quendler',
      email: 'casa@web.de',
      street: 'Hauptstr. 1',
      postalCode: '10115',
    },
  ],
  [
    'father and son',
    { firstName: 'Paul', lastName: 'Huber jun.', email: 'paul88@web.de', city: 'Wien' },
    { firstName: 'Paul', lastName: 'Huber sen.', email: 'paul.huber@gmx.at', city: 'Wien' },
  ],
  [
    'father and son in one house, on one line',
    { firstName: 'Paul', lastName: 'Huber jun.', email: 'paul88@web.de', phone: '+43 1 5551234', ...home },
    { firstName: 'Paul', lastName: 'Huber sen.', email: 'p.h@gmx.at', phone: '+43 1 5551234', ...home },
  ],
  ...(
    [
      ['Tim', 'Tom'],
      ['Nick', 'Rick'],
      ['Patrick', 'Patricia'],
      ['Joe', 'Joanne'],
    ] as const
  ).map(([one, other]): [string, LeadFields, LeadFields] => [
    `${one} and ${other} in one house, on one line`,
    { firstName: one, lastName: 'Quendler', email: 'q77@web.de', phone: '+43 1 5551234', ...home },
    { firstName: other, lastName: 'Quendler', email: 'casa@gmx.at', phone: '+43 1 5551234', ...home },
  ]),
  [
    'nobody’s name on the line of a firm, with a job title that is usual there',
    { phone: '030 1234567', title: 'Engineer', country: 'DE', company: 'Acme Bau' },
    { ...anna, phone: '030 1234567', title: 'Engineer', country: 'DE' },
  ],
  [
    'namesakes who are numbered in one company',
    { firstName: 'Leon', lastName: 'Ward', email: 'leon.ward3@talbot.net' },
    { firstName: 'Leon', lastName: 'Ward', email: 'leon.ward@talbot.net' },
  ],
  [
    'Julia and Julian at one company',
    { firstName: 'Julian', lastName: 'Pohl', email: 'julian.pohl@bender.com' },
    { firstName: 'Julia', lastName: 'Pohl', email: 'julia.pohl@bender.com' },
  ],
  [
    'a placeholder number',
    { firstName: 'Bernd', lastName: 'Uhlig', phone: '1234567890', email: 'b@uhlig.example' },
    { ...anna, phone: '1234567890' },
  ],
  [
    'a namesake elsewhere whose mailbox repeats the name',
    { ...anna, email: 'anna.quendler@other-firm.com', company: 'Other Firm', title: 'Founder' },
    { ...anna, title: 'Founder' },
  ],
  [
    'namesakes at firms that differ in a number',
    { firstName: 'Grace', lastName: 'Haddad', email: 'contact.62@company-62.example', company: 'Company 62' },
    { firstName: 'Grace', lastName: 'Haddad', email: 'contact.6@company-6.example', company: 'Company 6' },
  ],
  [
    'ids issued one after another',
    { firstName: 'Chen', lastName: 'Rossi', externalId: 'crm-1026', title: 'Engineer' },
    { firstName: 'Chen', lastName: 'Silva', externalId: 'crm-1022', title: 'Engineer' },
  ],
  [
    'namesakes elsewhere',
    {
      firstName: 'Anna',
      lastName: 'Quendler',
      email: 'anna@other-firm.com',
      company: 'Other Firm',
      city: 'Graz',
    },
    { ...anna, city: 'Berlin' },
  ],
])('stays another person: %s', (_what, lead, known) => {
  expect(decided(lead, [known]).kind).not.toBe('known');
});

test('several records of one person are no rivals of each other', () => {
  const records = Array.from({ length: 4 }, () => [anna]);
  expect(decided(anna, ...records).kind).toBe('known');
  const strangers = [anna, { ...anna, email: 'anna@kestrel-optik.at', company: 'Kestrel Optik' }];
  const doubtful = { firstName: 'Anna', lastName: 'Quendler', title: 'CEO' };
  expect(decided(doubtful, ...strangers.map((one) => [{ ...one, title: 'CEO' }])).kind).not.toBe('known');
});

test.each([
  ['11 Leist Street', '11 Leist Strewt', 'same'],
  ['23 Boolee Street', '23 booleestreet', 'same'],
  ['13 Hovea Street', '13 Hovea St reet', 'same'],
  ['8 Fisk Street', '8 Fisk St', 'same'],
  ['12 Breona Place', '12 Breona Olace', 'same'],
  ['11 Elm Street', '11 Oak Street', 'most'],
  ['11 Elm Street', '15 Ash Street', 'postal'],
  ['5 Moreland Road', '5 Westland Road', 'most'],
])('%s and %s in one place are %s as addresses', (street, other, level) => {
  const place = { postalCode: '3152', city: 'Burnie' };
  const evidence = compare(traitsOf({ street, ...place }), [traitsOf({ street: other, ...place })]);
  expect(evidence).toEqual([expect.objectContaining({ fact: 'address', level })]);
});

test('a doubtful pair goes to a person, with the reasons', () => {
  const decision = decided(
    { firstName: 'Anna', lastName: 'Quendler', city: 'Berlin', company: 'Fjord Ltd' },
    [{ ...anna, city: 'Berlin' }],
  );
  expect(decision.kind).toBe('review');
  const reasons = decision.kind === 'review' ? decision.nearest.reasons : [];
  expect(reasons.map(({ fact }) => fact)).toEqual(
    expect.arrayContaining(['prior', 'given', 'family', 'address']),
  );
  const sum = reasons.reduce((bits, reason) => bits + reason.bits, 0);
  expect(decision.kind === 'review' ? decision.nearest.bits : NaN).toBeCloseTo(sum);
});

const account = (id: string, ...firms: { core: string[]; domains: string[] }[]) => ({
  id,
  firms,
  places: ['y:berlin', 'z:10115'],
});
const berlin = ['y:berlin'];

test.each([
  ['the domain', { core: [], domains: ['acme.de'] }, 'domain'],
  ['the same label elsewhere', { core: [], domains: ['acme.com'] }, 'label'],
  ['the name', { core: ['acme', 'bau'], domains: [] }, 'name'],
  ['the bare label', { core: ['acme'], domains: [] }, 'labelName'],
])('an account is found by %s', (_what, firm, by) => {
  const known = [account('a', { core: ['acme', 'bau'], domains: ['acme.de'] })];
  expect(matchAccount(firm, berlin, known, 'separate')).toEqual({ id: 'a', by });
});

test('another domain speaks against a name, and a subsidiary of another trade stays apart', () => {
  const known = [account('a', { core: ['acme', 'bau'], domains: ['acme.de'] })];
  expect(
    matchAccount({ core: ['acme', 'bau'], domains: ['acme-bau.at'] }, berlin, known, 'separate'),
  ).toBeUndefined();
  expect(matchAccount({ core: ['acme', 'pharma'], domains: [] }, berlin, known, 'separate')).toBeUndefined();
});

test('a name that only begins alike needs a place in common, unless the policy takes subsidiaries together', () => {
  const known = [account('a', { core: ['acme'], domains: [] })];
  const part = { core: ['acme', 'bau'], domains: [] };
  expect(matchAccount(part, ['y:graz'], known, 'separate')).toBeUndefined();
  expect(matchAccount(part, ['y:graz', 'z:10115'], known, 'separate')).toEqual({ id: 'a', by: 'part' });
  expect(matchAccount(part, ['y:graz'], known, 'together')).toEqual({ id: 'a', by: 'part' });
});

test.each([
  [
    ['muller', 'bau'],
    ['muller', 'baumaschinen'],
  ],
  [
    ['alpha', 'med'],
    ['alpha', 'media'],
  ],
  [['hartmann'], ['hartman']],
])('%j and %j are one company only with a place in common', (core, other) => {
  const known = [account('a', { core: other, domains: [] })];
  expect(matchAccount({ core, domains: [] }, ['y:kiel'], known, 'separate')).toBeUndefined();
  expect(matchAccount({ core, domains: [] }, berlin, known, 'separate')).toEqual({ id: 'a', by: 'near' });
});

test('of two accounts the stronger relation wins, then the older account', () => {
  const known = [
    account('a', { core: ['acme'], domains: [] }),
    account('b', { core: ['acme'], domains: ['acme.de'] }),
  ];
  expect(matchAccount({ core: ['acme'], domains: ['acme.de'] }, berlin, known, 'separate')?.id).toBe('b');
  expect(matchAccount({ core: ['acme'], domains: [] }, berlin, known, 'separate')?.id).toBe('a');
});
