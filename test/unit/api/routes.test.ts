import { RunsUnavailableError, UnknownLeadError } from '../../../api/errors';
import { toInstant } from '../../../domain/instant';
import { UnknownStartError } from '../../../domain/page';
import { keys, leadId, openError, policyText, startApi, startMs, type TestApi } from './support';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const unknown = 'lead_ffffffffffffffffffffffffff';

describe('reading leads', () => {
  test('one, the list, the explanation', async () => {
    const lead = await api.call('GET', `/v1/leads/${leadId}`, { as: 'read' });
    expect([lead.status, lead.json.owner, lead.json.timeline.length]).toEqual([
      200,
      { id: 'anna', name: 'Anna Berger' },
      1,
    ]);
    const list = await api.call('GET', '/v1/leads?status=assigned&owner=anna&source=website&limit=10', {
      as: 'read',
    });
    expect([list.status, list.json.data[0].id, list.json.hasMore]).toEqual([200, leadId, false]);
    expect((await api.call('GET', `/v1/leads/${leadId}/explanation`, { as: 'read' })).json.rule).toBe(
      'everything',
    );
  });

  test.each([
    [`/v1/leads/${unknown}`],
    [`/v1/leads/${unknown}/explanation`],
    ['/v1/leads/%00'],
    ['/v1/leads/lead_UPPER'],
    ["/v1/leads/' OR 1=1"],
  ])('%s is 404', async (path) => {
    expect((await api.call('GET', path)).json.code).toBe('unknown_lead');
  });

  test.each([
    ['status=open', 'status'],
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['owner=%00', 'owner'],
    ['startingAfter=7', 'startingAfter'],
    ['cursor=abc', 'cursor'],
    ['state=rejected', 'state'],
  ])('?%s is 422', async (query, field) => {
    const answer = await api.call('GET', `/v1/leads?${query}`);
    expect([answer.status, answer.json.issues[0].path]).toEqual([422, field]);
  });
});

test.each(['/v1/errors', '/v1/reviews', '/v1/pools/inbound/ledger'])(
  '%s refuses a place to start after that is none',
  async (path) => {
    const answer = await api.call('GET', `${path}?startingAfter=no%20id`);
    expect([answer.status, answer.json.issues[0].path]).toEqual([422, 'startingAfter']);
  },
);

test('a list that starts after what is not there says so', async () => {
  await api.close();
  api = await startApi((deps) => ({
    leads: { ...deps.leads, list: () => Promise.reject(new UnknownStartError()) },
  }));
  const answer = await api.call('GET', `/v1/leads?startingAfter=${unknown}`);
  expect(answer.json).toMatchObject({ status: 422, issues: [{ path: 'startingAfter' }] });
});

describe('a score set by hand', () => {
  const path = `/v1/leads/${leadId}/score`;
  const body = { reason: 'called us', by: 'boss' };

  test('is taken back once there is one', async () => {
    expect((await api.call('DELETE', path)).json).toMatchObject({ status: 409, code: 'lead_conflict' });
    expect(api.world.requests).toEqual([]);
    const scoreOverride = { ...body, band: 'hot', at: toInstant(startMs) } as const;
    api.world.leads.set(leadId, { ...api.world.leads.get(leadId)!, scoreOverride });
    expect((await api.call('DELETE', `${path}?by=boss`)).status).toBe(200);
    expect(api.world.requests).toMatchObject([{ kind: 'clearScore', args: { by: 'boss' } }]);
    expect((await api.call('DELETE', path.replace(leadId, unknown))).json.code).toBe('unknown_lead');
  });

  test.each([
    [50.5, 'score has a fraction', 'a whole number'],
    [1e300, 'score is too large', 'at most 100'],
    [-1e300, 'score is too small', 'at least 0'],
    ['50', 'score is text', 'a number'],
  ])('%s is refused in one sentence', async (score, detail, expected) => {
    const { json } = await api.call('PUT', path, { json: { ...body, score } });
    expect(json).toMatchObject({ detail, issues: [{ path: 'score', expected }] });
  });
});

