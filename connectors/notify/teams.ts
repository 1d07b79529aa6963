import type { Clock } from '../../activities/ports';
import type { MessageFact, Notification, NotifyPort } from '../../activities/ports-vendors';
import { callHttp, type Refusal } from '../http';
import { buttonsOf, isWebAddress } from './links';

/** Workflows take about 28 KB; that many facts of at most 500 characters stay below it. */
const factsMax = 12;
const subjectMax = 200;

export interface TeamsNotifierOptions {
  /** Address of a Workflows webhook ("Post to a channel when a webhook request is received"); it is the credential. */
  readonly url: string;
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

/**
 * Posts an Adaptive Card to a Teams workflow. The answer says that the flow was started; whether it could post the
 * card, nobody tells us. Without a bot only links can be pressed, so every action is one.
 * @see https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
export function createTeamsNotifier(options: TeamsNotifierOptions): NotifyPort {
  return {
    channel: 'teams',
    send: async (notification, signal) => {
      const { status } = await callHttp({
        system: 'teams',
        method: 'POST',
        url: new URL(options.url),
        body: JSON.stringify(messageOf(notification)),
        signal,
        timeoutMs: options.timeoutMs,
        nowMs: options.clock.now(),
        explain,
      });
      return `HTTP ${String(status)}`;
    },
  };
}

/** A flow that is gone, or whose owner left the company, answers 404. */
function explain(status: number): Refusal | undefined {
  return status === 404 || status === 410 ? { code: 'auth', detail: 'the workflow is gone' } : undefined;
}

function messageOf({ subject, facts, links }: Notification): unknown {
  const shown = facts.slice(0, factsMax);
  const more = facts.length - shown.length;
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            line([{ ...run(subject.slice(0, subjectMax)), weight: 'Bolder', size: 'Medium' }]),
            ...shown.map(factLine),
            ...(more > 0 ? [line([run(`and ${String(more)} more`)])] : []),
          ],
          actions: buttonsOf(links).map(({ label, url }) => ({ type: 'Action.OpenUrl', title: label, url })),
        },
      },
    ],
  };
}

function factLine({ label, text, url }: MessageFact) {
  const link =
    url && isWebAddress(url) ? { selectAction: { type: 'Action.OpenUrl', title: 'Open', url } } : {};
  return line([
    { ...run(`${label}: `), weight: 'Bolder' },
    { ...run(text), ...link },
  ]);
}

const line = (inlines: readonly object[]) => ({ type: 'RichTextBlock', inlines });

/**
 * A TextRun knows no Markdown, so nothing a person typed becomes a link or a heading. `{{DATE(…)}}` is the one thing
 * that a client may still evaluate.
 */
const run = (text: string) => ({ type: 'TextRun', text: text.replaceAll('{{', '{ {') });
