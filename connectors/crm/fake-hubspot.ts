import { z } from 'zod';
import { json, type FakeReply } from '../fake-server';
import {
  bearerOf,
  startFakeVendor,
  type FakeVendor,
  type FakeVendorOptions,
  type Route,
  type VendorRequest,
} from './fake-vendor';
import { hubspotKey, hubspotVersion } from './hubspot-account';

type Properties = Readonly<Record<string, string>>;

export interface FakeHubspot extends FakeVendor {
  /** By id over there. */
  readonly contacts: Map<string, Properties>;
  readonly tasks: ReadonlyMap<string, Properties>;
  /** `<task>:<contact>` */
  readonly associations: ReadonlySet<string>;
  /** Owner ids by e-mail address. */
  readonly owners: ReadonlyMap<string, string>;
  /** Somebody changes a contact by hand. */
  change(contactId: string, properties: Properties): void;
  /** Somebody deletes a contact. */
  remove(contactId: string): void;
  /** Somebody merges a contact into another one, whose values go on under a new id. @returns that id */
  merge(contactId: string, into: string): string;
}

const Batch = z.strictObject({
  inputs: z
    .array(
      z.strictObject({
        idProperty: z.enum(['email', hubspotKey]),
        id: z.string().min(1),
        objectWriteTraceId: z.string(),
        properties: z.record(z.string(), z.string()),
      }),
    )
    .length(1),
});
const Patch = z.strictObject({ properties: z.record(z.string(), z.string()) });

const Search = z.strictObject({
  filterGroups: z
    .array(
      z.strictObject({
        filters: z.tuple([
          z.strictObject({ propertyName: z.literal(hubspotKey), operator: z.literal('HAS_PROPERTY') }),
          z.strictObject({
            propertyName: z.literal('lastmodifieddate'),
            operator: z.literal('GTE'),
            value: z.string().regex(/^\d+$/),
          }),
        ]),
      }),
    )
    .length(1),
  sorts: z.tuple([
    z.strictObject({ propertyName: z.literal('lastmodifieddate'), direction: z.literal('ASCENDING') }),
  ]),
  properties: z.array(z.string()),
  limit: z.int().min(1).max(200),
  after: z.string().optional(),
});
const Read = z.strictObject({
  inputs: z.array(z.strictObject({ id: z.string() })).max(100),
  properties: z.array(z.string()),
  propertiesWithHistory: z.tuple([]),
});

const unique = ['email', hubspotKey];
const at = '2026-11-24T09:00:00.000Z';

/** HubSpot in memory: contacts and tasks with unique properties, owners, associations. */
export async function startFakeHubspot(
  options: FakeVendorOptions & {
    readonly owners: Readonly<Record<string, string>>;
    /** How long after a change a search finds it; 0 when absent. */
    readonly searchLagMs?: number;
  },
): Promise<FakeHubspot> {
  let lastId = 75_000;
  const [contacts, tasks] = [new Map<string, Properties>(), new Map<string, Properties>()];
  const archived = new Map<string, Properties>();
  const objects: Objects = { contacts, tasks, archived, newId: () => String((lastId += 1)) };
  const associations = new Set<string>();
  const owners = new Map(Object.entries(options.owners));
  const base = `^/crm/objects/${hubspotVersion}`;
  const routes: readonly Route[] = [
    ['GET', new RegExp(`^/crm/owners/${hubspotVersion}$`), ({ request }) => ownerPage(owners, request.query)],
    ['GET', new RegExp(`^/crm/owners/${hubspotVersion}/(\\d+)$`), (one) => ownerOf(owners, one)],
    ['POST', new RegExp(`${base}/contacts/search$`), (one) => search(contacts, one, options.searchLagMs)],
    ['POST', new RegExp(`${base}/contacts/batch/read$`), (one) => readBatch(objects, one)],
    ['POST', new RegExp(`${base}/(contacts|tasks)/batch/upsert$`), (one) => upsert(objects, one)],
    ['GET', new RegExp(`${base}/(contacts)/(\\d+)$`), (one) => read(objects, one)],
    ['PATCH', new RegExp(`${base}/(contacts|tasks)/(\\d+)$`), (one) => patch(objects, one)],
    [
      'PUT',
      new RegExp(`${base}/tasks/(\\d+)/associations/default/contacts/(\\d+)$`),
      ({ params }) => {
        associations.add(params.join(':'));
        return json(200, { status: 'COMPLETE', results: [], startedAt: at, completedAt: at });
      },
    ],
  ];
  const vendor = await startFakeVendor(
    {
      routes,
      token: {
        path: `/oauth/${hubspotVersion}/token`,
        answer: (token) => ({
          access_token: token,
          refresh_token: 'refresh-token',
          token_type: 'bearer',
          expires_in: 1_800,
        }),
      },
      credential: bearerOf,
      unauthorized: fault(401, 'EXPIRED_AUTHENTICATION', 'The OAuth token expired 12 second(s) ago.'),
      busy: json(429, {
        status: 'error',
        message: 'You have reached your secondly limit.',
        errorType: 'RATE_LIMIT',
        policyName: 'SECONDLY',
      }),
    },
    options,
  );
  return { ...vendor, contacts, tasks, associations, owners, ...handsOn(objects) };
}

