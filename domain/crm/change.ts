import type { IsoInstant } from '../instant';

/** What both the CRM and we hold of a lead, so that one side must have the last word. */
export const sharedFields = ['owner', 'status'] as const;
export type SharedField = (typeof sharedFields)[number];

/** Who has the last word about each field when somebody changes it in the CRM. */
export type Authority = Readonly<Record<SharedField, 'crm' | 'router'>>;

/** A field as somebody set it in the CRM. */
export interface FieldChange {
  readonly field: SharedField;
  /** Rep id or lead status. */
  readonly value: string;
  readonly at: IsoInstant;
  /** Version of the record over there; compared as a number where both are one. */
  readonly version?: string;
}

/** The newest change of a field by people, and when we last took it back. */
export interface SeenChange {
  readonly value: string;
  readonly at: IsoInstant;
  readonly version?: string;
  readonly overruledAt?: IsoInstant;
}

/** What is known of one field on both sides. */
export interface FieldState {
  /** Here; absent while nobody owns the lead. */
  readonly current?: string;
  /** When it became so, where that is kept. */
  readonly since?: IsoInstant;
  /** What the CRM shows as far as we know: what we wrote last, or what people changed there since. */
  readonly shown?: string;
  /** What we are writing at this moment, or tried to without hearing what became of it. */
  readonly writing: readonly string[];
  readonly seen?: SeenChange;
  /** When the lead came; a CRM that dates a change earlier has a clock that cannot be compared with ours. */
  readonly receivedAt: IsoInstant;
}

export type Verdict =
  /** A person's decision: the lead follows it. */
  | 'apply'
  /** A person's change of what is decided here: the CRM gets our value back. */
  | 'overrule'
  /** Our own write coming back. */
  | 'echo'
  /** Both sides say so already. */
  | 'same'
  /** Something newer is known. */
  | 'stale'
  /** A status the lead has left behind; it never goes back. */
  | 'behind'
  /** Taken back a moment ago and there again: a rule over there sets it, and writing against it would never end. */
  | 'contested';

/** A value that comes back within this time after it was taken back is set by a rule of the CRM, not by a person. */
export const contestMs = 10 * 60_000;

/**
 * Decides what a change in the CRM means for the lead. It gives the same answer when it is asked again with what its first
 * answer led to, so a repeated delivery changes nothing.
 */
export function judgeChange(
  change: FieldChange,
  state: FieldState,
  authority: Authority,
  now: IsoInstant,
): Verdict {
  const { seen, current, shown, writing } = state;
  if (seen !== undefined && isOlder(change, seen)) return 'stale';
  if (change.value === current) return 'same';
  const repeat = isRepeat(change, seen);
  if (!repeat && (change.value === shown || writing.includes(change.value))) return 'echo';
  if (change.field === 'status' && rank(change.value) <= rank(current)) return 'behind';
  if (decidedHereSince(change, state)) return 'stale';
  if (authority[change.field] === 'crm') return 'apply';
  const again = !repeat && seen?.value === change.value && isRecent(seen.overruledAt, now);
  return again ? 'contested' : 'overrule';
}

/** What is remembered of a field after a verdict; undefined when nothing changes. */
export function remembered(
  change: FieldChange,
  verdict: Verdict,
  now: IsoInstant,
): { readonly shown: string; readonly seen: SeenChange } | undefined {
  if (verdict !== 'apply' && verdict !== 'overrule' && verdict !== 'same') return undefined;
  const { value, at, version } = change;
  return {
    shown: value,
    seen: {
      value,
      at,
      ...(version === undefined ? {} : { version }),
      ...(verdict === 'overrule' ? { overruledAt: now } : {}),
    },
  };
}

const isRepeat = ({ value, at, version }: FieldChange, seen: SeenChange | undefined): boolean =>
  seen?.value === value && seen.at === at && seen.version === version;

/** Strictly: a repeat of the newest change is not older than itself. */
function isOlder(change: FieldChange, seen: SeenChange): boolean {
  const [mine, theirs] = [numberOf(change.version), numberOf(seen.version)];
  return mine !== undefined && theirs !== undefined ? mine < theirs : change.at < seen.at;
}

const numberOf = (version: string | undefined): bigint | undefined =>
  version !== undefined && /^\d{1,30}$/.test(version) ? BigInt(version) : undefined;

/** The field got its value here, after the change over there. What came from the CRM is ordered by `seen` alone. */
function decidedHereSince({ at }: FieldChange, { current, seen, since, receivedAt }: FieldState): boolean {
  return since !== undefined && current !== seen?.value && latest(at) < since && at >= receivedAt;
}

/** Several CRMs date to the second: such a change may have been made at the end of it. */
const latest = (at: IsoInstant): string => at.replace(/\.000Z$/, '.999Z');

const isRecent = (at: IsoInstant | undefined, now: IsoInstant): boolean =>
  at !== undefined && Date.parse(now) - Date.parse(at) < contestMs;

/** How far a status is along; equals do not follow each other. */
function rank(status: string | undefined): number {
  if (status === 'touched') return 1;
  if (status === 'qualified') return 2;
  return status === 'disqualified' || status === 'converted' ? 3 : 0;
}
