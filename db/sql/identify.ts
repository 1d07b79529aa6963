import type { Pool, PoolClient } from 'pg';
import type { IdentifyInput } from '../../activities/ports';
import type { LeadId } from '../../domain/ids';
import type { LeadFacts, LeadProgress } from '../../domain/lead';

/**
 * Locks every key the lead shows until the transaction ends, in one order for everybody, so that two leads of one
 * person take turns and the second one finds what the first one wrote.
 */
export async function lockKeys(client: PoolClient, keys: readonly string[]): Promise<void> {
  await client.query({
    name: 'lock-keys',
    text: `SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM (SELECT unnest($1::text[]) AS key ORDER BY 1) AS ordered`,
    values: [keys],
  });
}

export interface KnownIdentity {
  readonly progress: LeadProgress;
  readonly personId: string | null;
  readonly accountId: string | null;
  readonly mergedInto: LeadId | null;
  readonly facts: LeadFacts | null;
  /** Key → person it belongs to. */
  readonly owners: Readonly<Record<string, string>>;
  readonly account: {
    readonly id: string;
    readonly name: string;
    readonly employees: number | null;
    readonly industry: string | null;
    readonly country: string | null;
    readonly ownerId: string | null;
  } | null;
}

const accountOf = (
  domain: string,
): string => `(SELECT jsonb_build_object('id', a.id, 'name', a.name, 'employees', a.employees,
    'industry', a.industry, 'country', a.country, 'ownerId', (SELECT o.owner_id FROM leads o
      WHERE o.account_id = a.id AND o.owner_id IS NOT NULL ORDER BY o.seq DESC LIMIT 1))
  FROM accounts a WHERE a.domain = ${domain})`;

/** What is known of the lead, its keys and its company; run under the keys' locks. */
export async function findIdentity(
  client: PoolClient,
  input: IdentifyInput,
): Promise<KnownIdentity | undefined> {
  const { rows } = await client.query<KnownIdentity>({
    name: 'find-identity',
    text: `
SELECT l.progress, l.person_id AS "personId", l.account_id AS "accountId", l.merged_into AS "mergedInto", l.facts,
  COALESCE((SELECT jsonb_object_agg(k.key, k.person_id) FROM person_keys k WHERE k.key = ANY ($2)), '{}') AS owners,
  ${accountOf('$3')} AS account
FROM leads l WHERE l.id = $1`,
    values: [input.leadId, input.keys, input.accountDomain ?? null],
  });
  return rows[0];
}

export interface EarlierLead {
  readonly leadId: LeadId;
  readonly ownerId: string | null;
  readonly open: boolean;
}

/** The person's other leads, newest first; a merged one speaks through its survivor. */
export async function earlierLeads(
  client: PoolClient,
  personId: string,
  leadId: LeadId,
): Promise<readonly EarlierLead[]> {
  const { rows } = await client.query<EarlierLead>({
    name: 'earlier-leads',
    text: `SELECT id AS "leadId", owner_id AS "ownerId", closed_at IS NULL AS open FROM leads
           WHERE person_id = $1 AND id <> $2 AND progress <> 'merged' ORDER BY (closed_at IS NULL) DESC, seq DESC LIMIT 5`,
    values: [personId, leadId],
  });
  return rows;
}

/** Finds or creates the account of a domain; two leads of a new company may race for it. */
export async function ensureAccount(client: PoolClient, input: IdentifyInput): Promise<string> {
  const created = await client.query<{ id: string }>({
    name: 'create-account',
    text: `INSERT INTO accounts (id, name, domain, country) VALUES ($1, $2, $3, $4) ON CONFLICT (domain) DO NOTHING RETURNING id`,
    values: [
      input.newAccountId,
      input.accountName ?? input.accountDomain,
      input.accountDomain,
      input.facts.account.country || null,
    ],
  });
  const id =
    created.rows[0]?.id ??
    (await client.query<{ id: string }>('SELECT id FROM accounts WHERE domain = $1', [input.accountDomain]))
      .rows[0]?.id;
  if (!id) throw new Error('account vanished between insert and select');
  return id;
}

