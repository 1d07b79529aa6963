import type { WorkerOptions } from '@temporalio/worker';

/** How much a worker takes on at once; the bench gives the workflow it compares with the same. */
export const workerLimits = {
  shutdownGraceTime: '10s',
  shutdownForceTime: '15s',
  // Measured on two cores: more cached runs cost memory and win nothing, as a lead's run is short.
  maxCachedWorkflows: 50,
  maxConcurrentWorkflowTaskExecutions: 40,
  maxConcurrentLocalActivityExecutions: 40,
} satisfies Partial<WorkerOptions>;
