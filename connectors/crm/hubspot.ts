import { z } from 'zod';
import { ConnectorError } from '../../activities/failures';
import type { Clock } from '../../activities/ports';
import type { CrmLead, CrmPort } from '../../activities/ports-vendors';
import { parseAnswer, RefusedError, type Refusal } from '../http';
import { fixedCredential, jsonIn, oauthCredentials, type CredentialSource } from './credentials';
import { hubspotKey, hubspotVersion } from './hubspot-account';
import { hubspotChanges } from './hubspot-changes';
import { createOwnerDirectory, followUpOf, type StatusWords } from './lead-view';
import { budgetOf, createVendorApi, quotaPauseMs, type VendorApi } from './vendor-api';

const system = 'hubspot';

export interface HubspotOptions {
  /** `https://api.hubapi.com`, or a fake. */
  readonly url: string;
  readonly clock: Clock;
  /** Service key of one account, or the OAuth client and its refresh token. */
  readonly auth:
    | { readonly token: string }
    | { readonly clientId: string; readonly clientSecret: string; readonly refreshToken: string };
  /** Our statuses as values of `hs_lead_status`; HubSpot's own where absent. */
  readonly statusWords?: StatusWords | undefined;
  readonly timeoutMs?: number;
}

const defaultWords: StatusWords = {
  received: 'NEW',
  identified: 'NEW',
  parked: 'NEW',
  assigned: 'OPEN',
  touched: 'IN_PROGRESS',
  qualified: 'CONNECTED',
  converted: 'OPEN_DEAL',
  disqualified: 'UNQUALIFIED',
  rejected: 'UNQUALIFIED',
};

/**
 * A lead is a contact with an owner and a lead status, and a task with the touch deadline. The contact is found by its
 * e-mail address, HubSpot's own key, else by our property: two leads of one person are one contact. Both writes are
 * upserts by a unique key, so a repeat changes nothing. A contact that was written is known by its id from then on: one
 * that people deleted must not come back.
 * @see https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/batch/upsert-contacts
 */
export function createHubspotCrm(options: HubspotOptions): CrmPort {
  const call = createVendorApi({
    system,
    baseUrl: options.url,
    credentials: credentialsOf(options),
    explain: explainHubspot,
    budget: (headers) =>
      budgetOf(headers, 'x-hubspot-ratelimit-daily', 'x-hubspot-ratelimit-daily-remaining'),
    clock: options.clock,
    timeoutMs: options.timeoutMs,
  });
  const ownerOf = createOwnerDirectory({ system, clock: options.clock }, async (email, lead, signal) => {
    const path = `/crm/owners/${hubspotVersion}?email=${encodeURIComponent(email)}&limit=1`;
    const { text } = await call({ method: 'GET', path, band: lead.band, signal });
    return parseAnswer(system, Owners, text).results[0]?.id;
  });
  const words = options.statusWords ?? defaultWords;
  return {
    system,
    changes: hubspotChanges(call, { words, clock: options.clock }),
    upsertLead: async (lead, _idempotencyKey, signal, knownId) => {
      // The person's older lead goes on, and the contact stands for that one: it keeps its owner and our id.
      if (lead.status === 'merged') {
        const asItIs = { key: keyOf(lead), properties: {}, signal };
        return { externalId: knownId ?? (await upsert(call, 'contacts', lead, asItIs)) };
      }
      const ownerId = await ownerOf(lead, signal);
      const contact = contactOf(lead, { ownerId, words });
      const externalId =
        knownId === undefined
          ? await upsert(call, 'contacts', lead, { key: keyOf(lead), properties: contact, signal })
          : await updateContact(call, lead, { id: knownId, properties: contact, signal });
      await writeTask(call, lead, { ownerId, contactId: externalId, signal });
      return { externalId };
    },
  };
}

function credentialsOf({ url, auth, clock }: HubspotOptions): CredentialSource {
  if ('token' in auth) return fixedCredential({ authorization: `Bearer ${auth.token}` });
  return oauthCredentials({
    system,
    url: new URL(`/oauth/${hubspotVersion}/token`, url),
    form: {
      grant_type: 'refresh_token',
      client_id: auth.clientId,
      client_secret: auth.clientSecret,
      refresh_token: auth.refreshToken,
    },
    clock,
  });
}

