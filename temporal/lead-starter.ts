import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { leadRouting } from '../workflows';
import { leadRoutingId, searchAttributes, taskQueues } from '../workflows/contract';

/**
 * Starts the run of a lead. A run that is there already, open or closed, is as good: a lead never gets a second one,
 * unless the gate had turned it away and somebody released it (`again`).
 */
export async function startLeadRun(client: Client, leadId: string, again = false): Promise<void> {
  const options = leadRunOptions(leadId);
  try {
    await client.workflow.start<typeof leadRouting>('leadRouting', {
      ...options,
      ...(again ? { workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const } : {}),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

export function leadRunOptions(leadId: string): WorkflowStartOptions<typeof leadRouting> {
  return {
    args: [{ leadId }],
    taskQueue: taskQueues.leads,
    workflowId: leadRoutingId(leadId),
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    typedSearchAttributes: new TypedSearchAttributes([{ key: searchAttributes.status, value: 'received' }]),
    staticSummary: 'Lead: find an owner, watch the clock until a human worked it',
  };
}
