import type { CrmLead, CrmPort } from '../../activities/ports-vendors';
import { startFakeHubspot } from '../../connectors/crm/fake-hubspot';
import { startFakePipedrive } from '../../connectors/crm/fake-pipedrive';
import { startFakeSalesforce } from '../../connectors/crm/fake-salesforce';
import type { FakeVendor, FakeVendorOptions } from '../../connectors/crm/fake-vendor';
import { createHubspotCrm } from '../../connectors/crm/hubspot';
import { hubspotKey } from '../../connectors/crm/hubspot-account';
import { createPipedriveCrm } from '../../connectors/crm/pipedrive';
import { createSalesforceCrm } from '../../connectors/crm/salesforce';
import { salesforceKey } from '../../connectors/crm/salesforce-org';
import type { CrmHarness } from './crm.contract';
import { clock } from './examples';

/** A vendor's fake with an adapter that speaks to it, and further adapters as other processes would have them. */
export interface VendorHarness extends CrmHarness {
  readonly fake: FakeVendor;
  /** People make a deal of a record that was written, where that takes it away. */
  readonly convert?: (externalId: string) => void;
  readonly another: (options?: { readonly timeoutMs?: number; readonly oauth?: boolean }) => CrmPort;
}

export const vendors = ['hubspot', 'salesforce', 'pipedrive'] as const;
export type Vendor = (typeof vendors)[number];

export function startVendor(vendor: Vendor, options: FakeVendorOptions = {}): Promise<VendorHarness> {
  return { hubspot, salesforce, pipedrive }[vendor](options);
}

const people = ['anna@example.com', 'ben@example.com'];
const done = ({ status }: CrmLead): boolean => status !== 'assigned';
const oauthClient = { clientId: 'client', clientSecret: 'client-secret', refreshToken: 'refresh-token' };

async function hubspot(options: FakeVendorOptions): Promise<VendorHarness> {
  const owners = { [people[0]!]: '501', [people[1]!]: '502' };
  const fake = await startFakeHubspot({ ...options, owners });
  const another: VendorHarness['another'] = ({ oauth, ...more } = {}) =>
    createHubspotCrm({ url: fake.url, auth: oauth ? oauthClient : { token: fake.token }, clock, ...more });
  const of = (records: ReadonlyMap<string, Readonly<Record<string, string>>>, leadId: string) =>
    [...records].filter(([, record]) => record[hubspotKey] === leadId);
  const words: Record<string, string> = { assigned: 'OPEN', qualified: 'CONNECTED' };
  return {
    fake,
    port: another(),
    another,
    crashBehind: fake.crashBehind,
    remove: (externalId) => {
      fake.remove(externalId);
    },
    commitLate: fake.commitLate,
    takeEffect: fake.takeEffect,
    creates: (leadId) => of(fake.contacts, leadId).length,
    record: (leadId) => {
      const [id, contact] = of(fake.contacts, leadId)[0]!;
      const tasks = of(fake.tasks, leadId).map(([taskId, task]) => ({
        due: task['hs_timestamp'],
        done: task['hs_task_status'] === 'COMPLETED',
        owner: task['hubspot_owner_id'],
        tied: fake.associations.has(`${taskId}:${id}`),
      }));
      const { email, hubspot_owner_id: owner, hs_lead_status: status } = contact;
      return { email, owner, status, tasks };
    },
    knows: (lead) => ({
      email: lead.person.email,
      owner: lead.owner ? fake.owners.get(lead.owner.email) : undefined,
      status: words[lead.status],
      tasks:
        lead.owner && lead.sla
          ? [
              {
                due: lead.sla.touchDueAt,
                done: done(lead),
                owner: fake.owners.get(lead.owner.email),
                tied: true,
              },
            ]
          : [],
    }),
    close: fake.close,
  };
}

async function salesforce(options: FakeVendorOptions): Promise<VendorHarness> {
  const users = { [people[0]!]: '0055g000001AbCdAAK', [people[1]!]: '0055g000001AbCeAAK' };
  const fake = await startFakeSalesforce({ ...options, users });
  const another: VendorHarness['another'] = ({ timeoutMs } = {}) =>
    createSalesforceCrm({
      url: fake.url,
      auth: { clientId: 'client', clientSecret: 'client-secret' },
      version: 'v67.0',
      clock,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  const of = (records: ReadonlyMap<string, Readonly<Record<string, string>>>, leadId: string) =>
    [...records].filter(([, record]) => record[salesforceKey] === leadId);
  const words: Record<string, string> = { assigned: 'New', qualified: 'Qualified' };
  const userOf = ({ owner }: CrmLead) => (owner ? fake.users.get(owner.email) : undefined);
  return {
    fake,
    port: another(),
    another,
    crashBehind: fake.crashBehind,
    remove: (externalId) => {
      fake.remove(externalId);
    },
    commitLate: fake.commitLate,
    takeEffect: fake.takeEffect,
    creates: (leadId) => of(fake.leads, leadId).length,
    record: (leadId) => {
      const [id, lead] = of(fake.leads, leadId)[0]!;
      const tasks = of(fake.tasks, leadId).map(([, task]) => ({
        due: task['ActivityDate'],
        done: task['Status'] === 'Completed',
        owner: task['OwnerId'],
        tied: task['WhoId'] === id,
      }));
      return { email: lead['Email'], owner: lead['OwnerId'], status: lead['Status'], tasks };
    },
    knows: (lead) => ({
      email: lead.person.email,
      owner: userOf(lead),
      status: words[lead.status],
      tasks: lead.sla
        ? [{ due: lead.sla.touchDueAt.slice(0, 10), done: done(lead), owner: userOf(lead), tied: true }]
        : [],
    }),
    close: fake.close,
  };
}

async function pipedrive(options: FakeVendorOptions): Promise<VendorHarness> {
  const fake = await startFakePipedrive({ ...options, users: { [people[0]!]: 42, [people[1]!]: 43 } });
  const another: VendorHarness['another'] = ({ oauth, ...more } = {}) =>
    createPipedriveCrm({
      url: fake.url,
      tokenUrl: `${fake.url}/oauth/token`,
      auth: oauth ? oauthClient : { token: fake.token },
      clock,
      ...more,
    });
  const of = (leadId: string) => [...fake.leads.values()].filter((lead) => lead.origin_id === leadId);
  const userOf = ({ owner }: CrmLead) => (owner ? fake.users.get(owner.email) : undefined);
  return {
    fake,
    port: another(),
    another,
    crashBehind: fake.crashBehind,
    remove: (externalId) => {
      fake.remove(externalId);
    },
    commitLate: fake.commitLate,
    takeEffect: fake.takeEffect,
    convert: (externalId) => fake.convert(externalId, 'open'),
    creates: (leadId) => of(leadId).length,
    record: (leadId) => {
      const [lead] = of(leadId);
      const persons = fake.persons.filter(({ id }) => id === lead!.person_id);
      const activities = [...fake.activities.values()].filter((one) => one.lead_id === lead!.id);
      return {
        emails: persons.flatMap(({ emails }) => emails.map(({ value }) => value)),
        owner: lead!.owner_id,
        tasks: activities.map((one) => ({
          due: `${one.due_date}T${one.due_time}.000Z`,
          done: one.done,
          owner: one.owner_id,
        })),
      };
    },
    knows: (lead) => ({
      emails: [lead.person.email],
      owner: userOf(lead),
      tasks: lead.sla ? [{ due: lead.sla.touchDueAt, done: done(lead), owner: userOf(lead) }] : [],
    }),
    close: fake.close,
  };
}
