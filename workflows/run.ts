import { ActivityFailure, CancelledFailure, isCancellation, log } from '@temporalio/workflow';
import type { NotificationKind } from '../activities/ports';
import { withAttention } from './attention';
import { openDesk, type Desk } from './desk';
import { showStanding, type Shown } from './show';
import { crm, notify } from './steps';

/** What every part of a lead's run shares: its messages, its troubles, and the work that goes on beside the clock. */
export interface Run {
  readonly leadId: string;
  readonly desk: Desk;
  /** Runs a step until it succeeds; parks in needs attention while it cannot. */
  must<T>(step: string, run: () => Promise<T>): Promise<T>;
  /** Brings the CRM up to date beside the clock; `state` names what changed, so that a repeat is recognised. */
  writeCrm(state: string): void;
  /** Tells a rep (or the owner's `manager`); an undeliverable message never holds up the lead. */
  tell(kind: NotificationKind, to: string, what: string): void;
  /** Work that may end after its result stopped mattering, but must not be cut off by the end of the run. */
  beside(work: Promise<unknown>): void;
  /** Shows operations where the lead stands. */
  show(standing: Shown): void;
  /** Resolves when everything that goes on beside the clock has ended. */
  settled(): Promise<void>;
}

export function beginRun(leadId: string): Run {
  const desk = openDesk();
  const troubles = new Map<string, string>();
  const loose = new Set<Promise<unknown>>();
  let shown: Shown = { status: 'received' };
  let crmWanted: string | undefined;
  let crmBusy = false;

  const show = (standing: Shown): void => {
    shown = standing;
    showStanding(
      standing,
      [...troubles].map(([step, message]) => ({ step, message })),
    );
  };
  const watcher = {
    troubled: (step: string, message: string) => {
      troubles.set(step, message);
      show(shown);
    },
    resolved: (step: string) => {
      troubles.delete(step);
      show(shown);
    },
  };
  const must = <T>(step: string, run: () => Promise<T>): Promise<T> =>
    withAttention({ leadId, desk, watcher }, step, run);
  const beside = (work: Promise<unknown>): void => {
    const watched = work.finally(() => loose.delete(watched));
    loose.add(watched);
    watched.catch(() => undefined); // thrown again by settled()
  };
  const drainCrm = async (): Promise<void> => {
    crmBusy = true;
    while (crmWanted !== undefined) {
      const key = `${leadId}:crm:${crmWanted}`;
      crmWanted = undefined;
      await must('crm', () => crm.writeCrm({ leadId, key }));
    }
    crmBusy = false;
  };

  return {
    leadId,
    desk,
    must,
    beside,
    show,
    writeCrm: (state) => {
      crmWanted = state;
      if (!crmBusy) beside(drainCrm());
    },
    tell: (kind, to, what) => {
      beside(
        bestEffort(
          kind,
          notify.notifyRep({
            leadId,
            kind,
            to,
            key: `${leadId}:notify:${what}`,
            at: new Date().toISOString(),
          }),
        ),
      );
    },
    settled: async () => {
      while (loose.size > 0) await Promise.all(loose);
    },
  };
}

/** Work that may be skipped: its failure is logged, a cancellation still ends the run. */
export async function bestEffort(what: string, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (isCancellation(error) || error instanceof CancelledFailure || !(error instanceof ActivityFailure))
      throw error;
    log.warn('given up', { what, reason: error.cause?.message });
  }
}
