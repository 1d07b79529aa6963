import { z } from 'zod';
import { ConnectorError } from '../../activities/failures';
import type { Clock } from '../../activities/ports';
import type { CrmLead, CrmPort } from '../../activities/ports-vendors';
import { parseAnswer, type Refusal } from '../http';
import { createOnce, settleMs } from './create-once';
import { fixedCredential, jsonIn } from './credentials';
import { createOwnerDirectory, followUpOf, titleOf } from './lead-view';
import { trytonChanges } from './tryton-changes';
import { trytonEncoded, trytonSearch } from './tryton-search';
import { createVendorApi } from './vendor-api';

const system = 'tryton';

export interface TrytonOptions {
  /** Server with the database, such as `https://crm.example.com/acme`. */
  readonly url: string;
  /** Key of a user application for REST. */
  readonly key: string;
  /** Id of the company the opportunities belong to; its currency is theirs. */
  readonly company: number;
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

/** Asks the REST interface about one model. */
type Rest = (method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown) => Promise<string>;

/** One write of a lead: what all of its calls need. */
interface Write {
  readonly rest: Rest;
  readonly lead: CrmLead;
  readonly company: number;
  readonly employee: number | undefined;
}

/**
 * A lead is a sale opportunity of a party, with our id as its reference and a note with the touch deadline. Tryton has
 * no unique keys: each is looked for before it is created, by its id once that is known. An opportunity that people have
 * closed is left alone. Needs the module sale_opportunity, release 8.2.
 * @see https://docs.tryton.org/latest/server/topics/user_application.html
 */
export function createTrytonCrm(options: TrytonOptions): CrmPort {
  const { company, clock } = options;
  const call = createVendorApi({
    system,
    baseUrl: options.url,
    credentials: fixedCredential({
      authorization: `Bearer ${options.key}`,
      'x-tryton-context': trytonEncoded({ company }),
    }),
    explain,
    clock,
    timeoutMs: options.timeoutMs,
  });
  const restOf =
    ({ band }: CrmLead, signal: AbortSignal): Rest =>
    async (method, path, body) =>
      (await call({ method, path: `/rest/model/${path}`, body, band, signal })).text;
  const ownerOf = createOwnerDirectory({ system, clock }, async (email, lead, signal) => {
    const mail = ['party.contact_mechanisms', 'where', mailIs(email)];
    const text = await restOf(lead, signal)('GET', trytonSearch('company.employee', ['id'], [mail]));
    const [employee] = parseAnswer(system, Records, text);
    return employee && String(employee.id);
  });
  const get = async (path: string, signal: AbortSignal): Promise<string> =>
    (await call({ method: 'GET', path: `/rest/model/${path}`, band: null, signal })).text;
  return {
    system,
    settleMs,
    changes: trytonChanges(get),
    upsertLead: async (lead, _idempotencyKey, signal, knownId) => {
      const owner = await ownerOf(lead, signal);
      const employee = owner === undefined ? undefined : Number(owner);
      const write = { rest: restOf(lead, signal), lead, company, employee };
      const opportunity =
        knownId === undefined
          ? ((await findMine(write)) ?? (await create(write)))
          : await findById(write, Number(knownId));
      if (opportunity.state === 'lead' || opportunity.state === 'opportunity')
        await update(write, opportunity);
      await writeNote(write, opportunity.id);
      return { externalId: String(opportunity.id) };
    },
  };
}

/** Copying an opportunity copies our reference too: the first one is ours. */
const findMine = (write: Write): Promise<Opportunity | undefined> =>
  find(write, ['reference', '=', write.lead.id]);

/** @throws ConnectorError `deleted` */
async function findById(write: Write, id: number): Promise<Opportunity> {
  const known = await find(write, ['id', '=', id]);
  if (!known) throw new ConnectorError('deleted', `${system}: the record was deleted there`);
  return known;
}

async function find({ rest }: Write, which: readonly unknown[]): Promise<Opportunity | undefined> {
  const first = { order: [['id', 'ASC']], size: 1 };
  const text = await rest('GET', trytonSearch('sale.opportunity', ['id', 'state'], [which], first));
  return parseAnswer(system, z.array(Opportunity), text)[0];
}

async function create(write: Write): Promise<Opportunity> {
  const { rest, lead, company } = write;
  const party = await findOrCreateParty(write);
  const body = { reference: lead.id, company, party, description: titleOf(lead) };
  return parseAnswer(
    system,
    Opportunity,
    await createOnce(() => rest('POST', 'sale.opportunity?f=id&f=state', body)),
  );
}

/** A party who is there already is left as it is. */
async function findOrCreateParty({ rest, lead }: Write): Promise<number> {
  const { email, phone } = lead.person;
  if (email !== undefined) {
    const text = await rest('GET', trytonSearch('party.contact_mechanism', ['party'], mailIs(email)));
    const [found] = parseAnswer(system, Mechanisms, text);
    if (found) return found.party;
  }
  const mechanisms = [
    ...(email === undefined ? [] : [{ type: 'email', value: email }]),
    ...(phone === undefined ? [] : [{ type: 'phone', value: phone }]),
  ];
  const body = { name: titleOf(lead), contact_mechanisms: [['create', mechanisms]] };
  return parseAnswer(system, Entity, await createOnce(() => rest('POST', 'party.party?f=id', body))).id;
}

/** Owner first, as Tryton wants one on an opportunity; then the state, by the button people press. */
async function update({ rest, lead, employee }: Write, { id, state }: Opportunity): Promise<void> {
  const owner = employee === undefined ? {} : { employee };
  await rest('PUT', `sale.opportunity/${String(id)}?f=state`, { description: titleOf(lead), ...owner });
  const worked = ['touched', 'qualified', 'converted'].includes(lead.status);
  if (worked && state === 'lead') await rest('POST', `sale.opportunity/${String(id)}/opportunity`, {});
  if (lead.status === 'disqualified' || lead.status === 'rejected')
    await rest('POST', `sale.opportunity/${String(id)}/lost`, {});
}

/** The nearest thing to a task that these modules have. Notes cannot be changed by REST, so news is another note. */
async function writeNote({ rest, lead }: Write, opportunityId: number): Promise<void> {
  const task = followUpOf(lead);
  if (!task) return;
  const resource = `sale.opportunity,${String(opportunityId)}`;
  const due = task.done ? 'done' : `by ${task.dueAt}`;
  const message = [`${task.subject}: ${due}`, lead.person.message, `lead-router ${lead.id}`]
    .filter(Boolean)
    .join('\n');
  const text = await rest('GET', trytonSearch('ir.note', ['message'], [['resource', '=', resource]]));
  if (parseAnswer(system, Notes, text).some((note) => note.message === message)) return;
  await createOnce(() => rest('POST', 'ir.note?f=id', { resource, message }));
}

const id = z.int().min(1);
const Entity = z.object({ id });
const Records = z.array(Entity);
const Opportunity = z.object({ id, state: z.string() });
type Opportunity = z.infer<typeof Opportunity>;
const Mechanisms = z.array(z.object({ party: id }));
const Notes = z.array(z.object({ message: z.string() }));

const mailIs = (email: string) => [
  ['type', '=', 'email'],
  ['value', '=', email],
];

const Fault = z.object({ message: z.string() });

/** Statuses say little here: a missing right is a 400, an unknown field a 500. Messages may echo the person. */
function explain(status: number, text: string): Refusal | undefined {
  if (status === 400) {
    const message = Fault.safeParse(jsonIn(text)).data?.message ?? '';
    return /^You are not allowed to access /.test(message)
      ? { code: 'auth', detail: 'access denied' }
      : { code: 'rejected', detail: 'validation' };
  }
  if (status === 500 && /<p>(&#39;|')\w+(&#39;|')<\/p>/.test(text))
    return { code: 'setup', detail: 'unknown field' };
  return undefined;
}
