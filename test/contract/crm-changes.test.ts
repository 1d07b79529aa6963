import http from 'node:http';
import type { CrmChanges, CrmRecord } from '../../activities/ports-crm-sync';
import type { CrmPort } from '../../activities/ports-vendors';
import { startFakeHubspot } from '../../connectors/crm/fake-hubspot';
import { startFakePipedrive, type FakePipedrive } from '../../connectors/crm/fake-pipedrive';
import { startFakeSalesforce } from '../../connectors/crm/fake-salesforce';
import { createHubspotCrm } from '../../connectors/crm/hubspot';
import { createPipedriveCrm } from '../../connectors/crm/pipedrive';
import { createSalesforceCrm } from '../../connectors/crm/salesforce';
import { toInstant } from '../../domain/instant';
import { json } from '../../connectors/fake-server';
import { ben, clock, crmLead, failureOf, patient } from './examples';

const startedAt = toInstant(Date.now() - 2_000);
const anna = 'anna@example.com';

/** A vendor's fake, its adapter, and the hand that changes a record there. */
const vendors = {
  hubspot: async () => {
    const fake = await startFakeHubspot({
      owners: { [anna]: '501', [ben.email]: '502', 'x@example.com': '503' },
    });
    const port = createHubspotCrm({ url: fake.url, auth: { token: fake.token }, clock });
    return {
      fake,
      port,
      change: (id: string) => fake.change(id, { hs_lead_status: 'IN_PROGRESS', hubspot_owner_id: '502' }),
      disown: (id: string) => fake.change(id, { hs_lead_status: 'SOMETHING', hubspot_owner_id: '' }),
      remove: fake.remove,
    };
  },
  salesforce: async () => {
    const users = { [anna]: '0055g000001AbCdAAK', [ben.email]: '0055g000001AbCeAAK' };
    const fake = await startFakeSalesforce({ users });
    const port = createSalesforceCrm({
      url: fake.url,
      auth: { clientId: 'client', clientSecret: 'client-secret' },
      version: 'v67.0',
      clock,
    });
    return {
      fake,
      port,
      change: (id: string) => fake.change(id, { Status: 'Contacted', OwnerId: users[ben.email]! }),
      // Leads always have an owner: a queue is one without an address.
      disown: (id: string) => fake.change(id, { Status: 'Something', OwnerId: '00G5g000001AbCdAAK' }),
      remove: (id: string) => fake.remove(id),
    };
  },
};

describe.each(['hubspot', 'salesforce'] as const)('what is changed in %s', (vendor) => {
  let crm: Awaited<ReturnType<(typeof vendors)[typeof vendor]>>;
  beforeEach(async () => {
    crm = await vendors[vendor]();
  });
  afterEach(() => crm.fake.close());
  const since = async (): Promise<readonly CrmRecord[]> =>
    (await crm.port.changes!.since(startedAt, undefined, patient())).records;

  it('is read in our words', async () => {
    const lead = crmLead('changed');
    const { externalId } = await crm.port.upsertLead(lead, 'k', patient());
    const [before] = await since();
    expect(before).toMatchObject({ externalId, leadId: lead.id, status: ['assigned'], ownerEmail: anna });
    crm.change(externalId);
    const [after] = await since();
    expect(after).toMatchObject({ externalId, leadId: lead.id, status: ['touched'], ownerEmail: ben.email });
    expect(after!.stamp).not.toBe(before!.stamp);
    expect(await crm.port.changes!.read([externalId], patient())).toMatchObject([after!]);
    expect(await since()).toEqual([after]);
    const later = toInstant(Date.now() + 5_000);
    expect((await crm.port.changes!.since(later, undefined, patient())).records).toEqual([]);
  });

  it('to what means nothing here is read as nothing', async () => {
    const { externalId } = await crm.port.upsertLead(crmLead('odd'), 'k', patient());
    crm.disown(externalId);
    const [record] = await since();
    expect(record!.status).toEqual([]);
    expect(record!.ownerEmail ?? '').toBe('');
  });

  it('a record that is gone is not read, or as deleted', async () => {
    const { externalId } = await crm.port.upsertLead(crmLead('gone'), 'k', patient());
    crm.remove(externalId);
    const records = await crm.port.changes!.read([externalId], patient());
    expect(records.filter(({ deleted }) => deleted !== true)).toEqual([]);
  });

  it('fails like every other call', async () => {
    crm.fake.failNext('busy');
    const asked = crm.port.changes!.since(startedAt, undefined, patient());
    expect(await failureOf(asked)).toMatchObject({ code: 'busy' });
  });
});