type Properties = Readonly<Record<string, string | undefined>>;

/** Every value is text; what we do not know is left as it is over there. */
function contactOf(
  lead: CrmLead,
  { ownerId, words }: { readonly ownerId: string | undefined; readonly words: StatusWords },
): Properties {
  const { person, account, status, id } = lead;
  return {
    email: person.email,
    firstname: person.firstName,
    lastname: person.lastName,
    phone: person.phone,
    company: account?.name ?? person.company,
    website: person.website,
    jobtitle: person.title,
    country: person.country,
    city: person.city,
    zip: person.postalCode,
    message: person.message,
    hubspot_owner_id: ownerId,
    hs_lead_status: words[status],
    [hubspotKey]: id,
  };
}

interface Known {
  readonly id: string;
  readonly properties: Properties;
  readonly signal: AbortSignal;
}

/**
 * An address that another contact has is left out.
 * @returns its id, another one once people have merged it. @throws ConnectorError `deleted`
 */
async function updateContact(call: VendorApi, lead: CrmLead, known: Known): Promise<string> {
  try {
    return await update(call, 'contacts', lead, known);
  } catch (error) {
    const { email, ...properties } = known.properties;
    if (isConflict(error) && email !== undefined) return updateContact(call, lead, { ...known, properties });
    if (!isNotFound(error)) throw error;
    return update(call, 'contacts', lead, { ...known, id: await survivorOf(call, lead, known) });
  }
}

/** Ids of contacts that were merged lead to the one that is left. */
async function survivorOf(call: VendorApi, { band }: CrmLead, { id, signal }: Known): Promise<string> {
  const path = `/crm/objects/${hubspotVersion}/contacts/${encodeURIComponent(id)}`;
  try {
    const { text } = await call({ method: 'GET', path, band, signal });
    return parseAnswer(system, Updated, text).id;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new ConnectorError('deleted', `${system}: the record was deleted there`);
  }
}

const isConflict = (error: unknown): boolean =>
  error instanceof RefusedError && error.refusal.existingId !== undefined;

const isNotFound = (error: unknown): boolean =>
  error instanceof RefusedError && error.refusal.detail.startsWith('OBJECT_NOT_FOUND');

/** The owner's task, upserted and tied to the contact; both can be repeated. */
async function writeTask(
  call: VendorApi,
  lead: CrmLead,
  to: { readonly ownerId: string | undefined; readonly contactId: string; readonly signal: AbortSignal },
): Promise<void> {
  const task = followUpOf(lead);
  if (!task) return;
  const taskId = await upsert(call, 'tasks', lead, {
    key: { idProperty: hubspotKey, id: lead.id },
    properties: {
      [hubspotKey]: lead.id,
      hs_timestamp: task.dueAt,
      hs_task_subject: task.subject,
      hs_task_status: task.done ? 'COMPLETED' : 'NOT_STARTED',
      hs_task_priority: lead.band === 'hot' ? 'HIGH' : 'MEDIUM',
      hs_task_type: 'TODO',
      hubspot_owner_id: to.ownerId,
    },
    signal: to.signal,
  });
  const path = `/crm/objects/${hubspotVersion}/tasks/${taskId}/associations/default/contacts/${to.contactId}`;
  await call({ method: 'PUT', path, band: lead.band, signal: to.signal });
}

/** HubSpot's own key of a person, else ours. */
const keyOf = ({ id, person }: CrmLead): Upsert['key'] =>
  person.email === undefined ? { idProperty: hubspotKey, id } : { idProperty: 'email', id: person.email };

interface Upsert {
  readonly key: { readonly idProperty: string; readonly id: string };
  readonly properties: Properties;
  readonly signal: AbortSignal;
}

