import { startFakeEnricher, type FakeEnricher } from '../../connectors/enrich/fake';
import { createHttpEnricher } from '../../connectors/enrich/http';
import { clock, failureOf, faultCodes, hastyMs, patient } from './examples';
import { startRecorder } from './recorder';

const companies = {
  'example.com': {
    name: 'Example SE',
    domain: 'Example.com',
    employees: 250,
    industry: 'Software',
    country: 'de',
    ceo: 'X',
  },
  'sparse.com': { name: null, industry: '', employees: 0 },
  'empty.com': {},
  'text.com': { employees: '250' },
  'part.com': { employees: 2.5 },
  'land.com': { country: 'Germany' },
  'list.com': [],
  'name.com': { name: 7 },
};

describe('http enrichment adapter', () => {
  let fake: FakeEnricher;
  beforeEach(async () => {
    fake = await startFakeEnricher({ companies, retryAfterS: 7 });
  });
  afterEach(() => fake.close());
  const enricher = () => createHttpEnricher({ url: fake.url, clock });
  const hasty = () => createHttpEnricher({ url: fake.url, clock, timeoutMs: hastyMs });

  it('returns what the provider knows in our words, and whose word it is', async () => {
    expect(await enricher().company({ domain: 'example.com' }, patient())).toEqual({
      source: '127.0.0.1',
      name: 'Example SE',
      domain: 'example.com',
      employees: 250,
      industry: 'Software',
      country: 'DE',
    });
  });

  it('leaves out what the provider leaves empty', async () => {
    expect(await enricher().company({ domain: 'sparse.com' }, patient())).toEqual({
      source: '127.0.0.1',
      employees: 0,
    });
  });

  it.each(['nobody.com', 'empty.com'])('knows nothing of %s', async (domain) => {
    expect(await enricher().company({ domain }, patient())).toBeUndefined();
  });

  it.each(['text.com', 'part.com', 'land.com', 'list.com', 'name.com'])(
    'calls the answer for %s malformed',
    async (domain) => {
      expect(await failureOf(enricher().company({ domain }, patient()))).toMatchObject({ code: 'malformed' });
    },
  );

  it('asks nothing when it has nothing to ask with', async () => {
    expect(await enricher().company({}, patient())).toBeUndefined();
    expect(fake.requests()).toBe(0);
  });

  it('sends an address whole, and keeps the query of the configured URL as it is', async () => {
    const recorder = await startRecorder(() => ({ status: 404, text: '' }));
    const withQuery = createHttpEnricher({ url: `${recorder.url}/v2/find?key=a%20b&x=1`, clock });
    await withQuery.company({ email: 'a+b&c@example.com', domain: 'example.com' }, patient());
    const bare = createHttpEnricher({ url: recorder.url, clock });
    await bare.company({ email: 'a@example.com' }, patient());
    await recorder.close();
    expect(recorder.requests.map(({ url }) => url)).toEqual([
      '/v2/find?key=a%20b&x=1&email=a%2Bb%26c%40example.com&domain=example.com',
      '/?email=a%40example.com',
    ]);
  });

  it.each(faultCodes)('reports %s as %s, and works again afterwards', async (fault, code) => {
    fake.failNext(fault);
    const port = fault === 'hang' ? hasty() : enricher();
    const failure = await failureOf(port.company({ email: 'zoe@example.com' }, patient()));
    expect(failure.code).toBe(code);
    expect(failure.retryAfterMs).toBe(fault === 'busy' ? 7_000 : undefined);
    expect(await enricher().company({ email: 'zoe@example.com' }, patient())).toMatchObject({
      employees: 250,
    });
  });

  it('times out on a slow provider, so that routing goes on without it', async () => {
    fake.setDelay(60_000);
    expect(await failureOf(hasty().company({ domain: 'example.com' }, patient()))).toMatchObject({
      code: 'timeout',
    });
  });

  it('throws the caller’s reason when the caller has given up', async () => {
    const reason = new Error('cancelled');
    const call = enricher().company({ domain: 'example.com' }, AbortSignal.abort(reason));
    await expect(call).rejects.toBe(reason);
  });
});
