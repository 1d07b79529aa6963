import { z } from 'zod';
import { poolModes } from '../domain/assignment/narrow';
import { parseDuration } from '../domain/duration';
import { bands, creditCauses, reroutes } from '../domain/policy';
import { parsePostcodes } from '../domain/territory/territory';

/**
 * The policy document as people write it: shorthands allowed, defaults left out, unknown keys refused.
 * Every leaf's error text says what was expected, in words; `schema-problems.ts` builds the message around it.
 */

/** A value that passes `test`; `expected` completes the sentence "… is not …". */
function leaf<T>(expected: string, test: (value: unknown) => boolean) {
  return z.custom<T>((value) => test(value), { error: expected });
}

/** An object with exactly these keys; the error of an unknown key lists the known ones. */
function closed<S extends z.ZodRawShape>(shape: S) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? known : undefined),
  });
}

const idPattern = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$/;
/** Words that mean something else where a rep id may stand. */
const reservedIds: readonly string[] = [
  'owner',
  'park',
  'manager',
  'director',
  'on-call',
  'pool',
  'rep',
  'account',
  'territory',
];

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= 2_000;
const isWhole = (min: number, max: number) => (value: unknown) =>
  Number.isInteger(value) && Number(value) >= min && Number(value) <= max;

const text = leaf<string>('text', isText);
const whole = (min: number, max: number) =>
  leaf<number>(`a whole number from ${String(min)} to ${String(max)}`, isWhole(min, max));
const id = leaf<string>(
  'an id: letters, digits, - and _, starting with a letter or digit, none of owner, park, manager, director, on-call, pool, rep, account, territory, constructor',
  (value) =>
    typeof value === 'string' &&
    idPattern.test(value) &&
    !reservedIds.includes(value) &&
    !(value in Object.prototype),
);
const duration = leaf<string>('a duration longer than zero, such as 5m, 1h30m or 14d', (value) => {
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  // Longer than ten years is a typo, and beyond what a timer may be asked to hold.
  return ms !== undefined && ms > 0 && ms <= 3_650 * 86_400_000;
});
const oneOf = <const V extends string>(...values: readonly V[]) =>
  leaf<V>(values.length === 1 ? `"${values.join('')}"` : `one of ${values.join(', ')}`, (value) =>
    values.includes(value as V),
  );

const condition = leaf<string>("a condition such as lead.country == 'DE'", isText);

const calendar = closed({
  timeZone: leaf<string>(
    'an IANA time zone such as Europe/Berlin',
    (value) => typeof value === 'string' && isTimeZone(value),
  ),
  week: z.record(
    text,
    z.union([text, z.array(text)], { error: 'blocks such as ["09:00-12:30", "13:30-18:00"]' }),
    { error: 'days with working blocks, such as mon-fri: ["09:00-18:00"]' },
  ),
  holidays: z
    .union(
      [
        text,
        z.array(
          z.union([text, closed({ date: text, from: text })], {
            error: 'a region, a date, or { date, from }',
          }),
        ),
      ],
      {
        error: 'a region such as DE-BY, or a list of regions, dates and { date, from }',
      },
    )
    .optional(),
});

const amount = whole(1, 100_000);
const skills = z.union([z.array(id), z.record(id, whole(1, 10))], {
  error: 'a list such as [de, en], or levels such as { de: 3 }',
});

const rep = closed({
  id,
  name: text,
  email: leaf<string>('an e-mail address', (value) => z.email().safeParse(value).success),
  manager: id.optional(),
  calendar: id,
  skills: skills.optional(),
  caps: closed({
    perHour: amount.optional(),
    perDay: amount.optional(),
    perWeek: amount.optional(),
    rolling: z.record(duration, amount, { error: 'lengths with amounts, such as 24h: 10' }).optional(),
    open: amount.optional(),
  }).optional(),
});

const weight = whole(1, 1_000);
const fitRule = closed({ when: condition, points: whole(-100, 100), because: text });

const pool = closed({
  members: z.union(
    [
      z.record(
        id,
        z.union([weight, closed({ weight: weight.optional(), when: condition.optional() })], {
          error: 'a whole number from 1 to 1000, or { weight, when }',
        }),
      ),
      z.array(id),
    ],
    { error: 'reps with weights such as { anna: 2, ben: 1 }, or a list such as [anna, ben]' },
  ),
  mode: oneOf(...poolModes).optional(),
  fit: z.array(fitRule, { error: 'a list of { when, points, because }' }).optional(),
  countWith: id.optional(),
  makeUp: z
    .union([oneOf('none', 'full'), closed({ share: whole(2, 10), expires: duration })], {
      error: 'none, full, or { share: 2, expires: 14d }',
    })
    .optional(),
  offer: closed({
    for: duration,
    to: oneOf('next', 'all').optional(),
    atMost: whole(1, 100).optional(),
  }).optional(),
  credit: closed({
    on: z.array(oneOf(...creditCauses), { error: `a list of ${creditCauses.join(', ')}` }).optional(),
    limit: whole(1, 1_000).optional(),
    per: duration.optional(),
    within: duration.optional(),
  }).optional(),
  whenNobody: text.optional(),
});

