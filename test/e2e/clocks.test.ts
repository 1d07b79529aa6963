import { startFakeReceiver, type FakeReceiver } from '../../connectors/notify/fake';
import { leadWhen, startInstance, type Instance, type LeadBody, publishPolicy } from '../support/instance';
import { until } from '../support/until';

const secret = `whsec_${Buffer.alloc(32, 6).toString('base64')}`;
const dayMs = 86_400_000;
let receiver: FakeReceiver;
let instance: Instance;

interface PolicyParts {
  readonly sla: string;
  readonly more?: string;
  readonly week?: string;
}

const policyOf = ({ sla, more = '', week = '{ mon-sun: ["00:00-24:00"] }' }: PolicyParts): string => `
calendars: { utc: { timeZone: Etc/UTC, week: ${week} } }
reps:
  - { id: a, name: A, email: a@x.example, manager: boss, calendar: utc }
  - { id: b, name: B, email: b@x.example, manager: boss, calendar: utc }
  - { id: boss, name: Boss, email: boss@x.example, manager: head, calendar: utc }
  - { id: head, name: Head, email: head@x.example, calendar: utc }
  - { id: night, name: Night, email: night@x.example, calendar: utc }
pools: { all: { members: { a: 1, b: 1 } } }
scoring: { fit: [], engagement: { points: {} }, bands: { hot: 70, warm: 40 } }
routing: [{ rule: all, to: pool/all, sla: hot }]
sla: { hot: ${sla} }
${more}
`;

const publish = (parts: PolicyParts): Promise<void> => publishPolicy(instance, policyOf(parts));

const post = async (email: string): Promise<LeadBody> => {
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', { email });
  return leadWhen(instance, body.id, ({ status }) => status === 'assigned');
};
const act = (id: string, verb: string, body: object = {}) =>
  instance.call<{ detail?: string; nextDueAt?: string }>('POST', `/v1/leads/${id}/${verb}`, body);
const did = async (id: string, verb: string, body?: object): Promise<LeadBody> => {
  const { status, body: answer } = await act(id, verb, body);
  expect([status, answer]).toEqual([200, expect.anything()]);
  return leadWhen(instance, id, () => true);
};
const closed = (id: string): Promise<LeadBody> =>
  leadWhen(instance, id, ({ timeline }) => timeline.some(({ what }) => what === 'closed'));
const clock = ({ sla }: LeadBody, name: string) => sla?.clocks.find((one) => one.name === name);
const entries = ({ timeline }: LeadBody, what: string) => timeline.filter((entry) => entry.what === what);

beforeAll(async () => {
  receiver = await startFakeReceiver({ secret });
  instance = await startInstance({
    namespace: 'clocks',
    env: { NOTIFY_WEBHOOK_URL: receiver.url, NOTIFY_WEBHOOK_SECRET: secret },
  });
});
afterAll(async () => {
  await instance.stop();
  await receiver.close();
});

describe('several clocks', () => {
  const sla = `{ clock: wall, touch: 1h, closeAfter: 20d,
    qualify: { within: 2d, steps: [{ after: 1d, do: remind }, { after: 3d, do: escalate, to: director }] },
    convert: { within: 10d } }`;

  test('run beside each other, remind, miss and escalate by themselves, and go on until the lead closes', async () => {
    await publish({ sla });
    const { id } = await post('several@clocks.example');
    await did(id, 'touches', { kind: 'call' });
    await instance.skipTime(id);
    const lead = await closed(id);
    const missed = entries(lead, 'sla_missed').map((entry) => entry['clock']);
    expect(missed).toEqual(['qualify', 'convert']);
    expect(entries(lead, 'reminded')).toMatchObject([{ clock: 'qualify', told: lead.owner?.id }]);
    expect(entries(lead, 'escalated')).toMatchObject([{ clock: 'qualify', to: 'director', told: 'head' }]);
    expect(lead.sla?.breached).toBe(false);
    expect(clock(lead, 'qualify')).toMatchObject({ missedAt: clock(lead, 'qualify')?.dueAt });
    expect(clock(lead, 'touch')).toMatchObject({ doneAt: expect.any(String), tookMs: expect.any(Number) });
    const told = await until('head was told', () =>
      receiver.received.find(
        ({ leadId, to, kind }) => leadId === id && to.id === 'head' && kind === 'escalation',
      ),
    );
    expect(told.subject).toMatch(/^Nobody has said whether this lead qualifies: /);
  });

  test('a verdict ends the clock that waited for it and leaves the next one running', async () => {
    const { id } = await post('verdict@clocks.example');
    const qualified = await did(id, 'disposition', { outcome: 'qualified' });
    expect(clock(qualified, 'qualify')).toMatchObject({
      doneAt: expect.any(String),
      tookMs: expect.any(Number),
    });
    expect(clock(qualified, 'convert')?.doneAt).toBeUndefined();
    await instance.skipTime(id);
    const lead = await closed(id);
    expect(entries(lead, 'sla_missed').map((entry) => entry['clock'])).toEqual(['convert']);
    expect(entries(lead, 'reminded')).toEqual([]);
  });
});

