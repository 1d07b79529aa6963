import { proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { RebaseActivities } from '../activities/rebase';
import type { RebaseRequested } from './contract';

/** Runs that got their owner in this very moment are found too: what a search finds is written behind the run. */
const settle = '2 seconds';

const { tellRuns } = proxyActivities<RebaseActivities>({
  startToCloseTimeout: '20 seconds',
  // A namespace carries few batch operations at once; another one may be under way.
  retry: { initialInterval: '2 seconds', maximumInterval: '1 minute' },
  summary: 'signal the runs',
});

/** A calendar, an absence or the policy changed: every lead it may concern works its deadlines out anew. */
export async function rebaseClocks({ rep }: RebaseRequested): Promise<void> {
  await sleep(settle, { summary: 'let the search catch up' });
  // The same job when the step is repeated, so that nobody is told twice.
  await tellRuns({ jobId: workflowInfo().runId, ...(rep === undefined ? {} : { rep }) });
}
