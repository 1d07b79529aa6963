import { Client, Connection } from '@temporalio/client';
import { leadWhen, startInstance, type Instance, publishPolicy } from '../support/instance';
import { until } from '../support/until';

let instance: Instance;
let connection: Connection;

beforeAll(async () => {
  instance = await startInstance({ namespace: 'attention' });
  connection = await Connection.connect({ address: instance.temporalAddress });
});
afterAll(async () => {
  await connection.close();
  await instance.stop();
});

const post = async (email: string): Promise<string> =>
  (await instance.call<{ id: string }>('POST', '/v1/leads', { email })).body.id;
const found = async (query: string): Promise<string[]> => {
  const ids: string[] = [];
  for await (const { workflowId } of new Client({ connection, namespace: instance.namespace }).workflow.list({
    query,
  }))
    ids.push(workflowId);
  return ids;
};

const noCatchAll = `
calendars: { utc: { timeZone: Etc/UTC, week: { mon-sun: ["00:00-24:00"] } } }
reps: [{ id: solo, name: Solo, email: solo@x.example, calendar: utc }]
pools: { one: { members: [solo] } }
scoring: { fit: [], engagement: { points: {} }, bands: { hot: 70, warm: 40 } }
routing: [{ rule: only Norway, when: "lead.country == 'NO'", to: pool/one, sla: slow }]
sla: { slow: { clock: wall, touch: 1d, steps: [] } }
`;

test('a lead that no rule takes needs attention, and goes on from that step once the policy is right', async () => {
  await publishPolicy(instance, noCatchAll);
  const id = await post('lost@nowhere.example');
  const stuck = await leadWhen(instance, id, ({ status }) => status === 'needs_attention');
  const parked = { what: 'needs_attention', step: 'route', code: 'no_rule' };
  expect(stuck.timeline).toContainEqual(expect.objectContaining(parked));
  // operations find it in the Web UI
  await until('found by its search attribute', async () =>
    (await found(`LeadStatus = 'needs_attention'`)).includes(`lead/${id}`),
  );
  const { body: books } = await instance.call<{ inFlight: number; balanced: boolean }>(
    'GET',
    '/v1/accounting',
  );
  expect(books).toMatchObject({ inFlight: 1, balanced: true });

  expect((await instance.call('POST', '/v1/policy/rollback')).status).toBe(200);
  expect(
    (await instance.call('POST', '/v1/errors/retry', { fingerprint: 'route.no_rule' })).status,
  ).toBeLessThan(300);
  const lead = await leadWhen(instance, id, ({ status }) => status === 'assigned');
  expect(lead.timeline.map(({ what }) => what)).toContain('resumed');
  expect((await instance.call<{ data: unknown[] }>('GET', '/v1/errors?state=open')).body.data).toEqual([]);
});

test('operations list "assigned, due before an instant" by search attributes, and read in words where a run stands', async () => {
  const id = await post('due@before.example');
  const lead = await leadWhen(instance, id, ({ status }) => status === 'assigned');
  const after = new Date(Date.parse(lead.sla!.touchDueAt) + 60_000).toISOString();
  await until('listed', async () =>
    (
      await found(`LeadStatus = 'assigned' AND LeadOwner = '${lead.owner!.id}' AND LeadDueAt < '${after}'`)
    ).includes(`lead/${id}`),
  );
  expect(await found(`LeadStatus = 'assigned' AND LeadDueAt < '2020-01-01T00:00:00Z'`)).toEqual([]);
  const words = await new Client({ connection, namespace: instance.namespace }).workflow
    .getHandle(`lead/${id}`)
    .query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  expect(words.currentDetails).toBe(
    `**assigned** — owner \`${lead.owner!.id}\` (assignment 0)\n\nNext: remind at ${lead.sla!.steps[0]!.dueAt}`,
  );
  const run = await connection.workflowService.describeWorkflowExecution({
    namespace: instance.namespace,
    execution: { workflowId: `lead/${id}` },
  });
  expect(Buffer.from(run.executionConfig?.userMetadata?.summary?.data ?? []).toString()).toContain(
    'find an owner',
  );
  const { history } = await connection.workflowService.getWorkflowExecutionHistory({
    namespace: instance.namespace,
    execution: { workflowId: `lead/${id}` },
  });
  const summaries = history!
    .events!.filter(
      ({ timerStartedEventAttributes: timer, activityTaskScheduledEventAttributes: activity }) =>
        timer ?? activity,
    )
    .map(({ userMetadata }) => Buffer.from(userMetadata?.summary?.data ?? []).toString());
  expect(summaries.length).toBeGreaterThanOrEqual(2);
  expect(summaries.every((summary) => summary.length > 2)).toBe(true);
});

