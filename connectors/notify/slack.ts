import { ConnectorError, type FailureCode } from '../../activities/failures';
import type { Clock, Notification, NotifyPort } from '../../activities/ports';
import { epochMs } from '../../domain/instant';
import { callHttp, type Refusal } from '../http';
import { buttonsOf } from './links';

/**
 * What Slack's incoming webhooks answer as plain text. `auth` means that the webhook itself is no longer good and an
 * admin must make a new one; `rejected`, that this message is not.
 * @see https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks
 */
const refusals: Readonly<Record<string, FailureCode>> = {
  invalid_payload: 'rejected',
  invalid_blocks: 'rejected',
  no_text: 'rejected',
  user_not_found: 'auth',
  action_prohibited: 'auth',
  invalid_token: 'auth',
  no_active_hooks: 'auth',
  no_team: 'auth',
  no_service: 'auth',
  channel_not_found: 'auth',
  channel_is_archived: 'auth',
  rollup_error: 'busy',
};

/** Slack takes 3,000 characters in a section and 2,000 in a field; escaping makes up to five of one. */
const sectionMax = 2_900;
const lineMax = 400;

export interface SlackNotifierOptions {
  /** Address of the incoming webhook; it is the credential. */
  readonly url: string;
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

/**
 * Posts to a Slack incoming webhook: text, fields and one button per link. Slack knows no key for repeats, so a
 * notification that is sent again shows twice.
 */
export function createSlackNotifier(options: SlackNotifierOptions): NotifyPort {
  return {
    channel: 'slack',
    send: async (notification, signal) => {
      const answer = await callHttp({
        system: 'slack',
        method: 'POST',
        url: new URL(options.url),
        body: JSON.stringify(messageOf(notification)),
        signal,
        timeoutMs: options.timeoutMs,
        nowMs: options.clock.now(),
        explain,
      });
      if (answer.text.trim() !== 'ok') throw new ConnectorError('malformed', 'slack: the answer is not "ok"');
      return 'ok';
    },
  };
}

function explain(status: number, text: string): Refusal | undefined {
  const word = text.trim();
  const code = Object.hasOwn(refusals, word) ? refusals[word] : undefined;
  if (code !== undefined) return { code, detail: word };
  // An address that is gone is a webhook that was revoked, whatever the text says.
  return status === 404 || status === 410
    ? { code: 'auth', detail: 'webhook or channel is gone' }
    : undefined;
}

function messageOf(notification: Notification): unknown {
  const { subject, to, dueAt, links, leadId } = notification;
  const fields = [
    mrkdwn(`*For*\n${escape(to.name)}`),
    ...(dueAt === undefined ? [] : [mrkdwn(`*Due*\n${dateOf(dueAt)}`)]),
    mrkdwn(`*Lead*\n${escape(leadId)}`),
  ];
  const buttons = buttonsOf(links).map(({ name, label, url }) => ({
    type: 'button',
    action_id: name,
    text: { type: 'plain_text', text: label },
    url,
    ...(name === 'claim' ? { style: 'primary' } : {}),
  }));
  return {
    text: escape(subject),
    blocks: [
      { type: 'section', text: mrkdwn(bodyText(notification)) },
      { type: 'section', fields },
      ...(buttons.length === 0 ? [] : [{ type: 'actions', elements: buttons }]),
    ],
    // A preview would let Slack's crawler fetch what the message links to.
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** Whole lines only: a cut inside `&amp;` would show its rest. */
function bodyText({ subject, lines }: Notification): string {
  let text = `*${escape(subject)}*`;
  for (const line of lines) {
    const next = `${text}\n${escape(line)}`;
    if (next.length > sectionMax) return `${text}\n…`;
    text = next;
  }
  return text;
}

/** `verbatim`: nothing a person typed becomes a link or a mention of a channel. */
function mrkdwn(text: string) {
  return { type: 'mrkdwn', text, verbatim: true } as const;
}

/** Shown in the reader's own time zone; the part after `|` is for clients that cannot. */
function dateOf(dueAt: NonNullable<Notification['dueAt']>): string {
  return `<!date^${String(Math.floor(epochMs(dueAt) / 1_000))}^{date_short_pretty} {time}|${dueAt}>`;
}

function escape(text: string): string {
  const characters = Array.from(text);
  const short = characters.length > lineMax ? `${characters.slice(0, lineMax).join('')}…` : text;
  return short.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
