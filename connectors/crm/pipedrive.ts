import { z } from 'zod';
import type { Clock } from '../../activities/ports';
import type { CrmLead, CrmPort } from '../../activities/ports-vendors';
import { parseAnswer, RefusedError, type Refusal } from '../http';
import type { Outbound } from '../outbound';
import { createOnce, settleMs } from './create-once';
import { fixedCredential, jsonIn, oauthCredentials, type CredentialSource } from './credentials';
import { createOwnerDirectory, followUpOf, titleOf } from './lead-view';
import { pipedriveChanges } from './pipedrive-changes';
import { dealPage } from './pipedrive-deals';
import { budgetOf, createVendorApi, quotaPauseMs, type VendorApi } from './vendor-api';

const system = 'pipedrive';
/** Leads, deals and activities have as many fields as a company adds. */
const maxBytes = 1_024 * 1_024;

export interface PipedriveOptions {
  /** The company's address, such as `https://acme.pipedrive.com`. */
  readonly url: string;
  /** Where OAuth tokens come from. */
  readonly tokenUrl: string;
  /** API token of one user, or the OAuth client and its refresh token. */
  readonly auth:
    | { readonly token: string }
    | { readonly clientId: string; readonly clientSecret: string; readonly refreshToken: string };
  readonly clock: Clock;
  /** Guards the account's address that comes with a token. */
  readonly outbound?: Outbound;
  readonly timeoutMs?: number;
}

/** What was written, and where its activity belongs; nowhere when it was deleted. */
interface Written {
  readonly externalId: string;
  readonly holder: readonly ['lead_id', string] | readonly ['deal_id', number] | undefined;
}

