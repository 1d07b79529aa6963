import { createHash, createHmac } from 'node:crypto';
import {
  startFakePagerDuty,
  startFakeSlack,
  startFakeTeams,
  type FakePagerDuty,
  type FakeSlack,
  type FakeTeams,
} from '../../connectors/notify/fake';
import { historiesOf } from '../support/history';
import { leadWhen, startInstance, type Instance, publishPolicy } from '../support/instance';
import { until } from '../support/until';

const signingSecret = 'slack-signing-secret';
let slack: FakeSlack;
let teams: FakeTeams;
let pager: FakePagerDuty;
let instance: Instance;
let count = 0;

const policy = `
calendars:
  berlin: { timeZone: Europe/Berlin, week: { mon-fri: ["09:00-17:00"] } }
reps:
  - { id: a, name: Ada, email: a@x.example, manager: boss, calendar: berlin }
  - { id: boss, name: Boss, email: boss@x.example, calendar: berlin }
routing:
  - { rule: urgent, when: "lead.city == 'Urgent'", to: a, sla: fast }
  - { rule: all, to: a, sla: slow }
sla:
  fast: { clock: wall, touch: 1s, steps: [{ after: 2s, do: escalate, to: manager }] }
  slow: { clock: wall, touch: 1h }
`;

beforeAll(async () => {
  [slack, teams, pager] = await Promise.all([startFakeSlack(), startFakeTeams(), startFakePagerDuty()]);
  instance = await startInstance({
    namespace: 'channels',
    env: {
      SLACK_WEBHOOK_URL: slack.url,
      SLACK_SIGNING_SECRET: signingSecret,
      TEAMS_WEBHOOK_URL: teams.url,
      PAGERDUTY_ROUTING_KEY: 'key',
      PAGERDUTY_URL: pager.url,
      OUTBOUND_ALLOW: '127.0.0.1',
    },
  });
  await publishPolicy(instance, policy);
});
afterAll(async () => {
  await instance.stop();
  await Promise.all([slack.close(), teams.close(), pager.close()]);
});

/** People who have nothing in common, or they would be taken for one. */
const nameOf = (nth: number): string => createHash('sha256').update(String(nth)).digest('hex').slice(0, 20);
const post = async (city = 'Berlin'): Promise<string> => {
  count += 1;
  const name = nameOf(count);
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', {
    email: `${name}@${name}.example`,
    city,
  });
  return body.id;
};
const notified = (id: string, wanted: (channels: Record<string, { state: string }>) => boolean) =>
  leadWhen(instance, id, ({ timeline }) =>
    timeline.some(({ what, channels }) => what === 'notified' && wanted(channels as never)),
  );
