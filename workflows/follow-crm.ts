import {
  ActivityFailure,
  condition,
  continueAsNew,
  isCancellation,
  log,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { CrmSyncActivities } from '../activities/crm-sync';
import { crmHasNews, taskQueues } from './contract';

const { readCrmChanges } = proxyActivities<CrmSyncActivities>({
  taskQueue: taskQueues.crmChanges,
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '30 seconds',
  // As long as the CRM is away; its own word on when to come back goes before this.
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
  summary: 'ask what was changed',
});

/** Until a CRM is asked again that cannot answer as things are: a person must do something there first. */
const troubleMs = 60_000;

/**
 * Asks the CRM for what people changed there, again and again, and tells the runs of the leads. How far it was read is
 * kept in Postgres, so that it does not matter where this is interrupted.
 */
export async function followCrm(): Promise<never> {
  let news = false;
  setHandler(crmHasNews, () => {
    news = true;
  });
  while (!workflowInfo().continueAsNewSuggested) {
    news = false;
    const askedMs = Date.now();
    const { everyMs, more } = await ask();
    const restMs = askedMs + everyMs - Date.now();
    if (!more && restMs > 0) await condition(() => news, restMs, { summary: 'ask again' });
  }
  return continueAsNew<typeof followCrm>();
}

/** Goes on after what Temporal does not try again, such as a revoked key: nobody would start this run anew. */
async function ask(): ReturnType<CrmSyncActivities['readCrmChanges']> {
  try {
    return await readCrmChanges();
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    log.error('the CRM cannot be asked for changes', { reason: error.cause?.message });
    return { everyMs: troubleMs, more: false };
  }
}
