import type { EnrichPort } from '../../activities/ports-vendors';
import { createApollo } from '../../connectors/enrich/apollo';
import { startFakeApollo, startFakePeopleDataLabs, type FakeProvider } from '../../connectors/enrich/fake';
import { createPeopleDataLabs, type ProviderOptions } from '../../connectors/enrich/people-data-labs';
import { sizeOf } from '../../connectors/enrich/profile';
import cases from '../fixtures/enrichment-responses.json';
import { failureOf, faultCodes, hastyMs, patient } from './examples';
import { startRecorder } from './recorder';

/** Before the reset that the recorded answers name. */
const clock = { now: () => Date.parse('2026-11-23T12:00:20Z') };
const apiKey = 's3cr3t';
const people = { 'zoe@example.com': { company: 'Example SE', size: '51' } };

const providers = [
  ['people-data-labs', createPeopleDataLabs, startFakePeopleDataLabs],
  ['apollo', createApollo, startFakeApollo],
] as const;

describe.each(providers)('data provider %s', (name, create, start) => {
  let fake: FakeProvider;
  beforeEach(async () => {
    fake = await start(people);
  });
  afterEach(() => fake.close());
  const port = (options: Partial<ProviderOptions> = {}): EnrichPort =>
    create({ apiKey, clock, url: fake.url, ...options });

  it('says in our words what it knows, and whose word it is', async () => {
    expect(port().provider).toBe(name);
    expect(await port().company({ email: 'zoe@example.com' }, patient())).toMatchObject({
      source: name,
      name: 'Example SE',
      employees: 51,
    });
  });

  it('knows nothing of others, which is no failure', async () => {
    expect(await port().company({ email: 'kim@example.com' }, patient())).toBeUndefined();
  });

  it('asks nothing without an address', async () => {
    expect(await port().company({ domain: 'example.com' }, patient())).toBeUndefined();
    expect(fake.requests()).toBe(0);
  });

  it.each(faultCodes)('reports %s as %s, and works again afterwards', async (fault, code) => {
    fake.failNext(fault);
    const hasty = fault === 'hang' ? { timeoutMs: hastyMs } : {};
    const failure = await failureOf(port(hasty).company({ email: 'zoe@example.com' }, patient()));
    expect(failure.code).toBe(code);
    if (fault === 'busy') expect(failure.retryAfterMs).toBe(7_000);
    expect(await port().company({ email: 'zoe@example.com' }, patient())).toMatchObject({ employees: 51 });
  });
});

/** Our codes for each verdict of the recorded answers. */
const codes: Readonly<Record<string, string>> = {
  'fail-permanent': 'rejected',
  'fail-config': 'auth',
  'retry-backoff': 'busy',
  'retry-after': 'busy',
  'stop-until': 'exhausted',
};
/** What we call of the vendors we speak to; the other recorded answers are of calls we do not make. */
const calls: Readonly<Record<string, ((options: ProviderOptions) => EnrichPort) | undefined>> = {
  'peopledatalabs person enrich': createPeopleDataLabs,
  'apollo people match': createApollo,
};

describe('recorded answers', () => {
  const ours = cases.filter(({ vendor, operation }) => calls[`${vendor} ${operation}`]);
  it.each(ours)('treats $id as $classify', async ({ vendor, operation, response, classify, waitMs }) => {
    const {
      status,
      headers = {},
      ...said
    } = response as {
      status: number;
      headers?: Record<string, string | undefined>;
      text?: string;
      body?: unknown;
    };
    const sent = Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    const recorder = await startRecorder(() => ({
      status,
      headers: sent,
      text: said.text ?? JSON.stringify(said.body),
    }));
    const port = calls[`${vendor} ${operation}`]!({ apiKey, clock, url: recorder.url });
    const call = port.company({ email: 'ada@example.com' }, patient());
    if (classify === 'ok') expect(await call).toMatchObject({ domain: 'example.com' });
    else if (classify === 'no-match') expect(await call).toBeUndefined();
    else {
      const failure = await failureOf(call);
      expect(failure.code).toBe(codes[classify]);
      // A minute's window that ends in 40 s, where the vendor names its end instead of a time to wait.
      if (classify === 'retry-after') expect(failure.retryAfterMs).toBe(waitMs ?? 40_000);
    }
  });

  it('are not few', () => {
    expect(ours.length).toBeGreaterThan(9);
  });
});

test.each([
  ['51-200', 51],
  ['10001+', 10_001],
  ['7', 7],
  ['many', undefined],
  [null, undefined],
] as const)('a size of %s is %s employees for certain', (band, size) => {
  expect(sizeOf(band)).toBe(size);
});
