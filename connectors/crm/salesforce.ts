import { z } from 'zod';
import { ConnectorError } from '../../activities/failures';
import type { Clock } from '../../activities/ports';
import type { CrmChanges } from '../../activities/ports-crm-sync';
import type { CrmLead, CrmPort } from '../../activities/ports-vendors';
import { parseAnswer, RefusedError, type Refusal } from '../http';
import type { Outbound } from '../outbound';
import { jsonIn, oauthCredentials, type CredentialSource } from './credentials';
import { salesforceChanges } from './salesforce-changes';
import { jwtAssertion, type JwtBearer } from './salesforce-jwt';
import { salesforceKey } from './salesforce-org';
import { clipped, createOwnerDirectory, followUpOf, titleOf, type StatusWords } from './lead-view';
import { createVendorApi, quotaPauseMs, type Budget, type VendorApi, type VendorCall } from './vendor-api';

const system = 'salesforce';

export interface SalesforceOptions {
  /** My Domain of the org, such as `https://acme.my.salesforce.com`. */
  readonly url: string;
  /** An External Client App: its secret with the client-credentials flow, or the key of its certificate with JWT bearer. */
  readonly auth: { readonly clientId: string; readonly clientSecret: string } | JwtBearer;
  /** Such as `v67.0`. */
  readonly version: string;
  readonly clock: Clock;
  /** Our statuses as values of the picklist `Lead.Status`. */
  readonly statusWords?: StatusWords | undefined;
  /** Guards the account's address that comes with a token. */
  readonly outbound?: Outbound;
  readonly timeoutMs?: number;
}

/** Values of the picklist of new orgs. A converted lead cannot be set by hand: Salesforce converts it. */
const defaultWords: StatusWords = {
  assigned: 'New',
  touched: 'Contacted',
  qualified: 'Qualified',
  disqualified: 'Unqualified',
  rejected: 'Unqualified',
};

/**
 * A lead is a Lead, and a Task with the touch deadline; both are upserts by an external id, so a repeat changes
 * nothing. The org's own assignment rules are switched off for our writes, as the owner is decided here.
 * @see https://developer.salesforce.com/docs/platform/api-rest/guide/dome-upsert.html
 */
