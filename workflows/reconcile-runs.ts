import { proxyActivities } from '@temporalio/workflow';
import type { ReconcileActivities } from '../activities/reconcile';

const { startWaitingLeads, restoreLostRuns, forgetTakenIn } = proxyActivities<ReconcileActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '1 minute',
  retry: { maximumAttempts: 3 },
  summary: 'compare the inbox with the runs',
});

/** Two stores, one truth: whatever Postgres knows as open has a run. Started by a Schedule. */
export async function reconcileRuns({
  full,
}: {
  readonly full: boolean;
}): Promise<{ readonly started: number }> {
  const started = full ? await restoreLostRuns() : await startWaitingLeads();
  await forgetTakenIn();
  return { started };
}
