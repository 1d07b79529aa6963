import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ImportActivities } from '../activities/import';
import { taskQueues, type ImportWanted } from './contract';

const retry = { initialInterval: '1 second', maximumInterval: '30 seconds' } as const;

const { splitFile } = proxyActivities<ImportActivities>({
  taskQueue: taskQueues.imports,
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '30 seconds',
  retry,
  summary: 'split the file into lines',
});
const { takeLines } = proxyActivities<ImportActivities>({
  taskQueue: taskQueues.imports,
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '15 seconds',
  retry,
  summary: 'take the next lines in',
});

/**
 * Takes a file of leads in, a few lines at a time, so that leads which arrive meanwhile do not wait behind it. Where it
 * stands is in Postgres, in the transaction that takes lines in, so that it goes on there after any crash.
 */
export async function importLeads({ importId }: ImportWanted): Promise<void> {
  for (;;) {
    const next = await takeLines({ importId });
    if (next === 'over') return;
    if (next === 'split') await splitFile({ importId });
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof importLeads>({ importId });
  }
}
