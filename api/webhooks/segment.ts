import { decodeText, parseJson } from '../body';
import { objectAt, textOf } from './json';
import { leadFromLabels } from './labels';
import { eventsIn, type WebhookEvent, type WebhookScheme } from './scheme';
import { hmac, judge } from './signature';

/**
 * Segment: `X-Signature: <hex HMAC-SHA1 of the body>`. Of a batch Segment signs the first event only, so whoever sees
 * such a delivery could add others to it; docs/connectors/source-segment.md advises batches of one.
 * @see https://segment.com/docs/connections/destinations/catalog/actions-webhook/
 */
export const segment: WebhookScheme = {
  verify: (secrets, { header, body }) => {
    const signature = header('x-signature');
    const claim = {
      secrets,
      given: signature === undefined ? undefined : [signature],
      encoding: 'hex' as const,
    };
    const verdict = judge({ ...claim, digest: (secret) => hmac('sha1', secret, body) });
    if (verdict.ok || verdict.reason !== 'bad_signature') return verdict;
    const first = firstOfBatch(body);
    return first === undefined
      ? verdict
      : judge({ ...claim, digest: (secret) => hmac('sha1', secret, first) });
  },
  events: (payload) => eventsIn(payload, Array.isArray(payload) ? payload : [payload], eventOf),
  lead: (event) => {
    const { traits, properties, context } = objectAt(event);
    return {
      ...leadFromLabels([traits, properties, objectAt(context)['traits']].flatMap(traitsOf)),
      ...campaign(objectAt(context, 'campaign')),
    };
  },
};

/** Company and address come as a name, or as objects with the reserved names of Segment's specification. */
function traitsOf(traits: unknown): readonly (readonly [string, unknown])[] {
  const all = objectAt(traits);
  return [
    ...Object.entries(all),
    ['company', objectAt(all, 'company')['name']],
    ...Object.entries(objectAt(all, 'address')),
  ];
}

/** An `identify` or `track` that says how to reach somebody is a lead; page views and the like are not. */
function eventOf(event: Readonly<Record<string, unknown>>): WebhookEvent {
  const type = textOf(event['type']);
  const lead = objectAt(segment.lead(event));
  const reachable = lead['email'] !== undefined || lead['phone'] !== undefined;
  const mayBe = type === 'identify' || type === 'track';
  return { nature: mayBe && reachable ? 'lead' : 'other', id: textOf(event['messageId']), type, data: event };
}

function campaign(values: Readonly<Record<string, unknown>>): {
  readonly utm?: Readonly<Record<string, string>>;
} {
  const utm = Object.entries(values).flatMap(([name, value]) => {
    const text = textOf(value);
    return text === undefined ? [] : [[name === 'name' ? 'campaign' : name, text] as const];
  });
  return utm.length === 0 ? {} : { utm: Object.fromEntries(utm) };
}

/** What Segment signs of a batch: its first event, written again by JavaScript's own rules. */
function firstOfBatch(body: Buffer): string | undefined {
  try {
    const text = decodeText(body);
    // Refuses deep nesting before anything recursive sees it; its long integers are text, so it is not what was signed.
    parseJson(text);
    const batch = JSON.parse(text) as unknown;
    return Array.isArray(batch) ? JSON.stringify(batch[0]) : undefined;
  } catch {
    return undefined;
  }
}
