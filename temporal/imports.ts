import type { Client } from '@temporalio/client';
import type { importLeads } from '../workflows';
import { importLeadsId, importPriority, taskQueues } from '../workflows/contract';
import { unlessStarted } from './unless-started';

/** Starts the run of an import unless it has one; what is left to do it learns from Postgres. */
export async function startImport(client: Client, importId: string): Promise<void> {
  await unlessStarted(
    client.workflow.start<typeof importLeads>('importLeads', {
      args: [{ importId }],
      taskQueue: taskQueues.leads,
      workflowId: importLeadsId(importId),
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      priority: { priorityKey: importPriority },
      staticSummary: 'Import: take in the lines of a file, behind all other leads',
    }),
  );
}