/** One write of a lead: what all of its calls need. */
interface Write {
  readonly call: VendorApi;
  readonly lead: CrmLead;
  readonly ownerId: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * A lead is a Lead of a Person, and an Activity with the touch deadline. Pipedrive has no unique keys: our id stands in
 * the lead's `origin_id` and in the activity's note, and each is looked for before it is created. A person who is there
 * already is left as he is. A lead that people archived is left alone; of one that they made a deal of, owner and activity
 * are the deal's.
 * @see https://developers.pipedrive.com/docs/api/v1/Leads
 */
export function createPipedriveCrm(options: PipedriveOptions): CrmPort {
  const call = createVendorApi({
    system,
    baseUrl: options.url,
    credentials: credentialsOf(options),
    outbound: options.outbound,
    explain,
    budget: (headers) =>
      budgetOf(headers, 'x-daily-ratelimit-token-limit', 'x-daily-ratelimit-token-remaining'),
    clock: options.clock,
    timeoutMs: options.timeoutMs,
    maxBytes,
  });
  const ownerOf = createOwnerDirectory({ system, clock: options.clock }, async (email, lead, signal) => {
    const { text } = await call({ method: 'GET', path: '/api/v1/users', band: lead.band, signal });
    const user = parseAnswer(system, Users, text).data.find(
      (one) => one.active_flag && one.email.toLowerCase() === email.toLowerCase(),
    );
    return user && String(user.id);
  });
  return {
    system,
    settleMs,
    upsertLead: async (lead, _idempotencyKey, signal, knownId) => {
      const owner = await ownerOf(lead, signal);
      const write = { call, lead, ownerId: owner === undefined ? undefined : Number(owner), signal };
      const { externalId, holder } =
        knownId === undefined ? await findOrCreateLead(write) : await updateLead(write, knownId);
      if (holder) await writeActivity(write, holder);
      return { externalId };
    },
    changes: pipedriveChanges(call, options.clock),
  };
}

function credentialsOf({ auth, tokenUrl, clock }: PipedriveOptions): CredentialSource {
  if ('token' in auth) return fixedCredential({ 'x-api-token': auth.token });
  return oauthCredentials({
    system,
    url: new URL(tokenUrl),
    form: { grant_type: 'refresh_token', refresh_token: auth.refreshToken },
    client: { id: auth.clientId, secret: auth.clientSecret },
    clock,
  });
}

async function findOrCreateLead(write: Write): Promise<Written> {
  const { call, lead, ownerId, signal } = write;
  const { band } = lead;
  const personId = (await findPerson(write)) ?? (await createPerson(write));
  const path = `/api/v1/leads?person_id=${String(personId)}&limit=500`;
  const { text } = await call({ method: 'GET', path, band, signal });
  const mine = parseAnswer(system, Leads, text).data.find((one) => one.origin_id === lead.id);
  if (mine) return updateLead(write, mine.id);
  const body = { title: titleOf(lead), person_id: personId, owner_id: ownerId, origin_id: lead.id };
  const created = await createOnce(() => call({ method: 'POST', path: '/api/v1/leads', body, band, signal }));
  return leadWritten(parseAnswer(system, OneLead, created.text).data.id);
}

const leadWritten = (leadId: string): Written => ({ externalId: leadId, holder: ['lead_id', leadId] });

/** Pipedrive's leads have no status; owner and title are what we keep up to date. */
async function updateLead(write: Write, leadId: string): Promise<Written> {
  const { call, lead, ownerId, signal } = write;
  const path = `/api/v1/leads/${encodeURIComponent(leadId)}`;
  try {
    const body = { title: titleOf(lead), owner_id: ownerId };
    await call({ method: 'PATCH', path, body, band: lead.band, signal });
    return leadWritten(leadId);
  } catch (error) {
    if (!(error instanceof RefusedError) || error.refusal.detail !== 'not found') throw error;
    return updateDeal(write, leadId);
  }
}

/**
 * A lead that is gone was made a deal of, or deleted by people, who go on without us. The deal is looked for among the
 * newest of the person; it goes on under the lead's id, by which the changes name it.
 */
async function updateDeal(write: Write, leadId: string): Promise<Written> {
  const { call, lead, ownerId, signal } = write;
  const how = { band: lead.band, signal };
  const gone: Written = { externalId: leadId, holder: undefined };
  const personId = await findPerson(write);
  if (personId === undefined) return gone;
  const query = `person_id=${String(personId)}&sort_by=id&sort_direction=desc`;
  const { deals } = await dealPage(call, query, how);
  const deal = deals.find(({ source_lead_id }) => source_lead_id === leadId);
  if (!deal) return gone;
  if (ownerId !== undefined && ownerId !== deal.owner_id)
    await call({
      method: 'PATCH',
      path: `/api/v2/deals/${String(deal.id)}`,
      body: { owner_id: ownerId },
      ...how,
    });
  return { externalId: leadId, holder: ['deal_id', deal.id] };
}

async function findPerson({ call, lead, signal }: Write): Promise<number | undefined> {
  const { band, person } = lead;
  const [field, value] = person.email ? ['email', person.email] : ['phone', person.phone ?? ''];
  const query = `term=${encodeURIComponent(value)}&fields=${field}&exact_match=true&limit=1`;
  const path = `/api/v2/persons/search?${query}`;
  const { text } = await call({ method: 'GET', path, band, signal });
  return parseAnswer(system, FoundPersons, text).data.items[0]?.item.id;
}

async function createPerson({ call, lead, ownerId, signal }: Write): Promise<number> {
  const { band, person } = lead;
  const contact = (one: string | undefined) => (one ? [{ value: one, primary: true, label: 'work' }] : []);
  const body = {
    name: titleOf(lead),
    owner_id: ownerId,
    emails: contact(person.email),
    phones: contact(person.phone),
  };
  const created = await createOnce(() =>
    call({ method: 'POST', path: '/api/v2/persons', body, band, signal }),
  );
  return parseAnswer(system, Entity, created.text).data.id;
}

async function writeActivity(
  { call, lead, ownerId, signal }: Write,
  [field, holderId]: NonNullable<Written['holder']>,
): Promise<void> {
  const task = followUpOf(lead);
  if (!task) return;
  const { band, id, person } = lead;
  const list = `/api/v2/activities?${field}=${encodeURIComponent(holderId)}&limit=500`;
  const { text } = await call({ method: 'GET', path: list, band, signal });
  const mine = parseAnswer(system, Activities, text).data.find((one) => one.note?.includes(id) === true);
  const body = {
    subject: task.subject,
    type: 'task',
    owner_id: ownerId,
    [field]: holderId,
    due_date: task.dueAt.slice(0, 10),
    due_time: task.dueAt.slice(11, 19),
    done: task.done,
    note: [escapeHtml(person.message ?? ''), `lead-router ${id}`].filter(Boolean).join('<br>'),
  };
  await (mine
    ? call({ method: 'PATCH', path: `/api/v2/activities/${String(mine.id)}`, body, band, signal })
    : createOnce(() => call({ method: 'POST', path: '/api/v2/activities', body, band, signal })));
}

/** Notes are HTML over there, and what the person wrote is not ours to run. */
function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const id = z.int().min(1);
const Entity = z.object({ data: z.object({ id }) });
const Users = z.object({ data: z.array(z.object({ id, email: z.string(), active_flag: z.boolean() })) });
const FoundPersons = z.object({ data: z.object({ items: z.array(z.object({ item: z.object({ id }) })) }) });
const OneLead = z.object({ data: z.object({ id: z.string().min(1) }) });
const Leads = z.object({
  data: z.array(z.object({ id: z.string().min(1), origin_id: z.string().nullish() })),
});
const Activities = z.object({ data: z.array(z.object({ id, note: z.string().nullish() })) });

/** @see https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting */
function explain(status: number, text: string, headers: Headers): Refusal | undefined {
  const isJson = jsonIn(text) !== undefined;
  if (status === 401) return { code: 'auth', detail: 'unauthorized', expired: true };
  if (status === 404 && isJson) return { code: 'rejected', detail: 'not found' };
  // The page of the network in front of the API, for those who did not heed its 429.
  if (status === 403 && !isJson) return { code: 'quota', detail: 'blocked', retryAfterMs: quotaPauseMs };
  if (status !== 429) return undefined;
  if (headers.get('x-daily-ratelimit-token-remaining') === '0')
    return { code: 'quota', detail: 'daily tokens', retryAfterMs: quotaPauseMs };
  const resetS = Number(headers.get('x-ratelimit-reset') ?? 2);
  return { code: 'busy', detail: 'burst limit', retryAfterMs: resetS > 0 ? resetS * 1_000 : 2_000 };
}
