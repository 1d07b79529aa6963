import { decodeText, parseJson } from '../body';
import { bearer, namedFields } from './generic';
import { isRecord, textOf } from './json';
import { eventsIn, type Delivery, type VendorAnswer, type WebhookEvent, type WebhookScheme } from './scheme';
import { refused } from './signature';

/**
 * CloudEvents 1.0 over HTTP, binary, structured and batched. The standard has no signature: the secret comes as an
 * OAuth bearer token, in the header or as `access_token`. A list without any secret stands for a source that was
 * deliberately made without one; PUT /v1/sources makes none.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md
 */
export const cloudEvents: WebhookScheme = {
  verify: (secrets, delivery) => {
    const authorised = secrets.length === 0 ? ({ ok: true } as const) : bearer(secrets, tokenOf(delivery));
    if (!authorised.ok) return authorised;
    return envelopesOf(delivery)?.every(isEvent) === true ? { ok: true } : refused('malformed');
  },
  events: (payload, delivery) => eventsIn(payload, envelopesOf(delivery) ?? [], eventOf),
  lead: namedFields,
  handshake: (_keys, { method, header }): VendorAnswer | undefined => {
    const origin = header('webhook-request-origin');
    if (method !== 'OPTIONS' || origin === undefined || origin.trim() === '') return undefined;
    // The rate of one sender is not ours to set: what is too fast gets 429 with Retry-After.
    const headers = { allow: 'POST', 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' };
    return { status: 200, headers, body: '' };
  },
};

type Envelope = Readonly<Record<string, unknown>>;

function tokenOf({ header, url }: Delivery): string | undefined {
  const inQuery = new URLSearchParams(url.split('?')[1] ?? '').get('access_token');
  return header('authorization') ?? (inQuery === null ? undefined : `Bearer ${inQuery}`);
}

/** The events with their attributes and data, whatever the mode; undefined when the message cannot be read. */
function envelopesOf(delivery: Delivery): readonly unknown[] | undefined {
  const type = (delivery.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  try {
    if (!type.startsWith('application/cloudevents')) return [binaryEnvelope(delivery, type)];
    const json = parseJson(decodeText(delivery.body));
    if (type === 'application/cloudevents+json') return [json];
    return type === 'application/cloudevents-batch+json' && Array.isArray(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** @throws URIError on a malformed escape, ApiError when a body that says it is JSON is none */
function binaryEnvelope({ header, headerNames, body }: Delivery, type: string): Envelope {
  const attributes = headerNames
    .filter((name) => name.startsWith('ce-'))
    .map((name) => [name.slice('ce-'.length), decoded(header(name))] as const);
  const isJson = body.length > 0 && (type === '' || /[/+]json$/.test(type));
  return { ...Object.fromEntries(attributes), data: isJson ? parseJson(decodeText(body)) : undefined };
}

/** Header values may be quoted and are percent-encoded once; what is not UTF-8 afterwards is refused. */
function decoded(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const unquoted = /^".*"$/.test(value) ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
  return decodeURIComponent(unquoted);
}

/** Has what the specification requires, in the form it requires. */
function isEvent(envelope: unknown): boolean {
  if (!isRecord(envelope) || envelope['specversion'] !== '1.0') return false;
  const filled = (name: string): boolean => typeof envelope[name] === 'string' && envelope[name] !== '';
  const { source, time, data, data_base64: encoded } = envelope;
  if (data !== undefined && encoded !== undefined) return false;
  return (
    filled('id') &&
    filled('type') &&
    filled('source') &&
    !/[\s<>"{}|\\^`]/.test(String(source)) &&
    (time === undefined || time === null || (typeof time === 'string' && rfc3339.test(time)))
  );
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function eventOf(envelope: unknown): WebhookEvent {
  const { source, id, type, data, data_base64: encoded } = isRecord(envelope) ? envelope : {};
  return {
    nature: 'lead',
    id: `${String(source)}#${String(id)}`,
    type: textOf(type),
    data: typeof encoded === 'string' ? dataIn(encoded) : data,
  };
}

/** JSON that was sent as bytes; other bytes are no lead and stay what they are. */
function dataIn(encoded: string): unknown {
  try {
    return parseJson(decodeText(Buffer.from(encoded, 'base64')));
  } catch {
    return encoded;
  }
}
