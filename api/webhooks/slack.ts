import { parseJson } from '../body';
import { namedFields } from './generic';
import { type JsonObject, idFrom, objectAt, objectsIn, textOf, without } from './json';
import { textAnswer, type WebhookEvent, type WebhookScheme } from './scheme';
import { afterPrefix, hmac, judge } from './signature';

/**
 * Slack events, commands and button clicks: `v0=<hex HMAC-SHA256 over v0:time:body>`, over the form as it was sent. What
 * happens in Slack is kept and makes no lead; the `token` by which Slack used to be known is left out of it.
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export const slack: WebhookScheme = {
  takesForms: true,
  verify: (secrets, { header, body, nowMs }) => {
    const time = header('x-slack-request-timestamp');
    return judge({
      secrets,
      given: afterPrefix(header('x-slack-signature'), 'v0='),
      encoding: 'hex',
      digest: (secret) => hmac('sha256', secret, `v0:${time ?? ''}:`, body),
      time: { text: time, unit: 's', nowMs },
    });
  },
  events: (payload) => {
    const interaction = interactionIn(payload);
    const type = textOf(interaction['type']);
    const data = withoutToken(payload, interaction);
    const event = (id: string | undefined): WebhookEvent => ({ nature: 'other', id, type, data });
    if (challengeOf(payload) !== undefined) return [];
    const actions = objectsIn(interaction['actions']);
    return actions.length > 0
      ? actions.map((action) => event(idFrom(':', action['action_ts'], action['action_id'])))
      : [event(textOf(interaction['event_id']))];
  },
  lead: namedFields,
  answer: (payload) => textAnswer(challengeOf(payload) ?? ''),
};

/** Button clicks come as JSON in the one field of a form; commands are the form itself. */
function interactionIn(payload: unknown): JsonObject {
  const form = objectAt(payload);
  return typeof form['payload'] === 'string' ? objectAt(parseJson(form['payload'])) : form;
}

function withoutToken(payload: unknown, interaction: JsonObject): JsonObject {
  const kept = without('token', interaction);
  const form = objectAt(payload);
  return typeof form['payload'] === 'string' ? { ...form, payload: JSON.stringify(kept) } : kept;
}

/** The signed POST by which Slack makes sure that the address is ours. */
function challengeOf(payload: unknown): string | undefined {
  const { type, challenge } = objectAt(payload);
  return type === 'url_verification' ? textOf(challenge) : undefined;
}
