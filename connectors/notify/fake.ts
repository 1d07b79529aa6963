import { z } from 'zod';
import { notificationKinds } from '../../domain/lead';
import { verifyWebhook } from '../../domain/standard-webhooks';
import { json, jsonOf, startFakeServer, type FakeControls, type FakeRequest } from '../fake-server';

const text = z.string().min(1);

/** What NOTIFY_WEBHOOK_URL receives, to the letter. */
export const NotificationBody = z.strictObject({
  key: text,
  kind: z.enum(notificationKinds),
  leadId: z.string().regex(/^lead_[0-9a-f]{26}$/),
  to: z.strictObject({ id: text, name: text, email: text }),
  subject: text,
  lines: z.array(z.string()),
  dueAt: z.iso.datetime({ precision: 3 }).optional(),
  links: z.strictObject({
    open: z.url(),
    claim: z.url(),
    decline: z.url(),
    snooze: z.url(),
    reassign: z.url(),
  }),
});

export type NotificationBody = z.infer<typeof NotificationBody>;

export interface FakeReceiverOptions {
  /** 0 or absent picks a free one. */
  readonly port?: number;
  readonly secret: string;
  /** The clock signatures are judged by; the system's when absent. */
  readonly now?: () => number;
  readonly delayMs?: number;
  /** Seconds that `busy` asks for; 1 when absent. */
  readonly retryAfterS?: number;
}

export interface FakeReceiver extends FakeControls {
  readonly secret: string;
  requests(): number;
  /** Deliveries taken, in order, repeats included. */
  readonly received: readonly NotificationBody[];
}

/** Records what is sent to NOTIFY_WEBHOOK_URL and refuses what is not signed or not as documented. */
export async function startFakeReceiver(options: FakeReceiverOptions): Promise<FakeReceiver> {
  const { secret, now = Date.now } = options;
  const received: NotificationBody[] = [];
  const server = await startFakeServer({
    ...options,
    check: (request) => {
      const verdict = verifyWebhook([secret], { header: request.header, body: request.body, nowMs: now() });
      if (!verdict.ok) return json(verdict.reason === 'stale' ? 400 : 401, { error: verdict.reason });
      const body = NotificationBody.safeParse(jsonOf(request.body));
      if (!body.success) return json(400, { error: body.error.issues });
      return body.data.key === verdict.id ? undefined : json(400, { error: 'webhook-id is not the key' });
    },
    act: (request) => {
      received.push(NotificationBody.parse(jsonOf(request.body)));
      return json(202, {});
    },
  });
  return { ...server, secret, received };
}

const mrkdwn = z.strictObject({ type: z.literal('mrkdwn'), text: text.max(3_000), verbatim: z.boolean() });

/** The part of Block Kit we use, with Slack's limits. */
export const SlackBody = z.strictObject({
  text,
  blocks: z
    .array(
      z.union([
        z.strictObject({ type: z.literal('section'), text: mrkdwn }),
        z.strictObject({ type: z.literal('section'), fields: z.array(mrkdwn).min(1).max(10) }),
        z.strictObject({
          type: z.literal('actions'),
          elements: z
            .array(
              z.strictObject({
                type: z.literal('button'),
                action_id: text.max(255),
                text: z.strictObject({ type: z.literal('plain_text'), text: text.max(75) }),
                url: z.url().max(3_000),
                style: z.literal('primary').optional(),
              }),
            )
            .min(1)
            .max(25),
        }),
      ]),
    )
    .min(1)
    .max(50),
  unfurl_links: z.boolean(),
  unfurl_media: z.boolean(),
});

export type SlackBody = z.infer<typeof SlackBody>;

export interface FakeSlack extends FakeControls {
  requests(): number;
  readonly received: readonly SlackBody[];
  /** The next proper request gets this answer, whatever it is. */
  answerNext(answer: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly text: string;
  }): void;
}

/** A Slack incoming webhook that answers in plain text as Slack does. */
export async function startFakeSlack(
  options: Pick<FakeReceiverOptions, 'port' | 'delayMs' | 'retryAfterS'> = {},
): Promise<FakeSlack> {
  const received: SlackBody[] = [];
  const answers: Parameters<FakeSlack['answerNext']>[0][] = [];
  const server = await startFakeServer({
    ...options,
    check: (request: FakeRequest) =>
      SlackBody.safeParse(jsonOf(request.body)).success
        ? answers.shift()
        : { status: 400, text: 'invalid_payload' },
    act: (request) => {
      received.push(SlackBody.parse(jsonOf(request.body)));
      return { status: 200, text: 'ok' };
    },
  });
  return { ...server, received, answerNext: (answer) => void answers.push(answer) };
}
