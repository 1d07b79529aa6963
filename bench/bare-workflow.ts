import { proxyActivities } from '@temporalio/workflow';
import type { NoOpActivities } from './bare-worker';

const { first, second, third, fourth } = proxyActivities<NoOpActivities>({
  startToCloseTimeout: '20 seconds',
});

/** What the throughput of leads is measured against: four activities in a row that do nothing. */
export async function bareWorkflow(): Promise<void> {
  await first();
  await second();
  await third();
  await fourth();
}
