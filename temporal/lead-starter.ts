import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { leadRouting } from '../workflows';
import { importPriority, leadRoutingId, searchAttributes, taskQueues } from '../workflows/contract';

/**
 * Starts the run of a lead. A run that is open, or came to its end, is as good: only after one that failed or was
 * terminated a lead gets another one, which goes on from where the database says that the lead stands. `again`: the gate
 * had turned it away and somebody released it, so that a run which came to its end does not count.
 */
export function startLeadRun(client: Client, leadId: string, again = false): Promise<void> {
  const options = leadRunOptions(leadId);
  return start(client, again ? { ...options, workflowIdReusePolicy: 'ALLOW_DUPLICATE' } : options);
}

/** Starts the run of a lead of a file: its tasks wait behind those of leads that somebody sends right now. */
export function startImportedLeadRun(client: Client, leadId: string): Promise<void> {
  return start(client, { ...leadRunOptions(leadId), priority: { priorityKey: importPriority } });
}

async function start(client: Client, options: WorkflowStartOptions<typeof leadRouting>): Promise<void> {
  try {
    await client.workflow.start<typeof leadRouting>('leadRouting', options);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

export function leadRunOptions(leadId: string): WorkflowStartOptions<typeof leadRouting> {
  return {
    args: [{ leadId }],
    taskQueue: taskQueues.leads,
    workflowId: leadRoutingId(leadId),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    typedSearchAttributes: new TypedSearchAttributes([{ key: searchAttributes.status, value: 'received' }]),
    staticSummary: 'Lead: find an owner, watch the clock until a human worked it',
  };
}
