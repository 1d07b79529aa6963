import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { createCrmActivities, createTurns, type TakeTurn } from '../activities/crm';
import { createCrmChangeActivities } from '../activities/crm-change';
import { createCrmSyncActivities } from '../activities/crm-sync';
import { createDigestActivities } from '../activities/digest';
import { createEnrichActivities, type EnrichDeps } from '../activities/enrich';
import { createFetchActivities } from '../activities/fetch-lead';
import { createGateActivities } from '../activities/gate';
import { createImportActivities } from '../activities/import';
import { createLeadActivities } from '../activities/lead';
import { createNotifyActivities } from '../activities/notify';
import { createRoutingPolicies, type RoutingPolicies } from '../activities/policies';
import { createPolicyActivities } from '../activities/policy';
import type { Clock } from '../activities/ports';
import { createRebaseActivities } from '../activities/rebase';
import { createReconcileActivities } from '../activities/reconcile';
import { createWriteBackActivities } from '../activities/write-back';
import { lineReader } from '../api/imports/line-lead';
import { readFetched } from '../api/webhooks/fetched';
import type { InstanceKey } from '../config/keys';
import type { Connectors } from '../connectors';
import type { createStores } from '../db/stores';
import type { Authority } from '../domain/crm/change';
import { createCrmTeller } from '../temporal/crm-sync';
import { createDigests } from '../temporal/digests';
import { createLeadRuns } from '../temporal/lead-runs';
import { startLeadRun } from '../temporal/lead-starter';
import { ensureRebase, signalOwned } from '../temporal/rebase';
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
  /** Who has the last word about what both the CRM and we hold. */
  readonly authority: Authority;
  readonly enrichment: Pick<EnrichDeps, 'cacheMs' | 'dailyMax'>;
  readonly publicUrl: string;
}

/** Leads asked of their vendors, by all workers together; the strictest of them, HubSpot, allows 10 a second. */
const fetchesPerSecond = 8;

/** One worker per task queue: the leads' own, and one for each outside system, so that none waits for another. */
export async function createWorkers(parts: WorkerParts): Promise<readonly Worker[]> {
  const { connection, namespace, stores, connectors, clock } = parts;
  const policies = createRoutingPolicies(stores.policies);
  const payloadKey = parts.keys.derive('payload-codec');
  const runs = createLeadRuns({ client: parts.client, ...stores.leads, payloadKey });
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
          enriches: connectors.enrich.length > 0 || connectors.mailCheck !== undefined,
          notifiesOutside: connectors.notify.every.length + connectors.notify.person.length > 1,
          payloadKey,
        }),
        ...notifying,
        ...createWriteBackActivities({ inbox: stores.inbox, payloadKey }),
        ...createReconcileActivities({
          ...stores,
          wake: (leadId) => runs.wake(leadId),
          runs: createRunKeeper(parts.client, runs),
          clock,
        }),
        ...createTimeActivities(parts, runs),
        ...createCrmChangeActivities({ crmSync: stores.crmSync, authority: parts.authority, payloadKey }),
      },
    }),
    ...crmWorkers(parts, { shared, takeTurn }),
    Worker.create({
      ...shared,
      taskQueue: taskQueues.enrich,
      activities: createEnrichActivities({
        ...stores,
        ...parts.enrichment,
        providers: connectors.enrich,
        questionKey: parts.keys.derive('enrichment-questions'),
        mailCheck: connectors.mailCheck,
        clock,
      }),
    }),
    Worker.create({
      ...shared,
      taskQueue: taskQueues.notify,
      activities: { ...notifying, ...digesting, ...asking },
    }),
    Worker.create({ ...shared, taskQueue: taskQueues.captcha, activities: judging }),
    ...createIntakeWorkers(parts),
  ]);
}

/** Writes to the CRM, and asks it what was changed there where it can be asked. */
function crmWorkers(
  { client, connectors, stores, authority, clock }: WorkerParts,
  {
    shared,
    takeTurn,
  }: { readonly shared: Omit<WorkerOptions, 'taskQueue'>; readonly takeTurn: TakeTurn | undefined },
): readonly Promise<Worker>[] {
  const { crm, crmWritesPerSecond: rate } = connectors;
  const writing = Worker.create({
    ...shared,
    taskQueue: taskQueues.crm,
    // Kept by the server for all workers together; urgent writes go first while others wait for their turn.
    ...(rate === undefined ? {} : { maxTaskQueueActivitiesPerSecond: rate }),
    activities: createCrmActivities({ crm, store: { ...stores.crm, ...stores.crmSync }, clock, takeTurn }),
  });
  const { system, changes } = crm;
  if (changes === undefined) return [writing];
  const tell = createCrmTeller(client);
  const activities = createCrmSyncActivities({ ...stores, system, changes, authority, tell, clock });
  return [writing, Worker.create({ ...shared, taskQueue: taskQueues.crmChanges, activities })];
}

/** What brings leads in beside the API: asking vendors for those they only named, and reading files. */
function createIntakeWorkers({
  connection,
  namespace,
  client,
  stores,
  connectors,
  clock,
}: WorkerParts): readonly Promise<Worker>[] {
  const shared = { ...workerLimits, connection, namespace };
  return [
    Worker.create({
      ...shared,
      taskQueue: taskQueues.sources,
      maxTaskQueueActivitiesPerSecond: fetchesPerSecond,
      activities: createFetchActivities({
        ...stores,
        fetchers: connectors.leads,
        tokens: connectors.leadTokens,
        read: readFetched,
        clock,
      }),
    }),
    Worker.create({
      ...shared,
      taskQueue: taskQueues.imports,
      maxConcurrentActivityTaskExecutions: 2,
      activities: createImportActivities({
        imports: stores.imports,
        reader: lineReader,
        start: (leadId) => startLeadRun(client, { leadId, imported: true }),
        clock,
      }),
    }),
  ];
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
    ...createRebaseActivities({
      signalOwned: (jobId, rep) => signalOwned(client, jobId, rep),
      ensureRebase: (rep) => ensureRebase(client, rep === undefined ? {} : { rep }),
      rebases: stores.rebases,
    }),
  };
}
