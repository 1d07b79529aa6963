import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { CrmSyncActivities } from '../activities/crm-sync';
import type { CrmReportCounts } from '../activities/ports-crm-sync';
import { taskQueues, type CrmComparison } from './contract';
import { now } from './steps';

const { compareCrmPage, reportCrm } = proxyActivities<CrmSyncActivities>({
  taskQueue: taskQueues.crmChanges,
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1 second', maximumInterval: '5 minutes' },
  summary: 'compare leads with the CRM',
});

/** Differences that a report names; the others are only counted. */
const namedMax = 100;
const nothing: CrmReportCounts = { checked: 0, differing: 0, taken: 0, written: 0, asked: 0 };

/** Compares every open lead with its record in the CRM, page by page, has differences repaired and reports them. Started by a Schedule. */
export async function compareCrm(before: CrmComparison = {}): Promise<CrmReportCounts> {
  const { startedAt = now() } = before;
  let { afterSeq = '0', counts = nothing, differences = [] } = before;
  for (;;) {
    const page = await compareCrmPage({ afterSeq });
    counts = sum(counts, page.counts);
    differences = [...differences, ...page.differences].slice(0, namedMax);
    if (page.nextSeq === undefined) break;
    afterSeq = page.nextSeq;
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof compareCrm>({ startedAt, afterSeq, counts, differences });
  }
  await reportCrm({
    id: workflowInfo().firstExecutionRunId,
    startedAt,
    finishedAt: now(),
    counts,
    differences,
  });
  return counts;
}

function sum(a: CrmReportCounts, b: CrmReportCounts): CrmReportCounts {
  return {
    checked: a.checked + b.checked,
    differing: a.differing + b.differing,
    taken: a.taken + b.taken,
    written: a.written + b.written,
    asked: a.asked + b.asked,
  };
}
