import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilePolicy } from '../../../policy/compile';
import { runGoldenTests } from '../../../policy/golden';
import { accepted, factsOf } from './sample-policy';

const examples = join(__dirname, '../../../examples');
const { policy, findings, tests } = accepted(readFileSync(join(examples, 'policy.yaml'), 'utf8'));

describe('the example policy', () => {
  const compiled = compilePolicy(policy);

  test('passes its own tests', () => {
    expect(runGoldenTests(policy, tests).flatMap(({ differences }) => differences)).toEqual([]);
    expect(tests.length).toBeGreaterThan(0);
  });

  test('has no findings', () => {
    expect(findings).toEqual([]);
  });

  test('routes by territories, and by no list of countries in a condition', () => {
    expect(Object.keys(policy.territories)).toEqual(['americas', 'asia-pacific']);
    expect(policy.routing.filter(({ when }) => when?.includes('lead.country'))).toEqual([]);
  });

  test('has three pools, eight reps in three zones and two SLA policies', () => {
    expect(Object.keys(policy.pools)).toHaveLength(3);
    expect(policy.reps).toHaveLength(8);
    expect(new Set(policy.reps.map((rep) => policy.calendars[rep.calendar]?.timeZone)).size).toBe(3);
    expect(Object.keys(policy.sla)).toEqual(['hot', 'standard']);
  });

  test('never parks a lead: people try it at night, and no pool may run dry', () => {
    const end = (id: string): string => {
      const next = policy.pools[id]?.whenNobody ?? 'park';
      return next === 'park' ? 'park' : next.kind === 'pool' ? end(next.pool) : next.kind;
    };
    expect(Object.keys(policy.pools).map(end)).toEqual(['rep', 'rep', 'rep']);
    expect(policy.reps.map((rep) => rep.caps)).toEqual(policy.reps.map(() => ({})));
    expect(policy.routing.at(-1)?.when).toBeUndefined();
  });

  test.each([
    ['SG', 'hot', 'apac', 'hot'],
    ['US', 'hot', 'americas', 'hot'],
    ['DE', 'hot', 'emea', 'hot'],
    ['US', 'cold', 'americas', 'standard'],
    ['JP', 'warm', 'apac', 'standard'],
    ['', 'cold', 'emea', 'standard'],
  ] as const)('sends %p, %s to %s under %s', (country, band, pool, sla) => {
    expect(compiled.route(factsOf({ lead: { country } }), 50, band).chosen).toMatchObject({
      to: { kind: 'pool', pool },
      sla,
    });
  });

  test('a demo request by business mail and phone is hot, a newsletter from free mail is cold', () => {
    expect(
      compiled.score(
        factsOf({ lead: { event: 'demo_request', emailDomain: 'nordwind.example', hasPhone: true } }),
      ),
    ).toMatchObject({ score: 65, band: 'hot' });
    expect(
      compiled.score(factsOf({ lead: { event: 'newsletter', emailDomain: 'gmail.com', freeMail: true } })),
    ).toMatchObject({ score: 2, band: 'cold' });
  });

  test.each([
    'CEO',
    'Vertriebsleiter',
    'Geschäftsführer',
    'VP of Marketing',
    'Directrice commerciale',
    'Chief Information Officer',
  ])('%s decides on purchases', (title) => {
    expect(compiled.score(factsOf({ lead: { title } })).contributions).toContainEqual({
      points: 15,
      because: 'decides on purchases',
    });
  });

  test.each(['Stagiaire', 'Office Manager', 'Buyer', 'Student', ''])('%p does not', (title) => {
    expect(compiled.score(factsOf({ lead: { title } })).contributions).not.toContainEqual(
      expect.objectContaining({ because: 'decides on purchases' }),
    );
  });
});

describe('the example leads', () => {
  interface ExampleLead {
    readonly firstName?: string;
    readonly email?: string;
    readonly phone?: string;
    readonly utm?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  }
  const lines = readFileSync(join(examples, 'leads.jsonl'), 'utf8').trimEnd().split('\n');
  const leads = lines.map((line) => JSON.parse(line) as ExampleLead);
  const known =
    'firstName lastName email phone company website title country city postalCode source message consent utm externalId'.split(
      ' ',
    );
  const count = (test: (lead: ExampleLead) => boolean): number => leads.filter(test).length;
  const isRefused = (lead: ExampleLead): boolean => lead.utm?.['expect'] === 'refused';

  test('are 300, with no field the API does not know', () => {
    expect(leads).toHaveLength(300);
    expect([...new Set(leads.flatMap(Object.keys))].filter((field) => !known.includes(field))).toEqual([]);
  });

  test('are of every kind', () => {
    const repeated = lines.length - new Set(lines).size;
    const people = new Map<string, number>();
    for (const { email } of leads) {
      const person = email?.trim().toLowerCase().replace('+web@', '@') ?? '';
      people.set(person, (people.get(person) ?? 0) + 1);
    }
    expect({
      refused: count(isRefused),
      exactDuplicates: repeated,
      freeMail: count(({ email }) => /^\s*fictional\./i.test(email ?? '')) > 40,
      roleMailboxes: count(({ email }) => /^(info|office|kontakt|sales|hello)@/.test(email ?? '')),
      otherScripts:
        count(({ firstName }) =>
          /[\p{Script=Han}\p{Script=Arabic}\p{Script=Devanagari}]/u.test(firstName ?? ''),
        ) > 20,
      accents: count(({ firstName }) => /[À-ž]/.test(firstName ?? '')) > 50,
      returning: [...people.values()].filter((times) => times > 1).length > 30,
      withoutPhone: count(({ phone }) => !phone) > 100,
      countries: new Set(leads.map((lead) => lead['country'])).size,
    }).toEqual({
      refused: 6,
      exactDuplicates: 12,
      freeMail: true,
      roleMailboxes: 12,
      otherScripts: true,
      accents: true,
      returning: true,
      withoutPhone: true,
      countries: 14,
    });
  });

  test('that must be refused are the last ones and lack every way to reach the person', () => {
    expect(leads.slice(-6).every(isRefused)).toBe(true);
    expect(
      leads.slice(-6).every(({ email, phone }) => !phone && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email ?? '')),
    ).toBe(true);
  });

  test('use invented companies, marked free-mail addresses and reserved phone numbers only', () => {
    const reserved =
      /^(\+1 \d{3} 555 01\d\d|\(\d{3}\) 555-01\d\d|(\+49 |0)(30[ /]23125|89[ /]99998|221[ /]4710|40[ /]66969|69[ /]90009)\d{3}|(\+44 |\(0\))(20[ -]7946[ -]0|113[ -]496[ -]0|161[ -]496[ -]0)\d{3}|(\+33 |0)(1[ .]99[ .]00|2[ .]61[ .]91|4[ .]65[ .]71)[ .]\d\d[ .]\d\d|(\+46 |0)(8[ -]465 004|31[ -]390 06|40[ -]628 04) \d\d|(\+61 |\(0)([27])\)? (5550|7010) \d{4}|(\+61 |\(0)3\)? (5550|7010) \d{4})$/;
    for (const { email, phone } of leads.filter((lead) => !isRefused(lead))) {
      expect(email).toMatch(/\.example\s*$|^\s*fictional\./i);
      if (phone) expect(phone).toMatch(reserved);
    }
  });
});
