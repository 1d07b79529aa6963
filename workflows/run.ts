import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancelledFailure,
  isCancellation,
  log,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import type { NotificationKind } from '../domain/lead';
import type { Band } from '../domain/policy';
import type { ClockName } from '../domain/sla/plan';
import { withAttention, type AttentionWatcher } from './attention';
import { openDesk, type DealtWith, type Desk } from './desk';
import { patches } from './patches';
import { showStanding, type Shown } from './show';
import type { Owned, Parked } from './standing';
import { crmOf, local, notify, now } from './steps';

/** What every part of a lead's run shares: its messages, its troubles, and the work that goes on beside the clock. */
export interface Run {
  readonly leadId: string;
  readonly desk: Desk;
  /** Runs a step until it succeeds; parks in needs attention while it cannot. */
  must<T>(step: string, run: () => Promise<T>): Promise<T>;
  /** Brings the CRM up to date beside the clock; `state` names what changed, so that a repeat is recognised. */
  writeCrm(state: string): void;
  /** How urgent the lead's writes to the CRM are from now on. */
  rank(band: Band | undefined): void;
  /**
   * Where messages go: outside by an activity on its own queue, or only to the log, which is a step like the others.
   * `again`: an earlier run of the lead may have sent some of them.
   */
  notifies(how: Notifying): void;
  /**
   * Tells a rep (or the owner's `manager`); an undeliverable message never holds up the lead. `clock`: the one that a
   * reminder or an escalation is about.
   */
  tell(kind: NotificationKind, to: string, what: string, clock?: ClockName): void;
  /** Says of a lead that was escalated that somebody is on it, or that it is over; nothing for any other lead. */
  calm(kind: 'acknowledged' | 'resolved', owner: string | undefined, what: string): void;
  /** Work that may end after its result stopped mattering, but must not be cut off by the end of the run. */
  beside(work: Promise<unknown>): void;
  /** Shows operations where the lead stands. */
  show(standing: Shown): void;
  /** Resolves when everything that goes on beside the clock has ended. */
  settled(): Promise<void>;
  /** Whether the history is long and nothing is under way, so that a new run may go on with what this one carries. */
  mayRenew(): boolean;
  carry(standing: Parked | Owned): Carried;
}

/** How messages of a run are sent. */
interface Notifying {
  readonly outside: boolean;
  readonly again: boolean;
}

/** What a run hands to the next one: Temporal takes some 2,000 updates and a history of limited size per run. */
export interface Carried extends DealtWith {
  readonly standing: Parked | Owned;
  readonly band?: Band;
  readonly notifying: Notifying;
  /** Somebody was told of an escalation, and not yet that it is over. */
  readonly alarmed: boolean;
}

export function beginRun(leadId: string, carried?: Carried): Run {
  const { beside, settled, idle } = besides();
  const isFull = (): boolean => workflowInfo().continueAsNewSuggested && idle();
  const desk = openDesk(carried ?? { answered: [] }, isFull);
  const { show, watcher } = showcase();
  const { told, ...messages } = teller(leadId, beside, carried);
  let band = carried?.band;
  let crm = crmOf(band);
  const must = <T>(step: string, run: () => Promise<T>): Promise<T> =>
    withAttention({ leadId, desk, watcher }, step, run);
  return {
    leadId,
    desk,
    must,
    beside,
    settled,
    show,
    rank: (next) => {
      band = next;
      crm = crmOf(band);
    },
    writeCrm: crmWriter(beside, (state) =>
      must('crm', () => crm.writeCrm({ leadId, key: `${leadId}:crm:${state}` })),
    ),
    ...messages,
    mayRenew: () => isFull() && allHandlersFinished() && patched(patches.renewal),
    carry: (standing) => ({
      standing,
      ...(band === undefined ? {} : { band }),
      ...told(),
      ...desk.dealtWith(),
    }),
  };
}

function teller(
  leadId: string,
  beside: Run['beside'],
  before: Pick<Carried, 'notifying' | 'alarmed'> = {
    notifying: { outside: true, again: false },
    alarmed: false,
  },
): Pick<Run, 'notifies' | 'tell' | 'calm'> & { readonly told: () => Pick<Carried, 'notifying' | 'alarmed'> } {
  let { notifying, alarmed } = before;
  const tell: Run['tell'] = (kind, to, what, clock) => {
    if (kind === 'escalation') alarmed = true;
    const { notifyRep } = notifying.outside ? notify : local;
    const more = { ...(clock === undefined ? {} : { clock }), ...(notifying.again ? { again: true } : {}) };
    const told = notifyRep({ leadId, kind, to, key: `${leadId}:notify:${what}`, at: now(), ...more });
    beside(bestEffort(kind, told));
  };
  return {
    told: () => ({ notifying, alarmed }),
    notifies: (how) => {
      notifying = how;
    },
    tell,
    calm: (kind, owner, what) => {
      if (!alarmed || owner === undefined || !patched(patches.calmEscalation)) return;
      if (kind === 'resolved') alarmed = false;
      tell(kind, owner, what);
    },
  };
}

/** What operations see: where the lead stands, and which of its steps wait for a person. */
function showcase(): Pick<Run, 'show'> & { readonly watcher: AttentionWatcher } {
  const troubles = new Map<string, string>();
  let shown: Shown = { status: 'received' };
  const show = (standing: Shown): void => {
    shown = standing;
    const waiting = [...troubles].map(([step, message]) => ({ step, message }));
    showStanding(standing, waiting);
  };
  const watcher: AttentionWatcher = {
    troubled: (step, message) => {
      troubles.set(step, message);
      show(shown);
    },
    resolved: (step) => {
      troubles.delete(step);
      show(shown);
    },
  };
  return { show, watcher };
}

/** Work beside the clock; what fails in a way that nobody expected fails the run when it settles. */
function besides(): Pick<Run, 'beside' | 'settled'> & { readonly idle: () => boolean } {
  const working = new Set<Promise<unknown>>();
  return {
    beside: (work) => {
      working.add(work);
      work.then(
        () => working.delete(work),
        () => undefined,
      );
    },
    idle: () => working.size === 0,
    settled: async () => {
      while (working.size > 0) await Promise.all(working);
    },
  };
}

/** One write at a time; states that pass while one is under way are skipped, as the record is read when it is written. */
function crmWriter(beside: Run['beside'], write: (state: string) => Promise<unknown>): Run['writeCrm'] {
  let wanted: string | undefined;
  let busy = false;
  const drain = async (): Promise<void> => {
    busy = true;
    while (wanted !== undefined) {
      const state = wanted;
      wanted = undefined;
      await write(state);
    }
    busy = false;
  };
  return (state) => {
    wanted = state;
    if (!busy) beside(drain());
  };
}

/**
 * Work that may be skipped: its failure is logged, a cancellation still ends the run. A local activity throws its
 * failure as it is, a regular one wrapped.
 */
export async function bestEffort(what: string, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (isCancellation(error) || error instanceof CancelledFailure) throw error;
    if (!(error instanceof ActivityFailure) && !(error instanceof ApplicationFailure)) throw error;
    const reason = error instanceof ActivityFailure ? error.cause?.message : error.message;
    log.warn('given up', { what, reason });
  }
}
