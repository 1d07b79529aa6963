import { proxyActivities } from '@temporalio/workflow';
import type { FetchActivities } from '../activities/fetch-lead';
import { taskQueues, type FetchLeadWanted } from './contract';
import { startLead } from './start-lead';

const { fetchLead: fetchFields } = proxyActivities<FetchActivities>({
  taskQueue: taskQueues.sources,
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '5 minutes' },
  summary: 'fetch the lead from its source',
});

/** Fetches a lead of which a webhook told only the id, however long its vendor is away; then starts its run. */
export async function fetchLead({ leadId }: FetchLeadWanted): Promise<void> {
  if (await fetchFields({ leadId })) await startLead(leadId);
}
