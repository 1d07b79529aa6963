import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { leadRoutingId, taskQueues, type LeadTakenIn } from './contract';
import { leadRouting } from './lead-routing';
import { local } from './steps';

/**
 * Holds a lead that was accepted while Postgres was away, sealed, until it is in the inbox; then starts its run. Its
 * own history is deleted afterwards, as it is the only one that carries personal data, if sealed.
 */
export async function acceptWhileAway({ leadId, sealed }: LeadTakenIn): Promise<void> {
  await local.writeBack({ sealed });
  try {
    await startChild(leadRouting, {
      args: [{ leadId }],
      taskQueue: taskQueues.leads,
      workflowId: leadRoutingId(leadId),
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: 'Lead: find an owner, watch the clock until a human worked it',
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
