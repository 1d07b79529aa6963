import type { Client } from '@temporalio/client';
import { isGrpcServiceError } from '@temporalio/client';
import type { rebaseClocks } from '../workflows';
import { rebaseClocksId, taskQueues, timeChanged, type RebaseRequested } from '../workflows/contract';

/** How long somebody who changed something waits for the run to be started; it is owed in any case. */
const startWithinMs = 3_000;

/** Starts the run that has clocks re-based. A change on top of one that is under way replaces it: it does the same again. */
export function startRebase(client: Client, wanted: RebaseRequested): Promise<void> {
  return client.withDeadline(Date.now() + startWithinMs, () => start(client, wanted, 'TERMINATE_EXISTING'));
}

/** Sees to it that a re-base that is owed is under way. */
export function ensureRebase(client: Client, owed: RebaseRequested): Promise<void> {
  return start(client, owed, 'USE_EXISTING');
}

async function start(
  client: Client,
  wanted: RebaseRequested,
  workflowIdConflictPolicy: 'TERMINATE_EXISTING' | 'USE_EXISTING',
): Promise<void> {
  await client.workflow.start<typeof rebaseClocks>('rebaseClocks', {
    args: [wanted],
    taskQueue: taskQueues.leads,
    workflowId: rebaseClocksId(wanted),
    workflowIdConflictPolicy,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary:
      wanted.rep === undefined
        ? 'Re-base every running clock'
        : `Re-base the clocks of ${wanted.rep}’s leads`,
  });
}

/**
 * One batch operation of the server: it finds the runs by their search attributes and signals each, at the rate the server
 * is set to (`worker.batcherRPS`, 50 a second unless changed). The same job id again is the same job.
 */
export async function signalOwned(client: Client, jobId: string, rep: string | undefined): Promise<void> {
  const running = `WorkflowType = 'leadRouting' AND ExecutionStatus = 'Running'`;
  try {
    await client.workflowService.startBatchOperation({
      namespace: client.options.namespace,
      jobId,
      reason: rep === undefined ? 'the policy changed' : `an absence of ${rep} changed`,
      // rep ids are letters, digits, - and _
      visibilityQuery: `${running} AND ${rep === undefined ? 'LeadOwner IS NOT NULL' : `LeadOwner = '${rep}'`}`,
      signalOperation: { signal: timeChanged.name, identity: 'lead-router' },
    });
  } catch (error) {
    if (!isGrpcServiceError(error) || !error.message.includes('ALREADY_EXISTS')) throw error;
  }
}
