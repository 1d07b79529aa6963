import type { Caps } from './assignment/caps';
import type { MakeUp } from './assignment/make-up';
import type { PoolMode } from './assignment/narrow';
import type { DurationText } from './duration';
import type { IsoInstant } from './instant';
import type { Subsidiaries } from './identity/account';
import type { Area } from './territory/territory';

/**
 * A routing policy in its checked form: what the YAML says after the schema, with every default filled in.
 * References (rep, pool, calendar, SLA ids) are known to exist; conditions are CEL text known to compile.
 */
export interface Policy {
  readonly identity: {
    readonly subsidiaries: Subsidiaries;
    /** Source → how far its word on a person counts, higher is more. */
    readonly sources: Readonly<Record<string, number>>;
  };
  readonly calendars: Readonly<Record<string, CalendarSpec>>;
  readonly reps: readonly Rep[];
  readonly pools: Readonly<Record<string, Pool>>;
  /** In the order in which they are looked through: a lead's territory is the first that holds it. */
  readonly territories: Readonly<Record<string, Territory>>;
  /** Company domain → who has the account. */
  readonly accounts: Readonly<Record<string, AssignedTarget>>;
  readonly scoring: Scoring;
  /** What a lead of each band takes of a rep's caps. */
  readonly capacity: Readonly<Record<Band, number>>;
  /** A parked lead that has waited this long is next, whatever its band. */
  readonly longestWait: DurationText;
  readonly routing: readonly RoutingRule[];
  readonly sla: Readonly<Record<string, SlaPolicy>>;
  /** `HH:MM-HH:MM` in everybody's own zone: reminders and escalations that fall into it reach people at its end. */
  readonly quietHours?: string | undefined;
  /** Rep ids for `escalate` to `on-call`: the first who is at work is told, else the first; never kept quiet. */
  readonly onCall: readonly string[];
  /** After so many missed touches in a row a rep is paused until he says that he is back. */
  readonly silentAfter?: number | undefined;
}

/** Working time as people write it; `domain/sla/calendar.ts` gives it meaning. */
export interface CalendarSpec {
  /** IANA zone. */
  readonly timeZone: string;
  /** Keys `mon` … `sun` or ranges such as `tue-fri`; blocks `HH:MM-HH:MM`, an end not after its start runs into the next day. */
  readonly week: Readonly<Record<string, readonly string[]>>;
  /** Regions (`DE-BY`), dates (`2026-12-24`), or `{ date, from }` for a day that ends early. */
  readonly holidays: readonly (string | { readonly date: string; readonly from: string })[];
}

export interface Rep {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** Rep id of the one who is told when this rep's leads go cold. */
  readonly manager?: string | undefined;
  readonly calendar: string;
  /** Skill → level, from 1. */
  readonly skills: Readonly<Record<string, number>>;
  readonly caps: Caps;
}

export interface Pool {
  /** Rep id → weight, a positive integer. */
  readonly members: Readonly<Record<string, number>>;
  /** Condition under which a member is one, by rep id; CEL as in a rule. */
  readonly when: Readonly<Record<string, string>>;
  readonly mode: PoolMode;
  /** For `best_fit`: CEL over the lead and `rep`, with what a member gains by it. */
  readonly fit: readonly FitRule[];
  /** Pool whose standings and ledger this one uses: leads of either count in both. */
  readonly countWith?: string | undefined;
  readonly makeUp: MakeUp;
  readonly credit: CreditRule;
  /** A lead is offered before it is anybody's: to whoever is next, or to all who can take it. */
  readonly offer?: OfferRule | undefined;
  /** What happens when nobody can take a lead: it waits, or goes to a rep or another pool. */
  readonly whenNobody: 'park' | AssignedTarget;
}

/**
 * `next`: he alone may take it for so long; then it is offered to the next one, to so many at most. `all`: whoever claims
 * it first has it; when nobody does, it goes to whoever is next.
 */
export type OfferRule =
  | { readonly to: 'next'; readonly for: DurationText; readonly atMost: number }
  | { readonly to: 'all'; readonly for: DurationText };

/** When the charge for a lead is returned to a member who did not keep it. */
export interface CreditRule {
  readonly on: readonly CreditCause[];
  /** At most so many per member in any stretch of length `per`; absent is no limit. */
  readonly limit?: number | undefined;
  readonly per: DurationText;
  /** Only this long after he got the lead; absent is no limit. */
  readonly within?: DurationText | undefined;
}

