import { Client, escapeLiteral, type Pool, type QueryConfig } from 'pg';
import { createIdentityStore } from '../../../db/identity-store';
import { leadKeys } from '../../../db/recognise';
import { findBearers } from '../../../db/sql/identity-keys';
import { ownFacts } from '../../../domain/identity/facts';
import { hashOf, keysOf } from '../../../domain/identity/keys';
import { defaultModel } from '../../../domain/identity/model';
import { traitsOf } from '../../../domain/identity/traits';
import { deriveLeadId } from '../../../domain/ids';
import { toInstant } from '../../../domain/instant';
import type { LeadFields } from '../../../domain/lead';
import { cloneDatabase, type TestDatabase } from '../../support/database';

const people = 50_000;
/** Of each statement: some dozens of keys, of each of which some hundred rows are counted. */
const mostRead = 5_000;
const grows = new Set(['people', 'identity_keys', 'identity_traits', 'accounts', 'account_keys', 'leads']);
let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await cloneDatabase();
  client = new Client({ connectionString: database.url, pipeline: true });
  await client.connect();
  await seed();
}, 120_000);
afterAll(async () => {
  await client.end();
  await database.drop();
});

const busy = { firstName: 'Thomas', lastName: 'Müller', email: 'thomas.mueller@kestrel-optik.at' };
const lead = { ...busy, phone: '+43 1 5551234', company: 'Kestrel Optik', city: 'Wien', postalCode: '1010' };

async function seed(): Promise<void> {
  const { person, account } = leadKeys(traitsOf(lead));
  const everybodys = [...person.find, ...person.count];
  // Everybody has twenty keys of his own and bears two of the lead's; person 1 sent thousands of leads, most of
  // which were merged into others of his.
  await client.query(
    `INSERT INTO people (id, profile) SELECT 'per_' || n, '{}' FROM generate_series(1, ${String(people)}) AS n ORDER BY n;
     INSERT INTO accounts (id, name) SELECT 'acc_' || n, n FROM generate_series(1, ${String(people)}) AS n;
     INSERT INTO identity_keys (hash, person) SELECT hashint8extended(n * 20 + k, 7), n FROM generate_series(1, ${String(people)}) AS n, generate_series(1, 20) AS k;
     INSERT INTO account_keys (hash, account_id) SELECT hashint8extended(n, 9), 'acc_' || n FROM generate_series(1, ${String(people)}) AS n`,
  );
  await client.query(
    `INSERT INTO identity_keys (hash, person) SELECT DISTINCT ($1::bigint[])[1 + (n * k) % cardinality($1)], n
     FROM generate_series(1, ${String(people)}) AS n, generate_series(7, 8) AS k ON CONFLICT DO NOTHING`,
    [everybodys.map((key) => hashOf(key).toString())],
  );
  await client.query(
    `INSERT INTO account_keys (hash, account_id) SELECT unnest($1::bigint[]), 'acc_' || n FROM generate_series(1, 5000) AS n ON CONFLICT DO NOTHING`,
    [account.map((key) => hashOf(key).toString())],
  );
  await client.query(
    `INSERT INTO identity_traits (person, lead_id, traits)
     SELECT GREATEST(1, n - 1000), 'lead_' || n, $1::jsonb || jsonb_build_object('title', CASE WHEN n < 1000 THEN '' ELSE n::text END)
     FROM generate_series(1, ${String(people)}) AS n`,
    [JSON.stringify(traitsOf(busy))],
  );
  await client.query(
    `INSERT INTO leads (id, source, event_key, raw_body, fields, received_at, person_id, progress, merged_into, closed_at)
     SELECT 'lead_' || n, 'test', n, '{}', '{}', now(), 'per_' || GREATEST(1, n - 9000),
       CASE WHEN n % 9 = 0 THEN 'identified' ELSE 'merged' END, CASE WHEN n % 9 > 0 THEN 'lead_' || n + 9 - n % 9 END,
       CASE WHEN n % 9 > 0 OR n < 8990 THEN now() END FROM generate_series(1, 20000) AS n;
     INSERT INTO identity_reviews (id, lead_id, person_id, other_id, bits, reasons, created_at)
     SELECT 'rev_' || n, 'lead_' || n, 'per_' || n, 'per_' || n + 1, 1, '[]', now() FROM generate_series(1, 20000) AS n`,
  );
  await client.query('VACUUM ANALYZE');
}

/** A pool of the one connection, and the statements with values that were sent by it. */
function recording(): { readonly pool: Pool; readonly sent: QueryConfig[] } {
  const sent: QueryConfig[] = [];
  const query = (statement: QueryConfig | string): unknown => {
    if (typeof statement !== 'string') sent.push(statement);
    return client.query(statement);
  };
  return {
    pool: { connect: () => Promise.resolve({ query, release: () => undefined }) } as unknown as Pool,
    sent,
  };
}

