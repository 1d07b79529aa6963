import type { Client } from '@temporalio/client';
import type { fetchLead } from '../workflows';
import { fetchLeadId, taskQueues } from '../workflows/contract';
import { unlessStarted } from './unless-started';

/**
 * Starts the run that fetches a lead, unless it goes on already. It may be started again when an earlier one gave up.
 * @param again after it gave up, also when it has not quite ended yet
 */
export async function startFetch(client: Client, leadId: string, again = false): Promise<void> {
  await unlessStarted(
    client.workflow.start<typeof fetchLead>('fetchLead', {
      args: [{ leadId }],
      taskQueue: taskQueues.leads,
      workflowId: fetchLeadId(leadId),
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      ...(again ? { workflowIdConflictPolicy: 'TERMINATE_EXISTING' } : {}),
      staticSummary: 'Lead: fetch what its source knows of it',
    }),
  );
}
