import type { PersonMade } from '../../activities/ports-vendors';
import { isRecord, type JsonObject } from './json';

/** A request as its verifier sees it: the bytes as sent, headers whatever their case, repeated ones joined by commas. */
export interface Delivery {
  readonly method: string;
  /** The public URL, query included, as the sender wrote it. */
  readonly url: string;
  readonly header: (name: string) => string | undefined;
  /** Of all headers, in lower case. */
  readonly headerNames: readonly string[];
  readonly body: Buffer;
  readonly nowMs: number;
}

export type Refusal =
  'missing_header' | 'bad_signature' | 'bad_timestamp' | 'stale' | 'no_secret' | 'malformed';

export type Verdict = { readonly ok: true } | { readonly ok: false; readonly reason: Refusal };

/**
 * What an authentic event is to us: a lead; one of the sender's own tests; a lead of which the sender tells only the
 * id; or anything else. Only the first becomes a lead, the others are kept.
 */
export type EventNature = 'lead' | 'test' | 'id_only' | 'other';

/** One event of a delivery: what claims to be a lead, not checked yet. */
export interface WebhookEvent {
  readonly nature: EventNature;
  /** The sender's own id of the event, the same on a repeat; absent when its content has to decide. */
  readonly id?: string | undefined;
  /** What makes the event unique for ever, where its id does not. */
  readonly key?: string | undefined;
  readonly type?: string | undefined;
  /** The part of the payload that is this event; mappings look here. */
  readonly data: unknown;
  /** Id of a record in the scheme's CRM that somebody may have changed, as `CrmChanges.read` takes it. */
  readonly changed?: string | undefined;
  /** A person whom a program made in the scheme's CRM, maybe we. */
  readonly made?: PersonMade | undefined;
}

/** An answer in the form that the sender wants. */
export interface VendorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the owner of a source configured. */
export interface SourceKeys {
  /** Live secrets. */
  readonly secrets: readonly string[];
  /** The word that Meta repeats in its handshake. */
  readonly verifyToken?: string | undefined;
}

/** How one kind of source signs, and where in its body the leads are. Pure: the clock comes with the delivery. */
export interface WebhookScheme {
  /** Decides on the raw bytes. Every live secret is good; a source without one refuses everything. */
  verify(secrets: readonly string[], delivery: Delivery): Verdict;
  /** The events of a genuine delivery; none only for a handshake. @param payload the parsed body */
  events(payload: unknown, delivery: Delivery): readonly WebhookEvent[];
  /** The lead in an event's data, under our names as far as the sender's tell. */
  lead(data: unknown): unknown;
  /** Answers the GET or OPTIONS by which a sender makes sure that the address is ours; undefined means no. */
  handshake?(keys: SourceKeys, request: Delivery): VendorAnswer | undefined;
  /** What the sender wants to hear after a genuine POST; without it our own 202 does. */
  answer?(payload: unknown): VendorAnswer;
  /** What a usable secret looks like, when this one is none. */
  secretFault?(secret: string): string | undefined;
  /** The body holds the secret, so it is not kept: the data of its events, which is without it, is. */
  readonly secretInBody?: true;
  /** The CRM whose records its events name. */
  readonly crm?: 'hubspot' | 'pipedrive';
  /** Content type of its bodies, where that is not JSON. */
  readonly contentType?: string;
  /** Reads a genuine body that is no JSON and no form. @throws ApiError 400 or 415 */
  read?(delivery: Delivery): Promise<unknown>;
  /** Leads that the sender only names can be fetched with an access token of the source. */
  readonly fetchesLeads?: true;
  /** Bodies are forms (application/x-www-form-urlencoded) as well as JSON. */
  readonly takesForms?: boolean;
}

/**
 * The events of a body that holds a list of them. What is none is kept beside them; a body in which none can be found is
 * kept as it is. @param eventOf may find that an object is no event
 */
export function eventsIn(
  payload: unknown,
  list: readonly unknown[],
  eventOf: (element: JsonObject) => WebhookEvent | undefined,
): readonly WebhookEvent[] {
  const found = list.map((data) => ({ data, event: isRecord(data) ? eventOf(data) : undefined }));
  return found.some(({ event }) => event !== undefined)
    ? found.map(({ data, event }) => event ?? { nature: 'other', data })
    : [{ nature: 'other', data: payload }];
}

export const jsonAnswer = (body: unknown): VendorAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});

export const textAnswer = (body: string): VendorAnswer => ({
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body,
});