const listOf = (example: string) => z.array(text, { error: `a list such as ${example}` }).min(1);
const area = {
  countries: listOf('[DE, AT]').optional(),
  states: listOf('[Bavaria, BY]').optional(),
  postcodes: z
    .array(
      leaf<string>(
        'a prefix such as "8" or a range such as "80000-87999", both ends equally long, in quotes',
        (value) => typeof value === 'string' && parsePostcodes(value) !== undefined,
      ),
      { error: 'a list such as ["8", "90000-96499"]' },
    )
    .min(1)
    .optional(),
  industries: listOf('[software]').optional(),
  employees: closed({
    from: whole(0, 10_000_000).optional(),
    to: whole(0, 10_000_000).optional(),
  }).optional(),
};
const territory = closed({
  ...area,
  areas: z.array(closed(area), { error: 'a list of areas' }).min(1).optional(),
  to: text.optional(),
});

const scoring = closed({
  fit: z.array(fitRule, { error: 'a list of { when, points, because }' }).optional(),
  engagement: closed({
    halfLife: duration.optional(),
    points: z
      .record(text, whole(-100, 100), { error: 'events with points, such as demo_request: 40' })
      .optional(),
  }).optional(),
  bands: closed({ hot: whole(0, 100), warm: whole(0, 100), hysteresis: whole(0, 50).optional() }).optional(),
  reroute: oneOf(...reroutes).optional(),
});

const rule = closed({
  rule: text,
  when: condition.optional(),
  to: text,
  sla: id,
  skills: skills.optional(),
  relax: duration.optional(),
  pair: closed({ pool: id, whenNobody: oneOf('alone', 'park').optional() }).optional(),
});

const step = z.discriminatedUnion(
  'do',
  [
    closed({ after: duration, do: z.literal('remind') }),
    closed({ after: duration, do: z.literal('reassign') }),
    closed({
      after: duration,
      do: z.literal('escalate'),
      to: leaf<string>('manager, director, on-call or a rep id', isText),
    }),
  ],
  { error: 'one of remind, reassign, escalate' },
);

const steps = z.array(step, { error: 'a list of { after, do }' }).optional();
const milestone = closed({ within: duration, clock: oneOf('business', 'wall').optional(), steps });

const sla = closed({
  clock: oneOf('business', 'wall'),
  touch: duration,
  steps,
  qualify: milestone.optional(),
  convert: milestone.optional(),
  response: milestone.optional(),
  maxHops: whole(1, 20).optional(),
  closeAfter: duration.optional(),
  recycle: closed({ after: duration, atMost: whole(1, 20).optional() }).optional(),
});

const cost = whole(1, 100);
const truth = leaf<boolean>('true or false', (value) => typeof value === 'boolean');
const lead = closed({
  email: text.optional(),
  phone: text.optional(),
  company: text.optional(),
  website: text.optional(),
  title: text.optional(),
  country: text.optional(),
  city: text.optional(),
  state: text.optional(),
  postalCode: text.optional(),
  source: text.optional(),
  message: text.optional(),
  consent: truth.optional(),
  utm: z.record(text, text).optional(),
});
const goldenTest = closed({
  name: text,
  lead: lead.optional(),
  account: closed({
    name: text.optional(),
    domain: text.optional(),
    employees: whole(0, 10_000_000).optional(),
    industry: text.optional(),
    country: text.optional(),
  }).optional(),
  match: closed({
    knownPerson: truth.optional(),
    knownAccount: truth.optional(),
    owner: id.optional(),
    accountOwner: id.optional(),
  }).optional(),
  expect: closed({
    rule: text.optional(),
    to: text.optional(),
    sla: id.optional(),
    band: oneOf(...bands).optional(),
    score: whole(0, 100).optional(),
  }),
});

/** Schema of a whole policy document. */
export const policyDocument = closed({
  identity: closed({
    subsidiaries: oneOf('separate', 'together').optional(),
    sources: z
      .record(text, whole(0, 100), { error: 'sources with how far each is believed, such as salesforce: 10' })
      .optional(),
  }).optional(),
  calendars: z.record(id, calendar, { error: 'calendars by id' }),
  reps: z.array(rep, { error: 'a list of reps' }),
  pools: z.record(id, pool, { error: 'pools by id' }).optional(),
  territories: z.record(id, territory, { error: 'territories by id' }).optional(),
  accounts: z
    .record(
      leaf<string>(
        'a company domain such as acme.com, in small letters',
        (value) => typeof value === 'string' && /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(value),
      ),
      text,
      { error: 'company domains with a rep or pool, such as acme.com: anna' },
    )
    .optional(),
  scoring: scoring.optional(),
  capacity: closed({ hot: cost.optional(), warm: cost.optional(), cold: cost.optional() }).optional(),
  longestWait: duration.optional(),
  routing: z
    .array(rule, { error: 'a list of rules' })
    .min(1, { error: 'a list with at least one routing rule' }),
  sla: z.record(id, sla, { error: 'SLA policies by id' }),
  tests: z.array(goldenTest, { error: 'a list of { name, lead, expect }' }).optional(),
  quietHours: leaf<string>(
    'one block such as 20:00-07:00',
    (value) => typeof value === 'string' && isBlock(value),
  ).optional(),
  onCall: z.union([id, z.array(id)], { error: 'a rep id or a list of rep ids' }).optional(),
  silentAfter: whole(1, 100).optional(),
});

/** A policy document that has the right shape; its references are not checked yet. */
export type PolicyDocument = z.infer<typeof policyDocument>;

/** A block that leaves some of the day free. */
function isBlock(text: string): boolean {
  const [start, end, ...more] = text.split('-');
  const isTime = (time: string | undefined): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(time ?? '');
  return more.length === 0 && isTime(start) && isTime(end) && start !== end;
}

function isTimeZone(name: string): boolean {
  // Offsets such as +02:00 pass Intl but know no daylight saving, which is never what a working calendar means.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
