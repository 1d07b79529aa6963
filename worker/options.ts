import type { WorkerOptions } from '@temporalio/worker';

/** How much a worker takes on at once; the bench gives the workflow it compares with the same. */
export const workerLimits = {
  shutdownGraceTime: '10s',
  shutdownForceTime: '15s',
  // Measured on two cores: more cost memory and win nothing, as a lead's run is short; with 50 a burst waits for places,
  // at 12 leads a second instead of 20.
  maxCachedWorkflows: 100,
  maxConcurrentWorkflowTaskExecutions: 40,
  maxConcurrentLocalActivityExecutions: 40,
} satisfies Partial<WorkerOptions>;
