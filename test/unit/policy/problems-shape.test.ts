import { expectProblem, sample, wrong } from './sample-policy';
import type { Case } from './sample-policy';

const syntax: readonly Case[] = [
  {
    name: 'duplicate key',
    text: `${sample}pools: {}\n`,
    path: '',
    at: 'pools: {}',
    message: /unique/,
    expected: /once/,
  },
  {
    name: 'second document',
    text: `${sample}---\na: 1\n`,
    path: '',
    at: '---',
    message: /multiple documents/,
    expected: /one document/,
  },
  {
    name: 'tab as indent',
    text: 'calendars:\n\tberlin: 1\n',
    path: '',
    at: '\tberlin',
    message: /[Tt]abs/,
    expected: /spaces/,
  },
  {
    name: 'open bracket',
    text: 'reps: [1, 2\npools: {}\n',
    path: '',
    at: 'pools',
    message: /\]/,
    expected: /brackets closed/,
  },
  {
    name: 'unknown tag',
    text: 'reps: !!js/function "x"\n',
    path: '',
    at: '!!js',
    message: /tag/,
    expected: /without a !tag/,
  },
  {
    name: 'alias without anchor',
    text: 'reps: *nobody\n',
    path: '',
    at: '*nobody',
    message: /no anchor/,
    expected: /&nobody/,
  },
  {
    name: 'alias inside its own value',
    text: 'reps: &loop [1, *loop]\n',
    path: '',
    at: '*loop',
    message: /contains itself/,
    expected: /outside/,
  },
  {
    name: 'list as key',
    text: 'reps: 1\n? [a]\n: 1\n',
    path: '',
    at: '[a]',
    message: /used as a key/,
    expected: /plain name/,
  },
  {
    name: '__proto__ as key',
    text: 'reps: 1\n__proto__: {}\n',
    path: '',
    at: '__proto__',
    message: /cannot be a key/,
    expected: /another/,
  },
];

const shape: readonly Case[] = [
  wrong('typo in a top-level key', ['scoring:', 'scroing:'], {
    path: 'scroing',
    at: 'scroing:',
    message: /unknown key "scroing" — did you mean "scoring"/,
    expected: /calendars, reps/,
  }),
  wrong('typo in a nested key', ['whenNobody: mira', 'whenNobdy: mira'], {
    path: 'pools.inbound.whenNobdy',
    at: 'whenNobdy',
    message: /did you mean "whenNobody"/,
    expected: /members, mode, fit/,
  }),
  wrong('typo in a step', ['{ after: 3m, do: remind }', '{ after: 3m, do: remind, until: x }'], {
    path: 'sla.hot.steps[0].until',
    at: 'until',
    message: /unknown key "until"/,
    expected: /after, do/,
  }),
  wrong('unknown step', ['do: remind', 'do: remnd'], {
    path: 'sla.hot.steps[0].do',
    at: 'remnd',
    message: /"remnd" is not/,
    expected: /remind, reassign, escalate/,
  }),
  wrong('missing key', [', calendar: berlin }', ' }'], {
    path: 'reps[0].calendar',
    at: '{ id: anna',
    message: /"calendar" is missing/,
    expected: /an id/,
  }),
  wrong('weight zero', ['anna: 2', 'anna: 0'], {
    path: 'pools.inbound.members.anna',
    at: '0, ben',
    message: /0 is not a whole number/,
    expected: /1 to 1000/,
  }),
  wrong('weight too big', ['anna: 2', 'anna: 1001'], {
    path: 'pools.inbound.members.anna',
    at: '1001',
    message: /1001 is not/,
    expected: /1 to 1000/,
  }),
  wrong('fraction as weight', ['anna: 2', 'anna: 1.5'], {
    path: 'pools.inbound.members.anna',
    at: '1.5',
    message: /1.5 is not/,
    expected: /whole number/,
  }),
  wrong('members as text', ['{ anna: 2, ben: 1 }', 'anna'], {
    path: 'pools.inbound.members',
    at: 'anna, when',
    message: /"anna" is not/,
    expected: /weights/,
  }),
  wrong('not a duration', ['touch: 5m', 'touch: 5 minutes'], {
    path: 'sla.hot.touch',
    at: '5 minutes',
    message: /"5 minutes" is not/,
    expected: /such as 5m/,
  }),
  wrong('zero duration', ['touch: 5m', 'touch: 0m'], {
    path: 'sla.hot.touch',
    at: '0m',
    message: /"0m" is not/,
    expected: /longer than zero/,
  }),
  wrong('step offset without unit', ['after: 3m', 'after: 3'], {
    path: 'sla.hot.steps[0].after',
    at: '3, do',
    message: /3 is not/,
    expected: /duration/,
  }),
  wrong('reserved rep id', ['id: anna', 'id: manager'], {
    path: 'reps[0].id',
    at: 'manager, name',
    message: /"manager" is not/,
    expected: /none of owner/,
  }),
  wrong('rep id that every object knows', ['id: anna', 'id: constructor'], {
    path: 'reps[0].id',
    at: 'constructor, name',
    message: /"constructor" is not/,
    expected: /constructor/,
  }),
  wrong('time zone', ['Europe/Berlin', 'Europe/Berln'], {
    path: 'calendars.berlin.timeZone',
    at: 'Europe/Berln',
    message: /is not an IANA/,
    expected: /Europe\/Berlin/,
  }),
  wrong('clock', ['clock: business', 'clock: busy'], {
    path: 'sla.hot.clock',
    at: 'busy',
    message: /"busy" is not one of/,
    expected: /business, wall/,
  }),
  wrong('e-mail', ['anna@example.com', 'anna'], {
    path: 'reps[0].email',
    at: 'anna, manager',
    message: /is not an e-mail/,
    expected: /e-mail/,
  }),
  wrong('pool id with a slash', ['  inbound:', '  in/bound:'], {
    path: 'pools.in/bound',
    at: 'in/bound',
    message: /"in\/bound" is not an id/,
    expected: /letters/,
  }),
];

test.each(syntax)('syntax: $name is refused with its line and column', expectProblem);

test.each(shape)('shape: $name is refused with its line and column', expectProblem);
