import { MockActivityEnvironment } from '@temporalio/testing';
import { createEnrichActivities } from '../../../activities/enrich';
import { ConnectorError } from '../../../activities/failures';
import type { EnrichPort } from '../../../activities/ports-vendors';
import { createIdentityStore } from '../../../db/identity-store';
import { openDatabase, type Database } from '../../../db/client';
import { createEnrichmentStore } from '../../../db/enrichment-store';
import { deriveLeadId } from '../../../domain/ids';
import { cloneDatabase, type TestDatabase } from '../../support/database';

let database: TestDatabase;
let db: Database;
let nowMs = Date.parse('2026-11-24T09:00:00Z');
const clock = { now: () => nowMs };
let asked: string[] = [];
let said: (domain: string) => boolean | undefined = () => undefined;

beforeAll(async () => {
  database = await cloneDatabase();
  db = openDatabase({ databaseUrl: database.url, maxConnections: 4, onFault: () => undefined });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(async () => {
  await db.pool.query('TRUNCATE enrichment_answers, enrichment_providers, leads, timeline');
  asked = [];
});

const mailCheck = {
  takesMail: (domain: string): Promise<boolean | undefined> => {
    asked.push(domain);
    return Promise.resolve().then(() => said(domain));
  },
};

/** A lead as identification leaves it, before there was a check of mail domains. @returns what came of it */
async function enriched(
  name: string,
  email: string,
  more: { progress?: string; providers?: EnrichPort[] } = {},
) {
  const { progress = 'identified', providers = [] } = more;
  const leadId = deriveLeadId('test', name);
  await db.pool.query(
    `INSERT INTO leads (id, source, event_key, raw_body, fields, received_at, progress, facts, owner_id)
     VALUES ($1, 'test', $2, '', $3, now(), $4, '{"lead":{},"account":{}}', CASE WHEN $4 = 'assigned' THEN 'anna' END) ON CONFLICT DO NOTHING`,
    [leadId, name, JSON.stringify({ email }), progress],
  );
  const identities = createIdentityStore(db.pool, {
    current: () => Promise.reject(new Error('not asked')),
  });
  const activities = createEnrichActivities({
    providers,
    mailCheck,
    identities,
    clock,
    enrichments: createEnrichmentStore(db.pool),
    cacheMs: 0,
    questionKey: Buffer.alloc(32, 4),
    dailyMax: 1,
  });
  const result: unknown = await new MockActivityEnvironment()
    .run(activities.enrichCompany, { leadId })
    .catch((error: unknown) => error);
  const { rows } = await db.pool.query<{ details: unknown }>(
    `SELECT details FROM timeline WHERE lead_id = $1 AND what = 'enriched'`,
    [leadId],
  );
  const noted = await db.pool.query<{ enrichment: unknown }>('SELECT enrichment FROM leads WHERE id = $1', [
    leadId,
  ]);
  const lead = await identities.lead(leadId);
  return {
    result,
    fact: lead?.facts?.lead.emailDeliverable,
    timeline: rows.map(({ details }) => details),
    enrichment: noted.rows[0]?.enrichment,
  };
}

const silence = (): never => {
  throw new ConnectorError('timeout', 'mx: no name server answers');
};

test('a domain that takes no mail is a fact with source and time, on the timeline once', async () => {
  said = () => false;
  const entry = { source: 'MX', fields: ['emailDeliverable'], value: 'no', late: false };
  const first = await enriched('one', 'Ada+x@Mail.Acme.co.uk');
  expect(first).toEqual({
    result: { fields: ['emailDeliverable'] },
    fact: 'no',
    timeline: [entry],
    enrichment: { 'lead.emailDeliverable': { source: 'MX', at: '2026-11-24T09:00:00.000Z' } },
  });
  expect(asked).toEqual(['mail.acme.co.uk']);
  expect(await enriched('one', '')).toMatchObject({ result: { fields: [] }, timeline: [entry] });
});

test('a domain is asked about once a day; a late answer says so', async () => {
  said = () => true;
  await enriched('one', 'ada@acme.com');
  expect(await enriched('two', 'kim@acme.com', { progress: 'assigned' })).toMatchObject({
    fact: 'yes',
    timeline: [{ late: true }],
  });
  expect(asked).toEqual(['acme.com']);
  nowMs += 86_400_001;
  await enriched('three', 'lee@acme.com');
  expect(asked).toEqual(['acme.com', 'acme.com']);
  const { rows } = await db.pool.query('SELECT * FROM enrichment_answers');
  expect(JSON.stringify(rows)).not.toContain('acme');
});

test('what cannot be told is unknown, is no failure, and is asked again for the next lead', async () => {
  for (const unsure of [() => undefined, silence]) {
    said = unsure;
    const { result, fact, timeline } = await enriched(unsure.name, 'ada@acme.com');
    expect([result, fact, timeline]).toEqual([{ fields: [] }, '', []]);
  }
  said = () => true;
  expect((await enriched('later', 'ada@acme.com')).fact).toBe('yes');
});

test('name servers that do not answer five leads in a row are left alone for a minute', async () => {
  said = silence;
  for (let lead = 0; lead < 7; lead += 1) await enriched(`lead ${lead}`, `ada@acme${lead}.com`);
  expect(asked).toHaveLength(5);
  nowMs += 61_000;
  said = () => true;
  expect((await enriched('after', 'ada@acme.com')).fact).toBe('yes');
});

test('a provider that fails costs nothing of what name servers said', async () => {
  said = () => false;
  const provider: EnrichPort = {
    provider: 'down',
    company: () => Promise.reject(new ConnectorError('busy', 'down: no')),
  };
  const { result, fact } = await enriched('both', 'ada@acme.com', { providers: [provider] });
  expect([result, fact]).toEqual([expect.objectContaining({ type: 'enrich.busy' }), 'no']);
});

test('a lead without an address asks nothing', async () => {
  expect((await enriched('phone', '')).fact).toBe('');
  expect(asked).toEqual([]);
});