const press = (value: string, responseUrl: string) => {
  const body = `payload=${encodeURIComponent(
    JSON.stringify({
      type: 'block_actions',
      actions: [{ action_id: 'claim', value }],
      response_url: responseUrl,
    }),
  )}`;
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  return instance.call<{ text: string; replace_original: boolean }>('POST', '/v1/slack/interactions', body, {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${signature}`,
  });
};
const buttonOf = (name: string, nth: number): string | undefined =>
  slack.received[nth]?.blocks
    .flatMap((block) => (block.type === 'actions' ? block.elements : []))
    .find(({ action_id }) => action_id === name)?.value;

test('a button in Slack claims the lead, once', async () => {
  const id = await post();
  await notified(id, (channels) => channels['slack']?.state === 'sent');
  expect(teams.received).toHaveLength(0);
  const claim = await until('message', () => buttonOf('claim', 0));
  const replies = await startFakeTeams();
  const first = await press(claim, replies.url);
  expect([first.status, first.body.replace_original]).toEqual([200, true]);
  expect((await press(claim, replies.url)).body).toEqual(first.body);
  const lead = await leadWhen(instance, id, ({ status }) => status === 'touched');
  expect(lead.timeline.filter(({ what }) => what === 'touched')).toHaveLength(1);
  await until('the reply to response_url', () => replies.requests() >= 2);
  await replies.close();
});

test('a channel that fails falls to the next, and the timeline says what each did', async () => {
  slack.answerNext({ status: 404, text: 'no_service' });
  const id = await post();
  const lead = await notified(id, (channels) => channels['teams']?.state === 'sent');
  expect(lead.timeline.find(({ what }) => what === 'notified')).toMatchObject({
    kind: 'assigned',
    to: 'a',
    channels: {
      log: { state: 'sent' },
      slack: { state: 'failed', detail: 'auth' },
      teams: { state: 'sent', detail: 'HTTP 202' },
    },
  });
  expect(teams.received).toHaveLength(1);
});

test('an escalation opens an alert, a snooze acknowledges it, the first touch resolves it', async () => {
  const id = await post('Urgent');
  const events = () =>
    pager.received
      .filter(({ dedup_key }) => dedup_key === `${id}:unworked`)
      .map(({ event_action }) => event_action);
  await until('alert', () => events().length === 1);
  expect((await instance.call('POST', `/v1/leads/${id}/snooze`, { for: '1h' })).status).toBe(200);
  await until('acknowledged', () => events().length === 2);
  expect((await instance.call('POST', `/v1/leads/${id}/touches`, { kind: 'call' })).status).toBe(200);
  await until('resolved', () => events().length === 3);
  expect(events()).toEqual(['trigger', 'acknowledge', 'resolve']);
});

test('an alert that could not be opened is not opened any more once the lead was worked', async () => {
  pager.failNext('busy', 2);
  const id = await post('Urgent');
  await notified(id, (channels) => channels['pagerduty']?.state === 'failed');
  expect((await instance.call('POST', `/v1/leads/${id}/touches`, { kind: 'call' })).status).toBe(200);
  const lead = await notified(id, (channels) => channels['message']?.state === 'skipped');
  expect(lead.timeline.filter(({ what }) => what === 'notified').at(-1)).toMatchObject({
    kind: 'escalation',
    channels: { slack: { state: 'sent' }, message: { detail: 'worked meanwhile' } },
  });
  const actions = () => pager.received.filter(({ dedup_key }) => dedup_key === `${id}:unworked`);
  await until('resolved', () => actions().length > 0);
  expect(actions().map(({ event_action }) => event_action)).toEqual(['resolve']);
});

// What a day without messages releases must not be 500 messages; here 60, as each costs a run.
test('a burst of messages to one person ends in one digest', async () => {
  await instance.sql(`DELETE FROM message_pace`);
  const before = slack.received.length;
  const ids = await Promise.all(Array.from({ length: 60 }, () => post()));
  const held = await until(
    'held messages',
    async () => {
      const rows = await instance.sql<{ lead_id: string }>(`SELECT lead_id FROM notifications WHERE held`);
      return rows.length === 40 && rows;
    },
    60_000,
  );
  expect(slack.received.length - before).toBe(20);
  await instance.skipTime('digest/a');
  const digest = await until('digest', () => slack.received[before + 20]);
  expect(digest.text).toBe('40 leads wait for you');
  expect(JSON.stringify(digest)).toContain('/console/leads/lead_');
  for (const { lead_id } of held) {
    const lead = await notified(lead_id, (channels) => channels['slack']?.state === 'sent');
    expect(lead.timeline.filter(({ what }) => what === 'notified').at(-1)).toMatchObject({ digest: true });
  }
  expect(slack.received.length - before).toBe(21);
  expect(ids).toHaveLength(60);
}, 120_000);

test('neither history nor log holds a person or a token', async () => {
  const leads = await instance.sql<{ id: string }>('SELECT id FROM leads');
  const runs = [...leads.map(({ id }) => `lead/${id}`), 'digest/a'];
  const histories = await historiesOf(instance, runs);
  for (const { id } of leads) expect(histories).toContain(JSON.stringify(JSON.stringify({ leadId: id })));
  const everywhere = histories + instance.logs('worker') + instance.logs('api');
  const people = Array.from({ length: count }, (_, nth) => nameOf(nth + 1));
  for (const word of [...people, signingSecret, buttonOf('claim', 0) ?? '?', slack.url, 'leads wait for you'])
    expect(everywhere).not.toContain(word);
});