/**
 * `lapsed`: an offer was not taken in time; `band_changed`: its score moved the lead into another band, whose rule sends it to others; `disqualified`: the lead was
 * no good, found out by the owner.
 */
export const creditCauses = ['declined', 'lapsed', 'reassigned', 'band_changed', 'disqualified'] as const;
export type CreditCause = (typeof creditCauses)[number];

export interface FitRule {
  readonly when: string;
  readonly points: number;
  readonly because: string;
}

/** A rep or a pool. */
export type AssignedTarget =
  { readonly kind: 'rep'; readonly rep: string } | { readonly kind: 'pool'; readonly pool: string };

/**
 * Where a rule sends a lead: to a rep or pool, to the rep who had the person's or else the account's latest lead
 * (`owner`), to whoever has the named account (`account`), or to the target of the lead's territory (`territory`).
 */
export type Target = AssignedTarget | { readonly kind: 'owner' | 'account' | 'territory' };

export interface Territory {
  readonly areas: readonly Area[];
  /** Where rules with `to: territory` send its leads. */
  readonly to?: AssignedTarget | undefined;
}

export interface RoutingRule {
  readonly rule: string;
  /** CEL over `lead`, `account`, `match`, `score`, `band`; absent means always. */
  readonly when?: string | undefined;
  readonly to: Target;
  readonly sla: string;
  /** Skill → least level a member of the pool must have. */
  readonly skills?: Readonly<Record<string, number>> | undefined;
  /** Who works the lead beside its owner is picked with him, or nobody is. */
  readonly pair?: PairRule | undefined;
  /** Skills are asked for this long after the lead came; absent: always. */
  readonly relax?: DurationText | undefined;
}

export interface PairRule {
  readonly pool: string;
  /** Nobody there can: the owner has the lead alone, or it waits for both. */
  readonly whenNobody: 'alone' | 'park';
}

export interface Scoring {
  readonly fit: readonly FitRule[];
  readonly engagement: { readonly halfLife: DurationText; readonly points: Readonly<Record<string, number>> };
  /** Lowest score of each band; below `warm` is cold. */
  readonly bands: { readonly hot: number; readonly warm: number; readonly hysteresis: number };
  /** Whether a lead that nobody has worked is routed again when its band changes; once in its life. */
  readonly reroute: Reroute;
}

/** `up`: only when it gets better. */
export const reroutes = ['any', 'up', 'never'] as const;
export type Reroute = (typeof reroutes)[number];

export const bands = ['hot', 'warm', 'cold'] as const;
export type Band = (typeof bands)[number];

/** What a person set a lead's score or band to; it stands over what the rules work out, until it is taken back. */
export interface ScoreOverride {
  /** 0 to 100; the band follows from it. */
  readonly score?: number;
  /** The score stays as the rules have it. */
  readonly band?: Band;
  readonly reason: string;
  readonly by: string;
  readonly at: IsoInstant;
}

export interface SlaPolicy extends Partial<Record<MilestoneName, MilestoneRule>> {
  readonly clock: ClockKind;
  /** A human must have worked the lead within this. */
  readonly touch: DurationText;
  readonly steps: readonly SlaStepRule[];
  /** How many owners a lead may have before it stays where it is. */
  readonly maxHops: number;
  /** A touched lead without a disposition closes after this (wall clock). */
  readonly closeAfter: DurationText;
  /** A lead nobody has touched for this long (wall clock, from its last touch) goes to another owner, at most so often. */
  readonly recycle?: { readonly after: DurationText; readonly atMost: number } | undefined;
}

/** `business` runs while the owner works by his calendar, `wall` always. */
export type ClockKind = 'business' | 'wall';

/** `qualify` and `convert` run from the first assignment, `response` from a customer's reply to the next touch. */
export const milestoneNames = ['qualify', 'convert', 'response'] as const;
export type MilestoneName = (typeof milestoneNames)[number];

/** A promise besides the first touch, with its own time, clock and steps; steps remind or escalate. */
export interface MilestoneRule {
  readonly within: DurationText;
  readonly clock: ClockKind;
  readonly steps: readonly SlaStepRule[];
}

export type SlaStepRule =
  | { readonly after: DurationText; readonly do: 'remind' }
  | { readonly after: DurationText; readonly do: 'reassign' }
  /** `to` is `manager` (the owner's), `director` (the manager's manager), `on-call`, or a rep id. */
  | { readonly after: DurationText; readonly do: 'escalate'; readonly to: string };
