import type { Pool, PoolClient } from 'pg';
import type { IdentifyInput } from '../../activities/ports-identity';
import type { Compared } from '../../domain/identity/decide';
import type { LeadId } from '../../domain/ids';
import type { LeadFacts, LeadFields, LeadProgress } from '../../domain/lead';

export interface LeadIdentity {
  readonly progress: LeadProgress;
  readonly personId: string | null;
  readonly accountId: string | null;
  readonly mergedInto: LeadId | null;
  readonly facts: LeadFacts | null;
}

/** Whether the lead was identified before; undefined for an id nobody has. */
export async function leadIdentity(client: PoolClient, leadId: LeadId): Promise<LeadIdentity | undefined> {
  const { rows } = await client.query<LeadIdentity>({
    name: 'lead-identity',
    text: `SELECT progress, person_id AS "personId", account_id AS "accountId", merged_into AS "mergedInto", facts FROM leads WHERE id = $1`,
    values: [leadId],
  });
  return rows[0];
}

export interface AccountView {
  readonly name: string;
  readonly employees: number | null;
  readonly industry: string | null;
  readonly country: string | null;
  readonly ownerId: string | null;
}

/** What is known of an account, and who owns its latest owned lead. */
export async function accountView(client: PoolClient | Pool, id: string): Promise<AccountView | null> {
  const { rows } = await client.query<AccountView>({
    name: 'account-view',
    text: `SELECT a.name, a.employees, a.industry, a.country, (SELECT o.owner_id FROM leads o
             WHERE o.account_id = a.id AND o.owner_id IS NOT NULL ORDER BY o.seq DESC LIMIT 1) AS "ownerId"
           FROM accounts a WHERE a.id = $1`,
    values: [id],
  });
  return rows[0] ?? null;
}

export interface EarlierLead {
  readonly leadId: LeadId;
  readonly ownerId: string | null;
  readonly open: boolean;
}

/** The person's other leads, newest first; a merged one speaks through its survivor. */
export async function earlierLeads(
  client: PoolClient | Pool,
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

/** The first of these leads that is open still; it cannot close until the transaction ends. */
export async function holdOpen(
  client: PoolClient,
  leads: readonly EarlierLead[],
): Promise<LeadId | undefined> {
  for (const { leadId } of leads.filter(({ open }) => open)) {
    const { rowCount } = await client.query({
      name: 'hold-open',
      text: `SELECT FROM leads WHERE id = $1 AND closed_at IS NULL FOR SHARE`,
      values: [leadId],
    });
    if (rowCount === 1) return leadId;
  }
  return undefined;
}

/** What a lead was found to be; `why` goes on its timeline. */
export interface Found {
  readonly personId: string;
  /** The person's from now on. */
  readonly profile: LeadFields;
  readonly accountId: string | null;
  readonly why: Readonly<Record<string, unknown>>;
}

/** Writes the person and the identified lead, with its facts and timeline, in one statement. */
export async function writeIdentified(
  client: PoolClient,
  input: IdentifyInput,
  found: Found & { readonly facts: LeadFacts },
): Promise<void> {
  await client.query({
    name: 'write-identified',
    text: `
WITH person AS (
  INSERT INTO people (id, profile, account_id) VALUES ($1, $2, $3)
  ON CONFLICT (id) DO UPDATE SET profile = excluded.profile, account_id = COALESCE(people.account_id, excluded.account_id)
), lead AS (
  UPDATE leads SET progress = 'identified', person_id = $1, account_id = $3, facts = $5, enrichment = $6 WHERE id = $4
)
INSERT INTO timeline (lead_id, at, what, details) VALUES ($4, $7, 'identified', $8)`,
    values: [
      found.personId,
      JSON.stringify(found.profile),
      found.accountId,
      input.leadId,
      JSON.stringify(found.facts),
      JSON.stringify(input.enrichment),
      input.at,
      JSON.stringify({ personId: found.personId, accountId: found.accountId, ...found.why }),
    ],
  });
}

/** Ends the lead as merged into the person's open one and gives that one its repeat touch. */
export async function writeMerged(
  client: PoolClient,
  input: IdentifyInput,
  found: Found & { readonly into: LeadId },
): Promise<void> {
  await client.query({
    name: 'write-merged',
    text: `
WITH person AS (
  UPDATE people SET profile = $2 WHERE id = $1
), lead AS (
  UPDATE leads SET progress = 'merged', person_id = $1, account_id = $3, merged_into = $5, closed_at = $6 WHERE id = $4
)
INSERT INTO timeline (lead_id, at, what, details) VALUES
  ($4, $6, 'merged', $7::jsonb || jsonb_build_object('into', $5::text)),
  ($5, $6, 'repeat_touch', $7::jsonb || jsonb_build_object('kind', 'merged', 'leadId', $4::text))`,
    values: [
      found.personId,
      JSON.stringify(found.profile),
      found.accountId,
      input.leadId,
      found.into,
      input.at,
      JSON.stringify(found.why),
    ],
  });
}

/** Asks a person whether two people are one; once, whatever was answered. */
export async function askForReview(
  client: PoolClient,
  input: IdentifyInput,
  personId: string,
  nearest: Compared,
): Promise<void> {
  await client.query({
    name: 'ask-for-review',
    text: `INSERT INTO identity_reviews (id, lead_id, person_id, other_id, bits, reasons, created_at)
           SELECT $1, $2, $3, $4, $5, $6, $7
           WHERE NOT EXISTS (SELECT FROM identity_reviews WHERE person_id = $3 AND other_id = $4 OR person_id = $4 AND other_id = $3)
           ON CONFLICT (lead_id) DO NOTHING`,
    values: [
      input.newReviewId,
      input.leadId,
      personId,
      nearest.personId,
      nearest.bits,
      JSON.stringify(nearest.reasons),
      input.at,
    ],
  });
}
