import {
  covers,
  foldStates,
  inside,
  parsePostcodes,
  territoriesOf,
} from '../../../domain/territory/territory';
import { compilePolicy } from '../../../policy/compile';
import { territoriesFromCsv } from '../../../policy/territory-csv';
import { accepted, change, factsOf, refused, sample } from './sample-policy';

const block = `territories:
  bavaria: { countries: [DE], postcodes: ["80000-87999", "9"], to: ben }
  enterprise: { countries: [DE, AT], employees: { from: 1000 }, to: pool/inbound }
  dach: { countries: [DE, AT, CH] }
accounts: { acme.com: ben, globex.com: pool/inbound }
`;
const withBlock = (text = sample): string => change('scoring:\n', `${block}scoring:\n`, text);
const rules = (...lines: readonly string[]): string =>
  change('routing:\n', `routing:\n${lines.map((line) => `  - ${line}\n`).join('')}`, withBlock());

const place = { country: 'DE', state: '', postalCode: '', industry: '', employees: 0 };

describe('an area', () => {
  test.each([
    ['80331', true],
    ['87999', true],
    ['88000', false],
    ['90402', true],
    [' 80 331', true],
    ['8', false],
    ['', false],
  ])('takes postcode %p: %p', (postalCode, expected) => {
    const postcodes = ['80000-87999', '9'].flatMap((text) => parsePostcodes(text) ?? []);
    expect(inside({ countries: ['de'], postcodes }, { ...place, postalCode })).toBe(expected);
  });

  test.each(['9-10', '8-1', '00-950', '', '1-2-3'])('%p is no postcode range', (text) => {
    expect(parsePostcodes(text)).toBeUndefined();
  });

  test('letters and hyphens of other countries compare as written', () => {
    const london = parsePostcodes('SW1-SW9');
    expect(london && inside({ postcodes: [london] }, { ...place, postalCode: 'sw1a 1aa' })).toBe(true);
    const warsaw = parsePostcodes('00000-04999');
    expect(warsaw && inside({ postcodes: [warsaw] }, { ...place, postalCode: '00-950' })).toBe(true);
  });

  test('ignores capitals and accents, and needs everything it names', () => {
    const area = { states: ['ile-de-france'], employees: { from: 10, to: 20 } };
    expect(inside(area, { ...place, state: 'Île-de-France', employees: 20 })).toBe(true);
    expect(inside(area, { ...place, state: 'Île-de-France', employees: 21 })).toBe(false);
    expect(inside(area, { ...place, employees: 15 })).toBe(false);
  });
});

describe('the states of an area', () => {
  test.each<[string, readonly string[] | undefined, readonly string[], string, string, boolean]>([
    ['a name for the code', ['DE'], ['BY'], 'DE', 'Freistaat Bayern', true],
    ['the code for a name', ['US'], ['California'], 'US', 'ca', true],
    ['a name in another language', ['CH'], ['Zürich'], 'CH', 'Zurich', true],
    ['another state of that code', ['DE', 'CH'], ['BE'], 'AT', 'BE', false],
    ['either state of that code', ['DE', 'CH'], ['BE'], 'CH', 'Berne', true],
    ['a code where no country is named', undefined, ['CA'], 'US', 'California', true],
    ['a name where no country is named', undefined, ['California'], 'US', 'CA', true],
    ['a name of a country without a table', undefined, ['Victoria'], 'SC', 'victoria', true],
    ['a name as it is typed elsewhere', ['FR'], ['Île-de-France'], 'FR', 'ile-de-france', true],
    ['another state', ['DE'], ['Bavaria'], 'DE', 'BW', false],
    ['nothing', ['DE'], ['Bavaria'], 'DE', '', false],
  ])(
    'take %s: areas in %p of %p, a lead from %p %p: %p',
    (_name, countries, named, country, state, expected) => {
      const area = {
        ...(countries ? { countries: countries.map((one) => one.toLowerCase()) } : {}),
        states: foldStates(named, countries),
      };
      expect(inside(area, { ...place, country, state })).toBe(expected);
    },
  );

  test('two spellings of one state are one to lint', () => {
    const [wide, narrow] = ['Bavaria', 'BY'].map((name) => ({ states: foldStates([name], ['DE']) }));
    expect(covers(wide!, narrow!)).toBe(true);
  });
});