describe('the CRM', () => {
  test('has reports of comparisons, and can be asked at once', async () => {
    const reports = await api.call('GET', '/v1/reports/crm?limit=1', { as: 'read' });
    expect([reports.status, reports.json.data[0].counts.written]).toEqual([200, 1]);
    expect((await api.call('POST', '/v1/crm/news', { as: 'act' })).status).toBe(202);
    expect(api.world.crmAsked).toBe(1);
    expect((await api.call('POST', '/v1/crm/news', { as: 'read' })).status).toBe(403);
    // Pipedrive's webhooks know Basic only, and send what they like.
    const basic = (key: string) => ({
      authorization: `Basic ${Buffer.from(`any:${key}`).toString('base64')}`,
    });
    const call = (key: string) =>
      api.call('POST', '/v1/crm/news', { as: null, headers: basic(key), body: 'x' });
    expect([(await call(keys.act)).status, (await call('wrong')).status]).toEqual([202, 401]);
  });
});

describe('lead actions', () => {
  test.each<[string, unknown, string, unknown]>([
    [
      'touches',
      { kind: 'call', at: '2026-11-24T09:59:00+01:00', by: 'anna' },
      'recordTouch',
      { kind: 'call', at: '2026-11-24T08:59:00.000Z', by: 'anna' },
    ],
    ['touches', { kind: 'email' }, 'recordTouch', { kind: 'email' }],
    ['claim', {}, 'claim', {}],
    ['claim', undefined, 'claim', {}],
    ['decline', { by: 'anna', reason: 'on leave' }, 'decline', { by: 'anna', reason: 'on leave' }],
    ['reassign', { to: 'ben' }, 'reassign', { to: 'ben' }],
    ['reassign', undefined, 'reassign', {}],
    ['snooze', { for: '1h30m' }, 'snooze', { forMs: 5_400_000 }],
    ['acknowledge', { by: 'mira' }, 'acknowledge', { by: 'mira', forMs: 3_600_000 }],
    ['acknowledge', { by: 'mira', for: '2h' }, 'acknowledge', { by: 'mira', forMs: 7_200_000 }],
    [
      'hold',
      { by: 'anna', reason: 'budget in January' },
      'hold',
      { by: 'anna', reason: 'budget in January' },
    ],
    ['hold', undefined, 'hold', {}],
    ['resume', {}, 'resume', {}],
    ['replies', undefined, 'reply', {}],
    ['disposition', { outcome: 'qualified', reason: '' }, 'dispose', { outcome: 'qualified' }],
  ])('%s %j reaches the run', async (verb, json, kind, args) => {
    const answer = await api.call('POST', `/v1/leads/${leadId}/${verb}`, { as: 'act', json });
    expect([answer.status, answer.json]).toEqual([200, { status: 'touched', owner: 'anna' }]);
    expect(api.world.requests).toEqual([{ leadId, kind, args }]);
  });

  test.each<[string, unknown, string]>([
    ['touches', {}, 'kind'],
    ['touches', { kind: 'page_view' }, 'kind'],
    ['touches', { kind: 'call', at: 'yesterday' }, 'at'],
    ['touches', { kind: 'call', at: '2026-11-25T00:00:00Z' }, 'at'],
    ['snooze', { for: '8d' }, 'for'],
    ['snooze', { for: '0m' }, 'for'],
    ['snooze', { for: 30 }, 'for'],
    ['snooze', {}, 'for'],
    ['disposition', { outcome: 'won' }, 'outcome'],
    ['reassign', { to: 'no body' }, 'to'],
    ['decline', { reason: 'x\u0000' }, 'reason'],
  ])('%s %j is 422', async (verb, json, field) => {
    const answer = await api.call('POST', `/v1/leads/${leadId}/${verb}`, { as: 'act', json });
    expect([answer.status, answer.json.issues[0].path]).toEqual([422, field]);
    expect(api.world.requests).toEqual([]);
  });

  test('a refusal of the run is 409 with its reason, an unknown lead 404, no Temporal 503', async () => {
    const claim = () => api.call('POST', `/v1/leads/${leadId}/claim`, { as: 'act' });
    api.world.answer = () => Promise.resolve({ ok: false, reason: 'the lead is closed' });
    expect(await claim()).toMatchObject({
      status: 409,
      json: { code: 'lead_conflict', detail: 'the lead is closed' },
    });
    api.world.answer = () => Promise.reject(new UnknownLeadError('x'));
    expect(await claim()).toMatchObject({ status: 404, json: { code: 'unknown_lead' } });
    api.world.answer = () => Promise.reject(new RunsUnavailableError('x'));
    expect(await claim()).toMatchObject({ status: 503, json: { code: 'runs_unavailable' } });
  });
});

