import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { RunKeeper } from '../activities/reconcile';
import type { Runs } from '../api/deps';
import type { reconcileRuns } from '../workflows';
import { reconcileScheduleId, taskQueues } from '../workflows/contract';
import { startFetch } from './fetches';
import { startImport } from './imports';
import { startLeadRun } from './lead-starter';

export function createRunKeeper(client: Client, runs: Runs): RunKeeper {
  return {
    start: (lead) => startLeadRun(client, lead),
    startFetch: (leadId) => startFetch(client, leadId),
    startImport: (importId) => startImport(client, importId),
    join: async ({ leadId, into }) => {
      const answer = await runs.request(leadId, 'join', { into });
      return answer.ok ? undefined : answer.reason;
    },
    forgetTakenIn: async () => {
      let count = 0;
      const { namespace } = client.options;
      for await (const { workflowId, runId } of client.workflow.list({
        query: `WorkflowType = 'acceptWhileAway' AND ExecutionStatus = 'Completed'`,
      })) {
        await client.workflowService.deleteWorkflowExecution({
          namespace,
          workflowExecution: { workflowId, runId },
        });
        count += 1;
      }
      return count;
    },
  };
}

/** Two Schedules: every minute what waits in the inbox, every hour all that is open. Safe to repeat. */
export async function ensureReconciliation(client: Client): Promise<void> {
  const kinds = [
    { full: false, every: '1 minute', summary: 'Start leads that wait in the inbox without a run' },
    { full: true, every: '1 hour', summary: 'Start the run of every open lead that lost it' },
  ] as const;
  for (const { full, every, summary } of kinds) {
    try {
      await client.schedule.create({
        scheduleId: `${reconcileScheduleId}-${full ? 'all' : 'waiting'}`,
        spec: { intervals: [{ every }] },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
        action: {
          type: 'startWorkflow',
          workflowType: 'reconcileRuns' satisfies typeof reconcileRuns.name,
          workflowId: `${reconcileScheduleId}-${full ? 'all' : 'waiting'}`,
          taskQueue: taskQueues.leads,
          args: [{ full }],
          staticSummary: summary,
        },
      });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
  }
}
