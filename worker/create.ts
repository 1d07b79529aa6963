import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { createCrmActivities, createTurns } from '../activities/crm';
import { createDigestActivities } from '../activities/digest';
import { createEnrichActivities, type EnrichDeps } from '../activities/enrich';
import { createGateActivities } from '../activities/gate';
import { createLeadActivities } from '../activities/lead';
import { createNotifyActivities } from '../activities/notify';
import { createRoutingPolicies, type RoutingPolicies } from '../activities/policies';
import { createPolicyActivities } from '../activities/policy';
import type { Clock } from '../activities/ports';
import { createRebaseActivities } from '../activities/rebase';
import { createReconcileActivities } from '../activities/reconcile';
import { createWriteBackActivities } from '../activities/write-back';
import type { InstanceKey } from '../config/keys';
import type { Connectors } from '../connectors';
import type { createStores } from '../db/stores';
import { createDigests } from '../temporal/digests';
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
  readonly enrichment: Pick<EnrichDeps, 'cacheMs' | 'dailyMax'>;
  readonly publicUrl: string;
}

/** One worker per task queue: the leads' own, and one for each outside system, so that none waits for another. */
export async function createWorkers(parts: WorkerParts): Promise<readonly Worker[]> {
  const { connection, namespace, stores, connectors, clock } = parts;
  const policies = createRoutingPolicies(stores.policies);
  const runs = createLeadRuns({ client: parts.client, ...stores.leads });
  const shared = { ...workerLimits, connection, namespace };
  const takeTurn = connectors.crmWritesPerSecond === undefined ? undefined : createTurns(stores.crm, clock);
  const { notifying, digesting, asking, judging } = createTellingActivities(parts, policies);
  return Promise.all([
    Worker.create({
      ...shared,
      taskQueue: taskQueues.leads,
      workflowBundle: parts.workflowBundle,
      activities: {
        ...createLeadActivities({
          ...stores,
          isDisposable: connectors.isDisposable,
          policies,
          wake: runs.wake,
          claimCrmTurn: takeTurn,
          enriches: connectors.enrich.length > 0,
          notifiesOutside: connectors.notify.every.length + connectors.notify.person.length > 1,
        }),
        ...notifying,
        ...createWriteBackActivities({ inbox: stores.inbox, payloadKey: parts.keys.derive('payload-codec') }),
        ...createReconcileActivities({ ...stores, runs: createRunKeeper(parts.client, runs), clock }),
        ...createTimeActivities(parts, runs),
      },
    }),
    Worker.create({
      ...shared,
      taskQueue: taskQueues.crm,
      // Kept by the server for all workers together; urgent writes go first while others wait for their turn.
      ...(connectors.crmWritesPerSecond === undefined
        ? {}
        : { maxTaskQueueActivitiesPerSecond: connectors.crmWritesPerSecond }),
      activities: createCrmActivities({ crm: connectors.crm, store: stores.crm, clock, takeTurn }),
    }),
    Worker.create({
      ...shared,
      taskQueue: taskQueues.enrich,
      activities: createEnrichActivities({
        ...stores,
        ...parts.enrichment,
        providers: connectors.enrich,
        clock,
      }),
    }),
    Worker.create({
      ...shared,
      taskQueue: taskQueues.notify,
      activities: { ...notifying, ...digesting, ...asking },
    }),
    Worker.create({ ...shared, taskQueue: taskQueues.captcha, activities: judging }),
  ]);
}

/** What is said to reps, and asked of who sent a lead. */
function createTellingActivities(
  { client, stores, connectors, clock, keys, publicUrl }: WorkerParts,
  policies: RoutingPolicies,
) {
  const deps = {
    channels: connectors.notify,
    store: stores.notifications,
    policies,
    clock,
    linkKey: keys.derive('action-links'),
    publicUrl,
    digests: createDigests(client),
  };
  const { checkCaptcha, askToConfirm } = createGateActivities({ ...stores, ...connectors, ...deps });
  return {
    notifying: createNotifyActivities(deps),
    digesting: createDigestActivities(deps),
    asking: { askToConfirm },
    judging: { checkCaptcha },
  };
}

/** What changes with the policy: its publication, parked leads, running clocks. */
function createTimeActivities(
  { client, stores, clock }: WorkerParts,
  runs: ReturnType<typeof createLeadRuns>,
) {
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
