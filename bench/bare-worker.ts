import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { loadEnv } from '../config/env';
import { createLogger } from '../config/logger';
import { runProcess } from '../config/process';
import { connectWorker } from '../worker/connection';
import { workerLimits } from '../worker/options';
import { bareQueue } from './bare-queue';

const nothing = async (): Promise<void> => {
  // costs what an activity costs before it does anything
};
const activities = { first: nothing, second: nothing, third: nothing, fourth: nothing };

export type NoOpActivities = typeof activities;

/** The worker of the bare workflow: the same options as the worker of the leads, no database, no vendors. */
async function main(): Promise<void> {
  Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('WARN') });
  const env = loadEnv(process.env);
  const connection = await connectWorker({
    address: env.TEMPORAL_ADDRESS ?? '',
    namespace: env.TEMPORAL_NAMESPACE,
  });
  const worker = await Worker.create({
    ...workerLimits,
    connection,
    namespace: env.TEMPORAL_NAMESPACE,
    taskQueue: bareQueue,
    workflowsPath: require.resolve('./bare-workflow'),
    activities,
  });
  const running = worker.run();
  await runProcess({
    log: createLogger({ level: env.LOG_LEVEL, process: 'bare-worker' }),
    ended: running,
    stop: async () => {
      worker.shutdown();
      await running;
      await connection.close();
    },
  });
}

void main().catch((error: unknown) => {
  console.error(`bare-worker: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