/** What people do in HubSpot. */
function handsOn({ contacts, archived, newId }: Objects): Pick<FakeHubspot, 'change' | 'remove' | 'merge'> {
  const change: FakeHubspot['change'] = (contactId, properties) => {
    contacts.set(contactId, { ...contacts.get(contactId), ...properties, ...touchedNow() });
  };
  return {
    change,
    remove: (contactId) => {
      archived.set(contactId, { ...contacts.get(contactId), ...touchedNow() });
      contacts.delete(contactId);
    },
    merge: (contactId, into) => {
      const [loser, winner] = [contacts.get(contactId), contacts.get(into)];
      const before = [winner, loser].map((contact) => contact?.['hs_merged_object_ids']);
      const id = newId();
      for (const old of [contactId, into]) contacts.delete(old);
      change(id, { ...winner, hs_merged_object_ids: [...before, into, contactId].filter(Boolean).join(';') });
      return id;
    },
  };
}

const touchedNow = (): Properties => ({ lastmodifieddate: new Date().toISOString() });

interface Objects extends Readonly<Record<'contacts' | 'tasks', Map<string, Properties>>> {
  /** Contacts that were deleted. */
  readonly archived: Map<string, Properties>;
  readonly newId: () => string;
}
const typeOf = (name: string | undefined): 'contacts' | 'tasks' => (name === 'tasks' ? 'tasks' : 'contacts');

function ownerOf(owners: ReadonlyMap<string, string>, { params: [id] }: VendorRequest): FakeReply {
  const email = [...owners].find(([, ownerId]) => ownerId === id)?.[0];
  return email === undefined
    ? fault(404, 'OBJECT_NOT_FOUND', 'Owner not found.')
    : json(200, { id, email, type: 'PERSON', createdAt: at, updatedAt: at, archived: false });
}

function search(contacts: ReadonlyMap<string, Properties>, { body }: VendorRequest, lagMs = 0): FakeReply {
  const query = Search.safeParse(body);
  if (!query.success) return fault(400, 'VALIDATION_ERROR', 'Invalid input JSON');
  const { filterGroups, limit, after = '0' } = query.data;
  const from = Number(filterGroups[0]?.filters[1].value);
  const changedMs = ([, contact]: readonly [string, Properties]): number =>
    Date.parse(contact['lastmodifieddate'] ?? '');
  const found = [...contacts]
    .filter((one) => one[1][hubspotKey] !== undefined && changedMs(one) >= from)
    .filter((one) => changedMs(one) <= Date.now() - lagMs)
    .sort((a, b) => changedMs(a) - changedMs(b));
  const next = Number(after) + limit;
  return json(200, {
    total: found.length,
    results: found.slice(Number(after), next).map(asResult),
    ...(next < found.length ? { paging: { next: { after: String(next) } } } : {}),
  });
}

function readBatch({ contacts, archived }: Objects, { body, request }: VendorRequest): FakeReply {
  const query = Read.safeParse(body);
  if (!query.success) return fault(400, 'VALIDATION_ERROR', 'Invalid input JSON');
  const isArchived = request.query.get('archived') === 'true';
  const found = query.data.inputs.flatMap(({ id }) => resolved(isArchived ? archived : contacts, id));
  const results = found.map(asResult).map((one) => (isArchived ? archivedOf(one) : one));
  return json(200, { status: 'COMPLETE', results, startedAt: at, completedAt: at });
}

