import { idFrom, isRecord, objectAt, textOf } from './json';
import { leadFromLabels } from './labels';
import { eventsIn, type Delivery, type Verdict, type WebhookEvent, type WebhookScheme } from './scheme';
import { hmac, judge, refused, sha256 } from './signature';

/**
 * HubSpot apps (subscriptions, up to 100 events a POST, which name a contact by its id) and workflow webhooks (the
 * whole contact). A source keeps to one version: an older one, which has no time, is never taken in its place.
 * @see https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
 */
const reading: Pick<WebhookScheme, 'events' | 'lead' | 'fetchesLeads' | 'crm'> = {
  crm: 'hubspot',
  fetchesLeads: true,
  events: (payload) =>
    Array.isArray(payload) ? eventsIn(payload, payload, subscriptionEvent) : [workflowEvent(payload)],
  lead: (contact) =>
    leadFromLabels(
      Object.entries(objectAt(contact, 'properties')).map(([name, property]) => [
        name,
        isRecord(property) ? property['value'] : property,
      ]),
    ),
};

/** Event ids are not promised to be unique for ever, so what happened to whom and when is part of the key. */
function subscriptionEvent(event: Readonly<Record<string, unknown>>): WebhookEvent {
  const type = textOf(event['subscriptionType']) ?? textOf(event['eventType']);
  const id = idFrom(':', event['portalId'], event['eventId']);
  const rest = [event['subscriptionId'], event['objectId'], event['occurredAt']].map(
    (part) => textOf(part) ?? '',
  );
  return {
    nature: type === 'contact.creation' || isNewContact(event, type) ? 'id_only' : 'other',
    id,
    key: id === undefined ? undefined : [id, ...rest].join(':'),
    type,
    data: event,
    changed: changedContact(event, type),
  };
}

/** Generic subscriptions: `object.creation` of the contact type, 0-1. */
function isNewContact(event: Readonly<Record<string, unknown>>, type: string | undefined): boolean {
  return type === 'object.creation' && isOfContact(event, type);
}

const isOfContact = (event: Readonly<Record<string, unknown>>, type: string): boolean =>
  type.startsWith('contact.') || (type.startsWith('object.') && event['objectTypeId'] === '0-1');

/** Properties of a contact that matter to its lead; a change of any other one is not asked about. */
const followed: readonly unknown[] = ['hubspot_owner_id', 'hs_lead_status'];

/** The contact that an event says was changed: of a merge the one that is left, which knows the others. */
function changedContact(
  event: Readonly<Record<string, unknown>>,
  type: string | undefined,
): string | undefined {
  if (type === undefined || !isOfContact(event, type)) return undefined;
  const { objectId, newObjectId, primaryObjectId, propertyName } = event;
  const ids: Readonly<Record<string, unknown>> = {
    propertyChange: followed.includes(propertyName) ? objectId : undefined,
    deletion: objectId,
    merge: newObjectId ?? primaryObjectId,
  };
  const id = textOf(ids[type.replace(/^\w+\./, '')]);
  return id !== undefined && /^\d{1,20}$/.test(id) ? id : undefined;
}

function workflowEvent(payload: unknown): WebhookEvent {
  const isContact = Object.keys(objectAt(payload, 'properties')).length > 0;
  return { nature: isContact ? 'lead' : 'other', data: payload };
}

/** Base64 HMAC-SHA256 over method, URL, body and time in ms. */
export const hubspotV3: WebhookScheme = {
  ...reading,
  verify: (secrets, { method, url, header, body, nowMs }) => {
    const [signature, time] = [header('x-hubspot-signature-v3'), header('x-hubspot-request-timestamp')];
    return judge({
      secrets,
      given: signature === undefined ? undefined : [signature],
      encoding: 'base64',
      digest: (secret) => hmac('sha256', secret, method, signedUrl(url), body, time ?? ''),
      time: { text: time, unit: 'ms', nowMs },
    });
  },
};

/** Plain SHA-256 (hex) over secret, method, URL and body; no time. */
export const hubspotV2: WebhookScheme = {
  ...reading,
  verify: (secrets, delivery) =>
    plainHash('v2', secrets, delivery, (secret) =>
      sha256(secret, delivery.method, delivery.url, delivery.body),
    ),
};

/** Plain SHA-256 (hex) over secret and body; no time. */
export const hubspotV1: WebhookScheme = {
  ...reading,
  verify: (secrets, delivery) =>
    plainHash('v1', secrets, delivery, (secret) => sha256(secret, delivery.body)),
};

function plainHash(
  version: string,
  secrets: readonly string[],
  { header }: Delivery,
  digest: (secret: string) => Buffer,
): Verdict {
  const signature = header('x-hubspot-signature');
  if (signature !== undefined && (header('x-hubspot-signature-version') ?? version) !== version)
    return refused('bad_signature');
  return judge({
    secrets,
    given: signature === undefined ? undefined : [signature],
    encoding: 'hex',
    digest,
  });
}

/** The URL as HubSpot signs it: these escapes decoded, all others as they are. */
function signedUrl(url: string): string {
  return url.replace(/%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi, (_escape, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}