describe('territories in a policy', () => {
  const { policy } = accepted(
    rules(
      '{ rule: named, to: account, sla: hot }',
      '{ rule: area, when: "territory != \'dach\'", to: territory, sla: hot }',
      '{ rule: rest, when: "\'dach\' in territories", to: mira, sla: hot }',
    ),
  );
  const compiled = compilePolicy(policy);
  const route = (facts: Parameters<typeof factsOf>[0]) => compiled.route(factsOf(facts), 0, 'cold');

  test('a lead is in all that hold it; the first one is its own', () => {
    const big = { ...place, postalCode: '80331', employees: 5000 };
    expect(territoriesOf(policy.territories, big)).toEqual(['bavaria', 'enterprise', 'dach']);
  });

  test('a rule sends to the target of the territory, and passes on where there is none', () => {
    expect(route({ lead: { country: 'DE', postalCode: '80331' } }).chosen).toEqual({
      rule: 'area',
      to: { kind: 'rep', rep: 'ben' },
      sla: 'hot',
    });
    const nowhere = route({ lead: { country: 'US' } });
    expect(nowhere.trail.map(({ verdict }) => verdict)).toContain('no_territory');
    expect(route({ lead: { country: 'CH' } }).chosen).toMatchObject({ rule: 'rest' });
  });

  test('the country of the account counts when the lead does not say one', () => {
    expect(route({ account: { country: 'AT', employees: 1000 } }).chosen).toMatchObject({ rule: 'area' });
  });

  test('a territory of the policy takes its state however it is written, and so may a condition', () => {
    const states = compilePolicy(
      accepted(
        change(
          'routing:\n',
          `routing:\n  - { rule: area, to: territory, sla: hot }\n  - { rule: zurich, when: "lead.stateCode == 'CH-ZH'", to: mira, sla: hot }\n`,
          change(
            'scoring:\n',
            'territories:\n  sued: { countries: [DE], states: [BY], to: ben }\nscoring:\n',
          ),
        ),
      ).policy,
    );
    const rule = (country: string, state: string): string | undefined =>
      states.route(factsOf({ lead: { country, state } }), 0, 'cold').chosen?.rule;
    expect(rule('DE', 'Bayern')).toBe('area');
    expect(rule('CH', 'Kanton Zürich')).toBe('zurich');
  });

  test('a named account goes to its rep or pool, subdomains included, lookalikes not', () => {
    const to = (domain: string) => route({ account: { domain } }).chosen?.to;
    expect(to('acme.com')).toEqual({ kind: 'rep', rep: 'ben' });
    expect(to('eu.acme.com')).toEqual({ kind: 'rep', rep: 'ben' });
    expect(to('globex.com')).toEqual({ kind: 'pool', pool: 'inbound' });
    expect(route({ account: { domain: 'notacme.com' } }).trail[0]).toMatchObject({ verdict: 'no_account' });
    expect(route({ account: { domain: 'constructor' } }).trail[0]).toMatchObject({ verdict: 'no_account' });
  });

  test.each([
    [
      'a territory nobody defined',
      "territory == 'dahc'",
      /nothing is ever "dahc" here — did you mean "dach"/,
    ],
    ['one inside a list', "territory in ['dach', 'bavria']", /did you mean "bavaria"/],
    ['one looked for in all', "'dahc' in territories", /did you mean "dach"/],
    ['a band that does not exist', "band == 'hott'", /did you mean "hot"/],
  ])('%s in a condition is a problem', (_name, when, message) => {
    const [problem] = refused(rules(`{ rule: x, when: "${when}", to: ben, sla: hot }`));
    expect(problem?.message).toMatch(message);
  });

  test.each([
    ['an unknown rep', 'to: ben }\n  ent', 'to: bne }\n  ent', 'territories.bavaria.to'],
    ['a lookup as target', 'acme.com: ben', 'acme.com: owner', 'accounts["acme.com"]'],
    [
      'a range that runs backwards',
      '{ from: 1000 }',
      '{ from: 10, to: 9 }',
      'territories.enterprise.employees',
    ],
    ['postcodes of unequal length', '"80000-87999"', '"8-87999"', 'territories.bavaria.postcodes[0]'],
    ['a domain that is none', 'acme.com: ben', 'acme: ben', 'accounts.acme'],
  ])('%s is a problem', (_name, from, to, path) => {
    expect(
      refused(change(from, to, withBlock()))[0]?.path.replace('accounts.acme.com', 'accounts["acme.com"]'),
    ).toBe(path);
  });
});

