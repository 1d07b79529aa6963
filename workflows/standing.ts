import type { DueStep, Placement } from '../activities/routing-types';
import type { DispositionOutcome, LeadProgress } from '../domain/lead';
import type { LeadStateReply } from './contract';
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
}

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
}

/** What the clock will do next for an owned lead. */
export type Due =
  { readonly kind: 'step'; readonly step: DueStep } | { readonly kind: 'breach' } | { readonly kind: 'idle' };

export function owned(placement: Extract<Placement, { kind: 'assigned' }>, before?: Owned): Owned {
  const touchedAt = placement.touchedAt ?? before?.touchedAt;
  return {
    kind: 'owned',
    hop: placement.hop,
    owner: placement.owner,
    steps: placement.steps,
    touchDueAt: placement.touchDueAt,
    breached: placement.breached,
    progress: placement.progress,
    maxHops: placement.maxHops,
    closeAfterMs: placement.closeAfterMs,
    exclude: placement.hadBefore,
    ...(touchedAt === undefined ? {} : { touchedAt }),
    ...(before?.speedToLeadMs === undefined ? {} : { speedToLeadMs: before.speedToLeadMs }),
  };
}

/**
 * The next deadline: an SLA step or the touch deadline while nobody worked the lead, then the day it closes by itself.
 * After the last step the clock goes on to that day too, so that time-to-touch is still measured.
 */
export function nextDue(standing: Owned): { readonly at: string; readonly due: Due; readonly what: string } {
  const step = standing.steps[0];
  if (standing.touchedAt === undefined) {
    if (!standing.breached && (step === undefined || standing.touchDueAt <= step.dueAt)) {
      return { at: standing.touchDueAt, due: { kind: 'breach' }, what: 'touch due' };
    }
    if (step !== undefined)
      return {
        at: step.dueAt,
        due: { kind: 'step', step },
        what: step.do === 'escalate' ? `escalate to ${step.to ?? ''}` : step.do,
      };
  }
  const from = Date.parse(standing.touchedAt ?? standing.touchDueAt);
  return {
    at: new Date(from + standing.closeAfterMs).toISOString(),
    due: { kind: 'idle' },
    what: 'close without a disposition',
  };
}

export function shownOf(standing: Standing): Shown {
  switch (standing.kind) {
    case 'parked':
      return {
        status: 'parked',
        note: `Waits for somebody who can take it: ${standing.reason}`,
        ...(standing.retryAt === undefined ? {} : { next: { what: 'try again', at: standing.retryAt } }),
      };
    case 'owned': {
      const { at, what } = nextDue(standing);
      return { status: standing.progress, owner: standing.owner, hop: standing.hop, next: { what, at } };
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
