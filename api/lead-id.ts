import { createHash } from 'node:crypto';
import type { NewLead } from '../activities/ports';
import type { ShownAtDoor } from '../domain/gate';
import { deriveLeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';
import type { LeadFields } from '../domain/lead';
import type { Caller } from './auth';
import { ApiError } from './errors';
import { storable } from './schemas/text';

/** Source of leads that came through `POST /v1/leads` and name none. */
export const apiSource = 'api';

/** Source of leads of a file that names none; no webhook source may be called so. */
export const importSource = 'import';

/** Who sends leads through `POST /v1/leads`. */
export type Sender = Pick<Caller, 'name'>;

interface Sent {
  readonly fields: LeadFields;
  readonly door?: ShownAtDoor | undefined;
  readonly json: unknown;
  readonly text: string;
  readonly nowMs: number;
}

/**
 * A lead of `POST /v1/leads`. What makes it the same lead, strongest first: the sender's Idempotency-Key (whatever the
 * body says), his own id (within the source, when he names one), the content of the body.
 */
export function leadFromApi(sent: Sent, sender: Sender, idempotencyKey: string | undefined): NewLead {
  const { source = apiSource, externalId } = sent.fields;
  if (idempotencyKey !== undefined) {
    const eventKey = `idempotency-key:${checkedKey(idempotencyKey)}`;
    return newLead(sent, { source, scope: scopeOf(sender), eventKey });
  }
  const isOwnId = externalId !== undefined && sent.fields.source === undefined;
  return newLead(sent, { source, scope: isOwnId ? scopeOf(sender) : source, eventKey: eventKeyOf(sent) });
}

/**
 * Whose keys and ids these are, as two senders may number alike. The name of an API key says who uses it, and stays when
 * the key is replaced. No source has a line break.
 */
const scopeOf = ({ name }: Sender): string => `${apiSource}\n${name}`;

/** The sender's own id of the lead, or its content. */
const eventKeyOf = ({ fields: { externalId }, json }: Sent): string =>
  externalId === undefined ? contentKey(json) : `external-id:${externalId}`;

/** A lead of a webhook; without an event id of the source its content decides. */
export function leadFromWebhook(sent: Sent, source: string, eventId: string | undefined): NewLead {
  return newLead(sent, {
    source,
    scope: source,
    eventKey: eventId === undefined ? contentKey(sent.json) : shortened(eventId),
  });
}

/**
 * A lead of a file. It is the same lead as one of `POST /v1/leads` with the same source and external id; without an id its
 * content decides, so that a file which holds lines of an earlier one brings only what is new.
 */
export function leadFromImport(sent: Sent, source: string, eventId: string | undefined): NewLead {
  const own = sent.fields.source ?? source;
  const named = { ...sent, fields: { ...sent.fields, source: own } };
  const lead =
    eventId === undefined
      ? newLead(named, { source: own, scope: own, eventKey: eventKeyOf(named) })
      : leadFromWebhook(sent, own, eventId);
  return { ...lead, imported: true };
}

function newLead(
  { fields, door, text, nowMs }: Sent,
  id: { readonly source: string; readonly scope: string; readonly eventKey: string },
): NewLead {
  return {
    leadId: deriveLeadId(id.scope, id.eventKey),
    source: id.source,
    eventKey: id.eventKey,
    rawBody: text,
    fields,
    ...(door === undefined ? {} : { door }),
    receivedAt: toInstant(nowMs),
  };
}

function checkedKey(key: string): string {
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key;
  const issue = {
    path: 'Idempotency-Key',
    message: 'cannot be used',
    expected: '1 to 255 printable ASCII characters',
  };
  throw new ApiError('invalid_request', 'The header Idempotency-Key cannot be used.', { issues: [issue] });
}

/** Event ids are short; one that is long, or that Postgres cannot store, is kept as its hash. */
function shortened(eventId: string): string {
  if (eventId !== storable(eventId)) return contentKey(eventId);
  return eventId.length <= 255 ? eventId : `sha256:${sha256(eventId)}`;
}

/** The same content gives the same key, however its fields are ordered and spaced. */
export function contentKey(json: unknown): string {
  return `sha256:${sha256(canonical(json))}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON with sorted keys and trimmed texts; nesting was limited when the body was parsed. */
function canonical(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.trim());
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
}
