import { patched } from '@temporalio/workflow';
import type { DueClock, DueState, DueStep, Placement } from '../activities/routing-types';
import type { AssignmentCause, DispositionOutcome, LeadProgress } from '../domain/lead';
import type { ClockName } from '../domain/sla/plan';
import type { LeadStateReply } from './contract';
import { patches } from './patches';
import type { Shown } from './show';

/** Where a lead stands between two events. */
export type Standing = Parked | Owned | Closed | Joined;

export interface Parked {
  readonly kind: 'parked';
  /** Number of the assignment it waits for. */
  readonly hop: number;
  readonly exclude: readonly string[];
  readonly reason: string;
  readonly retryAt?: string;
  /** Why it looks for an owner; absent in what runs carried before it was kept. */
  readonly cause?: AssignmentCause;
  /** Whoever of them claims it first has it; until `retryAt`. */
  readonly openTo?: readonly string[];
}

export const causeOf = ({ hop, cause }: Parked): AssignmentCause => cause ?? causeAt(hop);
/** Why a lead of which nothing else is known looks for its owner of that number. */
export const causeAt = (hop: number): AssignmentCause => (hop === 0 ? 'routed' : 'declined');

export interface Owned {
  readonly kind: 'owned';
  readonly hop: number;
  readonly owner: string;
  /** SLA steps still to come, by due date. */
  readonly steps: readonly DueStep[];
  readonly touchDueAt: string;
  readonly breached: boolean;
  readonly touchedAt?: string;
  readonly speedToLeadMs?: number;
  readonly progress: LeadProgress;
  readonly maxHops: number;
  readonly closeAfterMs: number;
  /** Reps who had it and must not get it again. */
  readonly exclude: readonly string[];
  /** Clocks besides the first touch that are still running. */
  readonly clocks: readonly DueClock[];
  /** The lead waits for its customer: no clock runs. */
  readonly held: boolean;
  /** Messages that wait for the end of somebody's quiet hours. */
  readonly messages: readonly Message[];
  /** The last time somebody worked the lead or its customer wrote. */
  readonly activeAt?: string;
  readonly recycle?: { readonly afterMs: number; readonly left: number };
  /** Who works it beside the owner. */
  readonly beside?: string;
  /** It is only offered to him so far: it goes on to the next one then. */
  readonly offer?: { readonly until: string };
  /** It was to get another owner, and the policy cannot say whom. */
  readonly undecided?: Undecided;
}

export interface Undecided {
  readonly due: Extract<Due, { kind: 'step' | 'lapse' | 'recycle' }>;
  readonly why: string;
  /** The last time that somebody worked the lead before. */
  readonly activeAt?: string;
}

/** A message about an SLA step of one clock. */
export interface Message {
  readonly clock: ClockName;
  readonly kind: 'reminder' | 'escalation';
  readonly to: string;
  readonly what: string;
  readonly at: string;
}

export interface Closed {
  readonly kind: 'closed';
  readonly outcome: DispositionOutcome | 'closed';
  readonly owner?: string;
  readonly speedToLeadMs?: number;
}

/** Merged into the person's older open lead, after it had a run of its own. */
export interface Joined {
  readonly kind: 'joined';
  readonly into: string;
  /** The deadline the lead had, for the older one to keep if it is the earlier one. */
  readonly touchDueAt?: string;
  /** Who owned it until now, and who owns the older one. */
  readonly owner?: string;
  readonly heir?: string;
  /** Who worked it beside its owner until now. */
  readonly beside?: string;
}

/** What the clock will do next for an owned lead. */
export type Due =
  | { readonly kind: 'step'; readonly clock: ClockName; readonly step: DueStep }
  | { readonly kind: 'breach'; readonly clock: ClockName }
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'lapse' }
  | { readonly kind: 'recycle' }
  | { readonly kind: 'idle' };

interface Deadline {
  readonly at: string;
  readonly due: Due;
  readonly what: string;
}

export function owned(placement: Extract<Placement, { kind: 'assigned' }>, before?: Owned): Owned {
  const {
    kind: _kind,
    hadBefore,
    touchedAt: touched,
    recycle,
    clocks = [],
    held = false,
    ...rest
  } = placement;
  const touchedAt = touched ?? before?.touchedAt;
  const speedToLeadMs = rest.speedToLeadMs ?? before?.speedToLeadMs;
  return {
    kind: 'owned',
    ...rest,
    exclude: hadBefore,
    clocks,
    held,
    messages: messagesKept(rest.owner, before),
    ...(recycle === undefined ? {} : { recycle }),
    ...(touchedAt === undefined ? {} : { touchedAt }),
    ...(speedToLeadMs === undefined ? {} : { speedToLeadMs }),
  };
}

/** A reminder that waits for the end of the night is nothing for whoever gets the lead now, and no longer for the one before. */
const messagesKept = (owner: string, before: Owned | undefined): Owned['messages'] =>
  (before?.messages ?? []).filter(({ kind }) => before?.owner === owner || kind === 'escalation');

/** Deadlines that an activity worked out anew; the ladder of a touch that has happened stays empty. */
export function redated(standing: Owned, due: Partial<DueState>): Owned {
  return { ...standing, ...due, ...(standing.touchedAt === undefined ? {} : { steps: [] }) };
}

