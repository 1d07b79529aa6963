import { accepted, change, refused, sample } from './sample-policy';

test.each<[string, string, readonly [string, string], string, string]>([
  [
    'a rule below one that takes everything',
    'unreachable-rule',
    [
      "rule: big, when: \"band == 'hot' && lead.country in ['DE', 'AT']\", to: anna",
      'rule: big, to: pool/inbound',
    ],
    'routing[2]',
    '- { rule: everything else',
  ],
  [
    'no rule at the end for the rest',
    'no-catch-all',
    ['rule: everything else, to', 'rule: everything else, when: lead.consent, to'],
    'routing[2]',
    '{ rule: everything else',
  ],
  [
    'a rep without any work',
    'idle-rep',
    ['reps:\n', 'reps:\n  - { id: idle, name: Idle, email: idle@example.com, calendar: berlin }\n'],
    'reps[0]',
    '{ id: idle',
  ],
  [
    'a pool no rule uses',
    'unrouted-pool',
    ['pools:\n', 'pools:\n  spare: [ben]\n'.replace('[ben]', '{ members: [ben] }')],
    'pools.spare',
    '{ members: [ben]',
  ],
  ['a pool without members', 'empty-pool', ['{ anna: 2, ben: 1 }', '[]'], 'pools.inbound.members', '[]'],
  [
    'an SLA policy no rule uses',
    'unused-sla',
    ['sla:\n', 'sla:\n  spare: { clock: wall, touch: 1h, steps: [{ after: 1h, do: remind }] }\n'],
    'sla.spare',
    '{ clock: wall',
  ],
  [
    'a calendar nobody works by',
    'unused-calendar',
    ['calendars:\n', 'calendars:\n  spare: { timeZone: UTC, week: { mon: "09:00-10:00" } }\n'],
    'calendars.spare',
    '{ timeZone: UTC',
  ],
  [
    'a deadline nothing happens after',
    'touch-after-last-step',
    [
      'touch: 5m, steps: [{ after: 3m, do: remind }, { after: 5m, do: reassign }',
      'touch: 1h, steps: [{ after: 3m, do: remind }',
    ],
    'sla.hot.touch',
    '1h',
  ],
  [
    'a lead taken away too early',
    'reassign-before-touch',
    ['after: 5m, do: reassign', 'after: 4m, do: reassign'],
    'sla.hot.steps[1]',
    '{ after: 4m',
  ],
  [
    'a reassignment that can never happen',
    'reassign-never',
    ['touch: 5m,', 'touch: 5m, maxHops: 1,'],
    'sla.hot.steps[1]',
    '{ after: 5m',
  ],
  [
    'an escalation to on-call without anybody',
    'nobody-on-call',
    ['to: manager', 'to: on-call'],
    'sla.hot',
    '{ clock: business',
  ],
  ['an owner without a manager', 'no-manager', ['to: pool/inbound', 'to: mira'], 'reps[2]', '{ id: mira'],
  [
    'an owner nobody asked for',
    'owner-unguarded',
    [', when: "match.owner != \'\'"', ''],
    'routing[0].to',
    'owner',
  ],
  [
    'a utm field most leads lack',
    'utm-unguarded',
    ['when: "lead.freeMail"', 'when: "lead.utm.term == \'x\'"'],
    'scoring.fit[1].when',
    '"lead.utm',
  ],
])('%s is a finding, not an error', (_name, code, [from, to], path, at) => {
  const text = change(from, to);
  const finding = accepted(text).findings.find((candidate) => candidate.code === code);
  expect(finding).toMatchObject({ path });
  const line = text.split('\n')[(finding?.line ?? 0) - 1] ?? '';
  const found = line.slice((finding?.column ?? 0) - 1);
  expect(found.startsWith(at.replace(/^- /, ''))).toBe(true);
});

test('rules below one that sends everything to a rep are no finding: they stand in when the rep cannot', () => {
  const text = change("rule: big, when: \"band == 'hot' && lead.country in ['DE', 'AT']\",", 'rule: big,');
  expect(accepted(text).findings).toEqual([]);
});

test('the sample has no findings', () => {
  expect(accepted(sample).findings).toEqual([]);
});

test('a pool that only stands beside owners is in use', () => {
  const pool = change('pools:\n', 'pools:\n  beside: { members: [ben] }\n');
  expect(accepted(pool).findings).toMatchObject([{ code: 'unrouted-pool' }]);
  expect(
    accepted(change('to: pool/inbound', 'to: pool/inbound, pair: { pool: beside }', pool)).findings,
  ).toEqual([]);
});

test('a chain of pools that ends with a person is fine, a circle through several is not', () => {
  const chain = change(
    'whenNobody: mira }',
    'whenNobody: pool/b }\n  b: { members: [ben], whenNobody: pool/c }\n  c: { members: [ben], whenNobody: mira }',
  );
  expect(accepted(chain).policy.pools['b']?.whenNobody).toEqual({ kind: 'pool', pool: 'c' });
  const circle = change('members: [ben], whenNobody: mira', 'members: [ben], whenNobody: pool/b', chain);
  expect(refused(circle)).toMatchObject([
    { path: 'pools.b.whenNobody', message: expect.stringContaining('b → c → b') },
  ]);
});
