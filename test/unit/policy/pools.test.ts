import { compilePolicy, PolicyEvaluationError } from '../../../policy/compile';
import { rosterOf } from '../../../policy/compile-pools';
import { accepted, change, factsOf, refused, sample } from './sample-policy';

const pool = (text: string): string =>
  change('inbound: { members: { anna: 2, ben: 1 },', `inbound: { ${text},`);
const skilled = (text: string): string =>
  change(
    'email: ben@example.com,',
    'email: ben@example.com, skills: { de: 3, en: 1 },',
    change('email: anna@example.com,', 'email: anna@example.com, skills: [de],', text),
  );
const asked = (facts: Parameters<typeof factsOf>[0], skills = {}) => ({
  facts: factsOf(facts),
  score: 10,
  band: 'cold' as const,
  skills,
});

describe('who of a pool may have a lead', () => {
  test('a member with a condition is one only while it holds', () => {
    const text = pool(
      'members: { anna: { when: "lead.country == \'DE\'" }, ben: { weight: 3, when: "band == \'hot\'" } }',
    );
    const compiled = compilePolicy(accepted(text).policy);
    expect(compiled.policy.pools['inbound']?.members).toEqual({ anna: 1, ben: 3 });
    expect(compiled.members('inbound', asked({ lead: { country: 'DE' } })).barred).toEqual({
      ben: 'condition',
    });
    expect(compiled.members('inbound', asked({})).barred).toEqual({ anna: 'condition', ben: 'condition' });
  });

  test('a condition that fails for a lead is a fault of the policy, not an answer', () => {
    const text = pool('members: { anna: { when: "lead.utm.x == \'y\'" }, ben: 1 }');
    expect(() => compilePolicy(accepted(text).policy).members('inbound', asked({}))).toThrow(
      PolicyEvaluationError,
    );
  });

  test('skills count by level', () => {
    const compiled = compilePolicy(accepted(skilled(sample)).policy);
    expect(compiled.members('inbound', asked({}, { de: 2 })).barred).toEqual({ anna: 'skills' });
    expect(compiled.members('inbound', asked({}, { en: 1 })).barred).toEqual({ anna: 'skills' });
    expect(compiled.members('inbound', asked({}, { de: 1 })).barred).toEqual({});
  });

  test('the best fit is reckoned from the lead and the member’s skills', () => {
    const text = skilled(
      pool(
        'members: [anna, ben], mode: best_fit, fit: [{ when: "rep.skills.de >= 2 && lead.country == \'DE\'", points: 20, because: fluent }, { when: "rep.id == \'anna\'", points: 5, because: senior }]',
      ),
    );
    const compiled = compilePolicy(accepted(text).policy);
    expect(compiled.members('inbound', asked({ lead: { country: 'DE' } })).fit).toEqual({ anna: 5, ben: 20 });
    expect(compiled.members('inbound', asked({})).fit).toEqual({ anna: 5, ben: 0 });
  });

  test('a rule’s skills and its patience reach the decision', () => {
    const text = skilled(
      change('to: pool/inbound, sla: hot', 'to: pool/inbound, sla: hot, skills: { de: 3 }, relax: 10m'),
    );
    expect(compilePolicy(accepted(text).policy).route(factsOf(), 0, 'cold').chosen).toEqual({
      rule: 'everything else',
      to: { kind: 'pool', pool: 'inbound' },
      sla: 'hot',
      skills: { de: 3 },
      relax: '10m',
    });
  });
});

test('pools that count together share everybody who is in one of them', () => {
  const text = change('pools:\n', 'pools:\n  vip: { members: { anna: 2, mira: 1 }, countWith: inbound }\n');
  const { policy } = accepted(text);
  expect(rosterOf(policy.pools, 'inbound')).toEqual({ anna: 2, ben: 1, mira: 1 });
});

test.each([
  [
    'an unknown counter',
    'members: { anna: 2, ben: 1 }, countWith: inbund',
    'pools.inbound.countWith',
    /unknown pool "inbund"/,
  ],
  [
    'a counter of itself',
    'members: { anna: 2, ben: 1 }, countWith: inbound',
    'pools.inbound.countWith',
    /no counter of its own/,
  ],
  ['a best fit without rules', 'members: [anna], mode: best_fit', 'pools.inbound.mode', /nothing to go by/],
  ['an unknown mode', 'members: [anna], mode: random', 'pools.inbound.mode', /"random" is not one of/],
  [
    'a skill nobody has',
    'members: [anna], mode: best_fit, fit: [{ when: "rep.skills.fr > 0", points: 1, because: x }]',
    'pools.inbound.fit[0].when',
    /no field "fr"/,
  ],
  [
    'a condition that cannot be',
    'members: { anna: { when: "lead.contry == \'DE\'" } }',
    'pools.inbound.members.anna.when',
    /did you mean "country"/,
  ],
  [
    'half a share',
    'members: [anna], makeUp: { share: 1.5, expires: 1d }',
    'pools.inbound.makeUp.share',
    /1\.5 is not/,
  ],
  [
    'an offer to all that is made again and again',
    'members: [anna], offer: { to: all, for: 5m, atMost: 2 }',
    'pools.inbound.offer.atMost',
    /made once/,
  ],
  [
    'an offer to somebody else',
    'members: [anna], offer: { to: some, for: 5m }',
    'pools.inbound.offer.to',
    /"some" is not one of/,
  ],
  [
    'credit for a reason unheard of',
    'members: [anna], credit: { on: [bored] }',
    'pools.inbound.credit.on[0]',
    /"bored" is not/,
  ],
])('%s is a problem', (_name, text, path, message) => {
  const [problem] = refused(pool(text));
  expect(problem).toMatchObject({ path });
  expect(problem?.message).toMatch(message);
});

test('a rep who weighs differently in two pools that count together is a problem', () => {
  const text = change('pools:\n', 'pools:\n  vip: { members: { anna: 1 }, countWith: inbound }\n');
  expect(refused(text)[0]?.message).toBe('"anna" weighs 1 here and 2 in "inbound"');
});

test.each([
  ['fit-unused', pool('members: { anna: 2, ben: 1 }, fit: [{ when: "true", points: 1, because: x }]')],
  ['make-up-unused', pool('members: { anna: 2, ben: 1 }, mode: load, makeUp: full')],
  ['relax-unused', change('sla: hot }\nsla:', 'sla: hot, relax: 5m }\nsla:')],
  ['skill-nobody-has', change('sla: hot }\nsla:', 'sla: hot, skills: [fr] }\nsla:')],
  [
    'cap-below-cost',
    change(
      'scoring:\n',
      'capacity: { hot: 2 }\nscoring:\n',
      change('manager: mira, calendar', 'manager: mira, caps: { perDay: 1 }, calendar'),
    ),
  ],
  [
    'conditional-pool',
    change(
      ', whenNobody: mira',
      '',
      pool('members: { anna: { when: "lead.consent" }, ben: { when: "!lead.consent" } }'),
    ),
  ],
])('%s is a finding', (code, text) => {
  expect(accepted(text).findings.map((finding) => finding.code)).toContain(code);
});
