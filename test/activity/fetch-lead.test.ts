import { MockActivityEnvironment } from '@temporalio/testing';
import { createFetchActivities, type FetchDeps } from '../../activities/fetch-lead';
import { ConnectorError } from '../../activities/failures';
import type { NewLead } from '../../activities/ports';
import type { FetchPort, LeadToFetch } from '../../activities/ports-fetch';
import { readFetched } from '../../api/webhooks/fetched';
import { deriveLeadId } from '../../domain/ids';
import { toInstant } from '../../domain/instant';

const leadId = deriveLeadId('ads', '901');
const change = (answers?: object) => ({ field: 'leadgen', value: { leadgen_id: '901', ...answers } });
const fields = { field_data: [{ name: 'email', values: ['ada@example.com'] }] };
const source: NonNullable<LeadToFetch['source']> = {
  name: 'ads',
  kind: 'meta',
  secrets: [],
  accessToken: 'a-token',
};

async function run(
  fetch: FetchPort['fetch'],
  given: {
    readonly source?: LeadToFetch['source'];
    readonly waiting?: boolean;
    readonly renewed?: () => Promise<string | undefined>;
  } = { source },
) {
  const accepted: NewLead[] = [];
  const settled: Parameters<FetchDeps['fetches']['settle']>[0][] = [];
  const event = {
    leadId,
    source: 'ads',
    eventKey: '901',
    rawBody: JSON.stringify(change()),
    receivedAt: toInstant(5),
  };
  const { fetchLead } = createFetchActivities({
    fetches: {
      toFetch: async () => (given.waiting === false ? undefined : { event, source: given.source }),
      waiting: async () => [],
      settle: async (input) => void settled.push(input),
    },
    fetchers: { meta: { fetch } },
    tokens: {
      current: async (one) => one.accessToken,
      renewed: given.renewed ?? (() => Promise.resolve(undefined)),
    },
    read: readFetched,
    inbox: { accept: async (leads) => (accepted.push(...leads), new Set()) },
    clock: { now: () => 10 },
  });
  const result: unknown = await new MockActivityEnvironment()
    .run(fetchLead, { leadId })
    .catch((error: unknown) => error);
  return { result, accepted, settled };
}

test('what is fetched becomes a lead under the id of its event', async () => {
  const { result, accepted, settled } = await run(async ({ data, accessToken }) => {
    expect([data, accessToken]).toEqual([change(), 'a-token']);
    return { data: change(fields), nature: 'lead' };
  });
  expect(result).toBe(true);
  expect(accepted).toMatchObject([
    {
      leadId,
      source: 'ads',
      eventKey: '901',
      fields: { email: 'ada@example.com' },
      receivedAt: toInstant(5),
    },
  ]);
  expect(settled).toMatchObject([{ outcome: { state: 'fetched' }, data: change(fields) }]);
});

test('a test of the vendor, a record of our own, a filled honeypot and an unusable lead are kept', async () => {
  type Nature = Awaited<ReturnType<FetchPort['fetch']>>['nature'];
  const kept = async (mapping: Record<string, string> | undefined, nature: Nature, answers: object) =>
    run(async () => ({ data: change(answers), nature }), {
      source: { ...source, ...(mapping && { mapping }) },
    });
  const outcomes = [
    await kept(undefined, 'test', fields),
    await kept(undefined, 'other', fields),
    await kept({ honeypot: 'value.leadgen_id' }, 'lead', fields),
    await kept(undefined, 'lead', {}),
  ];
  expect(outcomes.map(({ result, accepted }) => [result, accepted.length])).toEqual([
    [false, 0],
    [false, 0],
    [false, 0],
    [false, 0],
  ]);
  expect(outcomes.map(({ settled }) => settled[0]!.outcome)).toEqual([
    { state: 'test' },
    { state: 'other' },
    { state: 'spam' },
    {
      fault: {
        step: 'map',
        code: 'unmappable',
        fingerprint: 'map.ads',
        message: expect.stringContaining('email is missing'),
      },
    },
  ]);
});

test.each(['auth', 'rejected', 'malformed'] as const)(
  '%s makes a dead letter, one fingerprint for all of them',
  async (code) => {
    const { result, settled } = await run(() => Promise.reject(new ConnectorError(code, 'meta: HTTP 400')));
    expect(result).toBe(false);
    expect(settled[0]!.outcome).toEqual({
      fault: { step: 'fetch', code, fingerprint: `fetch.ads.${code}`, message: 'meta: HTTP 400' },
    });
  },
);

test.each(['busy', 'timeout', 'unreachable', 'quota'] as const)(
  '%s is tried again when the vendor says',
  async (code) => {
    const fault = new ConnectorError(code, 'meta: no answer', { retryAfterMs: 7_000 });
    const { result, settled } = await run(() => Promise.reject(fault));
    expect(result).toMatchObject({ type: `fetch.${code}`, nonRetryable: false, nextRetryDelay: 7_000 });
    expect(settled).toEqual([]);
  },
);

test('a token that is refused is renewed once', async () => {
  const tokens: string[] = [];
  const fetch: FetchPort['fetch'] = async ({ accessToken }) => {
    tokens.push(accessToken);
    if (accessToken === 'a-token') throw new ConnectorError('auth', 'meta: HTTP 401');
    return { data: change(fields), nature: 'lead' };
  };
  expect((await run(fetch, { source, renewed: async () => 'another' })).result).toBe(true);
  expect(tokens).toEqual(['a-token', 'another']);
  const revoked = () => Promise.reject(new ConnectorError('auth', 'token: invalid_grant'));
  const { settled } = await run(fetch, { source, renewed: revoked });
  expect(settled[0]!.outcome).toMatchObject({
    fault: { fingerprint: 'fetch.ads.auth', message: 'token: invalid_grant' },
  });
});

test('without a token, or without the source, it waits for a person', async () => {
  const never = () => Promise.reject(new Error('asked all the same'));
  for (const one of [undefined, { ...source, accessToken: undefined } as unknown as typeof source])
    expect((await run(never, { source: one })).settled[0]!.outcome).toMatchObject({
      fault: { fingerprint: 'fetch.ads.auth' },
    });
});

test('an event that waits no longer is left alone', async () => {
  const { result, settled } = await run(() => Promise.reject(new Error('asked')), { source, waiting: false });
  expect([result, settled]).toEqual([false, []]);
});
