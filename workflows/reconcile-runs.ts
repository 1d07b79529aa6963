import { patched, proxyActivities } from '@temporalio/workflow';
import type { RebaseActivities } from '../activities/rebase';
import type { ReconcileActivities } from '../activities/reconcile';
import { patches } from './patches';

const { startWaitingLeads, restoreLostRuns, forgetTakenIn, startOwedRebases, tellAwayPartners } =
  proxyActivities<ReconcileActivities & RebaseActivities>({
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: '1 minute',
    retry: { maximumAttempts: 3 },
    summary: 'compare the inbox with the runs',
  });

/** Two stores, one truth: whatever Postgres knows as open has a run, and runs know what changed. Started by a Schedule. */
export async function reconcileRuns({
  full,
}: {
  readonly full: boolean;
}): Promise<{ readonly started: number }> {
  const started = full ? await restoreLostRuns() : await startWaitingLeads();
  await forgetTakenIn();
  if (patched(patches.owedRebases)) await startOwedRebases();
  if (patched(patches.awayPartners)) await tellAwayPartners({ all: full });
  return { started };
}
