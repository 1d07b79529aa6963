import { RunsUnavailableError } from '../../../api/errors';
import { startApi, type TestApi } from './support';
import { openLeads } from './support-identity';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());
const { younger, older } = openLeads;

test('the queue shows what is open unless another state is asked for', async () => {
  expect((await api.call('GET', '/v1/reviews')).json).toMatchObject({
    data: [{ id: 'rev_1', bits: 3.5, person: { id: 'per_b' }, other: { id: 'per_a' } }],
    hasMore: false,
  });
  expect((await api.call('GET', '/v1/reviews?state=same')).json.data).toEqual([]);
  expect((await api.call('GET', '/v1/reviews?state=maybe')).status).toBe(422);
});

test('the verdict "same" merges, and asks the run of the younger lead to join the older one', async () => {
  const answer = await api.call('POST', '/v1/reviews/rev_1/verdict', {
    json: { verdict: 'same', by: 'mira' },
  });
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({
    review: { state: 'same', decidedBy: 'mira' },
    merge: { survivorId: 'per_a', mergedId: 'per_b', by: 'mira' },
    joins: [{ leadId: younger, into: older, state: 'joined' }],
  });
  expect(api.world.requests).toEqual([{ leadId: younger, kind: 'join', args: { into: older } }]);
  expect(
    await api.call('POST', '/v1/reviews/rev_1/verdict', { json: { verdict: 'different' } }),
  ).toMatchObject({
    status: 409,
    json: { code: 'identity_conflict', detail: 'the review was closed as same.' },
  });
});

test('"different" only closes; without a name the key decides', async () => {
  const { json } = await api.call('POST', '/v1/reviews/rev_1/verdict', { json: { verdict: 'different' } });
  expect(json).toMatchObject({ review: { state: 'different', decidedBy: 'admin key' }, joins: [] });
  expect(json).not.toHaveProperty('merge');
  expect(
    (await api.call('POST', '/v1/reviews/rev_9/verdict', { json: { verdict: 'same' } })).json,
  ).toMatchObject({
    code: 'unknown_review',
  });
});

test('a run that cannot be asked leaves the merge standing and the lead pending; one that refuses says why', async () => {
  const merge = () =>
    api.call('POST', '/v1/people/per_b/merge', { json: { into: 'per_a', because: 'same phone' } });
  api.world.answer = () => Promise.reject(new RunsUnavailableError('away'));
  expect((await merge()).json.joins).toEqual([{ leadId: younger, into: older, state: 'pending' }]);
  api.world.answer = () => Promise.resolve({ ok: false, reason: 'the lead is closed' });
  expect((await merge()).json.joins).toEqual([
    { leadId: younger, into: older, state: 'refused', reason: 'the lead is closed' },
  ]);
});

test('a merge is undone, and the answer names the leads whose runs do not come back', async () => {
  const { json } = await api.call('POST', '/v1/people/per_b/merge', {
    json: { into: 'per_a', because: 'same phone' },
  });
  const undone = await api.call('POST', `/v1/merges/${json.merge.id}/undo`);
  expect(undone.json).toMatchObject({
    merge: { id: json.merge.id, undoneBy: 'admin key' },
    stillJoined: [{ leadId: younger, into: older }],
  });
});

test.each<[string, string, object | undefined, number, string]>([
  ['GET', '/v1/people/per_nobody', undefined, 404, 'unknown_person'],
  ['POST', '/v1/people/per_a/merge', { into: 'per_nobody', because: 'x' }, 404, 'unknown_person'],
  ['POST', '/v1/people/per_a/merge', { into: 'per_a', because: 'x' }, 409, 'identity_conflict'],
  ['POST', '/v1/people/per_a/merge', { into: 'per_b' }, 422, 'invalid_request'],
  ['POST', '/v1/merges/mrg_none/undo', {}, 404, 'unknown_merge'],
  ['POST', '/v1/identity/thresholds', undefined, 409, 'too_few_verdicts'],
  ['POST', '/v1/identity/models/6/publish', undefined, 404, 'unknown_model'],
])('%s %s with %j is %i %s', async (method, path, json, status, code) => {
  expect(await api.call(method, path, json ? { json } : {})).toMatchObject({ status, json: { code } });
});

test('thresholds come as a draft with a report, and are live when published', async () => {
  const thresholds = { acceptBits: 4.5, reviewBits: -1 };
  const report = {
    verdicts: 100,
    same: 90,
    different: 10,
    before: { acceptBits: 5, reviewBits: -2 },
    after: thresholds,
    merged: { right: 80, wrong: 0 },
    keptApart: { right: 5, wrong: 0 },
    asked: 15,
    precision: 0.9952,
  };
  api.world.draft = { kind: 'draft', version: 7, report };
  expect((await api.call('POST', '/v1/identity/thresholds')).json).toEqual({ version: 7, report });
  expect((await api.call('POST', '/v1/identity/models/7/publish')).json).toEqual({
    version: 7,
    state: 'live',
  });
});