describe('the policy', () => {
  const put = (body: string, type = 'application/yaml') =>
    api.call('PUT', '/v1/policy', { as: 'operate', body, headers: { 'content-type': type } });

  test('is saved as a draft, published, rolled back, compared', async () => {
    const saved = await put(policyText.replace('touch: 5m', 'touch: 10m'));
    expect([saved.status, saved.json.version]).toEqual([200, 2]);
    expect(Array.isArray(saved.json.findings)).toBe(true);
    expect((await api.call('GET', '/v1/policy')).json.version).toBe(1);
    expect((await api.call('GET', '/v1/policy/diff?to=2')).json).toEqual({
      from: 1,
      to: 2,
      changes: [{ path: 'sla.hot.touch', before: '5m', after: '10m' }],
    });
    expect(
      (await api.call('POST', '/v1/policy/publish', { as: 'operate', json: { version: 2 } })).json.state,
    ).toBe('live');
    expect(api.world.woken).toBe(1);
    expect((await api.call('GET', '/v1/policy')).json).toMatchObject({
      version: 2,
      text: expect.stringContaining('10m'),
    });
    expect((await api.call('GET', '/v1/policy/versions')).json.data).toHaveLength(2);
    expect((await api.call('GET', '/v1/policy/versions/1')).json.text).toBe(policyText);
    expect((await api.call('POST', '/v1/policy/rollback', { as: 'operate' })).json.version).toBe(1);
    expect((await api.call('POST', '/v1/policy/rollback', { as: 'operate' })).json.code).toBe(
      'nothing_to_roll_back',
    );
  });

  test('may be JSON', async () => {
    const { parse } = await import('yaml');
    expect((await put(JSON.stringify(parse(policyText)), 'application/json')).status).toBe(200);
  });

  test.each([
    ['not a policy', 'calendars: 7'],
    ['broken YAML', 'a: [1\nb: 2'],
    ['nothing', ''],
    ['an unknown rep', policyText.replace('anna: 2', 'nobody: 2')],
  ])('%s is 422 with line and column', async (_name, text) => {
    const answer = await put(text);
    expect([answer.status, answer.json.code]).toEqual([422, 'invalid_policy']);
    expect(answer.json.issues[0]).toMatchObject({
      line: expect.any(Number),
      column: expect.any(Number),
      expected: expect.any(String),
    });
  });

  test('is 415 as a form, 400 when not UTF-8', async () => {
    expect((await put(policyText, 'application/x-www-form-urlencoded')).status).toBe(415);
    const answer = await api.call('PUT', '/v1/policy', {
      body: Buffer.from([0xff]),
      headers: { 'content-type': 'application/yaml' },
    });
    expect(answer.status).toBe(400);
  });

  test('of two editors who began with the same version the second is told', async () => {
    const save = (match: string) =>
      api.call('PUT', '/v1/policy', {
        as: 'operate',
        body: policyText,
        headers: { 'content-type': 'application/yaml', 'if-match': match },
      });
    expect((await save('"1"')).json.version).toBe(2);
    const late = await save('"1"');
    expect([late.status, late.json.code]).toEqual([412, 'policy_conflict']);
    expect(late.json.detail).toBe('Version 2 was saved since version 1.');
    expect((await save('"2"')).json.version).toBe(3);
    expect((await save('latest')).json.code).toBe('bad_request');
  });

  test('is not published while open leads belong to somebody it does not know, unless told to', async () => {
    const without = policyText.replaceAll('anna', 'anja');
    await put(without);
    const publish = (more = {}) =>
      api.call('POST', '/v1/policy/publish', { as: 'operate', json: { version: 2, ...more } });
    const refused = await publish();
    expect([refused.status, refused.json.code]).toEqual([409, 'strands_leads']);
    expect(refused.json.issues).toContainEqual(
      expect.objectContaining({ path: leadId, message: expect.stringContaining('belongs to anna') }),
    );
    expect((await publish({ force: true })).json.state).toBe('live');
  });

  test('that is scheduled can be taken back', async () => {
    await put(policyText);
    const cancel = () => api.call('DELETE', '/v1/policy/versions/2/schedule', { as: 'operate' });
    expect((await cancel()).json.code).toBe('not_scheduled');
    await api.call('POST', '/v1/policy/publish', {
      as: 'operate',
      json: { version: 2, at: '2026-12-01T00:00:00Z' },
    });
    expect((await cancel()).json.state).toBe('draft');
    expect(api.world.scheduled).toEqual([]);
    expect((await api.call('DELETE', '/v1/policy/versions/9/schedule', { as: 'operate' })).json.code).toBe(
      'unknown_policy_version',
    );
  });

  test('is published later by a timer', async () => {
    const answer = await api.call('POST', '/v1/policy/publish', {
      as: 'operate',
      json: { version: 1, at: '2026-12-01T00:00:00Z' },
    });
    expect([answer.status, answer.json.state]).toEqual([200, 'scheduled']);
    expect(api.world.scheduled).toEqual([{ version: 1, at: '2026-12-01T00:00:00.000Z' }]);
    expect(api.world.woken).toBe(0);
  });

  test('versions nobody saved are 404', async () => {
    for (const [method, path, json] of [
      ['POST', '/v1/policy/publish', { version: 9 }],
      ['GET', '/v1/policy/versions/9', undefined],
      ['GET', '/v1/policy/diff?to=9', undefined],
      ['POST', '/v1/policy/preview', { lead: { email: 'a@b.co' }, version: 9 }],
    ] as const) {
      expect((await api.call(method, path, { json })).json.code).toBe('unknown_policy_version');
    }
    expect((await api.call('GET', '/v1/policy/versions/0')).status).toBe(404);
  });

  test('is previewed without writing anything', async () => {
    const answer = await api.call('POST', '/v1/policy/preview', {
      as: 'read',
      json: { lead: { email: 'a@b.co' } },
    });
    expect(answer.json).toMatchObject({ version: 1, rule: 'everything', owner: { id: 'anna' } });
    expect(
      (await api.call('POST', '/v1/policy/preview', { json: { lead: { email: 'x' } } })).json.issues[0].path,
    ).toBe('lead.email');
    expect(api.world.accepted).toEqual([]);
  });

  test('none live is 409; publishing still works when Temporal is away', async () => {
    api.world.live = undefined;
    expect((await api.call('GET', '/v1/policy')).json.code).toBe('no_live_policy');
    expect(
      (await api.call('POST', '/v1/policy/preview', { json: { lead: { email: 'a@b.co' } } })).json.code,
    ).toBe('no_live_policy');
    await api.close();
    api = await startApi((deps) => ({
      runs: { ...deps.runs, wakeParked: () => Promise.reject(new RunsUnavailableError('x')) },
    }));
    expect((await api.call('POST', '/v1/policy/publish', { json: { version: 1 } })).status).toBe(200);
  });
});

