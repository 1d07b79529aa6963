import { Webhook } from 'standardwebhooks';
import type { CrmLead } from '../../activities/ports-vendors';
import { startFakeCrm, type FakeCrm } from '../../connectors/crm/fake';
import { createHttpCrm } from '../../connectors/crm/http';
import { createLocalCrm } from '../../connectors/crm/local';
import { signWebhook } from '../../domain/standard-webhooks';
import { crmContract } from './crm.contract';
import { clock, crmLead, eventually, failureOf, faultCodes, hastyMs, patient, secret } from './examples';
import { startRecorder } from './recorder';

crmContract('http', async () => {
  const fake = await startFakeCrm({ secret });
  return {
    port: createHttpCrm({ url: fake.url, secret, clock }),
    record: (leadId) => fake.records.get(leadId)?.lead,
    creates: (leadId) => fake.counts.creates.get(leadId) ?? 0,
    close: fake.close,
  };
});

crmContract('local', () => {
  const records = new Map<string, CrmLead>();
  const creates = new Map<string, number>();
  const upsert = (lead: CrmLead): Promise<{ externalId: string }> => {
    if (!records.has(lead.id)) creates.set(lead.id, (creates.get(lead.id) ?? 0) + 1);
    records.set(lead.id, lead);
    return Promise.resolve({ externalId: `local_${lead.id}` });
  };
  return Promise.resolve({
    port: createLocalCrm({ upsert }),
    record: (leadId) => records.get(leadId),
    creates: (leadId) => creates.get(leadId) ?? 0,
    close: () => Promise.resolve(),
  });
});

describe('http CRM adapter on the wire', () => {
  const lead = crmLead('wire');
  const key = `${lead.id}:crm:1`;

  it('sends what the contract says, signed as an independent library expects', async () => {
    const recorder = await startRecorder(() => ({ status: 201, text: '{"externalId":4711}' }));
    const crm = createHttpCrm({ url: `${recorder.url}/api/v3/?tenant=a%20b`, secret, clock });
    const answer = await crm.upsertLead(lead, key, patient());
    await recorder.close();

    const [request] = recorder.requests;
    expect(answer).toEqual({ externalId: '4711' });
    expect(request?.method).toBe('PUT');
    expect(request?.url).toBe(`/api/v3/leads/${lead.id}?tenant=a%20b`);
    expect(request?.headers).toMatchObject({
      'idempotency-key': key,
      'webhook-id': key,
      'content-type': 'application/json',
    });
    const body: unknown = new Webhook(secret).verify(request?.body ?? '', request?.headers ?? {});
    expect(body).toEqual(lead);
  });

  it('sends no field that the contract does not name', async () => {
    const recorder = await startRecorder(() => ({ status: 200, text: '{"externalId":"x"}' }));
    const more = { ...lead, internalNote: 'not for others' };
    await createHttpCrm({ url: recorder.url, secret, clock }).upsertLead(more, key, patient());
    await recorder.close();
    const sent = JSON.parse(recorder.requests[0]?.body ?? '{}') as object;
    expect(Object.keys(sent)).toEqual(['id', 'person', 'account', 'owner', 'score', 'band', 'status', 'sla']);
  });

  it.each(['', '{}', '{"externalId":""}', '{"externalId":null}', '[]', '<html>'])(
    'calls the answer %j malformed',
    async (text) => {
      const recorder = await startRecorder(() => ({ status: 200, text }));
      const crm = createHttpCrm({ url: recorder.url, secret, clock });
      expect(await failureOf(crm.upsertLead(lead, key, patient()))).toMatchObject({ code: 'malformed' });
      await recorder.close();
    },
  );

  it('refuses a secret without a key before the first lead', () => {
    expect(() => createHttpCrm({ url: 'http://127.0.0.1', secret: 'whsec_', clock })).toThrow(RangeError);
  });
});