describe('people', () => {
  test('in quiet hours hear of an escalation when they end; who is on call hears at once', async () => {
    const hour = new Date(Date.now() + 3_600_000).getUTCHours();
    const two = (n: number): string => String((n + 24) % 24).padStart(2, '0');
    await publish({
      sla: `{ clock: wall, touch: 10m, closeAfter: 5d, steps: [
        { after: 20m, do: escalate, to: manager }, { after: 21m, do: escalate, to: on-call }] }`,
      more: `quietHours: "${two(hour - 2)}:00-${two(hour + 4)}:00"\nonCall: [night]`,
    });
    const { id } = await post('quiet@hours.example');
    await instance.skipTime(id);
    const lead = await closed(id);
    const [toBoss, toNight] = entries(lead, 'escalated');
    expect(toBoss).toMatchObject({
      told: 'boss',
      toldAt: expect.stringContaining(`T${two(hour + 4)}:00:00.000Z`),
    });
    expect(toNight).toMatchObject({ told: 'night' });
    expect(toNight).not.toHaveProperty('toldAt');
    const told = await until('both were told', async () => {
      const rows = await instance.sql<{ rep_id: string; at: Date }>(
        `SELECT rep_id, at FROM notifications WHERE lead_id = $1 AND kind = 'escalation' ORDER BY at`,
        [id],
      );
      return rows.length === 2 && rows;
    });
    expect(told.map(({ rep_id }) => rep_id)).toEqual(['night', 'boss']);
    expect(told[1]!.at.toISOString() >= String(toBoss!['toldAt'])).toBe(true);
  });

  test('who takes a lead in hand stops its ladder for a while; the owner cannot', async () => {
    const { id, owner } = await post('in@hand.example');
    const refused = await act(id, 'acknowledge', { by: owner!.id });
    expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining('yours')]);
    const before = Date.now();
    const lead = await did(id, 'acknowledge', { by: 'boss', for: '2h' });
    expect(entries(lead, 'acknowledged')).toMatchObject([{ by: 'boss' }]);
    for (const { dueAt } of lead.sla!.steps)
      expect(Date.parse(dueAt)).toBeGreaterThanOrEqual(before + 2 * 3_600_000);
    expect(Date.parse(lead.sla!.touchDueAt)).toBeLessThan(before + 3_600_000);
  });

  test('who lets leads go cold again and again is paused, with the reason, until he says that he is back', async () => {
    const reps = async () => {
      const { body } = await instance.call<{ data: { id: string; status: string; pauseReason?: string }[] }>(
        'GET',
        '/v1/reps',
      );
      return body.data.filter(({ status }) => status === 'paused');
    };
    await publish({ sla: `{ clock: wall, touch: 1m, closeAfter: 1d }`, more: 'silentAfter: 2' });
    for (let n = 0; n < 6 && (await reps()).length < 2; n++) {
      const { id } = await post(`cold${String(n)}@silent${String(n)}.example`);
      await instance.skipTime(id);
      await closed(id);
    }
    expect(await reps()).toMatchObject([
      { id: 'a', pauseReason: expect.stringContaining('silent') },
      { id: 'b', pauseReason: expect.stringContaining('silent') },
    ]);
    for (const rep of ['a', 'b'])
      expect((await instance.call('PUT', `/v1/reps/${rep}/status`, { status: 'active' })).status).toBe(200);
    const missed = await instance.sql<{ n: number }>('SELECT max(missed_in_row) AS n FROM rep_state');
    expect(missed[0]?.n).toBeLessThan(2);
  });
});

