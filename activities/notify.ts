import { activityInfo, cancellationSignal, log } from '@temporalio/activity';
import { linkActions, signActionLink } from '../domain/action-link';
import type { LeadId } from '../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import type { Rep } from '../domain/policy';
import { ConnectorError, needsAttention } from './failures';
import type { ReadyPolicy, RoutingPolicies } from './policies';
import type { Clock, Notification, NotificationStore, NotificationSubject, NotifyPort } from './ports';
import type { NotificationKind } from '../domain/lead';

/** How long a link in a notification works. */
const linkLifeMs = 72 * 3_600_000;

export interface NotifyDeps {
  readonly channels: readonly NotifyPort[];
  readonly store: NotificationStore;
  readonly policies: RoutingPolicies;
  readonly clock: Clock;
  readonly linkKey: Buffer;
  /** Base of the links, without a trailing slash. */
  readonly publicUrl: string;
}

export type NotifyActivities = ReturnType<typeof createNotifyActivities>;

export function createNotifyActivities(deps: NotifyDeps) {
  return {
    /** Tells one person over every channel. A channel that has it is not asked again when another one fails. */
    notifyRep: async (input: {
      leadId: string;
      kind: NotificationKind;
      to: string;
      key: string;
      at: string;
    }): Promise<void> => {
      const leadId = input.leadId as LeadId;
      const subject = await deps.store.subject(leadId);
      if (!subject) throw needsAttention('unknown_lead', 'notify', 'the lead has no row');
      const policy = await deps.policies.of(subject.policyVersion);
      const rep = recipient(policy, input.to, subject);
      if (!rep) return; // an owner without a manager: nobody is named to tell
      const notification = compose(deps, { ...input, leadId, subject, rep });
      const results = await sendAll(deps, notification);
      await deps.store.record({
        key: input.key,
        leadId,
        kind: input.kind,
        repId: rep.id,
        at: input.at as IsoInstant,
        results,
      });
      const failed = Object.entries(results).filter(([, { state }]) => state === 'failed');
      if (failed.length > 0)
        throw new ConnectorError(
          'busy',
          `not delivered: ${failed.map(([channel, { detail }]) => `${channel} (${detail})`).join(', ')}`,
        );
    },
  };
}

function recipient(policy: ReadyPolicy, to: string, subject: NotificationSubject): Rep | undefined {
  if (to !== 'manager') return policy.rep(to);
  const owner = policy.rep(subject.assignment?.repId ?? '');
  return owner?.manager === undefined ? undefined : policy.rep(owner.manager);
}

async function sendAll(
  { channels, store, clock }: NotifyDeps,
  notification: Notification,
): Promise<Record<string, { state: 'sent' | 'failed'; detail: string }>> {
  const before = activityInfo().attempt > 1 ? await store.sent(notification.key) : [];
  const results = await Promise.all(
    channels
      .filter(({ channel }) => !before.includes(channel))
      .map(async ({ channel, send }) => {
        try {
          return [
            channel,
            { state: 'sent' as const, detail: await send(notification, cancellationSignal()) },
          ] as const;
        } catch (error) {
          if (!(error instanceof ConnectorError)) throw error;
          log.warn('notification not delivered', {
            leadId: notification.leadId,
            channel,
            code: error.code,
            at: toInstant(clock.now()),
          });
          return [channel, { state: 'failed' as const, detail: error.code }] as const;
        }
      }),
  );
  return Object.fromEntries(results) as Record<string, { state: 'sent' | 'failed'; detail: string }>;
}

interface Telling {
  readonly leadId: LeadId;
  readonly kind: NotificationKind;
  readonly key: string;
  readonly subject: NotificationSubject;
  readonly rep: Rep;
}

function compose(
  { linkKey, publicUrl, clock }: NotifyDeps,
  { leadId, kind, key, subject, rep }: Telling,
): Notification {
  const { fields, company, assignment } = subject;
  const who =
    [fields.firstName, fields.lastName].filter(Boolean).join(' ') || fields.email || fields.phone || 'a lead';
  const dueAt = assignment?.sla.touchDueAt;
  const link = { leadId, hop: assignment?.hop ?? 0, repId: rep.id, expiresAtMs: clock.now() + linkLifeMs };
  const links = Object.fromEntries(
    linkActions.map((action) => [action, `${publicUrl}/l/${signActionLink(linkKey, { ...link, action })}`]),
  );
  return {
    key,
    kind,
    leadId,
    to: { id: rep.id, name: rep.name, email: rep.email },
    subject: `${headline[kind]}: ${who}${company ? ` (${company})` : ''}`,
    lines: [
      ...[fields.title, fields.email, fields.phone, fields.message].filter((line) => line !== undefined),
      ...(subject.score === undefined ? [] : [`Score ${String(subject.score)}, ${subject.band ?? 'cold'}`]),
      ...(assignment
        ? [`Owner ${assignment.repId} by rule "${assignment.rule}" (${assignment.cause.replace('_', ' ')})`]
        : []),
      ...(dueAt ? [`Touch due ${inZone(dueAt)}`] : []),
    ],
    ...(dueAt ? { dueAt } : {}),
    links: { open: `${publicUrl}/console/leads/${leadId}`, ...links } as Notification['links'],
  };
}

const headline: Record<NotificationKind, string> = {
  assigned: 'New lead',
  reminder: 'Still waiting',
  reassigned: 'Lead passed to you',
  escalation: 'Nobody has worked this lead',
  re_engaged: 'Your lead is back',
  parked: 'Lead waits for an owner',
  needs_attention: 'Lead needs attention',
};

function inZone(at: IsoInstant): string {
  return `${new Date(epochMs(at)).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
