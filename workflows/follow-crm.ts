import {
  ActivityFailure,
  condition,
  continueAsNew,
  isCancellation,
  log,
  patched,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { CrmSyncActivities } from '../activities/crm-sync';
import { crmHasNews, taskQueues, type CrmFollowed } from './contract';
import { patches } from './patches';

const { readCrmChanges } = proxyActivities<CrmSyncActivities>({
  taskQueue: taskQueues.crmChanges,
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '30 seconds',
  // As long as the CRM is away; its own word on when to come back goes before this.
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
  summary: 'ask what was changed',
});

const { readCrmRecords } = proxyActivities<CrmSyncActivities>({
  taskQueue: taskQueues.crmChanges,
  startToCloseTimeout: '2 minutes',
  // What cannot be read so is found by asking, or at night.
  retry: { initialInterval: '1 second', maximumAttempts: 3 },
  summary: 'read what the CRM named',
});

/** Records that are read at once. */
const readAtOnce = 100;
/** Named records that are kept until they are read; with more, the CRM is asked for all that is new. */
const namedMax = 1_000;
/** How long named records are gathered before they are read: a burst is a few calls, and a change is known in time. */
const gatherMs = 200;

/** Until a CRM is asked again that cannot answer as things are: a person must do something there first. */
const troubleMs = 60_000;

/**
 * Asks the CRM for what people changed there, again and again, and tells the runs of the leads. How far it was read is
 * kept in Postgres, so that it does not matter where this is interrupted. Records that the CRM names are read in between.
 */
export async function followCrm({ named: left = [] }: CrmFollowed = {}): Promise<never> {
  let news = false;
  const named = new Set(left);
  setHandler(crmHasNews, (externalIds = []) => {
    const fits = externalIds.length > 0 && named.size + externalIds.length <= namedMax;
    if (fits && patched(patches.namedRecords)) for (const id of externalIds) named.add(id);
    else news = true;
  });
  const namedBefore = async (dueMs: number): Promise<boolean> => {
    const restMs = dueMs - Date.now();
    if (restMs <= 0) return false;
    const heard = await condition(() => news || named.size > 0, restMs, { summary: 'ask again' });
    return heard && !news && !workflowInfo().continueAsNewSuggested;
  };
  while (!workflowInfo().continueAsNewSuggested) {
    news = false;
    const askedMs = Date.now();
    const { everyMs, more } = await ask();
    do await readNamed(named);
    while (!more && (await namedBefore(askedMs + everyMs)));
  }
  return continueAsNew<typeof followCrm>({ named: [...named] });
}

/** Reads what was gathered. What is named while it is read waits for the next time. */
async function readNamed(named: Set<string>): Promise<void> {
  if (named.size === 0) return;
  await sleep(gatherMs, { summary: 'gather what is named' });
  for (let left = named.size; left > 0; left -= readAtOnce) {
    const externalIds = [...named].slice(0, readAtOnce);
    for (const id of externalIds) named.delete(id);
    await read(externalIds);
  }
}

async function read(externalIds: readonly string[]): Promise<void> {
  try {
    await readCrmRecords({ externalIds });
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    log.error('records that the CRM named cannot be read', { reason: error.cause?.message });
  }
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
