import { TypedSearchAttributes, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { leadRoutingId, searchAttributes, taskQueues } from './contract';
import { leadRouting } from './lead-routing';

/** Starts the run of a lead that is in the inbox; one that is there already is as good. It outlives whoever started it. */
export async function startLead(leadId: string): Promise<void> {
  try {
    await startChild(leadRouting, {
      args: [{ leadId }],
      taskQueue: taskQueues.leads,
      workflowId: leadRoutingId(leadId),
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      parentClosePolicy: ParentClosePolicy.ABANDON,
      typedSearchAttributes: new TypedSearchAttributes([{ key: searchAttributes.status, value: 'received' }]),
      staticSummary: 'Lead: find an owner, watch the clock until a human worked it',
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
