import { startFakeCrm, type FakeCrm } from '../../connectors/crm/fake';
import { startFakeReceiver, type FakeReceiver } from '../../connectors/notify/fake';
import { signWebhook } from '../../domain/standard-webhooks';
import { historiesOf } from '../support/history';
import { leadWhen, startInstance, type Instance } from '../support/instance';
import { until } from '../support/until';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
let crm: FakeCrm;
let receiver: FakeReceiver;
let instance: Instance;

beforeAll(async () => {
  crm = await startFakeCrm({ secret });
  receiver = await startFakeReceiver({ secret });
  instance = await startInstance({
    namespace: 'routing',
    env: {
      CRM: 'http',
      CRM_HTTP_URL: crm.url,
      CRM_HTTP_SECRET: secret,
      NOTIFY_WEBHOOK_URL: receiver.url,
      NOTIFY_WEBHOOK_SECRET: secret,
    },
  });
});
afterAll(async () => {
  await instance.stop();
  await Promise.all([crm.close(), receiver.close()]);
});

const post = async (lead: object, headers = {}): Promise<string> => {
  const { status, body } = await instance.call<{ id: string }>('POST', '/v1/leads', lead, headers);
  expect(status).toBe(202);
  return body.id;
};

test('a lead is identified, scored, assigned by rule, written to the CRM once and told to its owner', async () => {
  const id = await post({
    firstName: 'Ida',
    lastName: 'Nilsen',
    email: 'ida.nilsen@fjordworks.example',
    country: 'Norway',
    title: 'Head of Sales',
    utm: { event: 'demo_request' },
  });
  const lead = await leadWhen(
    instance,
    id,
    ({ crm: written, timeline }) => written !== undefined && timeline.some(({ what }) => what === 'notified'),
  );
  expect(lead.status).toBe('assigned');
  expect(lead.timeline.map(({ what }) => what).sort()).toEqual([
    'assigned',
    'crm_written',
    'identified',
    'notified',
    'received',
  ]);
  expect(crm.counts.creates.get(id)).toBe(1);
  expect(crm.records.get(id)?.lead).toMatchObject({
    id,
    owner: { id: lead.owner?.id },
    status: 'assigned',
    person: { email: 'ida.nilsen@fjordworks.example' },
  });
  const told = receiver.received.filter(({ leadId }) => leadId === id);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({
    kind: 'assigned',
    to: { id: lead.owner?.id },
    key: `${id}:notify:0-owner`,
  });
});

test('the explanation names the rule, the score reasons, the ledger entry and why others were passed over', async () => {
  const id = await post({ firstName: 'Omar', email: 'omar@dunehop.example', country: 'DE' });
  await leadWhen(instance, id, ({ status }) => status === 'assigned');
  const { body } = await instance.call<{
    rule: string;
    trail: { verdict: string }[];
    contributions: unknown[];
    ledger: { candidates: { rep: string }[]; seq: number }[];
  }>('GET', `/v1/leads/${id}/explanation`);
  expect(body.rule).toBe('everything else');
  expect(body.trail.at(-1)?.verdict).toBe('matched');
  expect(body.contributions.length).toBeGreaterThan(0);
  expect(body.ledger[0]?.candidates.map(({ rep }) => rep).sort()).toEqual(['anna', 'ben', 'mira']);
});

test('20 submissions of one person at once give 1 lead and 19 touches', async () => {
  const same = { firstName: 'Twenty', lastName: 'Fold', email: 'twenty.fold@manyfold.example' };
  const ids = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      post({ ...same, message: `attempt ${n}` }, { 'idempotency-key': `fold-${n}` }),
    ),
  );
  expect(new Set(ids).size).toBe(20);
  const leads = await Promise.all(
    ids.map((id) => leadWhen(instance, id, ({ status }) => status === 'assigned' || status === 'merged')),
  );
  const survivors = leads.filter(({ status }) => status === 'assigned');
  expect(survivors).toHaveLength(1);
  const [survivor] = survivors;
  expect(leads.filter(({ mergedInto }) => mergedInto === survivor?.id)).toHaveLength(19);
  const { body } = await instance.call<{ timeline: { what: string }[] }>('GET', `/v1/leads/${survivor?.id}`);
  expect(body.timeline.filter(({ what }) => what === 'repeat_touch')).toHaveLength(19);
});

