import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { createCrmActivities } from '../activities/crm';
import { createEnrichActivities } from '../activities/enrich';
import { createLeadActivities } from '../activities/lead';
import { createNotifyActivities } from '../activities/notify';
import { createRoutingPolicies } from '../activities/policies';
import { createPolicyActivities } from '../activities/policy';
import type { Clock } from '../activities/ports';
import { createRebaseActivities } from '../activities/rebase';
import { createReconcileActivities } from '../activities/reconcile';
import { createWriteBackActivities } from '../activities/write-back';
import type { InstanceKey } from '../config/keys';
import type { Connectors } from '../connectors';
import type { createStores } from '../db/stores';
import { createLeadRuns } from '../temporal/lead-runs';
import { signalOwned } from '../temporal/rebase';
import { createRunKeeper } from '../temporal/run-keeper';
import { taskQueues } from '../workflows/contract';
import { workerLimits } from './options';

export interface WorkerParts {
  readonly connection: NativeConnection;
  readonly client: Client;
  readonly namespace: string;
  readonly workflowBundle: NonNullable<WorkerOptions['workflowBundle']>;
  readonly stores: ReturnType<typeof createStores>;
  readonly connectors: Connectors;
  readonly keys: InstanceKey;
  readonly clock: Clock;
  readonly publicUrl: string;
}

/** One worker per task queue: the leads' own, and one for each outside system, so that none waits for another. */
export async function createWorkers(parts: WorkerParts): Promise<readonly Worker[]> {
  const { connection, namespace, stores, connectors, clock } = parts;
  const policies = createRoutingPolicies(stores.policies);
  const shared = { ...workerLimits, connection, namespace };
  const notifying = createNotifyActivities({
    channels: connectors.notify,
    store: stores.notifications,
    policies,
    clock,
    linkKey: parts.keys.derive('action-links'),
    publicUrl: parts.publicUrl,
  });
  return Promise.all([
    Worker.create({
      ...shared,
      taskQueue: taskQueues.leads,
      workflowBundle: parts.workflowBundle,
      activities: {
        ...createLeadActivities({
          ...stores,
          policies,
          enriches: connectors.enrich !== undefined,
          notifiesOutside: connectors.notify.length > 1,
        }),
        ...notifying,
        ...createWriteBackActivities({ inbox: stores.inbox, payloadKey: parts.keys.derive('payload-codec') }),
        ...createReconcileActivities({ inbox: stores.inbox, runs: createRunKeeper(parts.client), clock }),
        ...createTimeActivities(parts),
      },
    }),
    Worker.create({
      ...shared,
      taskQueue: taskQueues.crm,
      activities: createCrmActivities({ crm: connectors.crm, store: stores.crm, clock }),
    }),
    Worker.create({
      ...shared,
      taskQueue: taskQueues.enrich,
      activities: createEnrichActivities({
        provider: connectors.enrich,
        identities: stores.identities,
        clock,
      }),
    }),
    Worker.create({
      ...shared,
      taskQueue: taskQueues.notify,
      activities: notifying,
    }),
  ]);
}

/** What changes with the policy: its publication, parked leads, running clocks. */
function createTimeActivities({ client, stores, clock }: WorkerParts) {
  const { standing, parked } = stores.leads;
  const runs = createLeadRuns({ client, standing, parked });
  return {
    ...createPolicyActivities({
      policies: stores.policies,
      wakeParked: () => runs.wakeParked(),
      rebase: () => runs.rebase({}),
      clock,
    }),
    ...createRebaseActivities({ signalOwned: (jobId, rep) => signalOwned(client, jobId, rep) }),
  };
}
