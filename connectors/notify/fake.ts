import { z } from 'zod';
import { notificationKinds } from '../../domain/lead';
import { verifyWebhook } from '../../domain/standard-webhooks';
import {
  json,
  jsonOf,
  startFakeServer,
  type FakeControls,
  type FakeReply,
  type FakeRequest,
} from '../fake-server';

const text = z.string().min(1);

/** What NOTIFY_WEBHOOK_URL receives, to the letter. */
export const NotificationBody = z.strictObject({
  key: text,
  kind: z.enum(notificationKinds),
  leadId: z.string().regex(/^lead_[0-9a-f]{26}$/),
  to: z.strictObject({ id: text, name: text, email: text }),
  subject: text,
  facts: z.array(z.strictObject({ label: text, text })),
  dueAt: z.iso.datetime({ precision: 3 }).optional(),
  links: z.strictObject({
    open: z.url(),
    claim: z.url().optional(),
    decline: z.url().optional(),
    snooze: z.url().optional(),
    reassign: z.url().optional(),
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
const SlackBody = z.strictObject({
  /** `chat.postMessage` only. */
  channel: text.optional(),
  text: text.max(4_000),
  blocks: z
    .array(
      z.union([
        z.strictObject({ type: z.literal('section'), text: mrkdwn }),
        z.strictObject({
          type: z.literal('actions'),
          elements: z
            .array(
              z.strictObject({
                type: z.literal('button'),
                action_id: text.max(255),
                text: z.strictObject({ type: z.literal('plain_text'), text: text.max(75) }),
                url: z.url().max(3_000).optional(),
                value: text.max(2_000).optional(),
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

/** A vendor whose next answers a test can dictate. */
interface Dictated {
  requests(): number;
  /** The next proper request gets this answer, whatever it is. */
  answerNext(answer: FakeReply): void;
}

type VendorOptions = Pick<FakeReceiverOptions, 'port' | 'delayMs' | 'retryAfterS'>;

/** A vendor that takes what its schema allows, keeps it, and answers as told. */
async function startVendor<T>(
  options: VendorOptions,
  vendor: {
    readonly body: z.ZodType<T>;
    readonly refusal: FakeReply;
    readonly accepts: (body: T, path: string) => FakeReply;
  },
): Promise<FakeControls & Dictated & { readonly received: readonly T[] }> {
  const received: T[] = [];
  const answers: FakeReply[] = [];
  const server = await startFakeServer({
    ...options,
    check: (request: FakeRequest) =>
      vendor.body.safeParse(jsonOf(request.body)).success ? answers.shift() : vendor.refusal,
    act: (request) => {
      const body = vendor.body.parse(jsonOf(request.body));
      received.push(body);
      return vendor.accepts(body, request.path);
    },
  });
  return { ...server, received, answerNext: (answer) => void answers.push(answer) };
}

export type FakeSlack = FakeControls & Dictated & { readonly received: readonly SlackBody[] };

/** Slack: an incoming webhook that answers in plain text, and `chat.postMessage`, which is always 200. */
export function startFakeSlack(options: VendorOptions = {}): Promise<FakeSlack> {
  return startVendor(options, {
    body: SlackBody,
    refusal: { status: 400, text: 'invalid_payload' },
    accepts: ({ channel }, path) =>
      path === '/api/chat.postMessage'
        ? json(200, { ok: true, channel, ts: '1503435956.000247' })
        : { status: 200, text: 'ok' },
  });
}

const textRun = z.strictObject({
  type: z.literal('TextRun'),
  text,
  weight: z.literal('Bolder').optional(),
  size: z.literal('Medium').optional(),
  selectAction: z.strictObject({ type: z.literal('Action.OpenUrl'), title: text, url: z.url() }).optional(),
});

/** The part of Adaptive Cards 1.4 we use, in the envelope of a Workflows webhook. */
const TeamsBody = z.strictObject({
  type: z.literal('message'),
  attachments: z.tuple([
    z.strictObject({
      contentType: z.literal('application/vnd.microsoft.card.adaptive'),
      contentUrl: z.null(),
      content: z.strictObject({
        $schema: z.url(),
        type: z.literal('AdaptiveCard'),
        version: z.literal('1.4'),
        body: z.array(z.strictObject({ type: z.literal('RichTextBlock'), inlines: z.array(textRun).min(1) })),
        actions: z.array(z.strictObject({ type: z.literal('Action.OpenUrl'), title: text, url: z.url() })),
      }),
    }),
  ]),
});

export type TeamsBody = z.infer<typeof TeamsBody>;
export type FakeTeams = FakeControls & Dictated & { readonly received: readonly TeamsBody[] };

/** A Teams Workflows webhook: 202 says that the flow was started, and nothing more. */
export function startFakeTeams(options: VendorOptions = {}): Promise<FakeTeams> {
  return startVendor(options, {
    body: TeamsBody,
    refusal: json(400, { error: { code: 'TriggerInputSchemaMismatch' } }),
    accepts: () => ({ status: 202, text: '' }),
  });
}

/** The part of the Events API v2 we use. */
const PagerDutyBody = z
  .strictObject({
    routing_key: text,
    event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
    dedup_key: text.max(255),
    payload: z
      .strictObject({
        summary: text.max(1_024),
        source: text,
        severity: z.enum(['critical', 'error', 'warning', 'info']),
        custom_details: z.record(z.string(), z.unknown()),
      })
      .optional(),
    client: text.optional(),
    client_url: z.url().optional(),
    links: z.array(z.strictObject({ href: z.url(), text })).optional(),
  })
  .refine(({ event_action, payload }) => event_action !== 'trigger' || payload !== undefined);

export type PagerDutyBody = z.infer<typeof PagerDutyBody>;
export type FakePagerDuty = FakeControls & Dictated & { readonly received: readonly PagerDutyBody[] };

/** PagerDuty's Events API v2. */
export function startFakePagerDuty(options: VendorOptions = {}): Promise<FakePagerDuty> {
  return startVendor(options, {
    body: PagerDutyBody,
    refusal: json(400, { status: 'invalid event', message: 'Event object is invalid' }),
    accepts: ({ dedup_key }) => json(202, { status: 'success', message: 'Event processed', dedup_key }),
  });
}
