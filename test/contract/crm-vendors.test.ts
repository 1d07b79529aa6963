import { generateKeyPairSync, verify } from 'node:crypto';
import { startFakeSalesforce } from '../../connectors/crm/fake-salesforce';
import { createSalesforceCrm } from '../../connectors/crm/salesforce';
import type { FakeReply } from '../../connectors/fake-server';
import { json } from '../../connectors/fake-server';
import { toInstant } from '../../domain/instant';
import { crmContract } from './crm.contract';
import { startVendor, vendors, type VendorHarness } from './crm-vendors';
import { clock, crmLead, failureOf, faultCodes, hastyMs, patient } from './examples';
import { breaches, findSpec } from './vendor-spec';

for (const vendor of vendors)
  crmContract(vendor, () => startVendor(vendor), {
    crashes: true,
    deletes: vendor === 'pipedrive' ? 'left alone' : 'told',
    keys: vendor !== 'pipedrive',
  });

const lead = crmLead('one');
const key = `${lead.id}:crm:1`;

describe.each(vendors)('%s adapter', (vendor) => {
  let crm: VendorHarness;
  let aheadMs: number;
  beforeEach(async () => {
    crm = await startVendor(vendor, { retryAfterS: 7 });
    aheadMs = 0;
    const { now } = Date;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + aheadMs);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await crm.close();
  });
  const write = (port = crm.port) => port.upsertLead(lead, key, patient());

  it.each(faultCodes)('reports %s as %s, and works again afterwards', async (fault, code) => {
    crm.fake.failNext(fault);
    const failure = await failureOf(write(fault === 'hang' ? crm.another({ timeoutMs: hastyMs }) : crm.port));
    expect(failure.code).toBe(code);
    aheadMs += failure.retryAfterMs ?? 0;
    await write();
    expect(await crm.creates(lead.id)).toBe(1);
  });

  it('waits as long as Retry-After says', async () => {
    crm.fake.failNext('busy');
    expect((await failureOf(write())).retryAfterMs).toBe(7_000);
  });

  it('sends nothing at all until then, as the account was told and not the lead', async () => {
    const other = crmLead('other', { owner: null, sla: null });
    crm.fake.failNext('busy');
    await failureOf(write());
    const before = crm.fake.requests();
    const held = await failureOf(crm.port.upsertLead(other, 'k', patient()));
    expect([held.code, crm.fake.requests()]).toEqual(['busy', before]);
    expect(held.retryAfterMs).toBeGreaterThan(6_000);
    aheadMs = 7_000;
    await crm.port.upsertLead(other, 'k', patient());
  });

  it('names the rep who has no user over there', async () => {
    const owner = { id: 'eve', name: 'Eve', email: 'eve@example.com' };
    const failure = await failureOf(crm.port.upsertLead({ ...lead, owner }, key, patient()));
    expect(failure.code).toBe('setup');
    expect(failure.message).toBe(`${vendor}: no active user has the e-mail address of rep eve`);
    expect(failure.message).not.toContain('@');
  });

  it('loses nothing when half of the requests are refused', async () => {
    crm.fake.busyShare(0.5);
    const leads = Array.from({ length: 5 }, (_, n) =>
      crmLead(`half-${n}`, { person: { ...lead.person, email: `p${n}@example.com` } }),
    );
    for (const one of leads) {
      let written = false;
      for (let attempt = 0; !written && attempt < 1_000; attempt += 1) {
        written = await crm.port.upsertLead(one, `${one.id}:crm:1`, patient()).then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'busy' });
            aheadMs += 7_000;
            return false;
          },
        );
      }
      expect(await crm.record(one.id)).toEqual(crm.knows?.(one));
      expect(await crm.creates(one.id)).toBe(1);
    }
    expect(crm.fake.refusals()).toBeGreaterThan(0);
  });
});

describe.each(['hubspot', 'salesforce', 'pipedrive'] as const)('%s credentials', (vendor) => {
  let crm: VendorHarness;
  beforeEach(async () => {
    crm = await startVendor(vendor);
  });
  afterEach(() => crm.close());
  const tokens = () => crm.fake.exchanges.filter(({ path }) => path.includes('token')).length;

  it('asks for one token however many leads wait, and for another when that one has run out', async () => {
    const port = crm.another({ oauth: true });
    const all = () =>
      Promise.all(
        Array.from({ length: 5 }, (_, n) => {
          const one = crmLead(`t${n}`, { person: { ...lead.person, email: `p${n}@example.com` } });
          return port.upsertLead(one, `${one.id}:crm:1`, patient());
        }),
      );
    await all();
    expect(tokens()).toBe(1);
    crm.fake.expire();
    await all();
    expect(tokens()).toBe(2);
  });
});

