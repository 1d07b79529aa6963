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
import { dealRow, leadRow, type DealShown } from './fake-pipedrive-rows';

const id = z.int().min(1);
const contact = z.array(z.strictObject({ value: z.string(), primary: z.boolean(), label: z.string() }));
const PersonBody = z.strictObject({
  name: z.string().min(1),
  owner_id: id.optional(),
  emails: contact,
  phones: contact,
});
const LeadBody = z.strictObject({
  title: z.string().min(1),
  person_id: id,
  owner_id: id.optional(),
  origin_id: z.string(),
});
const LeadChange = z.strictObject({ title: z.string().min(1), owner_id: id.optional() });
const DealChange = z.strictObject({ owner_id: id });
const ActivityBody = z.strictObject({
  subject: z.string().min(1),
  type: z.literal('task'),
  owner_id: id,
  lead_id: z.uuid().optional(),
  deal_id: id.optional(),
  due_date: z.iso.date(),
  due_time: z.string().regex(/^\d\d:\d\d:\d\d$/),
  done: z.boolean(),
  note: z.string(),
});

export type PipedrivePerson = z.infer<typeof PersonBody> & { readonly id: number };
export type PipedriveLead = z.infer<typeof LeadBody> & { readonly id: string; readonly update_time: string };
export type PipedriveActivity = z.infer<typeof ActivityBody> & { readonly id: number };

export interface FakePipedrive extends FakeVendor {
  readonly persons: readonly PipedrivePerson[];
  readonly leads: ReadonlyMap<string, PipedriveLead>;
  readonly activities: ReadonlyMap<number, PipedriveActivity>;
  /** By the lead that each was made from, others by their own id. */
  readonly deals: ReadonlyMap<string, DealShown>;
  /** User ids by e-mail address. */
  readonly users: ReadonlyMap<string, number>;
  /** Somebody changes a lead over there. */
  change(id: string, ownerId: number): void;
  /** Somebody makes a deal of a lead, or changes that deal; the lead is gone then, and its activities are the deal's. */
  convert(id: string, status: 'open' | 'won' | 'lost'): void;
  remove(id: string): void;
  /** A lead as it is, however old. */
  put(lead: PipedriveLead): void;
  /** A deal that came from no lead, as it is. */
  putDeal(deal: Omit<DealShown, 'source_lead_id'>): void;
}

interface Company {
  readonly deals: Map<string, DealShown>;
  readonly persons: PipedrivePerson[];
  readonly leads: Map<string, PipedriveLead>;
  readonly activities: Map<number, PipedriveActivity>;
  readonly users: ReadonlyMap<string, number>;
}

/** Pipedrive in memory: no unique keys, so that whoever creates twice has two. */
export async function startFakePipedrive(
  options: FakeVendorOptions & { readonly users: Readonly<Record<string, number>> },
): Promise<FakePipedrive> {
  const company: Company = {
    deals: new Map(),
    persons: [],
    leads: new Map(),
    activities: new Map(),
    users: new Map(Object.entries(options.users)),
  };
  const routes: readonly Route[] = [
    ['GET', /^\/api\/v1\/users$/, () => ok(usersOf(company))],
    ['GET', /^\/api\/v2\/persons\/search$/, ({ request }) => search(company, request.query)],
    ['POST', /^\/api\/v2\/persons$/, (one) => createPerson(company, one)],
    ['GET', /^\/api\/v1\/users\/(\d+)$/, ({ params: [userId] }) => userOf(company, Number(userId))],
    ['GET', /^\/api\/v1\/leads$/, ({ request }) => leadsOf(company, request.query)],
    ['GET', /^\/api\/v1\/leads\/([^/]+)$/, ({ params: [leadId = ''] }) => oneLead(company, leadId)],
    ['GET', /^\/api\/v2\/deals$/, ({ request }) => dealsOf(company, request.query)],
    ['GET', /^\/api\/v2\/deals\/(\d+)$/, (one) => oneDeal(company, one)],
    ['PATCH', /^\/api\/v2\/deals\/(\d+)$/, (one) => changeDeal(company, one)],
    ['POST', /^\/api\/v1\/leads$/, (one) => createLead(company, one)],
    ['PATCH', /^\/api\/v1\/leads\/([^/]+)$/, (one) => changeLead(company, one)],
    ['GET', /^\/api\/v2\/activities$/, ({ request }) => activitiesOf(company, request.query)],
    ['POST', /^\/api\/v2\/activities$/, (one) => writeActivity(company, company.activities.size + 1, one)],
    ['PATCH', /^\/api\/v2\/activities\/(\d+)$/, (one) => writeActivity(company, Number(one.params[0]), one)],
  ];
  const vendor = await startFakeVendor(
    {
      routes,
      token: {
        path: '/oauth/token',
        answer: (token, url) => ({
          access_token: token,
          refresh_token: 'refresh-token',
          token_type: 'Bearer',
          expires_in: 3_599,
          scope: 'leads:full',
          api_domain: url,
        }),
      },
      credential: (request) => request.header('x-api-token') ?? bearerOf(request),
      unauthorized: fault(401, 'unauthorized access'),
      busy: {
        ...json(429, { success: false, error: 'request over limit', errorCode: 429 }),
        headers: { 'content-type': 'application/json', 'x-ratelimit-reset': '1' },
      },
    },
    options,
  );
  return { ...vendor, ...company, ...handsOf(company) };
}