describe('the SLA preview', () => {
  const ask = (json: unknown) => api.call('POST', '/v1/sla/preview', { as: 'read', json });
  const inline = {
    timeZone: 'Europe/Berlin',
    week: { mon: ['09:00-12:00', '13:00-18:00'], 'tue-fri': '09:00-18:00' },
    holidays: ['DE-BY', '2026-11-25', { date: '2026-11-26', from: '12:00' }],
  };

  test.each<[string, object, string[]]>([
    [
      'a calendar of the policy',
      { calendar: 'berlin', start: '2026-11-24T15:30:00Z', durations: ['30m', '1h'] },
      ['2026-11-24T16:00:00.000Z', '2026-11-25T08:30:00.000Z'],
    ],
    [
      'a rep',
      { rep: 'anna', clock: 'business', start: '2026-11-24T16:00:00Z', durations: ['1m'] },
      ['2026-11-25T08:01:00.000Z'],
    ],
    [
      'an inline calendar',
      { calendar: inline, start: '2026-11-24T16:00:00Z', durations: ['2h', '4h'] },
      ['2026-11-26T09:00:00.000Z', '2026-11-26T11:00:00.000Z'],
    ],
    [
      'the wall clock',
      { clock: 'wall', calendar: 'berlin', start: '2026-11-24T16:00:00+01:00', durations: ['2d'] },
      ['2026-11-26T15:00:00.000Z'],
    ],
  ])('of %s', async (_name, body, due) => {
    expect((await ask(body)).json).toEqual({ due });
  });

  const start = '2026-11-24T16:00:00Z';
  test.each<[unknown, number]>([
    [{ start, durations: ['1m'] }, 422],
    [{ calendar: 'berlin', rep: 'anna', start, durations: ['1m'] }, 422],
    [{ calendar: 'mars', start, durations: ['1m'] }, 422],
    [{ calendar: '__proto__', start, durations: ['1m'] }, 422],
    [{ rep: 'nobody', start, durations: ['1m'] }, 404],
    [{ calendar: 'berlin', start: 'now', durations: ['1m'] }, 422],
    [{ calendar: 'berlin', start: '9999-01-01T00:00:00Z', durations: ['1m'] }, 422],
    [{ calendar: 'berlin', start, durations: ['soon'] }, 422],
    [{ calendar: 'berlin', start, durations: ['999999w'] }, 422],
    [{ calendar: 'berlin', start, durations: [] }, 422],
    [{ calendar: { ...inline, timeZone: 'Mars/Base' }, start, durations: ['1m'] }, 422],
    [{ calendar: { ...inline, week: { someday: ['09:00-10:00'] } }, start, durations: ['1m'] }, 422],
    [{ calendar: { ...inline, week: { mon: ['25:00-26:00'] } }, start, durations: ['1m'] }, 422],
    [{ calendar: { ...inline, week: {} }, start, durations: ['1m'] }, 422],
    [{ calendar: { ...inline, holidays: ['XX-YY'] }, start, durations: ['1m'] }, 422],
    [
      {
        calendar: { ...inline, holidays: [{ date: '2026-02-30', from: '12:00' }] },
        start,
        durations: ['1m'],
      },
      422,
    ],
    [{ calendar: 7, start, durations: ['1m'] }, 422],
  ])('%j is %i', async (body, status) => {
    const answer = await ask(body);
    expect(answer.status).toBe(status);
    if (status === 422) expect(answer.json.issues[0].expected.length).toBeGreaterThan(0);
  });
});

