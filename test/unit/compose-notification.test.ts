import { composeNotification, inZone } from '../../activities/compose-notification';
import type { ReadyPolicy } from '../../activities/policies';
import type { NotificationSubject } from '../../activities/ports-vendors';
import { verifyActionLink } from '../../domain/action-link';
import { deriveLeadId } from '../../domain/ids';
import { toInstant } from '../../domain/instant';
import type { Rep } from '../../domain/policy';
import type { ClockName } from '../../domain/sla/plan';

const nowMs = Date.parse('2026-11-24T09:00:00Z');
const leadId = deriveLeadId('test', 'composed');
const rep = (id: string, name: string, manager?: string): Rep => ({
  id,
  name,
  email: `${id}@example.com`,
  calendar: id === 'wei' ? 'singapore' : 'berlin',
  skills: {},
  caps: {},
  manager,
});
const reps = [rep('anna', 'Anna Berger', 'mira'), rep('mira', 'Mira Lindqvist'), rep('wei', 'Tan Wei')];
const policy = {
  rep: (id: string) => reps.find((known) => known.id === id),
  calendar: (id: string) => ({ timeZone: id === 'singapore' ? 'Asia/Singapore' : 'Europe/Berlin' }),
} as unknown as ReadyPolicy;
const linkKey = Buffer.alloc(32, 3);

const subject = (changes: Partial<NotificationSubject['assignment']> = {}): NotificationSubject => ({
  fields: {
    firstName: 'Ada',
    lastName: 'Lovelace',
    title: 'CTO',
    email: 'ada@example.net',
    message: 'Call me',
  },
  company: 'Example Ltd',
  score: 72,
  band: 'hot',
  touched: false,
  closed: false,
  assignment: {
    leadId,
    hop: 1,
    repId: 'anna',
    poolId: 'emea',
    rule: 'hot leads',
    cause: 'routed',
    assignedAt: toInstant(nowMs),
    sla: {
      policy: 'hot',
      clock: 'wall',
      startAt: toInstant(nowMs),
      touchDueAt: toInstant(nowMs + 300_000),
      steps: [
        { number: 0, do: 'remind', afterMs: 180_000, dueAt: toInstant(nowMs + 180_000) },
        { number: 1, do: 'reassign', afterMs: 300_000, dueAt: toInstant(nowMs + 600_000) },
      ],
    },
    ...changes,
  },
});
const compose = (
  to: string,
  kind: 'assigned' | 'open' | 'paired' | 'reminder' | 'escalation' | 're_engaged' | 'resolved' | 'joined',
  about = subject(),
  clock?: ClockName,
) =>
  composeNotification(
    { linkKey, publicUrl: 'https://leads.example' },
    {
      key: 'k',
      leadId,
      kind,
      subject: about,
      rep: policy.rep(to)!,
      policy,
      nowMs,
      ...(clock ? { clock } : {}),
    },
  );

test('says who the lead is, why this rep got it, and what is due when in the rep’s zone', () => {
  const { subject: headline, facts } = compose('anna', 'assigned');
  expect(headline).toBe('New lead: Ada Lovelace (Example Ltd)');
  expect(facts).toEqual([
    { label: 'Lead', text: 'Ada Lovelace, CTO, Example Ltd' },
    { label: 'E-mail', text: 'ada@example.net' },
    { label: 'Message', text: 'Call me' },
    { label: 'Score', text: '72, hot' },
    { label: 'Why you', text: 'Your turn in pool "emea" by rule "hot leads"' },
    { label: 'First touch due', text: 'Tue, 24 Nov 2026, 10:05 CET (Europe/Berlin)' },
    {
      label: 'If not',
      text: 'goes to the next in line, Tue, 24 Nov 2026, 10:10 CET (Europe/Berlin)',
    },
  ]);
});

test.each([
  ['declined', 'the owner before declined it'],
  ['sla_reassign', 'the owner before did not work it in time'],
  ['reassigned', 'somebody handed it on'],
] as const)('says that it was %s', (cause, words) => {
  const why = compose('anna', 'assigned', subject({ cause })).facts.find(({ label }) => label === 'Why you');
  expect(why?.text).toBe(`Your turn in pool "emea" by rule "hot leads"; ${words}`);
});

test('the owner gets every link, for the assignment he has now', () => {
  const { links } = compose('anna', 'assigned');
  expect(Object.keys(links)).toEqual(['open', 'claim', 'decline', 'snooze', 'reassign']);
  for (const action of ['claim', 'decline', 'snooze', 'reassign'] as const) {
    const token = links[action]!.replace('https://leads.example/l/', '');
    expect(verifyActionLink(linkKey, token, nowMs)).toMatchObject({
      ok: true,
      link: { leadId, hop: 1, repId: 'anna', action },
    });
  }
});

test('a manager is told whose lead it is, and may hand it on', () => {
  const { facts, links } = compose('mira', 'escalation');
  expect(facts).toContainEqual({ label: 'Owner', text: 'Anna Berger' });
  expect(facts).toContainEqual({ label: 'Why you', text: 'You manage the owner' });
  expect(Object.keys(links)).toEqual(['open', 'reassign']);
});