describe('HubSpot', () => {
  let crm: Awaited<ReturnType<typeof vendors.hubspot>>;
  beforeEach(async () => {
    crm = await vendors.hubspot();
  });
  afterEach(() => crm.fake.close());

  it('keeps our id and values of the lead that goes on when another one of the person is merged into it', async () => {
    const survivor = crmLead('survivor');
    const { externalId } = await crm.port.upsertLead(survivor, 'k1', patient());
    const before = crm.fake.contacts.get(externalId);
    const merged = crmLead('merged', { status: 'merged', owner: null, sla: null });
    for (const known of [undefined, externalId])
      expect(await crm.port.upsertLead(merged, 'k2', patient(), known)).toEqual({ externalId });
    const { lastmodifieddate: _now, ...after } = crm.fake.contacts.get(externalId)!;
    const { lastmodifieddate: _then, ...kept } = before!;
    expect(after).toEqual(kept);
    expect(crm.fake.contacts.size).toBe(1);
  });

  it('reads more contacts than a page holds, though they move while it reads', async () => {
    const leads = Array.from({ length: 450 }, (_, n) =>
      crmLead(`many-${String(n)}`, {
        owner: null,
        sla: null,
        person: { id: 'per', email: `p${String(n)}@example.com` },
      }),
    );
    for (const lead of leads) await crm.port.upsertLead(lead, 'k', patient());
    const ids = new Set<string>();
    let page: string | undefined;
    do {
      const { records, nextPage } = await crm.port.changes!.since(startedAt, page, patient());
      for (const { externalId } of records) ids.add(externalId);
      // The first ones are changed meanwhile, and stand at the end now.
      for (const { externalId } of records.slice(0, 3)) crm.fake.change(externalId, {});
      page = nextPage;
    } while (page !== undefined && ids.size < 450);
    expect(ids.size).toBe(450);
  });

  it('names the contacts that people merged into one', async () => {
    const person = { id: 'per', email: 'other@example.com' };
    const [one, two] = [crmLead('one'), crmLead('two', { person })];
    const first = await crm.port.upsertLead(one, 'k1', patient());
    const second = await crm.port.upsertLead(two, 'k2', patient());
    const externalId = crm.fake.merge(first.externalId, second.externalId);
    const { records } = await crm.port.changes!.since(startedAt, undefined, patient());
    expect(records).toMatchObject([{ externalId, absorbed: [second.externalId, first.externalId] }]);
    // Before we have read of it, too: each lead goes on there, under the address of the contact that is left.
    for (const [lead, known] of [
      [one, first.externalId],
      [two, second.externalId],
    ] as const) {
      expect(await crm.port.upsertLead(lead, 'k3', patient(), known)).toEqual({ externalId });
      expect(crm.fake.contacts.get(externalId)).toMatchObject({ lead_router_id: lead.id });
    }
    expect(crm.fake.contacts.size).toBe(1);
  });

  it('tells a contact that people deleted from one that is not there or was merged', async () => {
    const person = { id: 'per', email: 'other@example.com' };
    const [gone, left] = [
      await crm.port.upsertLead(crmLead('gone'), 'k1', patient()),
      await crm.port.upsertLead(crmLead('left', { person }), 'k2', patient()),
    ];
    crm.fake.remove(gone.externalId);
    const into = crm.fake.merge('75999', left.externalId);
    const ids = [gone.externalId, left.externalId, '1'];
    const records = await crm.port.changes!.read(ids, patient());
    expect(records).toMatchObject([
      { externalId: into, absorbed: [left.externalId, '75999'] },
      { externalId: gone.externalId, deleted: true },
    ]);
    expect(records[0]!.deleted).toBeUndefined();
  });

  it('stays with the contact it has when its new address is that of another one', async () => {
    const lead = crmLead('known');
    const { externalId } = await crm.port.upsertLead(lead, 'k1', patient());
    const person = { id: 'per', email: 'other@example.com' };
    await crm.port.upsertLead(crmLead('other', { person }), 'k2', patient());
    const moved = { ...lead, person: { ...lead.person, email: person.email }, owner: ben };
    expect(await crm.port.upsertLead(moved, 'k3', patient(), externalId)).toEqual({ externalId });
    expect(crm.fake.contacts.get(externalId)).toMatchObject({
      email: lead.person.email,
      hubspot_owner_id: '502',
    });
  });

  it('looks a user up once, and takes one who is gone for nobody we know', async () => {
    const { externalId } = await crm.port.upsertLead(crmLead('user'), 'k', patient());
    crm.fake.answerNext(json(404, { status: 'error', category: 'OBJECT_NOT_FOUND' }), /GET .*owners.*501$/);
    for (let n = 0; n < 3; n += 1) {
      const { records } = await crm.port.changes!.since(startedAt, undefined, patient());
      expect(records).toMatchObject([{ externalId, ownerEmail: '' }]);
    }
    expect(crm.fake.exchanges.filter(({ path }) => /owners.*501$/.test(path))).toHaveLength(0);
  });
});

