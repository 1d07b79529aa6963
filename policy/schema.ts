import { z } from 'zod';
import { parseDuration } from '../domain/duration';

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
const reservedIds: readonly string[] = ['owner', 'park', 'manager', 'director', 'on-call', 'pool', 'rep'];

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= 2_000;
const isWhole = (min: number, max: number) => (value: unknown) =>
  Number.isInteger(value) && Number(value) >= min && Number(value) <= max;

const text = leaf<string>('text', isText);
const whole = (min: number, max: number) =>
  leaf<number>(`a whole number from ${String(min)} to ${String(max)}`, isWhole(min, max));
const id = leaf<string>(
  'an id: letters, digits, - and _, starting with a letter or digit, none of owner, park, manager, director, on-call, pool, rep',
  (value) => typeof value === 'string' && idPattern.test(value) && !reservedIds.includes(value),
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

const rep = closed({
  id,
  name: text,
  email: leaf<string>('an e-mail address', (value) => z.email().safeParse(value).success),
  manager: id.optional(),
  calendar: id,
  skills: z.array(text, { error: 'a list such as [de, en]' }).optional(),
  caps: closed({ perDay: whole(1, 100_000).optional(), open: whole(1, 100_000).optional() }).optional(),
});

const pool = closed({
  members: z.union([z.record(id, whole(1, 1_000)), z.array(id)], {
    error: 'reps with weights such as { anna: 2, ben: 1 }, or a list such as [anna, ben]',
  }),
  mode: oneOf('weighted').optional(),
  whenNobody: text.optional(),
});

const scoring = closed({
  fit: z
    .array(closed({ when: condition, points: whole(-100, 100), because: text }), {
      error: 'a list of { when, points, because }',
    })
    .optional(),
  engagement: closed({
    halfLife: duration.optional(),
    points: z
      .record(text, whole(-100, 100), { error: 'events with points, such as demo_request: 40' })
      .optional(),
  }).optional(),
  bands: closed({ hot: whole(0, 100), warm: whole(0, 100), hysteresis: whole(0, 50).optional() }).optional(),
});

const rule = closed({ rule: text, when: condition.optional(), to: text, sla: id });

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

/** Schema of a whole policy document. */
export const policyDocument = closed({
  calendars: z.record(id, calendar, { error: 'calendars by id' }),
  reps: z.array(rep, { error: 'a list of reps' }),
  pools: z.record(id, pool, { error: 'pools by id' }).optional(),
  scoring: scoring.optional(),
  routing: z
    .array(rule, { error: 'a list of rules' })
    .min(1, { error: 'a list with at least one routing rule' }),
  sla: z.record(id, sla, { error: 'SLA policies by id' }),
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
