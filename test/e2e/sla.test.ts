import { startFakeReceiver, type FakeReceiver } from '../../connectors/notify/fake';
import { until } from '../support/until';
import { leadWhen, startInstance, type Instance, publishPolicy } from '../support/instance';

const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
let receiver: FakeReceiver;
let instance: Instance;

const policy = (clock: 'wall' | 'business'): string => `
calendars:
  berlin: { timeZone: Europe/Berlin, week: { mon-fri: ["09:00-17:00"] } }
reps:
  - { id: a, name: A, email: a@x.example, manager: boss, calendar: berlin }
  - { id: b, name: B, email: b@x.example, manager: boss, calendar: berlin }
  - { id: boss, name: Boss, email: boss@x.example, calendar: berlin }
  - { id: vp, name: VP, email: vp@x.example, calendar: berlin }
pools:
  all: { members: { a: 1, b: 1 } }
scoring:
  fit: []
  engagement: { halfLife: 14d, points: {} }
  bands: { hot: 70, warm: 40 }
routing:
  - { rule: all, to: pool/all, sla: hot }
sla:
  hot:
    clock: ${clock}
    touch: 5m
    closeAfter: 10d
    steps:
      - { after: 3m, do: remind }
      - { after: 5m, do: reassign }
      - { after: 15m, do: escalate, to: manager }
      - { after: 1h, do: escalate, to: vp }
`;

beforeAll(async () => {
  receiver = await startFakeReceiver({ secret });
  instance = await startInstance({
    namespace: 'sla',
    env: { NOTIFY_WEBHOOK_URL: receiver.url, NOTIFY_WEBHOOK_SECRET: secret },
  });
});
afterAll(async () => {
  await instance.stop();
  await receiver.close();
});

test.each(['wall', 'business'] as const)(
  'an unworked lead runs through its whole ladder on the %s clock and closes',
  async (clock) => {
    await publishPolicy(instance, policy(clock));
    const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', {
      email: `cold@${clock}.example`,
    });
    const first = await leadWhen(instance, body.id, ({ status }) => status === 'assigned');
    await instance.skipTime(body.id);
    const done = await leadWhen(instance, body.id, ({ timeline }) =>
      timeline.some(({ what }) => what === 'closed'),
    );

    const facts = done.timeline
      .map(({ what }) => what)
      .filter((what) => !['received', 'identified', 'notified', 'crm_written'].includes(what));
    // a: reminded at 3, taken away at 5; b: reminded at 3, then what followed the reassignment at its distance from it
    expect(facts).toEqual([
      'assigned',
      'reminded',
      'sla_missed',
      'assigned',
      'reassigned',
      'reminded',
      'sla_missed',
      'escalated',
      'escalated',
      'closed',
    ]);
    expect(
      done.timeline.flatMap(({ what, hop, owner }) => (what === 'sla_missed' ? [{ hop, owner }] : [])),
    ).toEqual([
      { hop: 0, owner: first.owner?.id },
      { hop: 1, owner: done.owner?.id },
    ]);
    const [missed] = await instance.sql<{ n: number }>('SELECT sum(missed_in_row)::int AS n FROM rep_state');
    expect(missed?.n).toBe(clock === 'wall' ? 2 : 4); // each owner's once
    expect(done.owner?.id).not.toBe(first.owner?.id);
    expect(done.sla?.breached).toBe(true);
    const told = await until('the last message of the run', () => {
      const messages = receiver.received.filter(({ leadId }) => leadId === body.id);
      return messages.at(-1)?.kind === 'resolved' && messages.map(({ kind, to }) => `${kind} ${to.id}`);
    });
    const [one, two] = [first.owner?.id, done.owner?.id];
    expect(told).toEqual([
      `assigned ${one}`,
      `reminder ${one}`,
      `reassigned ${two}`,
      `reminder ${two}`,
      'escalation boss',
      'escalation vp',
      `resolved ${two}`, // the run closes: whoever was alarmed may stand down
    ]);

    // each step no earlier than its due instant, and within a minute of it
    const at = (what: string): number[] =>
      done.timeline.filter((entry) => entry.what === what).map((entry) => Date.parse(entry.at));
    const due = done.sla!.steps.map(({ dueAt }) => Date.parse(dueAt));
    expect(
      at('escalated').map((instant, n) => instant >= due[n + 1]! && instant < due[n + 1]! + 60_000),
    ).toEqual([true, true]);
  },
);

test('a touch before the next step ends the ladder; time skipping then only reaches the closing', async () => {
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', { email: 'warm@hand.example' });
  await leadWhen(instance, body.id, ({ status }) => status === 'assigned');
  expect((await instance.call('POST', `/v1/leads/${body.id}/touches`, { kind: 'meeting' })).status).toBe(200);
  await instance.skipTime(body.id);
  const done = await leadWhen(instance, body.id, ({ timeline }) =>
    timeline.some(({ what }) => what === 'closed'),
  );
  expect(done.timeline.map(({ what }) => what)).not.toContain('reminded');
  expect(done.sla?.breached).toBe(false);
});

test('the preview of deadlines agrees with what a lead gets', async () => {
  const { body } = await instance.call<{ due: string[] }>('POST', '/v1/sla/preview', {
    rep: 'a',
    clock: 'business',
    start: '2026-11-27T15:50:00Z',
    durations: ['5m', '15m', '9h'],
  });
  // Friday 16:50 in Berlin: ten minutes are left that day
  expect(body.due).toEqual([
    '2026-11-27T15:55:00.000Z',
    '2026-11-30T08:05:00.000Z',
    '2026-12-01T08:50:00.000Z',
  ]);
});
