import { z } from 'zod';
import { json, type FakeReply } from '../fake-server';
import {
  bearerOf,
  startFakeVendor,
  type FakeVendor,
  type FakeVendorOptions,
  type VendorRequest,
} from './fake-vendor';
import { salesforceKey } from './salesforce-org';

type Fields = Readonly<Record<string, string>>;

export interface FakeSalesforce extends FakeVendor {
  /** By record id. */
  readonly leads: ReadonlyMap<string, Fields>;
  readonly tasks: ReadonlyMap<string, Fields>;
  /** User ids by e-mail address. */
  readonly users: ReadonlyMap<string, string>;
  /** Somebody changes a lead by hand. */
  change(leadId: string, fields: Fields): void;
  /** Somebody deletes a lead, or merges it into another one. */
  remove(leadId: string, mergedInto?: string): void;
}

const userId = /^(005|00G)[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$/;
const text = (max: number) => z.string().min(1).max(max);
const LeadFields = z.strictObject({
  LastName: text(80),
  FirstName: text(40).optional(),
  Company: text(255),
  Email: z.email().max(80).optional(),
  Phone: text(40).optional(),
  Title: text(128).optional(),
  Website: text(255).optional(),
  City: text(40).optional(),
  PostalCode: text(20).optional(),
  Description: text(32_000).optional(),
  Rating: z.enum(['Hot', 'Warm', 'Cold']).optional(),
  Status: z.enum(['New', 'Contacted', 'Nurturing', 'Qualified', 'Unqualified']).optional(),
  OwnerId: z.string().regex(userId).optional(),
  [salesforceKey]: text(255).optional(),
});
const TaskFields = z.strictObject({
  Subject: text(255),
  WhoId: z.string().regex(/^00Q/),
  OwnerId: z.string().regex(userId),
  ActivityDate: z.iso.date(),
  Status: z.enum(['Not Started', 'Completed']),
  Priority: z.enum(['High', 'Normal', 'Low']),
});

/** An org in memory: leads and tasks with an external id, users by SOQL. */
export async function startFakeSalesforce(
  options: FakeVendorOptions & { readonly users: Readonly<Record<string, string>> },
): Promise<FakeSalesforce> {
  const leads = new Map<string, Fields>();
  const tasks = new Map<string, Fields>();
  const users = new Map(Object.entries(options.users));
  const bin = new Map<string, Fields>();
  let last = 0;
  const number = (): number => (last += 1);
  const data = '^/services/data/v\\d+\\.0';
  const vendor = await startFakeVendor(
    {
      routes: [
        ['GET', new RegExp(`${data}/query$`), ({ request }) => findUser(users, request.query.get('q') ?? '')],
        [
          'GET',
          new RegExp(`${data}/queryAll$`),
          ({ request }) => queryAll({ leads, bin, users }, request.query.get('q') ?? ''),
        ],
        [
          'PATCH',
          new RegExp(`${data}/sobjects/Lead/${salesforceKey}/([^/]+)$`),
          (one) => upsert({ records: leads, prefix: '00Q', schema: LeadFields, number }, one),
        ],
        [
          'PATCH',
          new RegExp(`${data}/sobjects/Task/${salesforceKey}/([^/]+)$`),
          (one) => upsert({ records: tasks, prefix: '00T', schema: TaskFields, number }, one),
        ],
        ['GET', new RegExp(`${data}/sobjects/Lead/${salesforceKey}/([^/]+)$`), (one) => getLead(leads, one)],
        [
          'PATCH',
          new RegExp(`${data}/sobjects/Lead/(00Q[A-Za-z0-9]+)$`),
          (one) => update({ leads, bin }, one),
        ],
      ],
      token: {
        path: '/services/oauth2/token',
        answer: (token, url) => ({ access_token: token, instance_url: url, token_type: 'Bearer' }),
      },
      credential: bearerOf,
      unauthorized: fault(401, 'INVALID_SESSION_ID', 'Session expired or invalid'),
      busy: fault(403, 'REQUEST_LIMIT_EXCEEDED', 'ConcurrentPerOrgLongTxn Limit exceeded.'),
    },
    options,
  );
  return {
    ...vendor,
    leads,
    tasks,
    users,
    change: (id, fields) => void leads.set(id, { ...leads.get(id), ...fields, ...touchedNow() }),
    remove: (id, mergedInto = '') => {
      bin.set(id, { ...leads.get(id), ...touchedNow(), MasterRecordId: mergedInto });
      leads.delete(id);
    },
  };
}

/** Salesforce dates to the second. */
const touchedNow = (): Fields => ({ SystemModstamp: `${new Date().toISOString().slice(0, 19)}.000Z` });

interface Org {
  readonly leads: ReadonlyMap<string, Fields>;
  readonly bin: ReadonlyMap<string, Fields>;
  readonly users: ReadonlyMap<string, string>;
}

/** Leads by time or by id, those in the bin too. */
function queryAll({ leads, bin, users }: Org, query: string): FakeReply {
  const [, where = ''] =
    /^SELECT .+ FROM Lead WHERE (.+) ORDER BY SystemModstamp, Id LIMIT 200$/.exec(query) ?? [];
  const ids = /^Id IN \((.+)\)$/.exec(where)?.[1]?.split(', ');
  const since = /!= null AND SystemModstamp >= (\S+)$/.exec(where)?.[1];
  if (ids === undefined && since === undefined) return fault(400, 'MALFORMED_QUERY', 'unexpected token');
  const wanted = ([id, of]: readonly [string, Fields]): boolean =>
    ids === undefined
      ? of[salesforceKey] !== undefined && (of['SystemModstamp'] ?? '') >= (since ?? '')
      : ids.includes(`'${id}'`);
  const emailOf = (userOf: string | undefined) => [...users].find(([, one]) => one === userOf)?.[0] ?? null;
  const records = [...leads, ...bin].filter(wanted).map(([Id, of]) => ({
    attributes: { type: 'Lead', url: `/services/data/v67.0/sobjects/Lead/${Id}` },
    Id,
    [salesforceKey]: of[salesforceKey] ?? null,
    Status: of['Status'] ?? null,
    IsConverted: of['IsConverted'] === 'true',
    IsDeleted: bin.has(Id),
    MasterRecordId: of['MasterRecordId'] ?? null,
    SystemModstamp: of['SystemModstamp']?.replace('Z', '+0000'),
    OwnerId: of['OwnerId'] ?? null,
    Owner: of['OwnerId'] === undefined ? null : { Email: emailOf(of['OwnerId']) },
  }));
  return json(200, { totalSize: records.length, done: true, records });
}

function findUser(users: ReadonlyMap<string, string>, query: string): FakeReply {
  const email = /^SELECT Id FROM User WHERE Email = '(.+)' AND IsActive = true LIMIT 1$/.exec(query)?.[1];
  if (email === undefined) return fault(400, 'MALFORMED_QUERY', 'unexpected token');
  const id = users.get(email.replace(/\\(.)/g, '$1'));
  const attributes = { type: 'User', url: `/services/data/v67.0/sobjects/User/${id ?? ''}` };
  const records = id === undefined ? [] : [{ attributes, Id: id }];
  return json(200, { totalSize: records.length, done: true, records });
}

interface Table {
  readonly records: Map<string, Fields>;
  readonly prefix: string;
  readonly schema: z.ZodType<Partial<Record<string, string>>>;
  /** Of the next record; never used again. */
  readonly number: () => number;
}

function upsert(
  { records, prefix, schema, number }: Table,
  { params: [key = ''], body }: VendorRequest,
): FakeReply {
  const fields = schema.safeParse(body);
  if (!fields.success) {
    const names = fields.error.issues.map(({ path }) => path.join('.'));
    return fault(400, 'REQUIRED_FIELD_MISSING', 'Required fields are missing or wrong', names);
  }
  const known = [...records].find(([, record]) => record[salesforceKey] === key)?.[0];
  const id = known ?? `${prefix}5g${String(number()).padStart(10, '0')}EAV`;
  records.set(id, { ...records.get(id), ...(fields.data as Fields), [salesforceKey]: key, ...touchedNow() });
  return json(known === undefined ? 201 : 200, {
    id,
    success: true,
    errors: [],
    created: known === undefined,
  });
}

function getLead(leads: ReadonlyMap<string, Fields>, { params: [key] }: VendorRequest): FakeReply {
  const id = [...leads].find(([, record]) => record[salesforceKey] === key)?.[0];
  const attributes = { type: 'Lead', url: `/services/data/v67.0/sobjects/Lead/${id ?? ''}` };
  return id === undefined
    ? fault(404, 'NOT_FOUND', 'The requested resource does not exist')
    : json(200, { attributes, Id: id });
}

function update(
  { leads, bin }: { readonly leads: Map<string, Fields>; readonly bin: ReadonlyMap<string, Fields> },
  { params: [id = ''], body }: VendorRequest,
): FakeReply {
  const fields = LeadFields.safeParse(body);
  if (!fields.success) return fault(400, 'INVALID_FIELD', 'No such column');
  if (bin.has(id)) return fault(404, 'ENTITY_IS_DELETED', 'entity is deleted');
  leads.set(id, { ...leads.get(id), ...(fields.data as Fields), ...touchedNow() });
  return { status: 204, text: '' };
}

function fault(status: number, errorCode: string, message: string, fields?: readonly string[]): FakeReply {
  return json(status, [{ message, errorCode, ...(fields ? { fields } : {}) }]);
}
