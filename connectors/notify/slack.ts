import { z } from 'zod';
import { ConnectorError, type FailureCode } from '../../activities/failures';
import type { Clock } from '../../activities/ports';
import type { MessageFact, Notification, NotifyPort } from '../../activities/ports-vendors';
import { callHttp, parseAnswer, type Refusal } from '../http';
import { buttonsOf, isWebAddress, type LinkButton } from './links';

/**
 * What Slack answers: webhooks as plain text, `chat.postMessage` as `error`. `auth` means that the webhook, the token
 * or the channel is no longer good and an admin must act; `rejected`, that this message is not; `unknown_outcome`, that
 * Slack itself does not know how far it got.
 * @see https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks
 * @see https://docs.slack.dev/reference/methods/chat.postMessage
 */
const refusals: Readonly<Record<string, FailureCode>> = {
  invalid_payload: 'rejected',
  invalid_blocks: 'rejected',
  no_text: 'rejected',
  msg_too_long: 'rejected',
  user_not_found: 'auth',
  action_prohibited: 'auth',
  invalid_token: 'auth',
  no_active_hooks: 'auth',
  no_team: 'auth',
  no_service: 'auth',
  channel_not_found: 'auth',
  channel_is_archived: 'auth',
  not_in_channel: 'auth',
  is_archived: 'auth',
  invalid_auth: 'auth',
  account_inactive: 'auth',
  token_revoked: 'auth',
  missing_scope: 'auth',
  rollup_error: 'busy',
  rate_limited: 'busy',
  ratelimited: 'busy',
  internal_error: 'unknown_outcome',
  fatal_error: 'unknown_outcome',
};

/** Slack takes 3,000 characters in a section; escaping makes up to five of one. */
const sectionMax = 2_900;
const textMax = 400;

/** How the message gets into a channel. */
export type SlackWay =
  /** An incoming webhook; its address is the credential. */
  | { readonly url: string }
  /** A bot with `chat:write`. */
  | { readonly botToken: string; readonly channel: string; readonly apiUrl?: string };

export type SlackNotifierOptions = SlackWay & {
  readonly clock: Clock;
  /** Buttons act inside Slack, through `POST /v1/slack/interactions`, instead of opening a page. */
  readonly interactive?: boolean;
  readonly timeoutMs?: number;
};

/** Posts to Slack. Slack knows no key for repeats, so a notification that is sent again shows twice. */
export function createSlackNotifier(options: SlackNotifierOptions): NotifyPort {
  const { interactive = false, clock, timeoutMs } = options;
  return {
    channel: 'slack',
    send: async (notification, signal) => {
      const message = messageOf(notification, interactive);
      const way = 'url' in options ? byWebhook(options.url) : byBot(options);
      const answer = await callHttp({
        system: 'slack',
        method: 'POST',
        url: way.url,
        headers: way.headers,
        body: JSON.stringify({ ...way.fields, ...message }),
        signal,
        timeoutMs,
        nowMs: clock.now(),
        explain,
      });
      way.check(answer.text);
      return 'ok';
    },
  };
}

interface Way {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
  /** @throws ConnectorError when the answer is no yes. */
  readonly check: (text: string) => void;
}

function byWebhook(url: string): Way {
  const check = (text: string): void => {
    if (text.trim() !== 'ok') throw new ConnectorError('malformed', 'slack: the answer is not "ok"');
  };
  return { url: new URL(url), headers: {}, fields: {}, check };
}

const ApiAnswer = z.object({ ok: z.boolean(), error: z.string().optional() });

function byBot({ botToken, channel, apiUrl }: Extract<SlackWay, { botToken: string }>): Way {
  return {
    url: new URL('/api/chat.postMessage', apiUrl ?? 'https://slack.com'),
    headers: { authorization: `Bearer ${botToken}` },
    fields: { channel },
    // Always HTTP 200: the verdict is in the body.
    check: (text) => {
      const { ok, error = '' } = parseAnswer('slack', ApiAnswer, text);
      if (ok) return;
      const known = refusalOf(error);
      throw new ConnectorError(known?.code ?? 'rejected', `slack: ${known?.detail ?? 'refused'}`);
    },
  };
}

function explain(status: number, text: string): Refusal | undefined {
  const known = refusalOf(text.trim());
  if (known) return known;
  // An address that is gone is a webhook that was revoked, whatever the text says.
  return status === 404 || status === 410
    ? { code: 'auth', detail: 'webhook or channel is gone' }
    : undefined;
}

function refusalOf(word: string): Refusal | undefined {
  const code = Object.hasOwn(refusals, word) ? refusals[word] : undefined;
  return code === undefined ? undefined : { code, detail: word };
}

function messageOf({ subject, facts, links }: Notification, interactive: boolean): object {
  const buttons = buttonsOf(links).map((button) => buttonOf(button, interactive));
  return {
    text: escape(subject),
    blocks: [
      { type: 'section', text: mrkdwn(bodyText(subject, facts)) },
      ...(buttons.length === 0 ? [] : [{ type: 'actions', elements: buttons }]),
    ],
    // A preview would let Slack's crawler fetch what the message links to.
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** The value of a button that acts is the token of the link it stands for. */
function buttonOf({ name, label, url }: LinkButton, interactive: boolean): object {
  const acts = interactive && name !== 'open';
  return {
    type: 'button',
    action_id: name,
    text: { type: 'plain_text', text: acts && name === 'snooze' ? 'Snooze 1 h' : label },
    ...(acts ? { value: url.slice(url.lastIndexOf('/') + 1) } : { url }),
    ...(name === 'claim' ? { style: 'primary' } : {}),
  };
}

/** Whole lines only: a cut inside `&amp;` would show its rest. */
function bodyText(subject: string, facts: readonly MessageFact[]): string {
  let text = `*${escape(subject)}*`;
  for (const { label, text: said, url } of facts) {
    const shown = url && isWebAddress(url) ? `<${url}|${escape(said).replaceAll('|', '¦')}>` : escape(said);
    const next = `${text}\n*${label}:* ${shown}`;
    if (next.length > sectionMax) return `${text}\n…`;
    text = next;
  }
  return text;
}

/** `verbatim`: nothing a person typed becomes a link or a mention of a channel. */
function mrkdwn(text: string) {
  return { type: 'mrkdwn', text, verbatim: true } as const;
}

function escape(text: string): string {
  const characters = Array.from(text.replaceAll(/\s+/g, ' '));
  const short =
    characters.length > textMax ? `${characters.slice(0, textMax).join('')}…` : characters.join('');
  return short.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