test('20 identical submissions without a key are one lead that was sent 20 times', async () => {
  const same = { firstName: 'Same', lastName: 'Body', email: 'same.body@identical.example' };
  const ids = await Promise.all(Array.from({ length: 20 }, () => post(same)));
  expect(new Set(ids).size).toBe(1);
  const lead = await leadWhen(instance, ids[0]!, ({ status }) => status === 'assigned');
  expect(lead.timeline.filter(({ what }) => what === 'repeat_touch')).toHaveLength(19);
});

test('colleagues who share a switchboard or an info@ mailbox stay two people', async () => {
  const phone = '+49 30 23125 100';
  const [a, b] = [
    await post({ firstName: 'Lea', lastName: 'Voss', email: 'lea@switch.example', phone }),
    await post({ firstName: 'Jan', lastName: 'Kunz', email: 'jan@switch.example', phone }),
  ];
  const [c, d] = [
    await post({ firstName: 'Eva', lastName: 'Lind', email: 'info@rollen.example' }),
    await post({ firstName: 'Tom', lastName: 'Berg', email: 'info@rollen.example' }),
  ];
  const people = await Promise.all(
    [a, b, c, d].map((id) => leadWhen(instance, id, ({ status }) => status === 'assigned')),
  );
  expect(new Set(people.map((lead) => (lead as unknown as { personId: string }).personId)).size).toBe(4);
});

test('a known company goes back to the rep who owns it', async () => {
  const first = await leadWhen(
    instance,
    await post({ firstName: 'Una', email: 'una@homeward.example' }),
    ({ status }) => status === 'assigned',
  );
  const second = await leadWhen(
    instance,
    await post({ firstName: 'Vic', email: 'vic@homeward.example' }),
    ({ status }) => status === 'assigned',
  );
  expect(second.owner?.id).toBe(first.owner?.id);
});

test('the books balance and the ledger of a pool has no gap', async () => {
  await until(
    'everything settled',
    async () => (await instance.call<{ inFlight: number }>('GET', '/v1/accounting')).body.inFlight === 0,
  );
  const { body } = await instance.call<{
    accepted: number;
    assigned: number;
    merged: number;
    balanced: boolean;
  }>('GET', '/v1/accounting');
  expect(body.balanced).toBe(true);
  expect(body.accepted).toBe(body.assigned + body.merged);
  const ledger = await instance.call<{ data: { seq: number }[]; shares: { assigned: number }[] }>(
    'GET',
    '/v1/pools/emea/ledger?limit=100',
  );
  expect(ledger.body.data.map(({ seq }) => seq)).toEqual(ledger.body.data.map((_, index) => index + 1));
});

test('no history, search attribute or log line carries personal data', async () => {
  const id = await post({
    firstName: 'Xaviera',
    lastName: 'Quixano',
    email: 'xaviera.quixano@mancha.example',
    phone: '+34 600 000 001',
    message: 'windmills',
  });
  await leadWhen(
    instance,
    id,
    ({ crm: written, timeline }) => written !== undefined && timeline.some(({ what }) => what === 'notified'),
  );
  // What people write in words is known to Postgres only.
  const words = { reason: 'Xaviera Quixano reads windmills' };
  const act = (method: string, verb: string, body: object) =>
    instance.call<{ detail?: string }>(method, `/v1/leads/${id}/${verb}`, body);
  const change = JSON.stringify({
    leadId: id,
    field: 'status',
    value: 'touched',
    at: new Date().toISOString(),
    by: 'xaviera@mancha.example',
  });
  const answers = [
    await act('POST', 'decline', words),
    await act('PUT', 'score', { score: 90, by: 'mira', ...words }),
    await instance.call('POST', '/v1/webhooks/crm', change, {
      authorization: '',
      ...signWebhook(secret, { id: 'msg_words', body: change, nowMs: Date.now() }),
    }),
    await act('POST', 'touches', { kind: 'call' }),
    await act('POST', 'hold', words),
    await act('POST', 'disposition', { outcome: 'disqualified', ...words }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 202, 200, 200, 200]);
  const { timeline } = await leadWhen(instance, id, ({ status }) => status === 'disqualified');
  for (const what of ['score_set', 'on_hold', 'disqualified'])
    expect(timeline.find((entry) => entry.what === what)).toMatchObject(words);
  expect(timeline.find(({ what }) => what === 'crm_changed')).toMatchObject({ by: 'xaviera@mancha.example' });
  const everywhere = `${await historiesOf(instance, [`lead/${id}`])}${instance.logs('api')}${instance.logs('worker')}`;
  expect(everywhere).toContain(JSON.stringify(JSON.stringify({ leadId: id })));
  for (const secretWord of ['Xaviera', 'Quixano', 'mancha.example', '600000001', 'windmills'])
    expect(everywhere).not.toContain(secretWord);
});
