import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { CrmSyncDeps } from '../activities/crm-records';
import type { compareCrm, followCrm, leadRouting } from '../workflows';
import {
  compareCrmScheduleId,
  crmChanged,
  followCrmId,
  taskQueues,
  type CrmChange,
} from '../workflows/contract';
import { leadRunOptions } from './lead-starter';
import { unlessStarted } from './unless-started';

/** Tells the run of an open lead what was changed in the CRM; one that has lost its run gets it back with it. */
export function createCrmTeller(client: Client): CrmSyncDeps['tell'] {
  return (lead, change) =>
    // One that closed in this very moment is left alone.
    unlessStarted(
      client.workflow.signalWithStart<typeof leadRouting, [CrmChange]>('leadRouting', {
        ...leadRunOptions(lead),
        signal: crmChanged,
        signalArgs: [change],
      }),
    );
}

/** The CRM that is configured is followed and compared at night, if it can be asked; none otherwise. Safe to repeat. */
export async function ensureCrmFollowed(client: Client, asked: boolean): Promise<void> {
  await (asked ? startFollowing(client) : stopFollowing(client));
}

async function startFollowing(client: Client): Promise<void> {
  await client.workflow.start<typeof followCrm>('followCrm', {
    taskQueue: taskQueues.leads,
    workflowId: followCrmId,
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: 'Read what people change in the CRM, and tell the leads’ runs',
  });
  try {
    await client.schedule.create({
      scheduleId: compareCrmScheduleId,
      spec: { calendars: [{ hour: 2, minute: 30 }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '6 hours' },
      action: {
        type: 'startWorkflow',
        workflowType: 'compareCrm' satisfies typeof compareCrm.name,
        workflowId: compareCrmScheduleId,
        taskQueue: taskQueues.leads,
        args: [],
        staticSummary: 'Compare every open lead with the CRM, repair and report',
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

async function stopFollowing(client: Client): Promise<void> {
  try {
    await client.workflow.getHandle(followCrmId).terminate('the CRM cannot be asked');
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  try {
    await client.schedule.getHandle(compareCrmScheduleId).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
