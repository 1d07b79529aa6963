import { proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import type { DigestActivities } from '../activities/digest';
import { messageHeld, taskQueues, type DigestWanted } from './contract';
import { bestEffort } from './run';

/** Long enough for a burst to be over, short enough for what is in it to be news. */
const gatherMs = 60_000;

const { sendDigest } = proxyActivities<DigestActivities>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '1 hour',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
  taskQueue: taskQueues.notify,
  summary: 'send one message for many',
});

/**
 * While more messages come for one person than anybody reads, gathers them and sends one. Started by the first message
 * that is held back; one that is held while a digest goes out wakes it again.
 */
export async function digestMessages({ repId }: DigestWanted): Promise<void> {
  let held = true;
  setHandler(messageHeld, () => {
    held = true;
  });
  while (held) {
    held = false;
    await sleep(gatherMs, { summary: 'gather messages' });
    await bestEffort('digest', sendDigest({ repId }));
  }
}
