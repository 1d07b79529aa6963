import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure, type UpdateDefinition } from '@temporalio/common';
import {
  type Client,
  isGrpcServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { NewLead } from '../activities/ports';
import type { RunAnswer, Runs } from '../api/deps';
import { RunsUnavailableError, UnknownLeadError } from '../api/errors';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import { seal, sealText } from '../domain/sealed';
import type { acceptWhileAway, publishPolicy } from '../workflows';
import * as contract from '../workflows/contract';
import { startFetch } from './fetches';
import { startImport } from './imports';
import { startLeadRun } from './lead-starter';
import { startRebase } from './rebase';
import { unlessStarted } from './unless-started';

/** How long a person waits for a yes or no before the answer is "try again". */
const answerWithinMs = 8_000;
/** A run that is about to hand over to a new one takes no more requests; the new one is there in a moment. */
const askAgainMs = 100;
/** Signals under way at once when many leads are told the same. */
const signalsAtOnce = 20;

export interface LeadRunsOptions {
  readonly client: Client;
  /** Where the lead stands by Postgres; undefined when nobody has this id. */
  readonly standing: (leadId: LeadId) => Promise<{ readonly closed: boolean } | undefined>;
  /** Parked leads, oldest first. */
  readonly parked: () => Promise<readonly LeadId[]>;
  /** Leads whose partner is absent now. */
  readonly partnersAway: () => Promise<readonly LeadId[]>;
  /** Seals what people write in words: anybody's name may be in it, and a history cannot be edited. */
  readonly payloadKey: Buffer;
}

/** Talks to the runs of leads: requests are updates, facts are signals. */
export function createLeadRuns(options: LeadRunsOptions): Runs & {
  /** Tells one lead that someone has room for it, or that its partner is away. */
  wake(leadId: LeadId): Promise<void>;
} {
  const { client, standing, payloadKey } = options;
  const sealed = (text: string): string => sealText(payloadKey, text);
  const handle = (leadId: LeadId) => client.workflow.getHandle(contract.leadRoutingId(leadId));
  return {
    request: (leadId, kind, args, key) => {
      // Each kind's arguments belong to its own definition, which the union of all cannot express.
      const update = contract.updates[kind] as unknown as UpdateDefinition<
        contract.LeadStateReply,
        [typeof args]
      >;
      const told = 'reason' in args ? { ...args, reason: sealed(args.reason) } : args;
      return ask(options, { leadId, update, args: told, key });
    },
    retry: (errors) => {
      const steps = new Map<LeadId, string[]>();
      for (const { leadId, step } of errors) steps.set(leadId, [...(steps.get(leadId) ?? []), step]);
      return signalAll([...steps.keys()], async (leadId) => {
        for (const step of steps.get(leadId) ?? [])
          await handle(leadId).signal(contract.retryRequested, { step });
      });
    },
    wake: async (leadId) => {
      await reached(() => handle(leadId).signal(contract.capacityFreed));
    },
    wakeParked: async () =>
      signalAll(await waiting(options), (leadId) => handle(leadId).signal(contract.capacityFreed)),
    beginAgain: (leadId) =>
      // Somebody wants it now, whether it came with a file or not.
      begun(startLeadRun(client, { leadId, imported: false, again: 'now' })),
    crmChanged: async (leadId, change) => {
      const told = change.by === undefined ? change : { ...change, by: sealed(change.by) };
      if (await reached(() => handle(leadId).signal(contract.crmChanged, told))) return;
      await withoutRun(standing, leadId);
    },
    askCrm: async (externalIds) => {
      const follower = client.workflow.getHandle(contract.followCrmId);
      await reached(() => follower.signal(contract.crmHasNews, externalIds));
    },
    schedulePublish: (version, at) => schedulePublish(client, version, at),
    cancelPublish: async (version) => {
      await reached(() =>
        client.workflow.getHandle(contract.publishPolicyId(version)).terminate('unscheduled'),
      );
    },
    fetchLead: (leadId, again) => begun(startFetch(client, leadId, again)),
    startImport: (importId) => begun(startImport(client, importId)),
    rebase: (wanted) => begun(startRebase(client, wanted)),
  };
}

/** Leads for which it matters who is there. */
async function waiting({
  parked,
  partnersAway,
}: Pick<LeadRunsOptions, 'parked' | 'partnersAway'>): Promise<readonly LeadId[]> {
  return [...(await parked()), ...(await partnersAway())];
}

/** Asks a run and waits for its yes or no. */
async function ask<Args>(
  { client, standing }: LeadRunsOptions,
  asked: {
    readonly leadId: LeadId;
    readonly update: UpdateDefinition<contract.LeadStateReply, [Args]>;
    readonly args: Args;
    readonly key: string | undefined;
  },
): Promise<RunAnswer> {
  const { leadId, update, args, key } = asked;
  const handle = client.workflow.getHandle(contract.leadRoutingId(leadId));
  const deadline = Date.now() + answerWithinMs;
  const send = async (): Promise<contract.LeadStateReply> => {
    try {
      return await client.withDeadline(deadline, () =>
        handle.executeUpdate(update, { args: [args], ...(key === undefined ? {} : { updateId: key }) }),
      );
    } catch (error) {
      if (refusalOf(error)?.type !== contract.handoverType || Date.now() + askAgainMs > deadline) throw error;
      await delay(askAgainMs);
      return send();
    }
  };
  try {
    return { ok: true, state: await send() };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return withoutRun(standing, leadId);
    const refusal = refusalOf(error);
    if (refusal?.type === contract.conflictType) return { ok: false, reason: refusal.message };
    if (refusal?.type === contract.handoverType) throw new RunsUnavailableError(refusal.message);
    throw unavailable(error);
  }
}

/** Temporal has no open run of this lead: Postgres knows whether the lead is over or only not started yet. */
async function withoutRun(standing: LeadRunsOptions['standing'], leadId: LeadId): Promise<RunAnswer> {
  const lead = await standing(leadId);
  if (!lead) throw new UnknownLeadError(leadId);
  if (lead.closed) return { ok: false, reason: 'the lead is closed' };
  throw new RunsUnavailableError(`the run of ${leadId} has not started yet`);
}

/** @returns how many runs were there to be told. */
async function signalAll(leads: readonly LeadId[], send: (leadId: LeadId) => Promise<void>): Promise<number> {
  let told = 0;
  for (let from = 0; from < leads.length; from += signalsAtOnce) {
    const sent = await Promise.all(
      leads.slice(from, from + signalsAtOnce).map((leadId) => reached(() => send(leadId))),
    );
    told += sent.filter(Boolean).length;
  }
  return told;
}

async function schedulePublish(client: Client, version: number, at: IsoInstant): Promise<void> {
  await begun(
    client.workflow.start<typeof publishPolicy>('publishPolicy', {
      args: [{ version, at }],
      taskQueue: contract.taskQueues.leads,
      workflowId: contract.publishPolicyId(version),
      // Another instant for the same version replaces the first one.
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: `Publish policy version ${String(version)} at ${at}`,
    }),
  );
}

/**
 * Keeps a lead in Temporal, sealed, until Postgres is back. The same lead again is the same run, unless that one failed or
 * was terminated: then nobody holds it any more.
 */
export async function takeLeadIn(client: Client, payloadKey: Buffer, lead: NewLead): Promise<void> {
  const sealed = seal(payloadKey, Buffer.from(JSON.stringify(lead))).toString('base64');
  await unlessStarted(
    client.withDeadline(Date.now() + answerWithinMs, () =>
      client.workflow.start<typeof acceptWhileAway>('acceptWhileAway', {
        args: [{ leadId: lead.leadId, sealed }],
        taskQueue: contract.taskQueues.leads,
        workflowId: contract.acceptWhileAwayId(lead.leadId),
        workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
        staticSummary: 'Lead accepted while Postgres is away; held sealed until it is back',
      }),
    ),
  );
}

/** Waits until a run is started. @throws RunsUnavailableError */
async function begun(start: Promise<unknown>): Promise<void> {
  try {
    await start;
  } catch (error) {
    throw unavailable(error);
  }
}

/** @returns false when there is no open run to tell. @throws RunsUnavailableError */
async function reached(send: () => Promise<unknown>): Promise<boolean> {
  try {
    await send();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw unavailable(error);
  }
}

/** Temporal not answering, in any of the client's words for it, is an outage; everything else stays what it is. */
function unavailable(error: unknown): unknown {
  const silent = error instanceof WorkflowUpdateRPCTimeoutOrCancelledError;
  if (!silent && !isGrpcServiceError(error) && !isGrpcServiceError(causeOf(error))) return error;
  return new RunsUnavailableError('Temporal did not answer', { cause: error });
}

/** What a run said no with. */
function refusalOf(error: unknown): ApplicationFailure | undefined {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  return cause instanceof ApplicationFailure ? cause : undefined;
}

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);
