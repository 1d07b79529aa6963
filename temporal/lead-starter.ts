import type { Client, WorkflowStartOptions } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { leadRouting } from '../workflows';
import { importPriority, leadRoutingId, searchAttributes, taskQueues } from '../workflows/contract';
import { unlessStarted } from './unless-started';

/** A lead that is to have a run. */
export interface LeadToRun {
  readonly leadId: string;
  /** It came with a file: its tasks wait behind those of leads that somebody sends right now. */
  readonly imported: boolean;
  /**
   * The gate had turned it away and somebody released it: a run that came to its end does not count. `now`: nor does one
   * that is about to, as there is nothing left for it to do.
   */
  readonly again?: boolean | 'now';
}

/**
 * Starts the run of a lead. A run that is open, or came to its end, is as good: only after one that failed or was
 * terminated a lead gets another one, which goes on from where the database says that the lead stands.
 */
export async function startLeadRun(client: Client, { again, ...lead }: LeadToRun): Promise<void> {
  await unlessStarted(
    client.workflow.start<typeof leadRouting>('leadRouting', {
      ...leadRunOptions(lead),
      ...(again ? { workflowIdReusePolicy: 'ALLOW_DUPLICATE' } : {}),
      ...(again === 'now' ? { workflowIdConflictPolicy: 'TERMINATE_EXISTING' } : {}),
    }),
  );
}

export function leadRunOptions({
  leadId,
  imported,
}: Omit<LeadToRun, 'again'>): WorkflowStartOptions<typeof leadRouting> {
  return {
    ...(imported ? { priority: { priorityKey: importPriority } } : {}),
    args: [{ leadId }],
    taskQueue: taskQueues.leads,
    workflowId: leadRoutingId(leadId),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    typedSearchAttributes: new TypedSearchAttributes([{ key: searchAttributes.status, value: 'received' }]),
    staticSummary: 'Lead: find an owner, watch the clock until a human worked it',
  };
}
