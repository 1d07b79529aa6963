import { objectAt, textOf } from './json';
import { leadFromLabels } from './labels';
import type { WebhookScheme } from './scheme';
import { hmac, judge } from './signature';

/**
 * Webflow forms: hex HMAC-SHA256 over `<time in ms>:<body>`. Hooks made in the dashboard are unsigned and refused.
 * @see https://developers.webflow.com/data/docs/working-with-webhooks
 */
export const webflow: WebhookScheme = {
  verify: (secrets, { header, body, nowMs }) => {
    const [signature, time] = [header('x-webflow-signature'), header('x-webflow-timestamp')];
    return judge({
      secrets,
      given: signature === undefined ? undefined : [signature],
      encoding: 'hex',
      digest: (secret) => hmac('sha256', secret, `${time ?? ''}:`, body),
      time: { text: time, unit: 'ms', nowMs },
    });
  },
  events: (payload) => {
    const type = textOf(objectAt(payload)['triggerType']);
    return [
      {
        nature: type === 'form_submission' ? 'lead' : 'other',
        id: textOf(objectAt(payload, 'payload')['id']),
        type,
        data: payload,
      },
    ];
  },
  lead: (submission) => leadFromLabels(Object.entries(objectAt(submission, 'payload', 'data'))),
};