/** Writes person, keys and the identified lead, with its facts and timeline, in one statement. */
export async function writeIdentified(
  client: PoolClient,
  input: IdentifyInput,
  found: {
    readonly personId: string;
    readonly accountId: string | null;
    readonly known: boolean;
    readonly facts: LeadFacts;
    readonly because: string;
  },
): Promise<void> {
  await client.query({
    name: 'write-identified',
    text: `
WITH person AS (
  INSERT INTO people (id, profile, account_id) VALUES ($1, $2, $3)
  ON CONFLICT (id) DO UPDATE SET profile = people.profile || excluded.profile, account_id = COALESCE(people.account_id, excluded.account_id)
), keys AS (
  INSERT INTO person_keys (key, person_id) SELECT key, $1 FROM unnest($4::text[]) AS key ON CONFLICT (key) DO NOTHING
), lead AS (
  UPDATE leads SET progress = 'identified', person_id = $1, account_id = $3, facts = $6, enrichment = $7 WHERE id = $5
)
INSERT INTO timeline (lead_id, at, what, details) VALUES ($5, $8, 'identified', $9)`,
    values: [
      found.personId,
      JSON.stringify(input.profile),
      found.accountId,
      input.keys,
      input.leadId,
      JSON.stringify(found.facts),
      JSON.stringify(input.enrichment),
      input.at,
      JSON.stringify({
        person: found.known ? 'known' : 'new',
        personId: found.personId,
        accountId: found.accountId,
        because: found.because,
      }),
    ],
  });
}

/** Ends the lead as merged into the person's open one and gives that one its repeat touch. */
export async function writeMerged(
  client: PoolClient,
  input: IdentifyInput,
  found: {
    readonly personId: string;
    readonly accountId: string | null;
    readonly into: LeadId;
    readonly because: string;
  },
): Promise<void> {
  await client.query({
    name: 'write-merged',
    text: `
WITH person AS (
  UPDATE people SET profile = profile || $2 WHERE id = $1
), keys AS (
  INSERT INTO person_keys (key, person_id) SELECT key, $1 FROM unnest($3::text[]) AS key ON CONFLICT (key) DO NOTHING
), lead AS (
  UPDATE leads SET progress = 'merged', person_id = $1, account_id = $4, merged_into = $6, closed_at = $7 WHERE id = $5
)
INSERT INTO timeline (lead_id, at, what, details) VALUES
  ($5, $7, 'merged', jsonb_build_object('into', $6::text, 'because', $8::text)),
  ($6, $7, 'repeat_touch', jsonb_build_object('kind', 'merged', 'leadId', $5::text, 'because', $8::text))`,
    values: [
      found.personId,
      JSON.stringify(input.profile),
      input.keys,
      found.accountId,
      input.leadId,
      found.into,
      input.at,
      found.because,
    ],
  });
}

/** The person of the strongest key and the company of a domain, as a dry run sees them; no locks, nothing written. */
export async function recall(
  pool: Pool,
  keys: readonly string[],
  accountDomain: string | undefined,
): Promise<{
  readonly person: { readonly ownerId: string | null } | null;
  readonly account: KnownIdentity['account'];
}> {
  const { rows } = await pool.query<{
    person: { ownerId: string | null } | null;
    account: KnownIdentity['account'];
  }>(
    `SELECT ${accountOf('$2')} AS account,
       (SELECT jsonb_build_object('ownerId', (SELECT l.owner_id FROM leads l WHERE l.person_id = k.person_id AND l.owner_id IS NOT NULL ORDER BY l.seq DESC LIMIT 1))
        FROM unnest($1::text[]) WITH ORDINALITY AS wanted(key, place) JOIN person_keys k ON k.key = wanted.key ORDER BY wanted.place LIMIT 1) AS person`,
    [keys, accountDomain ?? null],
  );
  return rows[0] ?? { person: null, account: null };
}