describe('Pipedrive', () => {
  let fake: FakePipedrive;
  let changes: CrmChanges;
  let port: CrmPort;
  beforeEach(async () => {
    fake = await startFakePipedrive({ users: { [anna]: 42, [ben.email]: 43 } });
    port = createPipedriveCrm({
      url: fake.url,
      tokenUrl: `${fake.url}/oauth/token`,
      auth: { token: fake.token },
      clock,
    });
    changes = port.changes!;
  });
  afterEach(() => fake.close());
  const since = async (at = startedAt): Promise<readonly CrmRecord[]> =>
    (await changes.since(at, undefined, patient())).records;

  it('tells who owns a lead; it has no status', async () => {
    const lead = crmLead('changed');
    const { externalId } = await port.upsertLead(lead, 'k', patient());
    const record = { externalId, leadId: lead.id, status: [] };
    expect(await since()).toMatchObject([{ ...record, ownerEmail: anna }]);
    fake.change(externalId, 43);
    expect(await since()).toMatchObject([{ ...record, ownerEmail: ben.email }]);
    expect(await changes.read([externalId], patient())).toEqual(await since());
    expect(await since(toInstant(Date.now() + 5_000))).toEqual([]);
  });

  it('tells by its deal what became of a lead, under the id that the lead had', async () => {
    const { externalId } = await port.upsertLead(crmLead('deal'), 'k', patient());
    for (const [state, status] of [
      ['open', ['qualified', 'converted']],
      ['won', ['converted']],
      ['lost', ['disqualified']],
    ] as const) {
      fake.convert(externalId, state);
      const found = await since();
      expect(found).toMatchObject([{ externalId, status, ownerEmail: anna }]);
      expect(await changes.read([externalId], patient())).toEqual(found);
    }
    expect(await port.upsertLead(crmLead('deal'), 'k2', patient(), externalId)).toEqual({ externalId });
  });

  it('reads a deal that is named by its own id, at the price of one call', async () => {
    const { externalId } = await port.upsertLead(crmLead('deal'), 'k', patient());
    fake.convert(externalId, 'won');
    const asked = fake.requests();
    expect(await changes.named!(['deal 1', 'deal 2'], patient())).toMatchObject([
      { externalId, status: ['converted'], ownerEmail: anna },
    ]);
    // Both deals, and who owns the one.
    expect(fake.requests() - asked).toBe(3);
  });

  it('reads what is named anew each time, also after a try that failed, and does not look for what is gone', async () => {
    const { externalId } = await port.upsertLead(crmLead('named'), 'k', patient());
    fake.convert(externalId, 'open');
    fake.answerNext(json(500, { success: false }), /GET .*\/users\//);
    expect(await failureOf(changes.named!(['deal 1'], patient()))).toMatchObject({ code: 'busy' });
    fake.convert(externalId, 'won');
    expect(await changes.named!(['deal 1'], patient())).toMatchObject([{ status: ['converted'] }]);
    const asked = fake.requests();
    expect(await changes.named!([externalId], patient())).toEqual([]);
    expect(fake.requests() - asked).toBe(1);
  });

  it('writes the owner to the deal that people made of a lead, and its activity stays the one', async () => {
    const { externalId } = await port.upsertLead(crmLead('deal'), 'k', patient());
    fake.convert(externalId, 'open');
    await port.upsertLead(crmLead('deal', { owner: ben }), 'k2', patient(), externalId);
    expect(fake.deals.get(externalId)).toMatchObject({ owner_id: 43 });
    // Whatever people change of the deal now, its owner is the new one.
    fake.convert(externalId, 'won');
    expect(await since()).toMatchObject([{ externalId, status: ['converted'], ownerEmail: ben.email }]);
    expect([...fake.activities.values()]).toMatchObject([{ owner_id: 43, deal_id: 1 }]);
  });

  it('leaves a lead that was deleted alone', async () => {
    const { externalId } = await port.upsertLead(crmLead('gone'), 'k', patient());
    fake.remove(externalId);
    const [before] = fake.activities.values();
    expect(await port.upsertLead(crmLead('gone', { owner: ben }), 'k2', patient(), externalId)).toEqual({
      externalId,
    });
    expect([...fake.activities.values()]).toEqual([before]);
    expect(fake.leads.size).toBe(0);
  });

  it('does not read a lead that is gone', async () => {
    const { externalId } = await port.upsertLead(crmLead('gone'), 'k', patient());
    fake.remove(externalId);
    expect(await changes.read([externalId], patient())).toEqual([]);
    expect(await since()).toEqual([]);
  });

  const deals = (count: number, at: (n: number) => string): void => {
    for (let n = 0; n < count; n += 1)
      fake.putDeal({
        id: 100 + n,
        title: 'x',
        owner_id: 7,
        person_id: 1,
        status: 'open',
        update_time: at(n),
      });
  };
  const second = (n: number): string => toInstant(Date.parse(startedAt) + n * 1_000).replace(/\.\d+Z$/, 'Z');
  const put = (n: number, at: string) => {
    const id = `adf21080-0e10-41eb-879b-${String(n).padStart(12, '0')}`;
    fake.put({
      id,
      title: 'x',
      person_id: 1,
      owner_id: 42,
      origin_id: crmLead(`p${n}`).id,
      update_time: at,
    });
    return id;
  };
  /** All that is read from the start on, however many pages that takes. */
  const readAll = async (): Promise<readonly CrmRecord[]> => {
    const all: CrmRecord[] = [];
    let page: string | undefined;
    do {
      const { records, nextPage } = await changes.since(startedAt, page, patient());
      all.push(...records);
      page = nextPage;
    } while (page !== undefined);
    return all;
  };

  it('gets past deals that came from no lead, and asks nobody who owns them', async () => {
    deals(700, (n) => second(n < 300 ? 1 : n));
    const { externalId } = await port.upsertLead(crmLead('last'), 'k', patient());
    fake.convert(externalId, 'open');
    const before = fake.requests();
    const read = await readAll();
    expect(new Set(read.map((one) => one.externalId)).size).toBe(701);
    expect(read.find((one) => one.externalId === externalId)).toMatchObject({
      status: ['qualified', 'converted'],
    });
    const last = read.at(-1)!;
    expect(last).toMatchObject({ modifiedAt: toInstant(Date.parse(second(699))) });
    expect(await since(last.modifiedAt)).toEqual([last]);
    expect(fake.requests() - before).toBeLessThan(30);
    expect(fake.exchanges.filter(({ path }) => path.includes('/users/7'))).toEqual([]);
  });

  it('goes on where it was told to come back, and reads anew the next time', async () => {
    const wanted = Array.from({ length: 5 }, (_, n) => put(n, second(n)));
    fake.answerNext(json(429, { success: false, error: 'rate limit' }), new RegExp(`GET .*${wanted[3]!}`));
    expect(await failureOf(changes.read(wanted, patient()))).toMatchObject({ code: 'busy' });
    const before = fake.requests();
    const found = await changes.read(wanted, patient());
    expect(found.map(({ externalId }) => externalId)).toEqual(wanted);
    // Two leads, and the user who owns them.
    expect(fake.requests() - before).toBe(3);
    fake.change(wanted[0]!, 43);
    expect((await changes.read(wanted, patient()))[0]).toMatchObject({ ownerEmail: ben.email });
  });

  it('says nothing of a lead that is gone when there are more deals than it looks through', async () => {
    const { externalId } = await port.upsertLead(crmLead('old'), 'k', patient());
    fake.convert(externalId, 'open');
    deals(1_900, () => second(1));
    expect(await changes.read([externalId], patient())).toMatchObject([{ externalId, ownerEmail: anna }]);
    deals(2_100, () => second(1));
    const [unclear, ...others] = await changes.read([externalId], patient());
    expect(unclear).toMatchObject({ externalId, unclear: true, status: [] });
    expect(unclear).not.toHaveProperty('ownerEmail');
    expect(others).toEqual([]);
  });

  it('misses none of more leads and deals than pages hold, though they move and many are of one second', async () => {
    const wanted = Array.from({ length: 900 }, (_, n) => put(n, second(n < 450 ? 1 : n)));
    for (const id of wanted.slice(600, 800)) fake.convert(id, 'open');
    // Between two of the pages that one second fills, as between all others, a lead that was read is changed.
    const moving = wanted.slice(0, 40);
    const { request } = http;
    const spy = jest.spyOn(http, 'request').mockImplementation(((url: URL, ...how: [never]) => {
      if (/^\?.*&start=[1-9]/.test(url.search)) fake.change(moving.shift() ?? '', 43);
      return request(url, ...how);
    }) as typeof request);
    const seen = new Set((await readAll()).map(({ externalId }) => externalId));
    spy.mockRestore();
    expect(moving).toEqual([]);
    expect(wanted.filter((id) => !seen.has(id))).toEqual([]);
  });

  it('fails like every other call', async () => {
    fake.failNext('busy');
    expect(await failureOf(since())).toMatchObject({ code: 'busy' });
  });
});

describe('Salesforce', () => {
  it('is written to the lead that others were merged into, and says when it is gone', async () => {
    const { fake, port } = await vendors.salesforce();
    const [lead, master] = [crmLead('loser'), crmLead('master')];
    const loser = await port.upsertLead(lead, 'k1', patient());
    const kept = await port.upsertLead(master, 'k2', patient());
    fake.remove(loser.externalId, kept.externalId);
    const { records } = await port.changes!.since(startedAt, undefined, patient());
    expect(records.find(({ externalId }) => externalId === loser.externalId)).toMatchObject({
      mergedInto: kept.externalId,
    });
    expect(await port.upsertLead(lead, 'k3', patient(), kept.externalId)).toEqual(kept);
    expect(fake.leads.size).toBe(1);
    // Before we have read of the merge, too.
    expect(await port.upsertLead(lead, 'k4', patient(), loser.externalId)).toEqual(kept);
    fake.remove(kept.externalId);
    const again = port.upsertLead(lead, 'k5', patient(), loser.externalId);
    expect(await failureOf(again)).toMatchObject({ code: 'deleted' });
    await fake.close();
  });
});
