import { activityInfo } from '@temporalio/activity';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import type { Rep } from '../domain/policy';
import { headlineOf, inZone, openLink, promiseOf, zoneOf } from './compose-notification';
import { noNews } from './no-news';
import { deliver, throwUndelivered, type NotifyDeps } from './notify';
import type { ReadyPolicy } from './policies';
import type {
  ChannelResults,
  HeldMessage,
  MessageFact,
  Notification,
  NotificationSubject,
} from './ports-vendors';

/** Leads a digest names; the console has the rest. */
const namedMax = 50;

export type DigestActivities = ReturnType<typeof createDigestActivities>;

interface Waiting extends HeldMessage {
  readonly subject: NotificationSubject;
}

/** One message for all that were held back for a person. */
export function createDigestActivities(deps: NotifyDeps) {
  const { channels, store, policies, clock } = deps;
  return {
    /** A repeat sends the same messages under the same key. What has been dealt with meanwhile is left out. */
    sendDigest: async ({ repId }: { repId: string }): Promise<void> => {
      const { activityId, workflowExecution } = activityInfo();
      const digest = `digest:${workflowExecution?.runId ?? ''}:${activityId}`;
      const held = await store.takeHeld(repId, digest);
      if (held.length === 0) return;
      const policy = await policies.of(undefined);
      const rep = policy.rep(repId);
      const waiting = rep ? await stillWaiting(deps, held, repId) : [];
      const close = (results: ChannelResults): Promise<void> =>
        store.recordDigest(digest, toInstant(clock.now()), results);
      if (!rep || waiting.length === 0) {
        await close({ digest: { state: 'skipped', detail: rep ? 'dealt with meanwhile' : 'no such rep' } });
        return;
      }
      const message = composeDigest(deps, { key: digest, rep, policy, waiting });
      const delivery = await deliver({ channels: { every: [], person: channels.person }, store }, message);
      await close(delivery.results);
      throwUndelivered(delivery);
    },
  };
}

async function stillWaiting(
  { store, clock }: NotifyDeps,
  held: readonly HeldMessage[],
  repId: string,
): Promise<readonly Waiting[]> {
  const now = toInstant(clock.now());
  const subjects = await store.subjects(held.map(({ leadId }) => leadId));
  const waiting = held.flatMap((message) => {
    const subject = subjects.get(message.leadId);
    if (subject === undefined) return [];
    if (message.kind === 'joined') return [{ ...message, subject }]; // its lead is over, and that is the news
    if (subject.closed) return [];
    const isNew = message.kind === 'assigned' || message.kind === 'reassigned';
    const forOwner = !['escalation', 'parked', 'open'].includes(message.kind);
    const settled =
      noNews({ ...message, repId, now }, subject) !== undefined ||
      (isNew && subject.touched) ||
      (forOwner && subject.assignment?.repId !== repId);
    return settled ? [] : [{ ...message, subject }];
  });
  // One line per lead, with the latest that is to be said of it.
  return [...new Map(waiting.map((message) => [message.leadId, message])).values()].sort(
    (a, b) => dueOf(a) - dueOf(b),
  );
}

const dueAt = ({ kind, subject, clock }: Waiting): IsoInstant | undefined =>
  kind === 'open' ? subject.open?.until : promiseOf(subject, clock)?.dueAt;

const dueOf = (message: Waiting): number => {
  const at = dueAt(message);
  return at === undefined ? Infinity : epochMs(at);
};

function composeDigest(
  deps: NotifyDeps,
  {
    key,
    rep,
    policy,
    waiting,
  }: {
    readonly key: string;
    readonly rep: Rep;
    readonly policy: ReadyPolicy;
    readonly waiting: readonly Waiting[];
  },
): Notification {
  const factOf = (message: Waiting): MessageFact => {
    const { leadId, kind, clock, subject } = message;
    const at = dueAt(message);
    return {
      label: at === undefined ? 'No deadline' : `Due ${inZone(at, zoneOf(policy, rep))}`,
      text: headlineOf(kind, subject, clock),
      url: openLink(deps, leadId),
    };
  };
  const more = waiting.length - namedMax;
  return {
    key,
    kind: 'digest',
    to: { id: rep.id, name: rep.name, email: rep.email },
    subject: `${String(waiting.length)} leads wait for you`,
    facts: [
      ...waiting.slice(0, namedMax).map(factOf),
      ...(more > 0 ? [{ label: 'And', text: `${String(more)} more` }] : []),
    ],
    links: { open: `${deps.publicUrl}/console/leads?owner=${encodeURIComponent(rep.id)}` },
  };
}
