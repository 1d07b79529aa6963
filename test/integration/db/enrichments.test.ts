import { createHash, createHmac } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createEnrichActivities } from '../../../activities/enrich';
import { ConnectorError, type FailureCode } from '../../../activities/failures';
import type { CompanyProfile, EnrichPort } from '../../../activities/ports-vendors';
import type { IdentityStore } from '../../../activities/ports-identity';
import { openDatabase, type Database } from '../../../db/client';
import { createEnrichmentStore } from '../../../db/enrichment-store';
import { deriveLeadId } from '../../../domain/ids';
import { toInstant } from '../../../domain/instant';
import { cloneDatabase, type TestDatabase } from '../../support/database';

const questionKey = Buffer.alloc(32, 4);

let database: TestDatabase;
let db: Database;
let nowMs = Date.parse('2026-11-24T09:00:00Z');
const clock = { now: () => nowMs };

beforeAll(async () => {
  database = await cloneDatabase();
  db = openDatabase({ databaseUrl: database.url, maxConnections: 8, onFault: () => undefined });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(async () => {
  await db.pool.query('TRUNCATE enrichment_answers, enrichment_providers');
});

/** A lead whose facts live here, and providers that answer or fail as told. */
function world(
  answers: Readonly<Record<string, (() => CompanyProfile | FailureCode | undefined) | undefined>>,
) {
  const asked: string[] = [];
  const account: Record<string, unknown> = {};
  const sources: Record<string, string> = {};
  const identities = {
    lead: async (leadId: string) => ({
      leadId,
      progress: 'identified',
      source: 'test',
      fields: { email: `zoe-${leadId}@bigco.example` },
      facts: { account: { ...account } },
    }),
    enrich: async (_id: string, found: CompanyProfile) => {
      const filled = (['employees', 'industry', 'country'] as const).filter(
        (field) => found[field] !== undefined && !account[field],
      );
      for (const field of filled) {
        account[field] = found[field];
        sources[field] = found.source;
      }
      return filled;
    },
  } as unknown as IdentityStore;
  const providers = Object.entries(answers).map(([provider, answer]): EnrichPort => ({
    provider,
    company: async () => {
      asked.push(provider);
      const said = answer?.();
      if (typeof said === 'string') throw new ConnectorError(said, `${provider}: no`);
      return said;
    },
  }));
  const activities = createEnrichActivities({
    providers,
    identities,
    clock,
    enrichments: createEnrichmentStore(db.pool),
    cacheMs: 86_400_000,
    questionKey,
    dailyMax: 8,
  });
  const enrich = (lead = 'one'): Promise<unknown> =>
    new MockActivityEnvironment().run(activities.enrichCompany, { leadId: deriveLeadId('test', lead) });
  return { asked, sources, enrich };
}

const all = { employees: 250, industry: 'Tea', country: 'DE' };

test('the second provider fills what the first left empty, each with its name; the third is not asked', async () => {
  const { asked, sources, enrich } = world({
    first: () => ({ source: 'first', employees: 250 }),
    second: () => ({ source: 'second', employees: 1, industry: 'Tea', country: 'DE' }),
    third: () => ({ source: 'third', ...all }),
  });
  await enrich();
  expect(asked).toEqual(['first', 'second']);
  expect(sources).toEqual({ employees: 'first', industry: 'second', country: 'second' });
});

test('an answer is asked and paid once, "unknown" included, until it is too old', async () => {
  const { asked, enrich } = world({ first: () => undefined });
  await enrich();
  await enrich();
  expect(asked).toEqual(['first']);
  nowMs += 86_400_001;
  await enrich();
  expect(asked).toEqual(['first', 'first']);
});

test.each(['auth', 'exhausted'] as const)(
  'a provider that says %s is left alone, the next is asked and nothing fails',
  async (code) => {
    const { asked, enrich } = world({ first: () => code, second: () => undefined });
    await enrich('one');
    await enrich('two');
    expect(asked).toEqual(['first', 'second', 'second']);
  },
);

test('credit that is spent is looked for again the next day', async () => {
  const { asked, enrich } = world({ first: () => 'exhausted' });
  await enrich('one');
  nowMs += 86_400_000;
  await enrich('two');
  expect(asked).toHaveLength(2);
});

test('five outages in a row close a provider for all processes, one probe opens it again', async () => {
  let up = false;
  const first = () => (up ? { source: 'first', ...all } : ('unreachable' as const));
  const one = world({ first });
  for (let lead = 0; lead < 5; lead += 1) await expect(one.enrich(`lead ${lead}`)).rejects.toThrow();
  const another = world({ first });
  await another.enrich('closed');
  expect(another.asked).toEqual([]);
  nowMs += 61_000;
  const store = createEnrichmentStore(db.pool);
  const probe = (question: string) =>
    store.mayAsk({ provider: 'first', question, at: toInstant(nowMs), cacheMs: 0, dailyMax: 100 });
  const verdicts = await Promise.all([probe('a'), probe('b')]);
  expect(verdicts.map(({ kind }) => kind).sort()).toEqual(['ask', 'closed']);
  up = true;
  nowMs += 31_000;
  await world({ first }).enrich('after');
  const { rows } = await db.pool.query('SELECT failures, open_until FROM enrichment_providers');
  expect(rows).toEqual([{ failures: 0, open_until: null }]);
});

test('a failure that may pass is tried again, unless somebody else knew everything', async () => {
  const unknown = world({ first: () => 'busy', second: () => ({ source: 'second', employees: 1 }) });
  await expect(unknown.enrich()).rejects.toMatchObject({ type: 'enrich.busy', nonRetryable: false });
  const known = world({ first: () => 'busy', third: () => ({ source: 'third', ...all }) });
  await known.enrich('other');
  expect(known.asked).toEqual(['first', 'third']);
});

test('a day’s budget is never exceeded, however many ask at once', async () => {
  const { asked, enrich } = world({ first: () => undefined });
  await Promise.all(Array.from({ length: 30 }, (_, lead) => enrich(`lead ${lead}`)));
  expect(asked).toHaveLength(8);
  nowMs += 86_400_000;
  await enrich('tomorrow');
  expect(asked).toHaveLength(9);
});

test('what was asked is kept so that nobody can read it, nor guess it without the key of the instance', async () => {
  await world({ first: () => undefined }).enrich();
  const kept = async (): Promise<string> => {
    const { rows } = await db.pool.query<{ question: string }>('SELECT * FROM enrichment_answers');
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain('bigco');
    return rows[0]!.question;
  };
  const question = await kept();
  const asked = { email: `zoe-${deriveLeadId('test', 'one')}@bigco.example`, domain: 'bigco.example' };
  const plain = createHash('sha256').update(JSON.stringify(asked)).digest('hex');
  expect(question).not.toBe(plain);
  expect(question).toBe(createHmac('sha256', questionKey).update(JSON.stringify(asked)).digest('hex'));
});

test('answers too old to be used go as new ones come', async () => {
  const { enrich } = world({ first: () => undefined });
  for (const lead of ['one', 'two', 'three']) await enrich(lead);
  const count = async () => (await db.pool.query('SELECT FROM enrichment_answers')).rowCount;
  nowMs += 86_400_001;
  await enrich('two');
  expect(await count()).toBe(1);
  await enrich('one');
  expect(await count()).toBe(2);
});

const dayS = 8 * 3_600;
test.each([
  ['spent credit', [{ code: 'exhausted', counts: false, closedS: dayS }], dayS],
  ['five failures', Array.from({ length: 5 }, () => ({ code: 'busy', counts: true, closedS: 0 })), 60],
])(
  'a Retry-After of seconds does not open a provider that is closed for longer by %s',
  async (_why, faults, longestS) => {
    const store = createEnrichmentStore(db.pool);
    const at = toInstant(nowMs);
    await store.mayAsk({ provider: 'first', question: 'q', at, cacheMs: 0, dailyMax: 100 });
    for (const { closedS, ...fault } of [...faults, { code: 'busy', counts: true, closedS: 2 }])
      await store.failed({
        provider: 'first',
        at,
        ...fault,
        ...(closedS === 0 ? {} : { closedUntil: toInstant(nowMs + closedS * 1_000) }),
      });
    const { rows } = await db.pool.query<{ open_until: Date }>('SELECT open_until FROM enrichment_providers');
    expect(rows[0]!.open_until.getTime()).toBeGreaterThanOrEqual(nowMs + longestS * 1_000);
  },
);
