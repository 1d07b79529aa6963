import type { Client } from '@temporalio/client';
import type { Digests } from '../activities/ports-vendors';
import type { digestMessages } from '../workflows';
import { digestMessagesId, messageHeld, taskQueues } from '../workflows/contract';

/** One run per person gathers what is held back for him; it ends when nothing is left. */
export function createDigests(client: Client): Digests {
  return {
    gather: async (repId) => {
      await client.workflow.signalWithStart<typeof digestMessages>('digestMessages', {
        workflowId: digestMessagesId(repId),
        taskQueue: taskQueues.leads,
        args: [{ repId }],
        signal: messageHeld,
        staticSummary: `Messages for ${repId}: gather and send as one`,
      });
    },
  };
}
