import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { fetchLead } from '../workflows';
import { fetchLeadId, taskQueues } from '../workflows/contract';

/** Starts the run that fetches a lead, unless it goes on already. It may be started again when an earlier one gave up. */
export async function startFetch(client: Client, leadId: string): Promise<void> {
  try {
    await client.workflow.start<typeof fetchLead>('fetchLead', {
      args: [{ leadId }],
      taskQueue: taskQueues.leads,
      workflowId: fetchLeadId(leadId),
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: 'Lead: fetch what its source knows of it',
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
