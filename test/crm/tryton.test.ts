import type { CrmLead } from '../../activities/ports-vendors';
import { createTrytonCrm } from '../../connectors/crm/tryton';
import { toInstant } from '../../domain/instant';
import { crmContract } from '../contract/crm.contract';
import { clock, crmLead, failureOf, patient } from '../contract/examples';
import { startLosingProxy } from '../support/losing-proxy';
import { tryton } from './server';

const port = (key = tryton.key, url = tryton.url) =>
  createTrytonCrm({ url, key, company: tryton.company, clock, timeoutMs: 30_000 });

async function read<T>(model: string, fields: readonly string[], domain: unknown): Promise<T[]> {
  const encoded = Buffer.from(JSON.stringify(domain)).toString('base64');
  const query = new URLSearchParams({ d: encoded });
  for (const name of fields) query.append('f', name);
  const headers = { authorization: `Bearer ${tryton.key}` };
  const answer = await fetch(`${tryton.url}/rest/model/${model}?${query.toString()}`, { headers });
  return (await answer.json()) as T[];
}

interface Opportunity {
  readonly id: number;
  readonly state: string;
  readonly employee: number | null;
  readonly party: { readonly contact_mechanisms: readonly { readonly value: string }[] };
}
const opportunities = (leadId: string) =>
  read<Opportunity>(
    'sale.opportunity',
    ['id', 'state', 'employee', 'party.contact_mechanisms.value'],
    [['reference', '=', leadId]],
  );

async function record(leadId: string) {
  const [found] = await opportunities(leadId);
  const resource = `sale.opportunity,${String(found?.id)}`;
  const notes = await read<{ id: number; message: string }>(
    'ir.note',
    ['id', 'message'],
    [['resource', '=', resource]],
  );
  return {
    reachable: found?.party.contact_mechanisms.map(({ value }) => value)[0],
    employee: found?.employee,
    state: found?.state,
    note: notes
      .sort((a, b) => a.id - b.id)
      .at(-1)
      ?.message.split('\n')[0],
  };
}

const states: Readonly<Record<string, string>> = { assigned: 'lead', qualified: 'opportunity' };
const knows = ({ person, owner, status, sla }: CrmLead) => ({
  reachable: person.email,
  employee: owner ? tryton.employees[owner.email] : null,
  state: states[status],
  note: sla ? `Contact Zoë Müller: ${status === 'assigned' ? `by ${sla.touchDueAt}` : 'done'}` : undefined,
});

/** What people do to an opportunity. */
async function act(method: 'POST' | 'DELETE', path: string): Promise<void> {
  const headers = { authorization: `Bearer ${tryton.key}`, 'content-type': 'application/json' };
  const body = method === 'POST' ? { body: '{}' } : {};
  const answer = await fetch(`${tryton.url}/rest/model/sale.opportunity/${path}`, {
    method,
    headers,
    ...body,
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${String(answer.status)} ${await answer.text()}`);
}

crmContract(
  'tryton',
  async () => {
    const proxy = await startLosingProxy(tryton.url);
    return {
      ...proxy,
      port: port(tryton.key, proxy.url),
      record,
      knows,
      creates: async (leadId: string) => (await opportunities(leadId)).length,
      // One that goes on cannot be deleted.
      remove: async (externalId: string) => {
        await act('POST', `${externalId}/cancel`);
        await act('DELETE', externalId);
      },
    };
  },
  { crashes: true, deletes: 'told', keys: false },
);

describe('a real Tryton refuses', () => {
  it.each([
    ['a key that it does not know', 'no-such-key'],
    ['a key that may only read', tryton.readOnlyKey],
  ])('%s: auth', async (_what, key) => {
    const lead = crmLead(`refused-${Date.now()}`, { owner: null, sla: null });
    expect(await failureOf(port(key).upsertLead(lead, 'k', patient()))).toMatchObject({ code: 'auth' });
  });
});

it('leaves an opportunity alone that was lost', async () => {
  const event = `lost-${Date.now()}`;
  await port().upsertLead(crmLead(event), 'k1', patient());
  await port().upsertLead(crmLead(event, { status: 'disqualified' }), 'k2', patient());
  const again = await port().upsertLead(crmLead(event, { status: 'touched' }), 'k3', patient());
  const [found] = await opportunities(crmLead(event).id);
  expect(found).toMatchObject({ id: Number(again.externalId), state: 'lost' });
});

it('reads what people change there, and what is gone', async () => {
  const startedAt = toInstant(Date.now() - 60_000);
  const lead = crmLead(`changed-${Date.now()}`);
  const { externalId } = await port().upsertLead(lead, 'k1', patient());
  const since = async () =>
    (await port().changes!.since(startedAt, undefined, patient())).records.find(
      (record) => record.externalId === externalId,
    );
  const before = await since();
  expect(before).toMatchObject({ leadId: lead.id, ownerEmail: lead.owner!.email });
  expect(before!.status).toContain('assigned');
  expect(await port().changes!.read([externalId, '999999'], patient())).toMatchObject([before!]);
  await act('POST', `${externalId}/lost`);
  const after = await since();
  expect(after!.status).toEqual(['disqualified', 'rejected']);
  expect(after!.stamp).not.toBe(before!.stamp);
  const later = toInstant(Date.parse(after!.modifiedAt) + 1_000);
  expect((await port().changes!.since(later, undefined, patient())).records).toEqual([]);
});