const day = 86_400_000;
/** A touched lead whose other clocks all run. */
const worked = () => {
  const running = {
    clock: 'wall',
    startAt: toInstant(nowMs),
    withinMs: day,
    dueAt: toInstant(nowMs + day),
    steps: [
      { number: 0, do: 'escalate', to: 'manager', afterMs: 2 * day, dueAt: toInstant(nowMs + 2 * day) },
    ],
  } as const;
  const clocks = { qualify: running, convert: running, response: running };
  return subject({ sla: { ...subject().assignment!.sla, doneAt: toInstant(nowMs), clocks } });
};

test.each([
  ['qualify', 'Does this lead qualify?', 'Nobody has said whether this lead qualifies', 'Verdict due'],
  ['convert', 'Still open: convert it or say why not', 'This lead has not been converted', 'Conversion due'],
  [
    'response',
    'The customer wrote and waits for an answer',
    'Nobody has answered the customer',
    'Answer due',
  ],
] as const)(
  'of the %s clock it says what is waited for, and until when',
  (clock, reminder, escalation, due) => {
    const reminded = compose('anna', 'reminder', worked(), clock);
    expect(reminded.subject).toBe(`${reminder}: Ada Lovelace (Example Ltd)`);
    expect(reminded.dueAt).toBe('2026-11-25T09:00:00.000Z');
    expect(reminded.facts.slice(-2)).toEqual([
      { label: due, text: 'Wed, 25 Nov 2026, 10:00 CET (Europe/Berlin)' },
      { label: 'If not', text: 'manager is told, Thu, 26 Nov 2026, 10:00 CET (Europe/Berlin)' },
    ]);
    const escalated = compose('mira', 'escalation', worked(), clock);
    expect(escalated.subject).toBe(`${escalation}: Ada Lovelace (Example Ltd)`);
    expect(escalated.facts.map(({ label }) => label)).not.toContain('First touch due');
  },
);

test('of a lead that was worked nobody is told when its first touch is due', () => {
  const { facts, dueAt } = compose('anna', 're_engaged', worked());
  expect(facts.map(({ label }) => label)).not.toContain('First touch due');
  expect(dueAt).toBeUndefined();
});

test('a message that all is well asks for nothing', () => {
  expect(Object.keys(compose('anna', 'resolved').links)).toEqual(['open']);
});

test.each([
  [{ ownerId: 'wei' }, 'Tan Wei'],
  [{}, 'nobody yet'],
])('who loses a lead to an older one is told who has that, and has nothing to do', (owner, name) => {
  const into = deriveLeadId('test', 'older');
  const {
    subject: headline,
    facts,
    links,
    dueAt,
  } = compose('anna', 'joined', {
    ...subject(),
    closed: true,
    joined: { into, ...owner },
  });
  expect(headline).toBe('Your lead goes on as an older one of the same person: Ada Lovelace (Example Ltd)');
  expect(facts.at(-1)).toEqual({ label: 'Owner now', text: name });
  expect(facts.map(({ label }) => label)).not.toContain('First touch due');
  expect(links).toEqual({ open: `https://leads.example/console/leads/${into}` });
  expect(dueAt).toBeUndefined();
});

test('a long text is cut between characters', () => {
  const about = { ...subject(), fields: { message: '😀'.repeat(2_000) } };
  const { text } = compose('anna', 'assigned', about).facts.find(({ label }) => label === 'Message')!;
  expect(text).toBe(`${'😀'.repeat(500)}…`);
});

test.each([
  ['2026-03-29T00:59:00.000Z', 'Europe/Berlin', 'Sun, 29 Mar 2026, 01:59 CET (Europe/Berlin)'],
  ['2026-03-29T01:00:00.000Z', 'Europe/Berlin', 'Sun, 29 Mar 2026, 03:00 CEST (Europe/Berlin)'],
  ['2026-11-24T23:30:00.000Z', 'Asia/Singapore', 'Wed, 25 Nov 2026, 07:30 GMT+8 (Asia/Singapore)'],
])('%s in %s is %s', (at, zone, words) => {
  expect(inZone(toInstant(Date.parse(at)), zone)).toBe(words);
});

test('an open lead is offered to each by a link to claim it, and who works beside an owner may decline', () => {
  const { assignment: _nobody, ...about } = subject();
  const until = toInstant(nowMs + 600_000);
  const open = { poolId: 'emea', hop: 0, until, reps: ['anna', 'mira'], opened: ['emea'] };
  const { links, facts, dueAt } = compose('mira', 'open', { ...about, open });
  expect(Object.keys(links).sort()).toEqual(['claim', 'open']);
  expect(dueAt).toBe(until);
  expect(facts).toContainEqual({ label: 'Why you', text: 'It is open to 2 in pool "emea"' });
  expect(facts).toContainEqual({ label: 'Open until', text: 'Tue, 24 Nov 2026, 10:10 CET (Europe/Berlin)' });
  expect(Object.keys(compose('mira', 'paired', { ...subject(), partner: 'mira' }).links).sort()).toEqual([
    'decline',
    'open',
  ]);
});