/** What people do over there. */
function handsOf(company: Company): Pick<FakePipedrive, 'change' | 'convert' | 'put' | 'putDeal' | 'remove'> {
  const { leads, deals } = company;
  return {
    change: (leadId, ownerId) => {
      const before = leads.get(leadId);
      if (before) leads.set(leadId, { ...before, owner_id: ownerId, update_time: nowText() });
    },
    convert: (leadId, status) => convert(company, leadId, status),
    remove: (leadId) => void leads.delete(leadId),
    put: (lead) => void leads.set(lead.id, lead),
    putDeal: (deal) => void deals.set(String(deal.id), { ...deal, source_lead_id: null }),
  };
}

function convert(company: Company, leadId: string, status: string): void {
  const { leads, deals, activities } = company;
  const before = leads.get(leadId) ?? deals.get(leadId);
  if (!before) return;
  leads.delete(leadId);
  const { title, person_id, owner_id = 0 } = before;
  const dealId = deals.get(leadId)?.id ?? Math.max(0, ...dealIds(company)) + 1;
  const update_time = nowText();
  const of = { title, person_id, owner_id, status, update_time, source_lead_id: leadId };
  deals.set(leadId, { id: dealId, ...of });
  for (const [activityId, { lead_id, ...activity }] of activities)
    if (lead_id === leadId) activities.set(activityId, { ...activity, deal_id: dealId });
}

/** Pipedrive's times have no fractions. */
const nowText = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

const ok = (data: unknown): FakeReply => json(200, { success: true, data });

function usersOf({ users }: Company) {
  return [...users].map(([email, userId]) => ({ id: userId, name: email, email, active_flag: true }));
}

function search({ persons }: Company, query: URLSearchParams): FakeReply {
  const field = query.get('fields') === 'phone' ? 'phones' : 'emails';
  const term = query.get('term')?.toLowerCase();
  const found = persons.filter((one) => one[field].some(({ value }) => value.toLowerCase() === term));
  const items = found.map((one) => ({
    result_score: 1,
    item: { id: one.id, type: 'person', name: one.name, emails: one.emails.map(({ value }) => value) },
  }));
  return json(200, { success: true, data: { items }, additional_data: { next_cursor: null } });
}

function createPerson({ persons }: Company, { body }: VendorRequest): FakeReply {
  const person = PersonBody.safeParse(body);
  if (!person.success) return fault(400, 'Validation failed');
  const made = { ...person.data, id: persons.length + 1 };
  persons.push(made);
  return ok({ ...made, is_deleted: false });
}

function leadsOf({ leads }: Company, query: URLSearchParams): FakeReply {
  const [person, since, start] = ['person_id', 'updated_since', 'start'].map((name) => query.get(name));
  const found = [...leads.values()]
    .filter((lead) => person === null || lead.person_id === Number(person))
    .filter(({ update_time }) => since == null || update_time >= since);
  if (query.get('sort') === 'update_time')
    found.sort((a, b) => (a.update_time < b.update_time ? -1 : a.update_time > b.update_time ? 1 : 0));
  const from = Number(start ?? 0);
  return ok(found.slice(from, from + limitOf(query)).map(leadRow));
}

const limitOf = (query: URLSearchParams): number => Math.min(500, Number(query.get('limit') ?? 100));

function oneLead({ leads }: Company, leadId: string): FakeReply {
  const lead = leads.get(leadId);
  return lead ? ok(leadRow(lead)) : fault(404, 'requested lead not found');
}

function userOf(company: Company, userId: number): FakeReply {
  const user = usersOf(company).find((one) => one.id === userId);
  return user ? ok(user) : fault(404, 'User not found');
}