describe('distribution', () => {
  test('the ledger of a pool', async () => {
    const answer = await api.call('GET', '/v1/pools/inbound/ledger?limit=5&startingAfter=0', { as: 'read' });
    expect(answer.json).toMatchObject({
      data: [{ seq: 1, leadId, rep: 'anna' }],
      hasMore: false,
      shares: [{ rep: 'anna' }],
    });
    expect((await api.call('GET', '/v1/pools/nobody/ledger')).json.code).toBe('unknown_pool');
    expect((await api.call('GET', '/v1/pools/inbound/ledger?startingAfter=x')).status).toBe(422);
  });

  test('reps, absence and status; parked leads are told', async () => {
    expect((await api.call('GET', '/v1/reps', { as: 'read' })).json.data[1]).toMatchObject({
      id: 'ben',
      status: 'paused',
      openLeads: 3,
    });
    const absence = await api.call('PUT', '/v1/reps/anna/absence', {
      as: 'operate',
      json: { from: '2026-12-01T00:00:00Z', until: '2026-12-08T00:00:00+01:00', reason: 'holiday' },
    });
    expect([absence.status, absence.json.id]).toEqual([200, 'anna']);
    expect(
      (await api.call('PUT', '/v1/reps/ben/status', { as: 'operate', json: { status: 'active' } })).status,
    ).toBe(200);
    expect(api.world.woken).toBe(2);
    expect((await api.call('PUT', '/v1/reps/nobody/status', { json: { status: 'active' } })).json.code).toBe(
      'unknown_rep',
    );
    expect((await api.call('PUT', '/v1/reps/ben/status', { json: { status: 'asleep' } })).status).toBe(422);
    expect((await api.call('PUT', '/v1/reps/ben/absence', { json: { from: '2026-12-01' } })).status).toBe(
      422,
    );
  });

  test('the books', async () => {
    expect((await api.call('GET', '/v1/accounting', { as: 'read' })).json.balanced).toBe(true);
  });
});