export function createSalesforceCrm(options: SalesforceOptions): CrmPort {
  const { clock, version } = options;
  const data = `/services/data/${version}`;
  const send = createVendorApi({
    system,
    baseUrl: options.url,
    credentials: credentialsOf(options),
    outbound: options.outbound,
    explain,
    budget,
    clock,
    timeoutMs: options.timeoutMs,
  });
  const call: VendorApi = (one: VendorCall) => send({ ...one, path: `${data}${one.path}` });
  const ownerOf = createOwnerDirectory({ system, clock }, async (email, lead, signal) => {
    const quoted = email.replace(/[\\']/g, '\\$&');
    const query = `SELECT Id FROM User WHERE Email = '${quoted}' AND IsActive = true LIMIT 1`;
    const path = `/query?q=${encodeURIComponent(query)}`;
    const { text } = await call({ method: 'GET', path, band: lead.band, signal });
    return parseAnswer(system, Users, text).records[0]?.Id;
  });
  const words = options.statusWords ?? defaultWords;
  const ask = async (path: string, signal: AbortSignal): Promise<string> =>
    (await call({ method: 'GET', path, band: null, signal })).text;
  const changes = salesforceChanges(ask, words);
  return {
    system,
    changes,
    upsertLead: async (lead, _idempotencyKey, signal, knownId) => {
      const ownerId = await ownerOf(lead, signal);
      const write = { call, changes, lead, fields: fieldsOf(lead, ownerId, words), signal };
      const written = knownId === undefined ? await upsertByKey(write) : await updateById(write, knownId);
      // A converted lead has become a contact, and its task is the sales process's own.
      if (!written.converted) await writeTask(call, lead, { ownerId, leadId: written.id, signal });
      return { externalId: written.id };
    },
  };
}

function credentialsOf({ url, auth, clock }: SalesforceOptions): CredentialSource {
  const token = { system, url: new URL('/services/oauth2/token', url), clock };
  if ('clientSecret' in auth) {
    const { clientId: client_id, clientSecret: client_secret } = auth;
    return oauthCredentials({
      ...token,
      form: { grant_type: 'client_credentials', client_id, client_secret },
    });
  }
  const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' };
  return oauthCredentials({ ...token, form, assertion: (nowMs) => jwtAssertion(auth, nowMs) });
}

type Fields = Readonly<Record<string, string | undefined>>;

/** Lengths are those of the standard fields; LastName and Company are required. */
function fieldsOf(lead: CrmLead, ownerId: string | undefined, words: StatusWords): Fields {
  const { person, account, band, status } = lead;
  return {
    LastName: clipped(person.lastName, 80) ?? clipped(titleOf(lead), 80),
    FirstName: clipped(person.firstName, 40),
    Company: clipped(account?.name ?? person.company, 255) ?? '[not provided]',
    Email: person.email,
    Phone: clipped(person.phone, 40),
    Title: clipped(person.title, 128),
    Website: clipped(person.website, 255),
    City: clipped(person.city, 40),
    PostalCode: clipped(person.postalCode, 20),
    Description: clipped(person.message, 32_000),
    Rating: band === null ? undefined : `${band.charAt(0).toUpperCase()}${band.slice(1)}`,
    Status: words[status],
    OwnerId: ownerId,
  };
}

const writeHeaders = {
  'sforce-auto-assign': 'FALSE',
  'sforce-duplicate-rule-header': 'allowSave=true; includeRecordDetails=true; runAsCurrentUser=true',
};

/** One write of a lead: what its calls need. */
interface Write {
  readonly call: VendorApi;
  readonly changes: CrmChanges;
  readonly lead: CrmLead;
  readonly fields: Fields;
  readonly signal: AbortSignal;
}

interface Written {
  readonly id: string;
  readonly converted: boolean;
}

async function upsertByKey(write: Write): Promise<Written> {
  const { call, lead, fields, signal } = write;
  const { band } = lead;
  const path = `/sobjects/Lead/${salesforceKey}/${encodeURIComponent(lead.id)}`;
  try {
    const { text } = await call({ method: 'PATCH', path, headers: writeHeaders, body: fields, band, signal });
    return { id: parseAnswer(system, Upserted, text).id, converted: false };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    if (isConverted(error)) {
      const { text } = await call({ method: 'GET', path: `${path}?fields=Id`, band, signal });
      return { id: parseAnswer(system, Found, text).Id, converted: true };
    }
    // A rule of the org forbids a second lead of this person: the one that is there becomes ours.
    const { existingId } = error.refusal;
    if (existingId?.startsWith('00Q') !== true) throw error;
    return updateById(write, existingId);
  }
}

/** The record we know, or the one that people merged it into. @throws ConnectorError `deleted` */
async function updateById(write: Write, id: string): Promise<Written> {
  const { call, changes, lead, fields, signal } = write;
  const body = { ...fields, [salesforceKey]: lead.id };
  const path = `/sobjects/Lead/${id}`;
  try {
    await call({ method: 'PATCH', path, headers: writeHeaders, body, band: lead.band, signal });
    return { id, converted: false };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    if (isConverted(error)) return { id, converted: true };
    if (error.refusal.detail !== 'NOT_FOUND' && error.code !== 'deleted') throw error;
    const [record] = await changes.read([id], signal);
    if (record?.mergedInto !== undefined) return updateById(write, record.mergedInto);
    throw new ConnectorError('deleted', `${system}: the record was deleted there`);
  }
}

const isConverted = ({ refusal }: RefusedError): boolean => refusal.detail === 'CANNOT_UPDATE_CONVERTED_LEAD';

async function writeTask(
  call: VendorApi,
  lead: CrmLead,
  to: { readonly ownerId: string | undefined; readonly leadId: string; readonly signal: AbortSignal },
): Promise<void> {
  const task = followUpOf(lead);
  if (!task) return;
  await call({
    method: 'PATCH',
    path: `/sobjects/Task/${salesforceKey}/${encodeURIComponent(lead.id)}`,
    body: {
      Subject: task.subject.slice(0, 255),
      WhoId: to.leadId,
      OwnerId: to.ownerId,
      ActivityDate: task.dueAt.slice(0, 10),
      Status: task.done ? 'Completed' : 'Not Started',
      Priority: lead.band === 'hot' ? 'High' : 'Normal',
    },
    band: lead.band,
    signal: to.signal,
  });
}

const recordId = z.string().min(15).max(18);
const Users = z.object({ records: z.array(z.object({ Id: recordId })) });
const Upserted = z.object({ id: recordId });
const Found = z.object({ Id: recordId });

/** `Sforce-Limit-Info: api-usage=18/15000`, of the last 24 hours. */
function budget(headers: Headers): Budget | undefined {
  const [, used, limit] = /api-usage=(\d+)\/(\d+)/.exec(headers.get('sforce-limit-info') ?? '') ?? [];
  return used && limit ? { limit: Number(limit), remaining: Number(limit) - Number(used) } : undefined;
}

const Matches = z.object({
  matchResults: z.array(
    z.object({ matchRecords: z.array(z.object({ record: z.object({ Id: z.string() }) })) }),
  ),
});
const Faults = z
  .array(
    z.object({
      errorCode: z.string(),
      message: z.string(),
      fields: z.array(z.string()).default([]),
      // Live answers spell it without the second l.
      duplicateResut: Matches.optional(),
      duplicateResult: Matches.optional(),
    }),
  )
  .min(1);
type Fault = z.infer<typeof Faults>[number];

/** The code in the body decides, not the status alone: some 400 and 403 are worth another try. */
function explain(status: number, text: string): Refusal | undefined {
  if (status === 300) return { code: 'rejected', detail: `several leads have one ${salesforceKey}` };
  const fault = Faults.safeParse(jsonIn(text)).data?.[0];
  if (!fault || status >= 500 || !/^[A-Z_]{1,80}$/.test(fault.errorCode)) return undefined;
  return refusalOf(status, fault);
}

function refusalOf(status: number, { errorCode, message, fields, ...duplicate }: Fault): Refusal {
  const detail = [errorCode, ...fields.filter((name) => /^\w{1,80}$/.test(name))].join(' ');
  switch (errorCode) {
    case 'INVALID_SESSION_ID':
      return { code: 'auth', detail, expired: true };
    case 'REQUEST_LIMIT_EXCEEDED':
      // The same code for the day's total and for too many long requests at once.
      return message.startsWith('TotalRequests')
        ? { code: 'quota', detail, retryAfterMs: quotaPauseMs }
        : { code: 'busy', detail };
    case 'UNABLE_TO_LOCK_ROW':
      return { code: 'busy', detail };
    case 'ENTITY_IS_DELETED':
      return { code: 'deleted', detail };
    case 'NOT_FOUND':
    case 'INVALID_FIELD':
      return { code: 'setup', detail };
    case 'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY':
      return { code: 'rejected', detail };
    case 'DUPLICATES_DETECTED': {
      const found = duplicate.duplicateResut ?? duplicate.duplicateResult;
      const existingId = found?.matchResults[0]?.matchRecords[0]?.record.Id;
      return { code: 'rejected', detail, existingId };
    }
    default:
      return { code: status === 401 || status === 403 ? 'auth' : 'rejected', detail };
  }
}
