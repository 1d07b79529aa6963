import { createHash } from 'node:crypto';
import { startApi, type TestApi } from './support';

const secret = 'a-secret-of-the-vendor';
let api: TestApi;
beforeEach(async () => {
  api = await start('hubspot');
});
afterEach(() => api.close());

const start = (crmSystem: string, askCrm?: () => Promise<void>): Promise<TestApi> =>
  startApi((deps, world) => {
    world.sources = [
      { name: 'hub', kind: 'hubspot-v1', secrets: [secret] },
      {
        name: 'pd',
        kind: 'pipedrive',
        secrets: ['user:password'],
        mapping: { email: 'data.emails.0.value' },
      },
    ];
    return { crmSystem, ...(askCrm ? { runs: { ...deps.runs, askCrm } } : {}) };
  });

const changes = [75001, 75002, 75001].map((objectId, n) => ({
  eventId: n,
  portalId: 62515,
  objectId,
  subscriptionType: 'contact.propertyChange',
  propertyName: 'hs_lead_status',
  propertyValue: 'OPEN',
}));

function post(key = secret) {
  const body = JSON.stringify(changes);
  const signature = createHash('sha256').update(key).update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-hubspot-signature': signature };
  return api.call('POST', '/v1/webhooks/hub', { as: null, body, headers });
}

test('an event of the CRM has the records that it names read, once each, and is kept', async () => {
  expect((await post()).status).toBe(202);
  expect(api.world.crmNamed).toEqual([['75001', '75002']]);
  expect(api.world.events.map(({ state }) => state)).toEqual(['other', 'other', 'other']);
});

test('of somebody else it is not even kept', async () => {
  expect((await post('forged')).status).toBe(401);
  expect([api.world.crmNamed, api.world.events]).toEqual([[], []]);
});

test('an event of another system than the CRM is only kept', async () => {
  await api.close();
  api = await start('pipedrive');
  expect((await post()).status).toBe(202);
  expect([api.world.crmNamed, api.world.crmAsked, api.world.events.length]).toEqual([[], 0, 3]);
});

test('an event that is kept is a success though nobody could be told, which is logged', async () => {
  await api.close();
  api = await start('hubspot', () => Promise.reject(new Error('no connection')));
  expect((await post()).status).toBe(202);
  expect(api.world.events).toHaveLength(3);
  expect(api.world.logs.filter((line) => line.includes('news of the CRM'))).toHaveLength(1);
});

test('an event that cannot be kept is not told either, as its sender comes again', async () => {
  api.world.postgres = false;
  expect((await post()).status).toBe(503);
  expect(api.world.crmNamed).toEqual([]);
});

describe('a person that a program made in Pipedrive', () => {
  const made = async (email: string, change_source = 'api') => {
    const meta = { action: 'create', entity: 'person', id: `e-${email}`, change_source };
    const data = { name: 'Ada', emails: [{ value: email, primary: true, label: 'work' }], phones: [] };
    const authorization = `Basic ${Buffer.from('user:password').toString('base64')}`;
    const answer = await api.call('POST', '/v1/webhooks/pd', {
      as: null,
      json: { meta, data },
      headers: { authorization },
    });
    return [answer.status, answer.json.status ?? answer.json.events[0].status];
  };
  beforeEach(async () => {
    await api.close();
    api = await start('pipedrive');
    api.world.justMade = 'ours@example.com';
  });

  test('is no lead when we made him, and one when somebody else did', async () => {
    expect(await made('ours@example.com')).toEqual([202, 'other']);
    expect(await made('theirs@example.com')).toEqual([202, 'received']);
    expect(await made('ours@example.com', 'app')).toEqual([202, 'received']);
    expect(api.world.events).toMatchObject([{ eventKey: 'e-ours@example.com', state: 'other' }]);
  });

  test('is a lead when we write to another CRM', async () => {
    await api.close();
    api = await start('hubspot');
    api.world.justMade = 'ours@example.com';
    expect(await made('ours@example.com')).toEqual([202, 'received']);
  });

  test('is taken in rather than lost when that cannot be told', async () => {
    await made('first@example.com');
    api.world.postgres = false;
    expect(await made('ours@example.com')).toEqual([202, 'received']);
    expect(api.world.logs.some((line) => line.includes('look for a person of ours'))).toBe(true);
  });
});