describe('http CRM adapter when the CRM fails', () => {
  const lead = crmLead('fault');
  const key = `${lead.id}:crm:1`;
  let fake: FakeCrm;
  beforeEach(async () => {
    fake = await startFakeCrm({ secret, retryAfterS: 7 });
  });
  afterEach(() => fake.close());
  const crm = () => createHttpCrm({ url: fake.url, secret, clock });
  const hasty = () => createHttpCrm({ url: fake.url, secret, clock, timeoutMs: hastyMs });

  it.each(faultCodes)('reports %s as %s, and works again afterwards', async (fault, code) => {
    fake.failNext(fault);
    const port = fault === 'hang' ? hasty() : crm();
    const failure = await failureOf(port.upsertLead(lead, key, patient()));
    expect(failure.code).toBe(code);
    expect(failure.retryAfterMs).toBe(fault === 'busy' ? 7_000 : undefined);
    await crm().upsertLead(lead, key, patient());
    expect(fake.counts.creates.get(lead.id)).toBe(1);
  });

  // The write took effect, the answer was lost: the case in which a retry must not double the record.
  it('has one record after a crash behind the write and a retry', async () => {
    fake.failNext('crashAfterWrite', 2);
    await failureOf(crm().upsertLead(lead, key, patient()));
    await failureOf(crm().upsertLead(lead, key, patient()));
    const { externalId } = await crm().upsertLead(lead, key, patient());
    expect(externalId).toBe(fake.records.get(lead.id)?.externalId);
    expect(fake.counts.creates).toEqual(new Map([[lead.id, 1]]));
    expect(fake.counts.duplicates).toEqual(new Map([[key, 2]]));
    expect(fake.counts.requests()).toBe(3);
  });

  it('gives up at once when the caller does, with the caller’s reason', async () => {
    fake.failNext('hang');
    const caller = new AbortController();
    const call = createHttpCrm({ url: fake.url, secret, clock }).upsertLead(lead, key, caller.signal);
    await eventually(() => fake.counts.requests() === 1);
    const reason = new Error('cancelled');
    caller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  it('times out on a slow CRM', async () => {
    fake.setDelay(60_000);
    expect(await failureOf(hasty().upsertLead(lead, key, patient()))).toMatchObject({ code: 'timeout' });
  });

  it('is unreachable once the CRM is gone', async () => {
    await fake.close();
    const failure = await failureOf(crm().upsertLead(lead, key, patient()));
    expect(failure).toMatchObject({ code: 'unreachable', message: 'crm: no connection (ECONNREFUSED)' });
  });

  it('reports the wrong secret as auth', async () => {
    const wrong = createHttpCrm({ url: fake.url, secret: 'whsec_d3Jvbmc=', clock });
    expect(await failureOf(wrong.upsertLead(lead, key, patient()))).toMatchObject({ code: 'auth' });
    expect(fake.records.size).toBe(0);
  });
});

describe('the fake CRM', () => {
  const lead = crmLead('strict');
  let fake: FakeCrm;
  beforeEach(async () => {
    fake = await startFakeCrm({ secret });
  });
  afterEach(() => fake.close());

  async function put(
    value: unknown,
    change: { path?: string; key?: string; ageS?: number } = {},
  ): Promise<number> {
    const { path = `/leads/${lead.id}`, key = 'k1', ageS = 0 } = change;
    const body = JSON.stringify(value);
    const signature = signWebhook(secret, { id: 'k1', body, nowMs: Date.now() - ageS * 1_000 });
    const headers = { 'idempotency-key': key, ...signature };
    return (await fetch(`${fake.url}${path}`, { method: 'PUT', headers, body })).status;
  }

  it('takes a body to the letter of the contract and no other', async () => {
    const { sla: _sla, ...short } = lead;
    expect(await put(short)).toBe(400);
    expect(await put({ ...lead, extra: 1 })).toBe(400);
    expect(await put({ ...lead, status: 'new' })).toBe(400);
    expect(await put({ ...lead, person: { ...lead.person, age: 30 } })).toBe(400);
    expect(await put('text')).toBe(400);
    expect(await put(lead)).toBe(201);
  });

  it('refuses another path, another key, an old signature', async () => {
    expect(await put(lead, { path: `/leads/${crmLead('other').id}` })).toBe(400);
    expect(await put(lead, { path: '/contacts/1' })).toBe(404);
    expect(await put(lead, { key: 'k2' })).toBe(400);
    expect(await put(lead, { ageS: 400 })).toBe(400);
    expect(fake.records.size).toBe(0);
  });

  it('posts a change as the contract says, signed as an independent library expects', async () => {
    const { externalId } = await createHttpCrm({ url: fake.url, secret, clock }).upsertLead(
      lead,
      'k1',
      patient(),
    );
    const api = await startRecorder(() => ({ status: 200, text: '{}' }));
    const sent = await fake.sendChange({
      apiUrl: `${api.url}/`,
      externalId,
      field: 'status',
      value: 'qualified',
    });
    await fake.sendChange({ apiUrl: api.url, leadId: lead.id, field: 'owner', value: 'ben', by: 'mira' });
    await api.close();

    expect(sent).toMatchObject({ status: 200, text: '{}' });
    expect(api.requests.map(({ url }) => url)).toEqual(['/v1/webhooks/crm', '/v1/webhooks/crm']);
    const [first, second] = api.requests.map(({ body, headers }) =>
      new Webhook(secret).verify(body, headers),
    );
    expect(first).toMatchObject({ externalId, field: 'status', value: 'qualified', version: 2 });
    expect(second).toMatchObject({ leadId: lead.id, field: 'owner', value: 'ben', by: 'mira', version: 3 });
    expect(fake.records.get(lead.id)?.changes).toEqual({ status: 'qualified', owner: 'ben' });
  });
});