const Cursor = z.object({ id, update_time: z.string() });

/** Its cursor is the place of the last row in the order asked for. */
function dealsOf({ deals }: Company, query: URLSearchParams): FakeReply {
  const [since, person, cursor] = ['updated_since', 'person_id', 'cursor'].map((name) => query.get(name));
  const order = query.get('sort_direction') === 'desc' ? -1 : 1;
  const byTime = query.get('sort_by') === 'update_time';
  const compare = (a: z.infer<typeof Cursor>, b: z.infer<typeof Cursor>): number =>
    order * ((byTime && Date.parse(a.update_time) - Date.parse(b.update_time)) || a.id - b.id);
  const after = cursor == null ? undefined : Cursor.parse(JSON.parse(cursor));
  const found = [...deals.values()]
    .filter((deal) => person == null || deal.person_id === Number(person))
    .filter(({ update_time }) => since == null || update_time >= since)
    .filter((deal) => after === undefined || compare(deal, after) > 0)
    .sort(compare);
  const page = found.slice(0, limitOf(query));
  const data = page.map((deal) => dealRow(deal, query.get('include_fields') === 'source_lead_id'));
  const last = page.at(-1);
  const about = last && page.length < found.length ? { next_cursor: JSON.stringify(Cursor.parse(last)) } : {};
  return json(200, { success: true, data, additional_data: about });
}

function oneDeal({ deals }: Company, { params: [dealId], request }: VendorRequest): FakeReply {
  const deal = [...deals.values()].find((one) => one.id === Number(dealId));
  return deal
    ? ok(dealRow(deal, request.query.get('include_fields') === 'source_lead_id'))
    : fault(404, 'Deal not found');
}

function changeDeal({ deals }: Company, { params: [dealId], body }: VendorRequest): FakeReply {
  const [key, before] = [...deals].find(([, deal]) => deal.id === Number(dealId)) ?? [];
  const change = DealChange.safeParse(body);
  if (key === undefined || !before) return fault(404, 'Deal not found');
  if (!change.success) return fault(400, 'Validation failed');
  const after = { ...before, ...change.data, update_time: nowText() };
  deals.set(key, after);
  return ok(dealRow(after, false));
}

function createLead({ persons, leads }: Company, { body }: VendorRequest): FakeReply {
  const lead = LeadBody.safeParse(body);
  if (!lead.success || !persons.some((one) => one.id === lead.data.person_id))
    return fault(400, 'A lead must be linked to a person or an organization.');
  const leadId = `adf21080-0e10-41eb-879b-${String(leads.size + 1).padStart(12, '0')}`;
  const made = { ...lead.data, id: leadId, update_time: nowText() };
  leads.set(leadId, made);
  return json(201, { success: true, data: { ...made, is_archived: false, origin: 'API' } });
}

function changeLead({ leads }: Company, { params: [leadId = ''], body }: VendorRequest): FakeReply {
  const before = leads.get(leadId);
  const change = LeadChange.safeParse(body);
  if (!before) return fault(404, 'requested lead not found');
  if (!change.success) return fault(400, 'Validation failed');
  const { title, owner_id = before.owner_id } = change.data;
  const after = { ...before, title, owner_id, update_time: nowText() };
  leads.set(leadId, after);
  return ok(after);
}

function activitiesOf({ activities }: Company, query: URLSearchParams): FakeReply {
  const [lead, deal] = [query.get('lead_id'), query.get('deal_id')];
  return ok(
    [...activities.values()].filter((one) =>
      lead === null ? one.deal_id === Number(deal) : one.lead_id === lead,
    ),
  );
}

function writeActivity(company: Company, activityId: number, { body }: VendorRequest): FakeReply {
  const activity = ActivityBody.safeParse(body);
  if (!activity.success) return fault(400, 'Validation failed');
  const { lead_id, deal_id } = activity.data;
  const [lead, deal] = [company.leads.has(lead_id ?? ''), dealIds(company).includes(deal_id ?? 0)];
  if (lead === deal) return fault(400, 'Lead or deal not found');
  company.activities.set(activityId, { ...activity.data, id: activityId });
  return ok({ ...activity.data, id: activityId });
}

const dealIds = ({ deals }: Company): readonly number[] => [...deals.values()].map((deal) => deal.id);

function fault(status: number, error: string): FakeReply {
  const error_info = 'Please check developers.pipedrive.com';
  return json(status, { success: false, error, errorCode: status, error_info });
}
