import { milestoneNames } from '../domain/policy';
import type { CalendarSpec, Policy, Pool, Rep, Scoring, SlaPolicy, Target } from '../domain/policy';
import type { PolicyDocument } from './schema';

/** `owner`, `pool/<id>`, `rep/<id>` or a bare rep id; whether it exists is checked elsewhere. */
export function parseTarget(text: string): Target {
  if (text === 'owner') return { kind: 'owner' };
  if (text.startsWith('pool/')) return { kind: 'pool', pool: text.slice('pool/'.length) };
  return { kind: 'rep', rep: text.startsWith('rep/') ? text.slice('rep/'.length) : text };
}

/** The document with shorthands written out and defaults filled in. */
export function normalise(document: PolicyDocument): Policy {
  return {
    calendars: mapValues(document.calendars, calendarOf),
    reps: document.reps.map(repOf),
    pools: mapValues(document.pools ?? {}, poolOf),
    scoring: scoringOf(document.scoring),
    routing: document.routing.map(({ rule, when, to, sla }) => ({
      rule,
      ...(when === undefined ? {} : { when }),
      to: parseTarget(to),
      sla,
    })),
    sla: mapValues(document.sla, slaOf),
    ...(document.quietHours === undefined ? {} : { quietHours: document.quietHours }),
    onCall: typeof document.onCall === 'string' ? [document.onCall] : (document.onCall ?? []),
    ...(document.silentAfter === undefined ? {} : { silentAfter: document.silentAfter }),
  };
}

/** Reps with weights; a plain list gives everyone the weight 1. */
export function membersOf(
  members: NonNullable<PolicyDocument['pools']>[string]['members'],
): Readonly<Record<string, number>> {
  return Array.isArray(members) ? Object.fromEntries(members.map((rep) => [rep, 1])) : members;
}

function calendarOf({ timeZone, week, holidays }: PolicyDocument['calendars'][string]): CalendarSpec {
  return {
    timeZone,
    week: mapValues(week, (blocks) => (typeof blocks === 'string' ? [blocks] : blocks)),
    holidays: typeof holidays === 'string' ? [holidays] : (holidays ?? []),
  };
}

function repOf({ manager, skills, caps, ...rep }: PolicyDocument['reps'][number]): Rep {
  return { ...rep, ...(manager === undefined ? {} : { manager }), skills: skills ?? [], caps: caps ?? {} };
}

function poolOf({ members, whenNobody }: NonNullable<PolicyDocument['pools']>[string]): Pool {
  const otherwise = whenNobody === undefined || whenNobody === 'park' ? 'park' : parseTarget(whenNobody);
  return { members: membersOf(members), mode: 'weighted', whenNobody: otherwise };
}

function scoringOf(scoring: PolicyDocument['scoring']): Scoring {
  const { hot, warm, hysteresis } = scoring?.bands ?? { hot: 70, warm: 40 };
  return {
    fit: scoring?.fit ?? [],
    engagement: {
      halfLife: scoring?.engagement?.halfLife ?? '14d',
      points: scoring?.engagement?.points ?? {},
    },
    bands: { hot, warm, hysteresis: hysteresis ?? 0 },
  };
}

function slaOf(sla: PolicyDocument['sla'][string]): SlaPolicy {
  const { clock, touch, steps, maxHops, closeAfter, recycle } = sla;
  const clocks = milestoneNames.flatMap((name) => {
    const rule = sla[name];
    return rule
      ? [[name, { within: rule.within, clock: rule.clock ?? clock, steps: rule.steps ?? [] }] as const]
      : [];
  });
  return {
    clock,
    touch,
    steps: steps ?? [],
    ...Object.fromEntries(clocks),
    maxHops: maxHops ?? 3,
    closeAfter: closeAfter ?? '30d',
    ...(recycle ? { recycle: { after: recycle.after, atMost: recycle.atMost ?? 1 } } : {}),
  };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