describe('errors', () => {
  beforeEach(() => {
    api.world.errors = [
      openError('err_1', 'crm.auth'),
      openError('err_2', 'crm.auth'),
      openError('err_3', 'crm.auth'),
      openError('err_4', 'other'),
      openError('err_5', 'crm.auth', { state: 'resolved' }),
    ];
  });

  test('are listed, grouped and read', async () => {
    expect((await api.call('GET', '/v1/errors?state=open&limit=2', { as: 'read' })).json).toMatchObject({
      hasMore: true,
    });
    expect((await api.call('GET', '/v1/errors/groups', { as: 'read' })).json.data).toHaveLength(1);
    expect((await api.call('GET', '/v1/errors/err_4', { as: 'read' })).json.fingerprint).toBe('other');
    expect((await api.call('GET', '/v1/errors/err_9')).json.code).toBe('unknown_error');
    expect((await api.call('GET', '/v1/errors/%00')).json.code).toBe('unknown_error');
  });

  test('are retried alone and by cause, across pages, the open ones only', async () => {
    expect((await api.call('POST', '/v1/errors/err_4/retry', { as: 'operate' })).json).toEqual({
      retried: 1,
    });
    expect(api.world.retried).toEqual([{ leadId, step: 'crm' }]);
    expect(
      (await api.call('POST', '/v1/errors/retry', { as: 'operate', json: { fingerprint: 'crm.auth' } })).json,
    ).toEqual({ retried: 3 });
    expect((await api.call('POST', '/v1/errors/err_5/retry', { as: 'operate' })).json.code).toBe(
      'already_resolved',
    );
    expect((await api.call('POST', '/v1/errors/err_9/retry', { as: 'operate' })).status).toBe(404);
    expect((await api.call('POST', '/v1/errors/retry', { as: 'operate', json: {} })).status).toBe(422);
  });
});

describe('health', () => {
  test('alive always, ready while one of the two is up', async () => {
    expect((await api.call('GET', '/healthz', { as: null })).status).toBe(200);
    api.world.postgres = false;
    expect(await api.call('GET', '/readyz', { as: null })).toMatchObject({
      status: 200,
      json: { ready: true, postgres: false, temporal: true },
    });
    api.world.temporal = false;
    expect((await api.call('GET', '/readyz', { as: null })).status).toBe(503);
  });

  test('metrics count requests by route', async () => {
    await api.call('GET', `/v1/leads/${leadId}`);
    const { text } = await api.call('GET', '/metrics', { as: null });
    expect(text).toContain(
      'http_request_duration_seconds_count{method="GET",route="/v1/leads/:leadId",status="200"} 1',
    );
  });
});