describe('a customer', () => {
  const sla = `{ clock: wall, touch: 1h, closeAfter: 9d, qualify: { within: 2d }, response: { within: 4h } }`;

  test('who is waited for stops the clocks; his reply ends the wait and starts the time to answer', async () => {
    await publish({ sla });
    const { id } = await post('waited@for.example');
    const early = await act(id, 'hold');
    expect([early.status, early.body.detail]).toEqual([409, expect.stringContaining('nobody has worked')]);
    const touched = await did(id, 'touches', { kind: 'call' });
    const held = await did(id, 'hold', { reason: 'budget in January' });
    expect(held.sla?.onHoldSince).toBeDefined();
    const waited = Date.now();
    const replied = await did(id, 'replies');
    expect(replied.sla?.onHoldSince).toBeUndefined();
    expect(Date.parse(clock(replied, 'qualify')!.dueAt)).toBeGreaterThan(
      Date.parse(clock(touched, 'qualify')!.dueAt),
    );
    const answerBy = clock(replied, 'response')!.dueAt;
    expect(Date.parse(answerBy)).toBeGreaterThanOrEqual(waited + 4 * 3_600_000 - 1_000);
    // a second message does not move the time the first one may wait
    expect(clock(await did(id, 'replies'), 'response')?.dueAt).toBe(answerBy);
    const blocked = await act(id, 'hold');
    expect([blocked.status, blocked.body.detail]).toEqual([
      409,
      expect.stringContaining('waits for an answer'),
    ]);
    expect(clock(await did(id, 'touches', { kind: 'email' }), 'response')).toMatchObject({
      tookMs: expect.any(Number),
    });
    const again = await did(id, 'replies');
    expect(clock(again, 'response')?.doneAt).toBeUndefined();
    await instance.skipTime(id);
    const lead = await closed(id);
    expect(entries(lead, 'sla_missed').map((entry) => entry['clock'])).toEqual(['response', 'qualify']);
  });

  test('while he has the word nothing is due: the lead is neither missed nor recycled nor closed', async () => {
    await publish({ sla: sla.replace('closeAfter: 9d', 'closeAfter: 9d, recycle: { after: 3d }') });
    const { id } = await post('held@long.example');
    await did(id, 'touches', { kind: 'call' });
    expect((await act(id, 'hold')).body.nextDueAt).toBeUndefined();
    const resumed = await act(id, 'resume');
    expect(resumed.body.nextDueAt).toEqual(expect.any(String));
    expect((await act(id, 'hold')).status).toBe(200);
    await instance.skipTime(id); // there is nothing to skip to
    await did(id, 'replies');
    const lead = await closed(id);
    expect(entries(lead, 'assigned').map(({ cause }) => cause)).toEqual(['routed', 'recycled']);
  });

  test('a policy that is published meanwhile holds for what is left when the wait is over', async () => {
    await publish({ sla });
    const { id } = await post('published@hold.example');
    const touched = await did(id, 'touches', { kind: 'call' });
    await did(id, 'hold');
    await publish({ sla: sla.replace('within: 2d', 'within: 5d').replace('within: 4h', 'within: 8h') });
    const at = Date.now();
    const replied = await did(id, 'replies');
    const more = Date.parse(clock(replied, 'qualify')!.dueAt) - Date.parse(clock(touched, 'qualify')!.dueAt);
    expect(more).toBeGreaterThanOrEqual(3 * dayMs);
    expect(more).toBeLessThan(3 * dayMs + 60_000);
    expect(Date.parse(clock(replied, 'response')!.dueAt)).toBeGreaterThanOrEqual(at + 8 * 3_600_000 - 1_000);
  });

  test('whom nobody has touched for long gets another rep, once, counted from the last touch', async () => {
    await publish({ sla: `{ clock: wall, touch: 1h, closeAfter: 20d, recycle: { after: 3d } }` });
    const first = await post('forgotten@long.example');
    await did(first.id, 'touches', { kind: 'call' });
    const { timeline } = await did(first.id, 'touches', { kind: 'email' });
    await instance.skipTime(first.id);
    const lead = await closed(first.id);
    const [, second, ...more] = entries(lead, 'assigned');
    expect(more).toEqual([]);
    expect(second).toMatchObject({ cause: 'recycled' });
    expect(lead.owner?.id).not.toBe(first.owner?.id);
    expect(Date.parse(second!.at) - Date.parse(timeline.at(-1)!.at)).toBeGreaterThanOrEqual(
      3 * dayMs - 5_000,
    );
    expect(entries(lead, 'sla_missed')).toHaveLength(1); // the new owner’s first touch
    expect(lead.status).toBe('assigned');
    expect(entries(lead, 'closed')).toMatchObject([{ reason: 'no disposition' }]); // it was touched, before
  });
});

