import { proxyActivities, sleep } from '@temporalio/workflow';
import type { PolicyActivities } from '../activities/policy';
import type { PublishRequested } from './contract';

const { publishPolicy: publish } = proxyActivities<PolicyActivities>({
  startToCloseTimeout: '20 seconds',
  summary: 'publish the policy',
});

/** Makes a policy version live at an instant that was set for it. */
export async function publishPolicy({ version, at }: PublishRequested): Promise<void> {
  await sleep(Math.max(0, Date.parse(at) - Date.now()), { summary: `publish version ${String(version)}` });
  await publish({ version });
}
