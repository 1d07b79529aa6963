import { activityInfo, cancellationSignal, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { LeadId } from '../domain/ids';
import { toInstant, type IsoInstant } from '../domain/instant';
import type { NotificationKind } from '../domain/lead';
import type { Rep } from '../domain/policy';
import type { ClockName } from '../domain/sla/plan';
import { composeNotification, type LinkMaker } from './compose-notification';
import { ConnectorError, failureTable, needsAttention } from './failures';
import { noNews } from './no-news';
import type { ReadyPolicy, RoutingPolicies } from './policies';
import type { Clock } from './ports';
import type {
  ChannelResult,
  ChannelResults,
  Digests,
  Notification,
  NotificationStore,
  NotificationSubject,
  NotifyChannels,
  NotifyPort,
} from './ports-vendors';

export interface NotifyDeps extends LinkMaker {
  readonly channels: NotifyChannels;
  readonly store: NotificationStore;
  readonly policies: RoutingPolicies;
  readonly clock: Clock;
  readonly digests: Digests;
}

/** More messages than this to one person within a minute, and the rest comes as one. */
const burstMax = 20;
const windowMs = 60_000;

export type NotifyActivities = ReturnType<typeof createNotifyActivities>;

export function createNotifyActivities(deps: NotifyDeps) {
  return {
    /** Tells one person, and the machines that are told of everything. A channel that has it is not asked again. */
    notifyRep: async (input: {
      leadId: string;
      kind: NotificationKind;
      to: string;
      key: string;
      at: string;
      /** The clock that a reminder or an escalation is about; the first touch's when absent. */
      clock?: ClockName;
      /** An earlier run of the lead may have sent it. */
      again?: boolean;
    }): Promise<void> => {
      const leadId = input.leadId as LeadId;
      const subject = (await deps.store.subjects([leadId])).get(leadId);
      if (!subject) throw needsAttention('unknown_lead', 'notify', 'the lead has no row');
      const policy = await deps.policies.of(subject.policyVersion);
      const rep = recipient(policy, input.to, subject);
      if (!rep) return; // an owner without a manager: nobody is named to tell
      const note = {
        key: input.key,
        leadId,
        kind: input.kind,
        repId: rep.id,
        at: input.at as IsoInstant,
        ...(input.clock === undefined ? {} : { clock: input.clock }),
      };
      const nowMs = deps.clock.now();
      const now = toInstant(nowMs);
      const detail = noNews({ ...note, now }, subject);
      if (detail !== undefined)
        return deps.store.record({ ...note, now, results: { message: { state: 'skipped', detail } } });
      const notification = composeNotification(deps, { ...input, leadId, subject, rep, policy, nowMs });
      const held = await heldBack(deps, note);
      const channels = held ? { ...deps.channels, person: [] } : deps.channels;
      const delivery = await deliver({ ...deps, channels }, notification, input.again);
      const results = held ? { ...delivery.results, digest: heldResult } : delivery.results;
      await deps.store.record({ ...note, now: toInstant(deps.clock.now()), results });
      throwUndelivered(delivery);
    },
  };
}

const heldResult: ChannelResult = { state: 'held', detail: 'comes with the next digest' };

/** An outage that ends releases hundreds of messages to one person at once; nobody reads the twenty-first. */
async function heldBack(
  { channels, store, digests, clock }: NotifyDeps,
  note: Omit<Parameters<NotificationStore['admit']>[0], 'now' | 'burstMax' | 'windowMs'>,
): Promise<boolean> {
  const { person } = channels;
  if (!person.flat().some((port) => takes(port, note.kind))) return false;
  const verdict = await store.admit({ ...note, now: toInstant(clock.now()), burstMax, windowMs });
  if (verdict === 'held') await digests.gather(note.repId);
  return verdict === 'held';
}

const takes = ({ kinds }: NotifyPort, kind: Notification['kind']): boolean => kinds?.includes(kind) ?? true;

function recipient(policy: ReadyPolicy, to: string, subject: NotificationSubject): Rep | undefined {
  if (to !== 'manager') return policy.rep(to);
  const owner = policy.rep(subject.assignment?.repId ?? '');
  return owner?.manager === undefined ? undefined : policy.rep(owner.manager);
}

/** What came of one attempt to deliver. */
export interface Delivery {
  readonly results: ChannelResults;
  /** Why each way that must have it does not; empty when it is delivered. */
  readonly missing: readonly { readonly channel: string; readonly error: ConnectorError | undefined }[];
  /** What was thrown that is no failure of a vendor: a bug, or that the attempt was cancelled. */
  readonly faults: readonly unknown[];
}

interface Attempt {
  readonly results: Record<string, ChannelResult>;
  readonly errors: Map<string, ConnectorError>;
}

/**
 * Sends to every machine at once, and for each list of ways to a person to the first one that takes it. Returns also
 * when a way has a fault, so that what was sent is recorded and not sent again.
 * @param again it may have been sent before this activity.
 */
export async function deliver(
  { channels, store }: Pick<NotifyDeps, 'channels' | 'store'>,
  notification: Notification,
  again = false,
): Promise<Delivery> {
  const before = again || activityInfo().attempt > 1 ? await store.results(notification.key) : {};
  const attempt: Attempt = { results: { ...before }, errors: new Map() };
  const lists = [...channels.every.map((port) => [port]), ...channels.person]
    .map((ports) => ports.filter((port) => takes(port, notification.kind)))
    .filter((ports) => ports.length > 0);
  const told = await Promise.allSettled(lists.map((ports) => sendToFirst(ports, notification, attempt)));
  const missing = told.flatMap((one, index) =>
    one.status === 'fulfilled' && !one.value
      ? (lists[index] ?? []).map(({ channel }) => ({ channel, error: attempt.errors.get(channel) }))
      : [],
  );
  const faults = told.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  return { results: attempt.results, missing, faults };
}

/** @returns whether one of them has it, or may have it. */
async function sendToFirst(
  ports: readonly NotifyPort[],
  notification: Notification,
  { results, errors }: Attempt,
): Promise<boolean> {
  // An earlier attempt may have got through to a later one of them.
  if (ports.some(({ channel }) => results[channel]?.state === 'sent')) return true;
  let told = false;
  for (const port of ports) {
    if (!settled(results[port.channel])) results[port.channel] = await send(port, notification, errors);
    const state = results[port.channel]?.state;
    if (state === 'sent') return true;
    told ||= state === 'unknown';
  }
  return told;
}

/** A channel that has it, may have it, or can never take it is not tried again. */
function settled(result: ChannelResult | undefined): boolean {
  if (result?.state !== 'failed') return result !== undefined;
  const code = Object.keys(failureTable).find((name) => name === result.detail);
  return code !== undefined && failureTable[code as keyof typeof failureTable].then === 'attention';
}

async function send(
  { channel, send: sendBy }: NotifyPort,
  notification: Notification,
  errors: Map<string, ConnectorError>,
): Promise<ChannelResult> {
  try {
    return { state: 'sent', detail: await sendBy(notification, cancellationSignal()) };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const { code } = error;
    log.warn('notification not delivered', { notificationKey: notification.key, channel, code });
    errors.set(channel, error);
    return { state: code === 'unknown_outcome' ? 'unknown' : 'failed', detail: code };
  }
}

/** Fails the attempt when a way that must have the message has not, so that Temporal tries again where that can help. */
export function throwUndelivered({ missing, faults }: Delivery): void {
  if (faults.length > 0) throw faults[0];
  if (missing.length === 0) return;
  const again = missing.flatMap(({ error }) =>
    error && failureTable[error.code].then === 'retry' ? [error] : [],
  );
  const waits = again.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  throw ApplicationFailure.create({
    message: `not delivered: ${missing.map(({ channel, error }) => `${channel} (${error?.code ?? 'given up'})`).join(', ')}`,
    type: 'notify.undelivered',
    nonRetryable: again.length === 0,
    ...(waits.length === 0 ? {} : { nextRetryDelay: Math.min(...waits) }),
  });
}