/** @returns the id over there, also where another record already has one of our unique values */
async function upsert(
  call: VendorApi,
  type: 'contacts' | 'tasks',
  lead: CrmLead,
  { key, properties, signal }: Upsert,
): Promise<string> {
  const { band, id: leadId } = lead;
  const path = `/crm/objects/${hubspotVersion}/${type}`;
  const body = { inputs: [{ ...key, objectWriteTraceId: leadId, properties }] };
  try {
    const { text } = await call({ method: 'POST', path: `${path}/batch/upsert`, body, band, signal });
    return upsertedId(leadId, parseAnswer(system, Upserted, text));
  } catch (error) {
    const existingId = error instanceof RefusedError ? error.refusal.existingId : undefined;
    if (existingId === undefined) throw error;
    return update(call, type, lead, { id: existingId, properties, signal });
  }
}

async function update(
  call: VendorApi,
  type: 'contacts' | 'tasks',
  { band }: CrmLead,
  { id, properties, signal }: Known,
): Promise<string> {
  const path = `/crm/objects/${hubspotVersion}/${type}/${encodeURIComponent(id)}`;
  const { text } = await call({ method: 'PATCH', path, body: { properties }, band, signal });
  return parseAnswer(system, Updated, text).id;
}

/** @throws RefusedError for a refusal inside a 200 */
function upsertedId(leadId: string, { results, errors }: z.infer<typeof Upserted>): string {
  const fault = errors.find(({ context }) => context?.objectWriteTraceId?.includes(leadId) === true);
  const id = results[0]?.id;
  if (fault === undefined && id !== undefined) return id;
  const refusal = refusalOf(400, fault ?? errors[0] ?? {});
  throw new RefusedError(`${system}: ${refusal.detail}`, refusal);
}

const Updated = z.object({ id: z.string().min(1) });
const Owners = z.object({ results: z.array(z.object({ id: z.string().min(1) })) });

const Fault = z.object({
  category: z.string().optional(),
  policyName: z.string().optional(),
  message: z.string().optional(),
  context: z.object({ objectWriteTraceId: z.array(z.string()).optional() }).optional(),
});
type Fault = z.infer<typeof Fault>;

/** The dated versions report what failed of a batch inside a 200. */
const Upserted = z.object({
  results: z.array(z.object({ id: z.string().min(1) })),
  errors: z.array(Fault).default([]),
});

/** What HubSpot's refusals mean, by its own words. */
export function explainHubspot(status: number, text: string, headers: Headers): Refusal | undefined {
  const fault = Fault.safeParse(jsonIn(text)).data;
  if (status === 423) return { code: 'busy', detail: 'locked', retryAfterMs: 2_000 };
  if (status === 477) return { code: 'busy', detail: 'account migration' };
  if (status === 429) return limitOf(fault?.policyName, headers);
  return fault && status < 500 ? refusalOf(status, fault) : undefined;
}

/** @see https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines */
function limitOf(policy: string | undefined, headers: Headers): Refusal {
  if (policy === 'DAILY') return { code: 'quota', detail: 'DAILY', retryAfterMs: quotaPauseMs };
  if (policy === 'SECONDLY') return { code: 'busy', detail: 'SECONDLY', retryAfterMs: 1_000 };
  const interval = Number(headers.get('x-hubspot-ratelimit-interval-milliseconds') ?? 10_000);
  return { code: 'busy', detail: 'burst limit', retryAfterMs: interval > 0 ? interval : 10_000 };
}

/** Categories are HubSpot's vocabulary; its messages may echo the person, so only names of properties are taken. */
function refusalOf(status: number, { category, message = '' }: Fault): Refusal {
  const word = category !== undefined && /^[A-Z_]{1,60}$/.test(category) ? category : 'refused';
  const names = [...message.matchAll(/"name":"([a-z0-9_]{1,60})"/g)].map(([, name]) => name);
  const detail = [word, ...names].join(' ');
  if (status === 401) return { code: 'auth', detail, expired: word === 'EXPIRED_AUTHENTICATION' };
  if (status === 403) return { code: 'auth', detail };
  if (/PROPERTY_DOESNT_EXIST|does not exist/.test(message)) return { code: 'setup', detail };
  const existingId = word === 'CONFLICT' ? /Existing ID: (\d+)/.exec(message)?.[1] : undefined;
  return { code: 'rejected', detail, existingId };
}