/**
 * The next deadline: the end of an offer, of the first touch and its ladder while nobody worked the lead, of the other
 * clocks, a message that waits, and last the day on which the lead goes to somebody else or closes by itself. After the
 * last step the clock goes on to that day too, so that time-to-touch is still measured. Nothing is due while the lead
 * waits for its customer.
 */
export function nextDue(standing: Owned): Deadline | undefined {
  const { touchedAt, touchDueAt, breached, steps, clocks, held, messages, offer } = standing;
  const touch = { name: 'touch', dueAt: touchDueAt, missed: breached, steps } as const;
  const lapse: Deadline[] = offer ? [{ at: offer.until, due: { kind: 'lapse' }, what: 'offer ends' }] : [];
  const ladder = touchedAt === undefined ? (offer ? lapse : deadlinesOf(touch)) : [];
  const deadlines = [
    ...ladder,
    ...(held ? [] : clocks.flatMap(deadlinesOf)),
    ...messages.map((message): Deadline => ({
      at: message.at,
      due: { kind: 'message', message },
      what: `tell ${message.to}`,
    })),
    ...(ladder.length > 0 || (held && patched(patches.heldRests)) ? [] : [lastOf(standing)]),
  ];
  return deadlines.reduce<Deadline | undefined>(
    (first, next) => (first === undefined || next.at < first.at ? next : first),
    undefined,
  );
}

/** The deadline of a clock, then the steps of its ladder one by one; a deadline comes before a step due with it. */
function deadlinesOf({ name: clock, dueAt, missed, steps }: DueClock | TouchClock): readonly Deadline[] {
  const breach: Deadline = { at: dueAt, due: { kind: 'breach', clock }, what: `${clock} due` };
  const [step] = steps;
  if (step === undefined) return missed ? [] : [breach];
  const next: Deadline = {
    at: step.dueAt,
    due: { kind: 'step', clock, step },
    what: step.do === 'escalate' ? `escalate to ${step.to ?? ''}` : step.do,
  };
  return missed ? [next] : [breach, next];
}

type TouchClock = Omit<DueClock, 'name'> & { readonly name: 'touch' };

/** What becomes of a lead that nobody touches any more: somebody else gets it, or it closes. */
function lastOf({ activeAt, touchedAt, touchDueAt, recycle, progress, closeAfterMs }: Owned): Deadline {
  const from = Date.parse(activeAt ?? touchedAt ?? touchDueAt);
  const after = (ms: number): string => new Date(from + ms).toISOString();
  const mayMove = recycle !== undefined && recycle.left > 0 && progress !== 'qualified';
  return mayMove && recycle.afterMs < closeAfterMs
    ? { at: after(recycle.afterMs), due: { kind: 'recycle' }, what: 'give it to another owner' }
    : { at: after(closeAfterMs), due: { kind: 'idle' }, what: 'close without a disposition' };
}

/** The choice of another owner that the lead waits for; once its clock, or its offer, is over nothing does. */
export function undecidedOf(standing: Standing): Undecided | undefined {
  if (standing.kind !== 'owned' || standing.undecided === undefined) return undefined;
  const { undecided, touchedAt, clocks, offer, activeAt } = standing;
  const { due } = undecided;
  switch (due.kind) {
    case 'lapse':
      return offer && undecided;
    case 'recycle':
      return activeAt === undecided.activeAt ? undecided : undefined;
    case 'step': {
      const runs =
        due.clock === 'touch' ? touchedAt === undefined : clocks.some((one) => one.name === due.clock);
      return runs ? undecided : undefined;
    }
  }
}

export function shownOf(standing: Standing): Shown {
  switch (standing.kind) {
    case 'parked':
      return {
        status: 'parked',
        note: `${standing.openTo ? 'Waits for a claim' : 'Waits for somebody who can take it'}: ${standing.reason}`,
        ...(standing.retryAt === undefined
          ? {}
          : { next: { what: standing.openTo ? 'offer ends' : 'try again', at: standing.retryAt } }),
      };
    case 'owned': {
      const due = nextDue(standing);
      const { progress: status, owner, hop, held, offer } = standing;
      const words = held
        ? 'Waits for the customer; the clocks stand still.'
        : offer && `Offered to ${owner}, who has not taken it yet.`;
      const note = words === undefined ? {} : { note: words };
      const undecided = undecidedOf(standing);
      const trouble = undecided && { trouble: { step: 'route', message: undecided.why } };
      return {
        status,
        owner,
        hop,
        ...(due && { next: { what: due.what, at: due.at } }),
        ...note,
        ...trouble,
      };
    }
    case 'joined':
      return { status: 'merged', note: `The person's open lead is ${standing.into}.` };
    case 'closed':
      return {
        status: standing.outcome === 'closed' ? 'touched' : standing.outcome,
        ...(standing.owner === undefined ? {} : { owner: standing.owner }),
        note: 'Closed.',
      };
  }
}

export function replyOf(standing: Standing): LeadStateReply {
  const { status, owner, next } = shownOf(standing);
  return {
    status,
    ...(owner === undefined ? {} : { owner }),
    ...(next === undefined ? {} : { nextDueAt: next.at }),
  };
}
