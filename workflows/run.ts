import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  isCancellation,
  log,
  patched,
} from '@temporalio/workflow';
import type { NotificationKind } from '../domain/lead';
import type { Band } from '../domain/policy';
import { withAttention, type AttentionWatcher } from './attention';
import { openDesk, type Desk } from './desk';
import { patches } from './patches';
import { showStanding, type Shown } from './show';
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
  /** Where messages go: outside by an activity on its own queue, or only to the log, which is a step like the others. */
  notifyOutside(outside: boolean): void;
  /** Tells a rep (or the owner's `manager`); an undeliverable message never holds up the lead. */
  tell(kind: NotificationKind, to: string, what: string): void;
  /** Says of a lead that was escalated that somebody is on it, or that it is over; nothing for any other lead. */
  calm(kind: 'acknowledged' | 'resolved', owner: string | undefined, what: string): void;
  /** Work that may end after its result stopped mattering, but must not be cut off by the end of the run. */
  beside(work: Promise<unknown>): void;
  /** Shows operations where the lead stands. */
  show(standing: Shown): void;
  /** Resolves when everything that goes on beside the clock has ended. */
  settled(): Promise<void>;
}

export function beginRun(leadId: string): Run {
  const desk = openDesk();
  const { show, watcher } = showcase();
  const { beside, settled } = besides();
  let crm = crmOf();
  const must = <T>(step: string, run: () => Promise<T>): Promise<T> =>
    withAttention({ leadId, desk, watcher }, step, run);
  return {
    leadId,
    desk,
    must,
    beside,
    settled,
    show,
    rank: (band) => {
      crm = crmOf(band);
    },
    writeCrm: crmWriter(beside, (state) =>
      must('crm', () => crm.writeCrm({ leadId, key: `${leadId}:crm:${state}` })),
    ),
    ...teller(leadId, beside),
  };
}

function teller(leadId: string, beside: Run['beside']): Pick<Run, 'notifyOutside' | 'tell' | 'calm'> {
  let channel: Pick<typeof notify, 'notifyRep'> = notify;
  let alarmed = false;
  const tell: Run['tell'] = (kind, to, what) => {
    if (kind === 'escalation') alarmed = true;
    const told = channel.notifyRep({ leadId, kind, to, key: `${leadId}:notify:${what}`, at: now() });
    beside(bestEffort(kind, told));
  };
  return {
    notifyOutside: (outside) => {
      channel = outside ? notify : local;
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
function besides(): Pick<Run, 'beside' | 'settled'> {
  const working = new Set<Promise<unknown>>();
  return {
    beside: (work) => {
      working.add(work);
      work.then(
        () => working.delete(work),
        () => undefined,
      );
    },
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
