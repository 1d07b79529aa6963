import { milestoneNames } from '../domain/policy';
import type {
  AssignedTarget,
  CalendarSpec,
  OfferRule,
  Policy,
  Pool,
  Rep,
  Scoring,
  SlaPolicy,
  Target,
  Territory,
} from '../domain/policy';
import { fold, foldStates, parsePostcodes, type Area } from '../domain/territory/territory';
import type { PolicyDocument } from './schema';

/** `owner`, `account`, `territory`, or a rep or pool; whether it exists is checked elsewhere. */
export function parseTarget(text: string): Target {
  return text === 'owner' || text === 'account' || text === 'territory' ? { kind: text } : assigned(text);
}

/** `pool/<id>`, `rep/<id>` or a bare rep id. */
function assigned(text: string): AssignedTarget {
  if (text.startsWith('pool/')) return { kind: 'pool', pool: text.slice('pool/'.length) };
  return { kind: 'rep', rep: text.startsWith('rep/') ? text.slice('rep/'.length) : text };
}

/** The document with shorthands written out and defaults filled in. */
export function normalise(document: PolicyDocument): Policy {
  return {
    identity: {
      subsidiaries: document.identity?.subsidiaries ?? 'separate',
      sources: document.identity?.sources ?? {},
    },
    calendars: mapValues(document.calendars, calendarOf),
    reps: document.reps.map(repOf),
    pools: mapValues(document.pools ?? {}, poolOf),
    territories: mapValues(document.territories ?? {}, territoryOf),
    accounts: mapValues(document.accounts ?? {}, assigned),
    scoring: scoringOf(document.scoring),
    capacity: capacityOf(document.capacity),
    longestWait: document.longestWait ?? '4h',
    routing: document.routing.map(({ rule, when, to, sla, skills, relax, pair }) => ({
      rule,
      ...(when === undefined ? {} : { when }),
      to: parseTarget(to),
      sla,
      ...(skills === undefined ? {} : { skills: skillsOf(skills) }),
      ...(relax === undefined ? {} : { relax }),
      ...(pair === undefined ? {} : { pair: { pool: pair.pool, whenNobody: pair.whenNobody ?? 'alone' } }),
    })),
    sla: mapValues(document.sla, slaOf),
    ...(document.quietHours === undefined ? {} : { quietHours: document.quietHours }),
    onCall: typeof document.onCall === 'string' ? [document.onCall] : (document.onCall ?? []),
    ...(document.silentAfter === undefined ? {} : { silentAfter: document.silentAfter }),
  };
}

type PoolDocument = NonNullable<PolicyDocument['pools']>[string];

/** Reps with weights and conditions; a plain list gives everyone the weight 1. */
function membersOf(
  members: PoolDocument['members'],
): readonly { readonly rep: string; readonly weight: number; readonly when?: string | undefined }[] {
  if (Array.isArray(members)) return members.map((rep) => ({ rep, weight: 1 }));
  return Object.entries(members).map(([rep, member]) =>
    typeof member === 'number'
      ? { rep, weight: member }
      : { rep, weight: member.weight ?? 1, when: member.when },
  );
}

/** Levels by skill; a plain list asks for or gives the level 1. */
function skillsOf(skills: PolicyDocument['reps'][number]['skills']): Readonly<Record<string, number>> {
  return Array.isArray(skills) ? Object.fromEntries(skills.map((skill) => [skill, 1])) : (skills ?? {});
}

function calendarOf({ timeZone, week, holidays }: PolicyDocument['calendars'][string]): CalendarSpec {
  return {
    timeZone,
    week: mapValues(week, (blocks) => (typeof blocks === 'string' ? [blocks] : blocks)),
    holidays: typeof holidays === 'string' ? [holidays] : (holidays ?? []),
  };
}

function repOf({ manager, skills, caps, ...rep }: PolicyDocument['reps'][number]): Rep {
  return {
    ...rep,
    ...(manager === undefined ? {} : { manager }),
    skills: skillsOf(skills),
    caps: caps ?? {},
  };
}

function poolOf({ members, whenNobody, mode, fit, countWith, makeUp, credit, offer }: PoolDocument): Pool {
  const all = membersOf(members);
  const otherwise = whenNobody === undefined || whenNobody === 'park' ? 'park' : assigned(whenNobody);
  return {
    members: Object.fromEntries(all.map(({ rep, weight }) => [rep, weight])),
    when: Object.fromEntries(all.flatMap(({ rep, when }) => (when === undefined ? [] : [[rep, when]]))),
    mode: mode ?? 'weighted',
    fit: fit ?? [],
    ...(countWith === undefined ? {} : { countWith }),
    makeUp: typeof makeUp === 'object' ? { ...makeUp, kind: 'bounded' } : { kind: makeUp ?? 'none' },
    credit: {
      ...credit,
      on: credit?.on ?? ['declined', 'lapsed', 'reassigned', 'band_changed'],
      per: credit?.per ?? '7d',
    },
    ...(offer === undefined ? {} : { offer: offerOf(offer) }),
    whenNobody: otherwise,
  };
}

function offerOf({ for: time, to, atMost = 3 }: NonNullable<PoolDocument['offer']>): OfferRule {
  return to === 'all' ? { to, for: time } : { to: 'next', for: time, atMost };
}

/** The area written without a list is the first one; nothing at all is every lead. */
function territoryOf({ to, areas, ...own }: NonNullable<PolicyDocument['territories']>[string]): Territory {
  const written = areas === undefined || Object.keys(own).length > 0 ? [own, ...(areas ?? [])] : areas;
  return { areas: written.map(areaOf), ...(to === undefined ? {} : { to: assigned(to) }) };
}

function areaOf(
  area: NonNullable<NonNullable<PolicyDocument['territories']>[string]['areas']>[number],
): Area {
  const folded = (names: readonly string[] | undefined) => names?.map(fold);
  return {
    countries: folded(area.countries),
    states: area.states && foldStates(area.states, area.countries),
    industries: folded(area.industries),
    employees: area.employees,
    postcodes: area.postcodes?.flatMap((text) => parsePostcodes(text) ?? []),
  };
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
    reroute: scoring?.reroute ?? 'any',
  };
}

function capacityOf(capacity: PolicyDocument['capacity']): Policy['capacity'] {
  return { hot: capacity?.hot ?? 1, warm: capacity?.warm ?? 1, cold: capacity?.cold ?? 1 };
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