test('a draft with a mistake is refused with its place; a rule can be tried on a lead before it is published', async () => {
  const bad = await instance.call<{ issues: { line: number; column: number; path: string }[] }>(
    'PUT',
    '/v1/policy',
    noCatchAll.replace('pool/one', 'pool/two'),
    { 'content-type': 'application/yaml' },
  );
  expect(bad.status).toBe(422);
  expect(bad.body.issues[0]).toMatchObject({ path: 'routing[0].to', line: 6, column: expect.any(Number) });
  const before = await instance.sql(
    'SELECT (SELECT count(*) FROM ledger) AS ledger, (SELECT count(*) FROM leads) AS leads, (SELECT max(seq) FROM pool_state) AS seq',
  );
  const tried = await instance.call<{ rule: string; owner: { id: string }; due: unknown[] }>(
    'POST',
    '/v1/policy/preview',
    { lead: { email: 'try@out.example', country: 'US' } },
  );
  expect(tried.status).toBe(200);
  expect(tried.body).toMatchObject({ rule: 'Americas', owner: { id: expect.any(String) } });
  expect(tried.body.due.length).toBeGreaterThan(1);
  expect(
    await instance.sql(
      'SELECT (SELECT count(*) FROM ledger) AS ledger, (SELECT count(*) FROM leads) AS leads, (SELECT max(seq) FROM pool_state) AS seq',
    ),
  ).toEqual(before);
});

test('a preview of a lead that no rule of the policy takes is refused with cannot_route', async () => {
  const { body: draft } = await instance.call<{ version: number }>('PUT', '/v1/policy', noCatchAll, {
    'content-type': 'application/yaml',
  });
  const lead = { email: 'try@nowhere.example', country: 'US' };
  const answer = await instance.call('POST', '/v1/policy/preview', { version: draft.version, lead });
  expect(answer).toMatchObject({
    status: 409,
    body: { code: 'cannot_route', detail: expect.stringContaining(`no rule of policy ${draft.version}`) },
  });
});

test('a lead keeps the version it was routed by, whatever is published meanwhile', async () => {
  const { body: sent } = await instance.call<{ id: string }>('POST', '/v1/leads', {
    email: 'kept@version.example',
    country: 'NO',
  });
  const first = await leadWhen(instance, sent.id, ({ status }) => status === 'assigned');
  const draft = await instance.call<{ version: number }>('PUT', '/v1/policy', noCatchAll, {
    'content-type': 'application/yaml',
  });
  const published = { version: draft.body.version, force: true };
  expect((await instance.call('POST', '/v1/policy/publish', published)).status).toBe(200);
  // the live version would send it to solo
  const { body } = await instance.call<{ owner: string }>('POST', `/v1/leads/${sent.id}/decline`, {});
  expect(['anna', 'ben', 'mira']).toContain(body.owner);
  expect(body.owner).not.toBe(first.owner?.id);
  expect((await instance.call('POST', '/v1/policy/rollback')).status).toBe(200);
});

test('leads of a pool whose members have all left are parked, and a manager hears of it', async () => {
  const left = noCatchAll
    .replace(
      'calendar: utc }]',
      'calendar: utc, manager: boss }, { id: boss, name: Boss, email: boss@x.example, calendar: utc }]',
    )
    .replace('members: [solo]', 'members: []');
  const headers = { 'content-type': 'application/yaml' };
  const draft = await instance.call<{ version: number; findings: { rule: string }[] }>(
    'PUT',
    '/v1/policy',
    left,
    headers,
  );
  expect(JSON.stringify(draft.body.findings)).toContain('has no members');
  const published = { version: draft.body.version, force: true };
  expect((await instance.call('POST', '/v1/policy/publish', published)).status).toBe(200);
  const { body } = await instance.call<{ id: string }>('POST', '/v1/leads', {
    email: 'left@alone.example',
    country: 'NO',
  });
  const lead = await leadWhen(instance, body.id, ({ timeline }) =>
    timeline.some(({ what, kind }) => what === 'notified' && kind === 'parked'),
  );
  expect(lead.status).toBe('parked');
  expect(lead.timeline.filter(({ what }) => what === 'parked')).toHaveLength(1); // no loop
  expect(lead.timeline.find(({ what }) => what === 'notified')).toMatchObject({ to: 'boss' });
});