type Value = string | number | boolean | Date | null | undefined | readonly (string | number | boolean)[];
const literal = (value: Value): string => {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'object' && !(value instanceof Date))
    return escapeLiteral(`{${value.map((one) => JSON.stringify(String(one))).join()}}`);
  return escapeLiteral(value instanceof Date ? value.toISOString() : String(value));
};

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
const readBy = (node: Plan): number =>
  (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];

/** Runs a statement as it was sent, by the plan that does for any values. */
async function planOf({ text, values = [] }: QueryConfig): Promise<readonly Plan[]> {
  await client.query(`BEGIN; SET LOCAL plan_cache_mode = force_generic_plan; PREPARE sent AS ${text}`);
  const given = values.length === 0 ? '' : `(${(values as Value[]).map(literal).join(', ')})`;
  const { rows } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: Plan }[] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE sent ${given}`,
  );
  await client.query('ROLLBACK; DEALLOCATE sent');
  return nodesOf(rows[0]!['QUERY PLAN'][0]!.Plan);
}

test('no statement that identifies a lead scans a table, whatever its values, and each reads a bounded number of rows', async () => {
  const { pool, sent } = recording();
  const current = () =>
    Promise.resolve({ model: defaultModel, subsidiaries: 'separate', authority: {} } as const);
  const store = createIdentityStore(pool, { current });
  const identify = async (fields: LeadFields, name: string) => {
    const [leadId, at] = [deriveLeadId('scale', name), toInstant(Date.now())];
    await client.query(
      `INSERT INTO leads (id, source, event_key, raw_body, fields, received_at) VALUES ($1, 'test', $1, '{}', $2, $3)`,
      [leadId, JSON.stringify(fields), at],
    );
    const minted = { newPersonId: `per_${name}`, newAccountId: `acc_${name}`, newReviewId: `rev_${name}` };
    const { facts } = ownFacts(fields, 'test');
    const traits = traitsOf(fields);
    return (await store.identify({ leadId, at, traits, profile: fields, facts, enrichment: {}, ...minted }))
      .kind;
  };
  const kinds = [
    await identify(lead, 'common'),
    await identify({ ...busy, email: 'tm@orion-werft.example', company: 'Orion Werft' }, 'doubtful'),
    await identify({ email: 'only@nordstern.example' }, 'new'),
    await identify({ email: 'only@nordstern.example' }, 'again'),
  ];
  expect(kinds).toEqual(['merged', 'new', 'new', 'merged']);
  const names = new Set(sent.map(({ name }) => name));
  for (const name of ['find-bearers', 'candidates', 'known-accounts', 'ask-for-review', 'hold-open'])
    expect(names).toContain(name);
  for (const statement of sent) {
    const nodes = (await planOf(statement)).filter((node) => node['Relation Name'] !== undefined);
    const scanned = nodes.filter((node) => node['Node Type'] === 'Seq Scan');
    const read = nodes.filter((node) => grows.has(node['Relation Name'] ?? '')).map(readBy);
    const isBounded = read.reduce((sum, rows) => sum + rows, 0) < mostRead;
    const found = { name: statement.name, scanned: scanned.map((node) => node['Relation Name']), isBounded };
    expect(found).toEqual({ name: statement.name, scanned: [], isBounded: true });
  }
});

const bear = (key: string, from: number, count: number) =>
  client.query(
    'INSERT INTO identity_keys (hash, person) SELECT $1::bigint, generate_series($2::int, $2::int + $3::int - 1)',
    [hashOf(key).toString(), from, count],
  );

test.each([39, 119, 1_000, 5_000, 30_000])(
  'a value that %i people bear is known to be as common, wherever they are',
  async (count) => {
    const lead = traitsOf({
      firstName: 'Thomas',
      lastName: 'Müller',
      company: `Firm ${String(count)}`,
      phone: `+49 30 ${String(1_000_000 + count)}`,
    });
    const keys = keysOf(lead);
    const [company = '', line = ''] = [
      keys.count.find((key) => key.startsWith('c:')),
      keys.find.find((key) => key.startsWith('t:')),
    ];
    await bear(company, 20_000, count);
    await bear(line, 77, count);
    const { census } = await findBearers(client, keys);
    for (const key of [company, line]) {
      expect(census.bearers(key)).toBeGreaterThan(count * 0.8);
      expect(census.bearers(key)).toBeLessThan(count * 1.25);
    }
  },
);