/** The record of an id, which may be that of one that was merged into it. */
const resolved = (records: ReadonlyMap<string, Properties>, id: string): (readonly [string, Properties])[] =>
  [...records].filter(
    ([recordId, of]) => recordId === id || of['hs_merged_object_ids']?.split(';').includes(id) === true,
  );

const asResult = ([id, properties]: readonly [string, Properties]) => {
  const updatedAt = properties['lastmodifieddate'] ?? at;
  return { id, properties, createdAt: at, updatedAt, archived: false };
};

const archivedOf = (one: ReturnType<typeof asResult>) => ({
  ...one,
  archived: true,
  archivedAt: one.updatedAt,
});

function ownerPage(owners: ReadonlyMap<string, string>, query: URLSearchParams): FakeReply {
  const id = owners.get(query.get('email') ?? '');
  const owner = {
    id,
    email: query.get('email'),
    type: 'PERSON',
    createdAt: at,
    updatedAt: at,
    archived: false,
  };
  return json(200, { results: id === undefined ? [] : [owner] });
}

function upsert(objects: Objects, { params: [type], body }: VendorRequest): FakeReply {
  const batch = Batch.safeParse(body);
  const input = batch.data?.inputs[0];
  if (!input) return fault(400, 'VALIDATION_ERROR', 'Invalid input JSON');
  const records = objects[typeOf(type)];
  const { idProperty, id, properties, objectWriteTraceId } = input;
  const known = [...records].find(([, record]) => record[idProperty] === id)?.[0];
  const taken = takenBy(records, properties, known);
  if (taken !== undefined) {
    const message = `Contact already exists. Existing ID: ${taken}`;
    const error = { category: 'CONFLICT', message, context: { objectWriteTraceId: [objectWriteTraceId] } };
    return json(200, {
      ...{ status: 'COMPLETE', results: [], startedAt: at, completedAt: at, numErrors: 1 },
      errors: [{ status: 'error', links: {}, errors: [], id: '1', ...error }],
    });
  }
  const recordId = known ?? objects.newId();
  const record = { ...records.get(recordId), ...properties, [idProperty]: id, ...touchedNow() };
  records.set(recordId, record);
  const result = { id: recordId, new: known === undefined, properties: record, objectWriteTraceId };
  return json(200, {
    status: 'COMPLETE',
    results: [{ ...result, createdAt: at, updatedAt: at, archived: false }],
    startedAt: at,
    completedAt: at,
  });
}

/** Of the properties only those that were asked for. */
function read(objects: Objects, { params: [type, id = ''], request }: VendorRequest): FakeReply {
  const [found] = resolved(objects[typeOf(type)], id);
  if (!found) return fault(404, 'OBJECT_NOT_FOUND', 'Object not found.');
  const [recordId, record] = found;
  const wanted = (request.query.get('properties') ?? 'email').split(',');
  const properties = Object.fromEntries(wanted.map((name) => [name, record[name] ?? null]));
  return json(200, { id: recordId, properties, createdAt: at, updatedAt: at, archived: false });
}

/** Only by its own id: that ids of merged contacts are good for a write is documented nowhere. */
function patch(objects: Objects, { params: [type, id = ''], body }: VendorRequest): FakeReply {
  const records = objects[typeOf(type)];
  const before = records.get(id);
  const change = Patch.safeParse(body);
  if (!before) return fault(404, 'OBJECT_NOT_FOUND', 'Object not found.');
  if (!change.success) return fault(400, 'VALIDATION_ERROR', 'Invalid input JSON');
  const taken = takenBy(records, change.data.properties, id);
  if (taken !== undefined) return fault(409, 'CONFLICT', `Contact already exists. Existing ID: ${taken}`);
  const properties = { ...before, ...change.data.properties, ...touchedNow() };
  records.set(id, properties);
  return json(200, { id, properties, createdAt: at, updatedAt: at, archived: false });
}

/** Another record that has one of the unique values already. */
function takenBy(
  records: ReadonlyMap<string, Properties>,
  properties: Properties,
  self: string | undefined,
): string | undefined {
  const clash = ([id, record]: readonly [string, Properties]): boolean =>
    id !== self && unique.some((name) => record[name] !== undefined && record[name] === properties[name]);
  return [...records].find(clash)?.[0];
}

function fault(status: number, category: string, message: string): FakeReply {
  const correlationId = '0c6f0c1e-8a1f-4e3c-9a35-6f2f2d8f7a10';
  return json(status, { status: 'error', message, correlationId, category });
}
