import type { Pool } from 'pg';
import type { CompanyProfile } from '../../activities/ports-vendors';
import type { LeadId } from '../../domain/ids';
import type { IsoInstant } from '../../domain/instant';
import { transaction } from '../client';

const fields = ['employees', 'industry', 'country'] as const;

/**
 * Fills the account's and the lead's empty company facts, never overwriting one, and notes where each came from.
 * @returns the names of the fields that were filled.
 */
export async function enrichLead(
  pool: Pool,
  input: {
    readonly leadId: LeadId;
    readonly found: CompanyProfile;
    readonly at: IsoInstant;
  },
): Promise<readonly string[]> {
  return transaction(pool, async (client) => {
    const { rows } = await client.query<{
      account_id: string | null;
      account: Record<string, unknown>;
      late: boolean;
    }>(
      `SELECT account_id, COALESCE(facts -> 'account', '{}') AS account, progress <> 'identified' AS late
       FROM leads WHERE id = $1 FOR UPDATE`,
      [input.leadId],
    );
    const lead = rows[0];
    if (!lead) return [];
    const filled = fields.filter((field) => input.found[field] !== undefined && !lead.account[field]);
    if (filled.length === 0) return [];
    const values = Object.fromEntries(filled.map((field) => [field, input.found[field]]));
    const provenance = Object.fromEntries(
      filled.map((field) => [`account.${field}`, { source: input.found.source, at: input.at }]),
    );
    await client.query(
      `UPDATE leads SET facts = jsonb_set(facts, '{account}', (facts -> 'account') || $2::jsonb),
              enrichment = COALESCE(enrichment, '{}') || $3::jsonb WHERE id = $1`,
      [input.leadId, JSON.stringify(values), JSON.stringify(provenance)],
    );
    if (lead.account_id) {
      await client.query(
        `UPDATE accounts SET employees = COALESCE(employees, $2), industry = COALESCE(industry, $3), country = COALESCE(country, $4) WHERE id = $1`,
        [
          lead.account_id,
          input.found.employees ?? null,
          input.found.industry ?? null,
          input.found.country ?? null,
        ],
      );
    }
    await client.query(`INSERT INTO timeline (lead_id, at, what, details) VALUES ($1, $2, 'enriched', $3)`, [
      input.leadId,
      input.at,
      JSON.stringify({ source: input.found.source, fields: filled, late: lead.late }),
    ]);
    return filled;
  });
}

/** Fills the empty fact whether the lead's mail domain takes mail, and notes where it came from. @returns as above */
export async function checkedMail(
  pool: Pool,
  input: {
    readonly leadId: LeadId;
    readonly answer: 'yes' | 'no';
    readonly at: IsoInstant;
  },
): Promise<readonly string[]> {
  const { rowCount } = await pool.query(
    `WITH lead AS (
       UPDATE leads SET facts = jsonb_set(facts, '{lead,emailDeliverable}', to_jsonb($2::text)),
              enrichment = COALESCE(enrichment, '{}') ||
                jsonb_build_object('lead.emailDeliverable', jsonb_build_object('source', 'MX', 'at', $3::text))
       WHERE id = $1 AND COALESCE(facts #>> '{lead,emailDeliverable}', '') = '' RETURNING id, progress <> 'identified' AS late)
     INSERT INTO timeline (lead_id, at, what, details)
     SELECT id, $3::timestamptz, 'enriched',
       jsonb_build_object('source', 'MX', 'fields', jsonb_build_array('emailDeliverable'), 'value', $2::text, 'late', late)
     FROM lead`,
    [input.leadId, input.answer, input.at],
  );
  return rowCount === 0 ? [] : ['emailDeliverable'];
}
