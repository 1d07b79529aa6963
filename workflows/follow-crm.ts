import {
  ActivityFailure,
  ApplicationFailure,
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

const patient = {
  taskQueue: taskQueues.crmChanges,
  startToCloseTimeout: '2 minutes',
  // As long as the CRM is away; its own word on when to come back goes before this.
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
} as const;

const { readCrmChanges } = proxyActivities<CrmSyncActivities>({
  ...patient,
  heartbeatTimeout: '30 seconds',
  summary: 'ask what was changed',
});

const { readCrmRecords } = proxyActivities<CrmSyncActivities>({
  ...patient,
  // Longer than this, asking goes first.
  scheduleToCloseTimeout: '10 minutes',
  summary: 'read what the CRM named',
});

/** Records that are read at once. */
const readAtOnce = 100;
/** Named records that are kept until they are read; what is changed in more of them is found by asking, or at night. */
const namedMax = 10_000;
/** How long named records are gathered before they are read: a burst is a few calls, and a change is known in time. */
const gatherMs = 200;

/** Until a CRM is asked again that cannot answer as things are: a person must do something there first. */
const troubleMs = 60_000;

/**
 * Asks the CRM for what people changed there, again and again, and tells the runs of the leads. How far it was read is
 * kept in Postgres, so that it does not matter where this is interrupted. Records that the CRM names are read in between.
 */
export async function followCrm({ named: left = [] }: CrmFollowed = {}): Promise<never> {
  let [news, heard] = [false, false];
  const named = namedRecords(left);
  setHandler(crmHasNews, (externalIds = []) => {
    if (externalIds.length === 0 || !patched(patches.namedRecords) || !named.add(externalIds)) news = true;
    else heard = true;
  });
  const heardBefore = async (dueMs: number): Promise<boolean> => {
    const restMs = dueMs - Date.now();
    if (restMs <= 0) return false;
    const any = await condition(() => news || heard, restMs, { summary: 'ask again' });
    return any && !news && !workflowInfo().continueAsNewSuggested;
  };
  while (!workflowInfo().continueAsNewSuggested) {
    news = false;
    const askedMs = Date.now();
    const { everyMs, more } = await ask();
    do {
      heard = false;
      await named.read();
    } while (!more && (await heardBefore(askedMs + everyMs)));
  }
  return continueAsNew<typeof followCrm>({ named: named.left() });
}

/** What the CRM named and was not read yet. */
function namedRecords(before: readonly string[]): {
  /** @returns false when it is too much: then everything that is new has to be asked for. */
  readonly add: (externalIds: readonly string[]) => boolean;
  readonly read: () => Promise<void>;
  readonly left: () => readonly string[];
} {
  const named = new Set(before);
  const troubled = new Set<string>();
  let troubledUntilMs = 0;
  const left = (): readonly string[] => [...named, ...troubled];
  return {
    left,
    add: (externalIds) => {
      if (left().length + externalIds.length > namedMax) return false;
      for (const id of externalIds) named.add(id);
      return true;
    },
    /** Reads what was gathered. What is named meanwhile waits for the next time. */
    read: async () => {
      if (troubled.size > 0 && Date.now() >= troubledUntilMs) {
        for (const id of troubled) named.add(id);
        troubled.clear();
      }
      if (named.size === 0) return;
      await sleep(gatherMs, { summary: 'gather what is named' });
      for (let size = named.size; size > 0; size -= readAtOnce) {
        const externalIds = [...named].slice(0, readAtOnce);
        for (const id of externalIds) named.delete(id);
        if (await read(externalIds)) continue;
        for (const id of externalIds) troubled.add(id);
        troubledUntilMs = Date.now() + troubleMs;
      }
    },
  };
}

/** @returns false when the same question may have an answer later */
async function read(externalIds: readonly string[]): Promise<boolean> {
  try {
    await readCrmRecords({ externalIds });
    return true;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    log.error('records that the CRM named cannot be read', { reason: error.cause?.message });
    // An answer that is none for one of them would keep all of them for ever: they are found at night.
    const type = error.cause instanceof ApplicationFailure ? error.cause.type : undefined;
    return type === 'crm.rejected' || type === 'crm.malformed';
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
