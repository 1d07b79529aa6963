import type { Band } from '../../../domain/policy';
import { compilePolicy, PolicyEvaluationError } from '../../../policy/compile';
import { accepted, change, factsOf, sample } from './sample-policy';

const policy = compilePolicy(accepted(sample).policy);

describe('score', () => {
  test('adds the fit rules that hold and the points of the event, each with its reason', () => {
    expect(policy.score(factsOf({ lead: { event: 'demo_request' }, account: { employees: 200 } }))).toEqual({
      score: 65,
      band: 'hot',
      fit: 25,
      engagement: 40,
      contributions: [
        { points: 25, because: 'company size' },
        { points: 40, because: 'event demo_request' },
      ],
    });
  });

  test('stays between 0 and 100 while the contributions tell the whole sum', () => {
    const generous = compilePolicy(accepted(change('points: 25', 'points: 90')).policy);
    const much = generous.score(factsOf({ lead: { event: 'demo_request' }, account: { employees: 500 } }));
    expect(much).toMatchObject({ score: 100, band: 'hot' });
    expect(much.contributions.reduce((sum, { points }) => sum + points, 0)).toBe(130);
    expect(generous.score(factsOf({ lead: { freeMail: true } }))).toMatchObject({
      score: 0,
      band: 'cold',
      contributions: [{ points: -10 }],
    });
  });

  test.each(['unheard_of', 'constructor', '__proto__', ''])(
    'an event %p without points adds none',
    (event) => {
      expect(policy.score(factsOf({ lead: { event } }))).toEqual({
        score: 0,
        band: 'cold',
        fit: 0,
        engagement: 0,
        contributions: [],
      });
    },
  );

  test('what the person did fades by half with each half-life, and each event says how old it is', () => {
    const day = 86_400_000;
    const earlier = [
      { event: 'webinar', ageMs: 14 * day },
      { event: 'demo_request', ageMs: 28 * day },
      { event: 'webinar', ageMs: 365 * day },
    ];
    const scored = policy.score(factsOf({ lead: { event: 'webinar', freeMail: true } }), undefined, {
      ageMs: 0,
      earlier,
    });
    expect(scored).toEqual({
      score: 15,
      band: 'cold',
      fit: -10,
      engagement: 25,
      contributions: [
        { points: -10, because: 'free mail' },
        { points: 10, because: 'event webinar' },
        { points: 5, because: 'event webinar 14d ago' },
        { points: 10, because: 'event demo_request 28d ago' },
      ],
    });
    expect(
      policy.score(factsOf({ lead: { event: 'demo_request' } }), undefined, { ageMs: 14 * day, earlier: [] }),
    ).toMatchObject({ engagement: 20 });
  });

  test('takes the previous band into account', () => {
    const facts = factsOf({ lead: { event: 'demo_request', freeMail: true }, account: { employees: 200 } });
    expect(policy.score(facts)).toMatchObject({ score: 55, band: 'warm' });
    expect(policy.score(facts, 'hot')).toMatchObject({ score: 55, band: 'hot' });
  });
});

test.each<[number, Band | undefined, Band]>([
  [60, undefined, 'hot'],
  [59, undefined, 'warm'],
  [30, undefined, 'warm'],
  [29, undefined, 'cold'],
  [55, 'hot', 'hot'],
  [54, 'hot', 'warm'],
  [25, 'hot', 'warm'],
  [24, 'hot', 'cold'],
  [59, 'warm', 'warm'],
  [60, 'warm', 'hot'],
  [25, 'warm', 'warm'],
  [24, 'warm', 'cold'],
  [29, 'cold', 'cold'],
  [30, 'cold', 'warm'],
])('a score of %i after %s is %s', (score, previous, band) => {
  expect(policy.band(score, previous)).toBe(band);
});

describe('route', () => {
  test('the first rule that holds decides; the ones below stand in until a pool ends the search', () => {
    expect(policy.route(factsOf({ lead: { country: 'AT' } }), 80, 'hot')).toEqual({
      chosen: { rule: 'big', to: { kind: 'rep', rep: 'anna' }, sla: 'hot' },
      otherwise: [{ rule: 'everything else', to: { kind: 'pool', pool: 'inbound' }, sla: 'hot' }],
      trail: [
        { rule: 'known owner', when: "match.owner != ''", verdict: 'not_matched' },
        { rule: 'big', when: "band == 'hot' && lead.country in ['DE', 'AT']", verdict: 'matched' },
        { rule: 'everything else', verdict: 'matched' },
      ],
    });
  });

  test('nothing is tried below a rule that sends to a pool', () => {
    const early = change(
      'routing:\n',
      'routing:\n  - { rule: consent, when: lead.consent, to: pool/inbound, sla: hot }\n',
    );
    const result = compilePolicy(accepted(early).policy).route(
      factsOf({ lead: { consent: true } }),
      80,
      'hot',
    );
    expect(result.trail).toEqual([{ rule: 'consent', when: 'lead.consent', verdict: 'matched' }]);
    expect(result.otherwise).toEqual([]);
  });

  test('a rule without a condition takes every lead', () => {
    const { chosen, trail } = policy.route(factsOf(), 0, 'cold');
    expect(chosen).toEqual({ rule: 'everything else', to: { kind: 'pool', pool: 'inbound' }, sla: 'hot' });
    expect(trail.at(-1)).toEqual({ rule: 'everything else', verdict: 'matched' });
  });

  test('a known owner gets the lead', () => {
    expect(policy.route(factsOf({ match: { owner: 'ben' } }), 0, 'cold').chosen).toMatchObject({
      to: { kind: 'owner' },
    });
  });

  test('an owner who is no longer in the policy does not, and the trail says so', () => {
    const { chosen, trail } = policy.route(factsOf({ match: { owner: 'left-last-year' } }), 0, 'cold');
    expect(chosen).toMatchObject({ rule: 'everything else' });
    expect(trail[0]).toMatchObject({ rule: 'known owner', verdict: 'no_owner' });
  });

  test('nothing is chosen when no rule takes the lead', () => {
    const strict = compilePolicy(
      accepted(change('rule: everything else, to', 'rule: everything else, when: lead.consent, to')).policy,
    );
    const result = strict.route(factsOf(), 0, 'cold');
    expect(result.chosen).toBeUndefined();
    expect(result.trail.map(({ verdict }) => verdict)).toEqual(['not_matched', 'not_matched', 'not_matched']);
  });
});

test('a rule that cannot be decided is named, and no other rule takes over', () => {
  const text = change(
    "match.owner != ''",
    "lead.utm.campaign == 'x'",
    change('lead.freeMail', "lead.utm.term == 'x'"),
  );
  const fragile = compilePolicy(accepted(change('to: owner', 'to: ben', text)).policy);
  expect(() => fragile.route(factsOf(), 0, 'cold')).toThrow(PolicyEvaluationError);
  expect(() => fragile.route(factsOf(), 0, 'cold')).toThrow(
    'rule "known owner": a field is missing at character 9: .campaign == \'x\'',
  );
  expect(() => fragile.score(factsOf())).toThrow(
    'rule "free mail": a field is missing at character 9: .term == \'x\'',
  );
});

test('a policy that was never checked does not compile half-way', () => {
  const { policy: good } = accepted(sample);
  expect(() =>
    compilePolicy({ ...good, routing: [{ rule: 'bad', when: 'nope', to: { kind: 'owner' }, sla: 'hot' }] }),
  ).toThrow('rule "bad" does not compile');
});
