import type { NewLead } from '../../activities/ports';
import type { LeadFields } from '../../domain/lead';
import type { EventState, KeptEvent, SourceConfig } from '../ports';
import { decodeText } from '../body';
import { ApiError, type Issue } from '../errors';
import { toIssues } from '../issues';
import { leadFromWebhook } from '../lead-id';
import { LeadBody } from '../schemas/lead-body';
import { storable } from '../schemas/text';
import { shownAtDoor } from './door';
import { isRecord } from './json';
import { applyMapping } from './mapping';
import { webhookSchemes } from './registry';
import type { Delivery, Verdict, WebhookEvent } from './scheme';

/** What became of one event: a lead that is to be taken in, or an event that is to be kept, with the reason. */
export type Received =
  | { readonly event: WebhookEvent; readonly lead: NewLead }
  | { readonly event: WebhookEvent; readonly kept: KeptEvent; readonly issues: readonly Issue[] };

/** Secrets that are good now: the newest, and the one before it until its time is over. */
export function liveSecrets({ secrets, previousUntil }: SourceConfig, nowMs: number): readonly string[] {
  return previousUntil !== undefined && Date.parse(previousUntil) <= nowMs ? secrets.slice(0, 1) : secrets;
}

/** Passes a genuine delivery. @throws ApiError 401, or 400 when it is too old or cannot be read */
export function requireGenuine(verdict: Verdict): void {
  if (verdict.ok) return;
  switch (verdict.reason) {
    case 'stale':
      throw new ApiError(
        'stale_timestamp',
        'The delivery was signed more than 5 minutes ago or ahead of time.',
      );
    case 'bad_timestamp':
      throw new ApiError('bad_request', 'The timestamp of the signature is not a number.');
    case 'malformed':
      throw new ApiError('malformed_body', 'The body is not what this kind of source sends.');
    case 'missing_header':
      throw new ApiError('bad_signature', 'What signs the delivery is missing.');
    case 'no_secret':
    case 'bad_signature':
      throw new ApiError('bad_signature', 'The signature is not made with a live secret of this source.');
  }
}

/** The events of a genuine delivery, in order. @param payload its parsed body */
export function receive(source: SourceConfig, delivery: Delivery, payload: unknown): readonly Received[] {
  const scheme = webhookSchemes[source.kind];
  const events = scheme.events(payload, delivery);
  // One event is kept as it was sent; of a batch each keeps its own part, of a mail what was read of it.
  const asSent = events.length === 1 && !scheme.read && !scheme.secretInBody;
  const whole = asSent ? textOfBody(delivery) : undefined;
  return events.map((event): Received => {
    const sent = { json: event.data, text: whole ?? rawOf(event), nowMs: delivery.nowMs };
    const mapped = event.nature === 'lead' ? mapEvent(source, event) : undefined;
    const key = mapped?.eventId ?? event.key ?? event.id;
    if (mapped?.fields) {
      const door = shownAtDoor(source.gate, event.data, mapped.isSpam);
      return { event, lead: leadFromWebhook({ ...sent, fields: mapped.fields, door }, source.name, key) };
    }
    const identified = leadFromWebhook({ ...sent, text: rawOf(event), fields: {} }, source.name, key);
    const { fields: _none, ...identity } = identified;
    const state = statusOf(source, event, mapped);
    const issues = state === 'dead_lettered' ? (mapped?.issues ?? []) : [];
    return {
      event,
      kept: { ...identity, type: event.type && storable(event.type), state, reason: reasonOf(issues) },
      issues,
    };
  });
}

/** The event of a lead that is none after all, to be kept. */
export function keptAsOther({ event, lead }: Extract<Received, { readonly lead: NewLead }>): Received {
  const { fields: _none, door: _nobody, ...identity } = lead;
  const kept: KeptEvent = { ...identity, type: event.type && storable(event.type), state: 'other' };
  return { event, kept, issues: [] };
}

/** Whether leads that the source only names can be fetched. */
export const fetchesLeads = ({ accessToken, oauth }: SourceConfig): boolean =>
  accessToken !== undefined || oauth !== undefined;

/** Why an event is kept. */
function statusOf(source: SourceConfig, { nature }: WebhookEvent, mapped: Mapped | undefined): EventState {
  if (mapped?.isSpam === true) return 'spam';
  if (nature === 'id_only' && fetchesLeads(source)) return 'fetching';
  return nature === 'lead' ? 'dead_lettered' : nature;
}

/** The body as it was sent; a NUL, which only forms can have, is written as forms should write it. */
const textOfBody = ({ body }: Delivery): string => decodeText(body).replaceAll('\0', '%00');

/** JSON of an event's data, from which it can be mapped again. */
function rawOf({ data }: WebhookEvent): string {
  return JSON.stringify(data ?? null);
}

/** What is wrong, without a value from the body. */
export function reasonOf(issues: readonly Issue[]): string | undefined {
  return issues.length === 0
    ? undefined
    : storable(issues.map(({ path, message }) => `${path} ${message}`.trim()).join('; '));
}

interface Mapped {
  /** Absent when there are issues. */
  readonly fields?: LeadFields;
  readonly eventId: string | undefined;
  readonly isSpam: boolean;
  /** What the mapping, or the kind of source, found. */
  readonly found: unknown;
  readonly issues: readonly Issue[];
}

/** The canonical lead in an event: by the source's mapping, or by what its kind is known to send. */
export function mapEvent(
  source: Pick<SourceConfig, 'kind' | 'mapping'>,
  { data }: Pick<WebhookEvent, 'data'>,
): Mapped {
  const mapped = source.mapping && applyMapping(source.mapping, data);
  const found = inOneLine(mapped ? mapped.lead : webhookSchemes[source.kind].lead(data));
  const parsed = LeadBody.safeParse(found);
  const about = { eventId: mapped?.eventId, isSpam: mapped?.isSpam === true, found };
  return parsed.success
    ? { ...about, fields: parsed.data, issues: [] }
    : { ...about, issues: toIssues(parsed.error, found) };
}

/** Line breaks and tabs in the cells of spreadsheets and the boxes of forms are blanks, but in a message. */
function inOneLine(lead: unknown): unknown {
  if (!isRecord(lead)) return lead;
  const clean = (name: string, value: unknown): unknown =>
    typeof value === 'string' && name !== 'message' ? value.replace(/[\r\n\t]+/g, ' ') : value;
  return Object.fromEntries(Object.entries(lead).map(([name, value]) => [name, clean(name, value)]));
}
