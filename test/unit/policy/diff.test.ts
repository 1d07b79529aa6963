import { diffPolicies } from '../../../policy/diff';
import { accepted, change, sample } from './sample-policy';

const { policy } = accepted(sample);
const diff = (text: string) => diffPolicies(policy, accepted(text).policy);

test('a policy does not differ from itself, however it is written', () => {
  expect(diff(sample)).toEqual([]);
  expect(
    diff(
      change('holidays: DE-BY', 'holidays: [DE-BY]', change('{ anna: 2, ben: 1 }', '{ ben: 1, anna: 2 }')),
    ),
  ).toEqual([]);
});

test.each([
  ['a value', ['anna: 2', 'anna: 3'], [{ path: 'pools.inbound.members.anna', before: 2, after: 3 }]],
  [
    'a target',
    ['to: pool/inbound', 'to: ben'],
    [{ path: 'routing[everything else].to', before: 'pool/inbound', after: 'rep/ben' }],
  ],
  [
    'a stand-in',
    ['whenNobody: mira', 'whenNobody: park'],
    [{ path: 'pools.inbound.whenNobody', before: 'rep/mira', after: 'park' }],
  ],
  [
    'a condition that is gone',
    [', when: "match.owner != \'\'"', ''],
    [{ path: 'routing[known owner].when', before: "match.owner != ''", after: undefined }],
  ],
  [
    'a limit that is new',
    ['manager: mira, calendar', 'manager: mira, caps: { perDay: 5 }, calendar'],
    [{ path: 'reps[anna].caps.perDay', before: undefined, after: 5 }],
  ],
  [
    'a list of plain values',
    ['["09:00-17:00"]', '["09:00-12:00", "13:00-17:00"]'],
    [
      {
        path: 'calendars.berlin.week.mon-fri',
        before: ['09:00-17:00'],
        after: ['09:00-12:00', '13:00-17:00'],
      },
    ],
  ],
  ['a step', ['after: 3m', 'after: 4m'], [{ path: 'sla.hot.steps[0].after', before: '3m', after: '4m' }]],
  ['points', ['points: 25', 'points: 30'], [{ path: 'scoring.fit[0].points', before: 25, after: 30 }]],
] as const)('%s changed is one difference', (_name, [from, to], changes) => {
  expect(diff(change(from, to))).toEqual(changes);
});

test('a rule that moves is a change of the order alone', () => {
  const lines = sample.split('\n');
  const [owner = '', big = ''] = lines.splice(15, 2);
  lines.splice(15, 0, big, owner);
  expect(diff(lines.join('\n'))).toEqual([
    {
      path: 'routing.order',
      before: ['known owner', 'big', 'everything else'],
      after: ['big', 'known owner', 'everything else'],
    },
  ]);
});

test('a rule that is new is shown whole and does not move the others', () => {
  const added = change(
    '  - { rule: big',
    '  - { rule: vip, when: lead.consent, to: ben, sla: hot }\n  - { rule: big',
  );
  expect(diff(added)).toEqual([
    { path: 'routing[vip]', before: undefined, after: { when: 'lead.consent', to: 'rep/ben', sla: 'hot' } },
  ]);
});
