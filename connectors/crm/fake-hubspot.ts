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
import { hubspotKey, hubspotVersion } from './hubspot';

type Properties = Readonly<Record<string, string>>;

export interface FakeHubspot extends FakeVendor {
  /** By id over there. */
  readonly contacts: Map<string, Properties>;
  readonly tasks: ReadonlyMap<string, Properties>;
  /** `<task>:<contact>` */
  readonly associations: ReadonlySet<string>;
  /** Owner ids by e-mail address. */
  readonly owners: ReadonlyMap<string, string>;
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

const unique = ['email', hubspotKey];
const at = '2026-11-24T09:00:00.000Z';

/** HubSpot in memory: contacts and tasks with unique properties, owners, associations. */
export async function startFakeHubspot(
  options: FakeVendorOptions & { readonly owners: Readonly<Record<string, string>> },
): Promise<FakeHubspot> {
  const objects = { contacts: new Map<string, Properties>(), tasks: new Map<string, Properties>() };
  const associations = new Set<string>();
  const owners = new Map(Object.entries(options.owners));
  const base = `^/crm/objects/${hubspotVersion}`;
  const routes: readonly Route[] = [
    ['GET', new RegExp(`^/crm/owners/${hubspotVersion}$`), ({ request }) => ownerPage(owners, request.query)],
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
  return { ...vendor, ...objects, associations, owners };
}

type Objects = Readonly<Record<'contacts' | 'tasks', Map<string, Properties>>>;
const typeOf = (name: string | undefined): keyof Objects => (name === 'tasks' ? 'tasks' : 'contacts');

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
  const recordId = known ?? String(75_001 + objects.contacts.size + objects.tasks.size);
  const record = { ...records.get(recordId), ...properties, [idProperty]: id };
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
  const record = objects[typeOf(type)].get(id);
  if (!record) return fault(404, 'OBJECT_NOT_FOUND', 'Object not found.');
  const wanted = (request.query.get('properties') ?? 'email').split(',');
  const properties = Object.fromEntries(wanted.map((name) => [name, record[name] ?? null]));
  return json(200, { id, properties, createdAt: at, updatedAt: at, archived: false });
}

function patch(objects: Objects, { params: [type, id = ''], body }: VendorRequest): FakeReply {
  const records = objects[typeOf(type)];
  const before = records.get(id);
  const change = Patch.safeParse(body);
  if (!before) return fault(404, 'OBJECT_NOT_FOUND', 'Object not found.');
  if (!change.success) return fault(400, 'VALIDATION_ERROR', 'Invalid input JSON');
  const properties = { ...before, ...change.data.properties };
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
