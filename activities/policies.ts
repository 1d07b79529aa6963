import { compileCalendar, type WorkingTime } from '../domain/sla/calendar';
import type { Policy, Rep } from '../domain/policy';
import { compilePolicy, type CompiledPolicy } from '../policy/compile';
import { createHolidayLookup } from '../policy/holidays';
import { needsAttention } from './failures';
import type { PolicySource } from './ports';

/** A policy version ready to decide with. */
export interface ReadyPolicy extends CompiledPolicy {
  readonly version: number;
  rep(repId: string): Rep | undefined;
  /** Working time of a calendar of this policy; compiled at first use. */
  calendar(calendarId: string): WorkingTime;
  /** The hours outside quiet hours in that calendar's zone; undefined when the policy has no quiet hours. */
  awake(calendarId: string): WorkingTime | undefined;
}

/** Compiled policies by version; a version never changes, so each is compiled once per process. */
export interface RoutingPolicies {
  /** The version a lead was routed by, else the live one. @throws needs attention `no_policy` when there is none. */
  of(version: number | undefined): Promise<ReadyPolicy>;
  /** A rep's working time by that version, else by the live one if he is new there. */
  calendarOf(repId: string, version: number | undefined): Promise<WorkingTime>;
}

export function createRoutingPolicies(source: PolicySource): RoutingPolicies {
  const ready = new Map<number, ReadyPolicy>();
  const isHoliday = createHolidayLookup();

  const of = async (version: number | undefined): Promise<ReadyPolicy> => {
    const known = version === undefined ? undefined : ready.get(version);
    if (known) return known;
    const document = version === undefined ? await source.live() : await source.version(version);
    if (!document)
      throw needsAttention(
        'no_policy',
        'route',
        version === undefined
          ? 'no policy is live; publish one'
          : `policy version ${String(version)} is gone`,
      );
    const fresh =
      ready.get(document.version) ??
      prepare(document.version, document.policy, (spec) => compileCalendar(spec, isHoliday));
    ready.set(document.version, fresh);
    return fresh;
  };

  return {
    of,
    calendarOf: async (repId, version) => {
      const policy = await of(version);
      const rep = policy.rep(repId);
      if (rep) return policy.calendar(rep.calendar);
      const live = await of(undefined);
      const known = live.rep(repId);
      if (!known) throw needsAttention('no_policy', 'route', `no policy in use knows rep ${repId}`);
      return live.calendar(known.calendar);
    },
  };
}

function prepare(
  version: number,
  policy: Policy,
  compile: (spec: Policy['calendars'][string]) => WorkingTime,
): ReadyPolicy {
  const reps = new Map(policy.reps.map((rep) => [rep.id, rep]));
  const specOf = (calendarId: string): Policy['calendars'][string] => {
    const spec = policy.calendars[calendarId];
    if (!spec) throw new Error(`policy ${String(version)} has no calendar ${calendarId}`);
    return spec;
  };
  // From the end of the quiet block to its start, every day of the week.
  const [start, end] = policy.quietHours?.split('-') ?? [];
  const hours = start && end && { week: { 'mon-sun': [`${end}-${start}`] }, holidays: [] };
  return {
    ...compilePolicy(policy),
    version,
    rep: (repId) => reps.get(repId),
    calendar: remembered((calendarId) => compile(specOf(calendarId))),
    awake: remembered((calendarId) =>
      hours ? compile({ timeZone: specOf(calendarId).timeZone, ...hours }) : undefined,
    ),
  };
}

/** Each answer is worked out once. */
function remembered<T>(make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const made = known.get(key);
    if (made !== undefined) return made;
    const fresh = make(key);
    known.set(key, fresh);
    return fresh;
  };
}
