import { expectProblem, wrong } from './sample-policy';
import type { Case } from './sample-policy';

const references: readonly Case[] = [
  wrong('unknown calendar', ['manager: mira, calendar: berlin', 'manager: mira, calendar: berln'], {
    path: 'reps[0].calendar',
    at: 'berln',
    message: /unknown calendar "berln" — did you mean "berlin"/,
    expected: /one of berlin/,
  }),
  wrong('unknown manager', ['manager: mira', 'manager: mirra'], {
    path: 'reps[0].manager',
    at: 'mirra',
    message: /did you mean "mira"/,
    expected: /one of/,
  }),
  wrong('own manager', ['manager: mira', 'manager: anna'], {
    path: 'reps[0].manager',
    at: 'anna, calendar',
    message: /own manager/,
    expected: /another rep/,
  }),
  wrong(
    'rep twice',
    [
      '  - { id: mira',
      '  - { id: ben, name: Ben, email: ben@example.com, calendar: berlin }\n  - { id: mira',
    ],
    { path: 'reps[2].id', at: 'ben, name: Ben,', message: /defined twice/, expected: /once/ },
  ),
  wrong('unknown member', ['ben: 1 }', 'bem: 1 }'], {
    path: 'pools.inbound.members.bem',
    at: 'bem: 1',
    message: /unknown rep "bem" — did you mean "ben"/,
    expected: /one of anna/,
  }),
  wrong('member twice in a list', ['{ anna: 2, ben: 1 }', '[anna, ben, anna]'], {
    path: 'pools.inbound.members[2]',
    at: 'anna], when',
    message: /listed twice/,
    expected: /weights/,
  }),
  wrong('unknown stand-in', ['whenNobody: mira', 'whenNobody: pool/nowhere'], {
    path: 'pools.inbound.whenNobody',
    at: 'pool/nowhere',
    message: /unknown pool "nowhere"/,
    expected: /one of inbound/,
  }),
  wrong('owner as stand-in', ['whenNobody: mira', 'whenNobody: owner'], {
    path: 'pools.inbound.whenNobody',
    at: 'owner',
    message: /cannot stand here/,
    expected: /pool/,
  }),
  wrong('pool in a circle', ['whenNobody: mira', 'whenNobody: pool/inbound'], {
    path: 'pools.inbound.whenNobody',
    at: 'pool/inbound',
    message: /circle: inbound → inbound/,
    expected: /park or a rep/,
  }),
  wrong('unknown pool in a rule', ['to: pool/inbound', 'to: pool/inbuond'], {
    path: 'routing[2].to',
    at: 'pool/inbuond',
    message: /did you mean "inbound"/,
    expected: /inbound/,
  }),
  wrong('unknown pool of a pair', ['to: pool/inbound', 'to: pool/inbound, pair: { pool: inbuond }'], {
    path: 'routing[2].pair.pool',
    at: 'inbuond',
    message: /did you mean "inbound"/,
    expected: /inbound/,
  }),
  wrong('pool without its prefix', ['to: pool/inbound', 'to: inbound'], {
    path: 'routing[2].to',
    at: 'inbound, sla',
    message: /did you mean "pool\/inbound"/,
    expected: /anna/,
  }),
  wrong('unknown rep in a rule', ['to: anna', 'to: rep/ana'], {
    path: 'routing[1].to',
    at: 'rep/ana',
    message: /did you mean "anna"/,
    expected: /anna/,
  }),
  wrong('unknown SLA policy', ['to: anna, sla: hot', 'to: anna, sla: hott'], {
    path: 'routing[1].sla',
    at: 'hott',
    message: /did you mean "hot"/,
    expected: /one of hot/,
  }),
  wrong('rule name twice', ['rule: big', 'rule: known owner'], {
    path: 'routing[1].rule',
    at: 'known owner, when: "band',
    message: /defined twice/,
    expected: /once/,
  }),
  wrong('unknown escalation target', ['to: manager', 'to: maneger'], {
    path: 'sla.hot.steps[2].to',
    at: 'maneger',
    message: /did you mean "manager"/,
    expected: /manager, director, on-call, or one of/,
  }),
  wrong(
    'a clock that would take the lead away',
    ['touch: 5m,', 'touch: 5m, qualify: { within: 2d, steps: [{ after: 1d, do: reassign }] },'],
    {
      path: 'sla.hot.qualify.steps[0].do',
      at: 'reassign }] }, steps',
      message: /does not take a lead away/,
      expected: /remind, escalate/,
    },
  ),
  wrong(
    'a clock’s unknown escalation target',
    [
      'touch: 5m,',
      'touch: 5m, response: { within: 2d, steps: [{ after: 1d, do: escalate, to: direktor }] },',
    ],
    {
      path: 'sla.hot.response.steps[0].to',
      at: 'direktor',
      message: /did you mean "director"/,
      expected: /on-call/,
    },
  ),
  wrong('nobody of that name on call', ['routing:\n', 'onCall: [mira, anne]\nrouting:\n'], {
    path: 'onCall[1]',
    at: 'anne',
    message: /did you mean "anna"/,
    expected: /one of anna/,
  }),
  wrong('steps out of order', ['after: 15m', 'after: 4m'], {
    path: 'sla.hot.steps[2].after',
    at: '4m',
    message: /before the step above/,
    expected: /order/,
  }),
  wrong('bands upside down', ['hot: 60', 'hot: 20'], {
    path: 'scoring.bands.hot',
    at: '20',
    message: /above warm/,
    expected: /above/,
  }),
  wrong('hysteresis as wide as the band', ['hysteresis: 5', 'hysteresis: 30'], {
    path: 'scoring.bands.hysteresis',
    at: '30',
    message: /stay hot/,
    expected: /less than 30/,
  }),
  wrong('block of a calendar', ['09:00-17:00', '9-17'], {
    path: 'calendars.berlin.week.mon-fri[0]',
    at: '"9-17"',
    message: /got "9-17"/,
    expected: /HH:MM/,
  }),
  wrong('day of a calendar', ['mon-fri:', 'mon-fry:'], {
    path: 'calendars.berlin.week.mon-fry',
    at: 'mon-fry',
    message: /weekday/,
    expected: /tue-fri/,
  }),
  wrong('no working time', ['["09:00-17:00"]', '[]'], {
    path: 'calendars.berlin.week',
    at: '{ mon-fri',
    message: /no working time/,
    expected: /one block/,
  }),
  wrong('holiday region', ['holidays: DE-BY', 'holidays: [DE-BY, DE-XX]'], {
    path: 'calendars.berlin.holidays[1]',
    at: 'DE-XX',
    message: /got "DE-XX"/,
    expected: /DE-BY/,
  }),
  wrong('date that does not exist', ['holidays: DE-BY', 'holidays: [2026-02-30]'], {
    path: 'calendars.berlin.holidays[0]',
    at: '2026-02-30',
    message: /got "2026-02-30"/,
    expected: /exists/,
  }),
];

test.each(references)('reference: $name is refused with its line and column', expectProblem);