describe('salesforce with a certificate', () => {
  it('signs a short-lived assertion anew for each token', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const fake = await startFakeSalesforce({ users: {} });
    const auth = {
      clientId: 'client',
      username: 'router@acme.com',
      privateKey,
      audience: 'https://test.example',
    };
    let nowMs = Date.now();
    const port = createSalesforceCrm({ url: fake.url, auth, version: 'v67.0', clock: { now: () => nowMs } });
    const ownerless = { ...lead, owner: null, sla: null };
    await port.upsertLead(ownerless, 'k1', patient());
    fake.expire();
    nowMs += 60_000;
    await port.upsertLead(ownerless, 'k2', patient());
    const forms = fake.exchanges.filter(({ path }) => path.includes('token')).map(({ sent }) => sent);
    expect(forms).toHaveLength(2);
    for (const [n, form] of (forms as Record<string, string>[]).entries()) {
      expect(form['grant_type']).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
      const [header = '', claims = '', signature = ''] = form['assertion']!.split('.');
      const decoded = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
      expect(decoded(header)).toEqual({ alg: 'RS256' });
      const exp = Math.floor((nowMs - 60_000 * (1 - n)) / 1_000) + 180;
      expect(decoded(claims)).toEqual({
        iss: 'client',
        sub: 'router@acme.com',
        aud: 'https://test.example',
        exp,
      });
      const signed = Buffer.from(`${header}.${claims}`);
      expect(verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
    }
    await fake.close();
  });
});

describe('a fixed key that is revoked', () => {
  it.each(['hubspot', 'pipedrive'] as const)('of %s parks the lead as auth', async (vendor) => {
    const crm = await startVendor(vendor);
    crm.fake.expire();
    expect(await failureOf(crm.port.upsertLead(lead, key, patient()))).toMatchObject({ code: 'auth' });
    await crm.close();
  });
});

describe("the day's budget", () => {
  it('stops calls at once when it is used up, and says when to come back', async () => {
    const crm = await startVendor('hubspot');
    await crm.port.upsertLead(lead, key, patient());
    crm.fake.answerNext(json(429, { status: 'error', message: 'daily limit', policyName: 'DAILY' }));
    await failureOf(crm.port.upsertLead(lead, key, patient()));
    const before = crm.fake.requests();
    const failure = await failureOf(crm.port.upsertLead(lead, key, patient()));
    expect(failure.code).toBe('quota');
    expect(failure.retryAfterMs).toBeGreaterThan(14 * 60_000);
    expect(crm.fake.requests()).toBe(before);
    await crm.close();
  });

  const scarce: Record<string, string> = {
    hubspot: 'x-hubspot-ratelimit-daily',
    pipedrive: 'x-daily-ratelimit-token',
  };
  it.each(vendors)('of %s is kept for hot leads when little is left', async (vendor) => {
    const crm = await startVendor(vendor);
    const cold = crmLead('cold', { band: 'cold', owner: null, sla: null });
    const hot = crmLead('hot', { owner: null, sla: null });
    const name = scarce[vendor];
    const limit = vendor === 'pipedrive' ? `${name}-limit` : name;
    const headers =
      limit === undefined
        ? { 'sforce-limit-info': 'api-usage=14900/15000' }
        : { [limit]: '15000', [`${name}-remaining`]: '100' };
    const found = {
      results: [{ id: '1' }],
      id: '00Q5g00000AbCdEEAV',
      data: { items: [{ item: { id: 1 } }] },
    };
    crm.fake.answerNext({ ...json(200, found), headers } satisfies FakeReply);
    await crm.port.upsertLead(hot, 'k', patient()).catch(() => undefined);
    const refused = await failureOf(crm.port.upsertLead(cold, 'k', patient()));
    expect(refused.code).toBe('quota');
    await crm.port.upsertLead(hot, 'k', patient());
    await crm.close();
  });
});

describe('requests and answers keep the vendor’s document', () => {
  const documents = {
    hubspot: [['hubspot', datedToNumbered]],
    salesforce: [['salesforce', (path: string) => path]],
    pipedrive: [
      ['pipedrive-v1', (path: string) => path.replace('/api/v1', '')],
      ['pipedrive-v2', (path: string) => path.replace('/api/v2', '')],
    ],
  } as const;

  // Documents that state no licence are not in this repository.
  describe.each(vendors)('%s', (vendor) => {
    const specs = documents[vendor].map(([name, toPath]) => ({ toPath, spec: findSpec(name) }));
    (specs.every(({ spec }) => spec) ? it : it.skip)('in every exchange', async () => {
      const crm = await startVendor(vendor);
      const port = crm.another({ oauth: true });
      await port.upsertLead(lead, key, patient());
      await port.upsertLead({ ...lead, status: 'qualified' }, `${lead.id}:crm:2`, patient());
      const { externalId } = await port.upsertLead(lead, `${lead.id}:crm:3`, patient());
      await port.changes?.since(toInstant(clock.now() - 60_000), undefined, patient());
      await port.changes?.read([externalId], patient());
      crm.convert?.(externalId);
      const later = { ...lead, owner: { ...lead.owner!, email: 'ben@example.com' } };
      await port.upsertLead(later, `${lead.id}:crm:4`, patient(), externalId);
      await port.changes?.read([externalId], patient());
      await crm.close();
      expect(crm.fake.exchanges.length).toBeGreaterThan(5);
      for (const exchange of crm.fake.exchanges) {
        const version = exchange.path.startsWith('/api/v2') ? 1 : 0;
        const { spec, toPath } = specs[version] ?? specs[0]!;
        expect([exchange.path, breaches(spec!, toPath(exchange.path), exchange)]).toEqual([
          exchange.path,
          [],
        ]);
      }
    });
  });

  function datedToNumbered(path: string): string {
    return path
      .replace(/^\/crm\/objects\/2026-09\/(.*\/associations\/.*)/, '/crm/v4/objects/$1')
      .replace(/^\/crm\/(objects|owners)\/2026-09/, '/crm/v3/$1')
      .replace('/oauth/2026-09', '/oauth/v1');
  }
});
