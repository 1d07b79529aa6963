import { randomUUID } from 'node:crypto';
import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { LeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';
import type { Band } from '../domain/policy';
import { ConnectorError, failureTable, needsAttention, translated } from './failures';
import type { Clock } from './ports';
import type { CrmSyncStore } from './ports-crm-sync';
import type { CrmLead, CrmPort, CrmStore } from './ports-vendors';
import type { CrmWritten } from './routing-types';

export type CrmActivities = ReturnType<typeof createCrmActivities>;

export interface CrmDeps {
  readonly crm: CrmPort;
  readonly store: CrmStore & Pick<CrmSyncStore, 'deleted'>;
  readonly clock: Clock;
  /** Whose turn it is, where the CRM's limits make writes wait; absent without limits. */
  readonly takeTurn?: TakeTurn | undefined;
}

/** @returns whether a write may begin; it keeps colder ones back from now on. */
export type TakeTurn = (leadId: LeadId, band: Band | null) => Promise<boolean>;

export const createTurns =
  (store: CrmStore, clock: Clock): TakeTurn =>
  (leadId, band) => {
    const now = clock.now();
    return store.takeTurn({ leadId, band, now: toInstant(now), until: toInstant(now + turnMs) });
  };

/** Colder leads give way to one for this long after it was assigned, or last tried. */
const turnMs = 30_000;
/** When a lead that gave way asks again. */
const givesWayMs = 1_000;

export function createCrmActivities(deps: CrmDeps) {
  const { crm, store, clock } = deps;
  return {
    /** Makes the CRM's record what the lead is now. The key names the state, so a repeat is one write there. */
    writeCrm: async ({ leadId, key }: { leadId: string; key: string }): Promise<CrmWritten> => {
      const beganMs = clock.now();
      const found = await store.crmLead(leadId as LeadId, crm.system);
      if (!found) throw needsAttention('unknown_lead', 'crm', 'the lead has no row');
      const { lead, knownId, deleted, closed } = found;
      // Nobody needs a new record of a lead that is over.
      if (deleted !== undefined && closed) {
        if (deps.takeTurn) await store.endTurn(lead.id);
        return {};
      }
      if (deleted === 'unasked')
        throw needsAttention('deleted', 'crm', `${crm.system}: the record was deleted there`);
      const known = deleted === 'remake' ? undefined : knownId;
      const { externalId } = await translated('crm', () =>
        oneAtATime(deps, { lead, beganMs }, (signal) =>
          inTurn(deps, lead, () =>
            crm.upsertLead(lead, key, signal, known).catch(async (error: unknown) => {
              if (error instanceof ConnectorError && error.code === 'deleted')
                await store.deleted(lead.id, toInstant(clock.now()));
              throw error;
            }),
          ),
        ),
      );
      await store.synced(lead, crm.system, externalId, toInstant(clock.now()));
      return { externalId };
    },
  };
}

/**
 * The task queue hands urgent writes out first; but one that the CRM told to come back would meet colder ones in its
 * place, over and over. So those give way until it is done.
 */
async function inTurn<T>({ store, takeTurn }: CrmDeps, lead: CrmLead, write: () => Promise<T>): Promise<T> {
  if (takeTurn && !(await takeTurn(lead.id, lead.band)))
    throw new ConnectorError('gave_way', 'a more urgent lead is written first', { retryAfterMs: givesWayMs });
  try {
    return await write();
  } catch (error) {
    if (takeTurn && error instanceof ConnectorError && failureTable[error.code].then === 'attention')
      await store.endTurn(lead.id);
    throw error;
  }
}

/** So long before the server gives an attempt up and begins another one, the attempt ends by itself. */
const spareMs = 2_000;

/**
 * Where a CRM has no unique keys, no two attempts write one person (an address, else a number) at once, in whatever process; and after one that broke
 * off, the next begins when what that one sent can be found.
 */
async function oneAtATime<T>(
  { crm: { system, settleMs }, store, clock }: CrmDeps,
  {
    lead: {
      id,
      person: { email, phone },
    },
    beganMs,
  }: { readonly lead: CrmLead; readonly beganMs: number },
  write: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (settleMs === undefined) return write(cancellationSignal());
  // The person is looked for by these there, so two people of ours who share them are one.
  const mine = { person: email?.toLowerCase() ?? phone ?? id, holder: randomUUID() };
  const limitMs = activityInfo().startToCloseTimeoutMs - spareMs;
  if (!(await store.lease({ ...mine, forMs: limitMs + settleMs })))
    throw new ConnectorError('under_way', `${system}: another write of the same person is under way`);
  const overdue = new AbortController();
  const giveUp = (): void => {
    const why = `${system}: not done within ${String(limitMs)} ms`;
    overdue.abort(new ConnectorError('unknown_outcome', why, { retryAfterMs: settleMs }));
  };
  const timer = setTimeout(giveUp, beganMs + limitMs - clock.now());
  let afterMs: number | undefined = settleMs;
  try {
    const written = await write(AbortSignal.any([cancellationSignal(), overdue.signal]));
    afterMs = undefined;
    return written;
  } catch (error) {
    if (error instanceof ConnectorError && error.code !== 'unknown_outcome') afterMs = undefined;
    throw error;
  } finally {
    clearTimeout(timer);
    await store.release({ ...mine, afterMs });
  }
}
