import { verifyActionLink } from '../../domain/action-link';
import { bestEffort } from '../best-effort';
import { decodeText, parseJson } from '../body';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { check, route, type Api } from '../route';
import { z } from '../schemas/zod';
import { slack as slackScheme } from '../webhooks/slack';
import { dateTime } from '../words';
import { requestKey, requestOf, wordsWhenDone } from './links';

const Interaction = z.looseObject({
  type: z.string(),
  user: z.looseObject({ id: z.string().regex(/^[A-Z0-9]{1,30}$/) }).optional(),
  actions: z.array(z.looseObject({ action_id: z.string(), value: z.string().optional() })).optional(),
  message: z.looseObject({ blocks: z.array(z.looseObject({ type: z.string() })).optional() }).optional(),
  response_url: z.url({ protocol: /^https?$/ }).optional(),
});
type Interaction = z.infer<typeof Interaction>;

const SlackMessage = z
  .object({
    replace_original: z.boolean(),
    response_type: z.literal('ephemeral').optional(),
    text: z.string(),
    blocks: z.array(z.looseObject({ type: z.string() })).optional(),
  })
  .openapi('SlackMessage');
type SlackMessage = z.input<typeof SlackMessage>;

/** Longest that a snooze button snoozes; the link in a mail lets one choose. */
const snoozeFor = '1h';

/** Buttons pressed inside Slack. Each carries the token of the link it stands for, and does what the link does. */
export function slackRoutes(api: Api, deps: ApiDeps): void {
  route(api, {
    method: 'post',
    path: '/v1/slack/interactions',
    tag: 'webhooks',
    summary: 'Take in a button pressed in Slack',
    description:
      'Verified by the signing secret of the Slack app on the raw bytes. Answers with the message that replaces the one with the buttons, and posts it to `response_url`. The same button again gets the same answer.',
    bodyAs: 'bytes',
    contentTypes: ['application/x-www-form-urlencoded'],
    replies: { 200: z.union([SlackMessage, z.object({})]) },
    errors: [
      'bad_signature',
      'stale_timestamp',
      'malformed_body',
      'not_found',
      'invalid_request',
      'payload_too_large',
      'rate_limited',
      'runs_unavailable',
    ],
    handle: async ({ method, path, bytes, header, headerNames, spend }) => {
      const { slack, clock, log } = deps;
      if (!slack)
        throw new ApiError('not_found', 'No Slack app is configured; SLACK_SIGNING_SECRET is not set.');
      const delivery = { method, url: path, header, headerNames, body: bytes, nowMs: clock.now() };
      const verdict = slackScheme.verify([slack.signingSecret], delivery);
      await spend(verdict.ok ? 'slack' : undefined);
      if (!verdict.ok) throw refusalOf(verdict.reason);
      const payload = new URLSearchParams(decodeText(bytes)).get('payload') ?? '';
      const interaction = check(Interaction, parseJson(payload));
      const message = await answerTo(deps, interaction);
      if (!message) return {};
      const { response_url: url } = interaction;
      // Behind the answer: Slack waits three seconds for it, and the deed is done.
      if (url !== undefined) void bestEffort(log, 'slack reply', () => slack.reply(url, message));
      return message;
    },
  });
}

function refusalOf(reason: string): ApiError {
  return reason === 'stale'
    ? new ApiError('stale_timestamp', 'Slack signed this more than 5 minutes ago or ahead of time.')
    : new ApiError('bad_signature', 'The request is not signed with the signing secret of the Slack app.');
}

/** Undefined for what is no button of ours: a link that was opened, another kind of interaction. */
async function answerTo(deps: ApiDeps, interaction: Interaction): Promise<SlackMessage | undefined> {
  const token = interaction.actions?.find(({ value }) => value !== undefined)?.value;
  if (interaction.type !== 'block_actions' || token === undefined) return undefined;
  const verdict = verifyActionLink(deps.linkKey, token, deps.clock.now());
  if (!verdict.ok)
    return verdict.reason === 'expired'
      ? onlyToYou('This message is too old to act on. Open the lead, or use a newer message.')
      : onlyToYou('This button is not one of ours.');
  const { link } = verdict;
  const answer = await requestOf(
    deps,
    link,
    new URLSearchParams({ for: snoozeFor }),
    requestKey('slack', token),
  );
  if (!answer?.ok)
    return onlyToYou(`Not possible: ${answer?.reason ?? 'not understood'}. Nothing was changed.`);
  const { nextDueAt } = answer.state;
  const due = nextDueAt === undefined ? '' : ` Next deadline: ${dateTime(nextDueAt)}.`;
  const by = interaction.user === undefined ? '' : ` (<@${interaction.user.id}>)`;
  return replaced(interaction, `${wordsWhenDone(link.action, answer.state)}${due}${by}`);
}

const onlyToYou = (text: string): SlackMessage => ({
  replace_original: false,
  response_type: 'ephemeral',
  text,
});

/** The message as it was, with what came of it where its buttons were. */
function replaced({ message }: Interaction, text: string): SlackMessage {
  const kept = (message?.blocks ?? []).filter(({ type }) => type !== 'actions');
  const section = { type: 'section', text: { type: 'mrkdwn', text } };
  return { replace_original: true, text, blocks: [...kept, section] };
}