describe('re-basing', () => {
  const rebases = (lead: LeadBody) =>
    entries(lead, 'rebased') as unknown as readonly {
      before: Record<string, string>;
      after: Record<string, string>;
    }[];
  const sla = `{ clock: business, touch: 4h, steps: [{ after: 3h, do: remind }], qualify: { within: 2d } }`;
  const absence = (rep: string, from: string, days: number) =>
    instance.call('PUT', `/v1/reps/${rep}/absence`, {
      from,
      until: new Date(Date.parse(from) + days * dayMs).toISOString(),
    });

  const absenceEnds = (rep: string, from: string) =>
    instance.call<{ absences: { from: string; until: string }[] }>('PUT', `/v1/reps/${rep}/absence`, {
      from,
      until: from,
    });

  test('a running clock waits for an absence that is entered later, and comes forward when it is taken back', async () => {
    await publish({ sla });
    const { id, owner, sla: at } = await post('away@rep.example');
    const from = new Date(Date.now() + 3_600_000).toISOString();
    expect((await absence(owner!.id, from, 2)).status).toBe(200);
    const later = await leadWhen(instance, id, (lead) => rebases(lead).length === 1);
    expect(rebases(later)[0]?.before).toMatchObject({ touch: at?.touchDueAt });
    expect(Date.parse(later.sla!.touchDueAt) - Date.parse(at!.touchDueAt)).toBe(2 * dayMs);
    expect((await absence(owner!.id, from, 0)).status).toBe(200);
    const back = await leadWhen(instance, id, (lead) => rebases(lead).length === 2);
    expect(back.sla?.touchDueAt).toBe(at?.touchDueAt);
  });

  test('time a rep was away already stays when his absence is taken back', async () => {
    const before = Date.now();
    const from = new Date(before - 7_200_000).toISOString();
    expect((await absence('boss', from, 1)).status).toBe(200);
    const { body } = await absenceEnds('boss', from);
    const [left] = body.absences;
    expect(left?.from).toBe(from);
    expect(Date.parse(left?.until ?? '') - before).toBeGreaterThanOrEqual(0);
    expect(Date.parse(left?.until ?? '') - before).toBeLessThan(60_000);
  });

  test('a policy that gives more time gives it to running leads too, and to none that was worked', async () => {
    const waiting = await post('more@time.example');
    const worked = await post('worked@already.example');
    await did(worked.id, 'touches', { kind: 'call' });
    await publish({ sla: sla.replace('touch: 4h', 'touch: 6h') });
    const lead = await leadWhen(instance, waiting.id, (seen) => rebases(seen).length === 1);
    expect(Date.parse(lead.sla!.touchDueAt) - Date.parse(waiting.sla!.touchDueAt)).toBe(2 * 3_600_000);
    const other = await leadWhen(instance, worked.id, () => true);
    expect(rebases(other).flatMap(({ after }) => Object.keys(after))).not.toContain('touch');
  });

  test('a rep who is away for good leaves the deadlines as they are, with an alert, until that is corrected', async () => {
    const { id, owner, sla: at } = await post('gone@rep.example');
    const from = new Date(Date.now() + 60_000).toISOString();
    expect((await absence(owner!.id, from, 365 * 40)).status).toBe(200);
    const stuck = await leadWhen(instance, id, ({ status }) => status === 'needs_attention');
    const parked = { what: 'needs_attention', step: 'clock', code: 'no_working_time' };
    expect(stuck.timeline).toContainEqual(expect.objectContaining(parked));
    expect(stuck.sla?.touchDueAt).toBe(at?.touchDueAt);
    // the lead can be worked all the same; a snooze cannot be dated and is refused
    const snooze = await act(id, 'snooze', { for: '2h' });
    expect([snooze.status, snooze.body.detail]).toEqual([409, expect.stringContaining('working time')]);
    // with another owner there are deadlines again
    const other = owner!.id === 'a' ? 'b' : 'a';
    const moved = await did(id, 'reassign', { to: other });
    expect([moved.status, entries(moved, 'resumed')]).toMatchObject(['assigned', [{ step: 'clock' }]]);
    expect((await absence(owner!.id, from, 0)).status).toBe(200);
  });

  test('an error about deadlines is over once a later step works them out', async () => {
    const { id, owner } = await post('back@rep.example');
    const from = new Date(Date.now() + 60_000).toISOString();
    expect((await absence(owner!.id, from, 365 * 40)).status).toBe(200);
    await leadWhen(instance, id, ({ status }) => status === 'needs_attention');
    // the absence goes away without anybody being told
    await instance.sql('DELETE FROM absences WHERE rep_id = $1', [owner!.id]);
    expect((await did(id, 'snooze', { for: '1h' })).status).toBe('assigned');
  });
});