describe('territories that are probably not meant', () => {
  const codes = (territories: string, rule = '{ rule: t, to: territory, sla: hot }'): readonly string[] =>
    accepted(
      change(
        'routing:\n',
        `routing:\n  - ${rule}\n`,
        change('scoring:\n', `territories:\n${territories}scoring:\n`),
      ),
    )
      .findings.filter(({ code }) => code.startsWith('territory'))
      .map(({ code, message }) => `${code}: ${message}`);

  test('one below another that holds all of it', () => {
    expect(
      codes('  de: { countries: [DE], to: ben }\n  sued: { countries: [DE], postcodes: ["8"], to: anna }\n'),
    ).toEqual(['territory-hidden: "de" above it holds every lead of "sued", so it is nobody\'s territory']);
  });

  test('an exception above the rule is none', () => {
    expect(
      codes('  sued: { countries: [DE], postcodes: ["8"], to: anna }\n  de: { countries: [DE], to: ben }\n'),
    ).toEqual([]);
  });

  test('two that meet by accident, and postcodes left out between them', () => {
    const found = codes(
      '  a: { countries: [DE], postcodes: ["0", "10000-49999"], to: anna }\n  b: { countries: [DE], postcodes: ["45000-59999", "7"], to: ben }\n',
    );
    expect(found).toEqual([
      'territory-overlap: "b" and "a" share leads; those go to "a", which stands first',
      'territory-gap: postcodes 60000-69999 of DE are in no territory',
    ]);
  });

  test('one without a target while a rule asks for it', () => {
    expect(codes('  de: { countries: [DE] }\n')).toEqual([
      expect.stringMatching(/^territory-without-target/),
    ]);
  });
});

describe('a table of territories', () => {
  test('becomes a block of the policy; rows of one territory are its areas', () => {
    const read = territoriesFromCsv(
      'territory,countries,postcodes,employees,to\r\nsued,DE,"80000-87999;9",,ben\r\nsued,AT,,200-,\r\nnord,DE,1;2,,pool/inbound\r\n\r\n',
    );
    if (!read.ok) throw new Error(read.problems.join());
    expect(read.count).toBe(2);
    const { policy } = accepted(change('scoring:\n', `${read.yaml}scoring:\n`));
    expect(territoriesOf(policy.territories, { ...place, country: 'AT', employees: 300 })).toEqual(['sued']);
    expect(policy.territories['sued']?.to).toEqual({ kind: 'rep', rep: 'ben' });
    expect(territoriesOf(policy.territories, { ...place, postalCode: '20095' })).toEqual(['nord']);
  });

  test.each([
    ['land,to\nx,y\n', /line 1: unknown column "land"/],
    ['countries\nDE\n', /line 1: no column "territory"/],
    ['territory,employees\nx,many\n', /line 2: employees "many" is not a range/],
    ['territory,to\nx,ben\nx,anna\n', /line 3: "x" goes to ben above and to anna here/],
    ['territory,to\n,ben\n', /line 2: the territory has no name/],
  ])('%p is refused by line', (text, message) => {
    const read = territoriesFromCsv(text);
    expect(read.ok ? '' : read.problems.join()).toMatch(message);
  });
});
