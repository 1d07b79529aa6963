import type { Assignment, PolicySource } from '../activities/ports';
import type { CrmLead, CrmStore } from '../activities/ports-vendors';
import type { LeadId } from '../domain/ids';
import type { LeadFields, LeadProgress } from '../domain/lead';
import type { Band, Rep } from '../domain/policy';
import type { Database } from './client';

/** The CRM's view of leads, and the `local` CRM's own records. */
export function createCrmStore(
  { pool }: Database,
  policies: PolicySource,
): CrmStore & { upsert(lead: CrmLead): Promise<{ externalId: string }> } {
  return {
    crmLead: async (leadId, system) => {
      const { rows } = await pool.query<CrmRow>({
        name: 'crm-lead',
        text: crmLeadSql,
        values: [leadId, system],
      });
      const row = rows[0];
      if (!row) return undefined;
      const reps = row.owner_id || row.partner_id ? ((await policies.live())?.policy.reps ?? []) : [];
      return { lead: leadOf(leadId, row, reps), knownId: row.external_id ?? undefined };
    },
    synced: async (leadId, system, externalId, at) => {
      await pool.query({
        name: 'crm-synced',
        text: `WITH link AS (
                 INSERT INTO crm_links (lead_id, system, external_id, synced_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (lead_id) DO UPDATE SET system = excluded.system, external_id = excluded.external_id, synced_at = excluded.synced_at)
               INSERT INTO timeline (lead_id, at, what, details) VALUES ($1, $4, 'crm_written', jsonb_build_object('system', $2::text, 'externalId', $3::text))`,
        values: [leadId, system, externalId, at],
      });
    },
    leadIdOf: (externalId) => leadOfRecord(pool, externalId),
    upsert: async (lead) => {
      await pool.query({
        name: 'local-crm-upsert',
        text: `INSERT INTO local_crm_leads (lead_id, body, updated_at) VALUES ($1, $2, now())
               ON CONFLICT (lead_id) DO UPDATE SET body = excluded.body, revision = local_crm_leads.revision + 1, updated_at = now()
               WHERE local_crm_leads.body <> excluded.body`,
        values: [lead.id, JSON.stringify(lead)],
      });
      return { externalId: lead.id };
    },
  };
}

/** The lead a record stands for: where several were written to one contact, the latest that was not merged away. */
async function leadOfRecord(pool: Database['pool'], externalId: string): Promise<LeadId | undefined> {
  const { rows } = await pool.query<{ leadId: LeadId }>(
    `SELECT c.lead_id AS "leadId" FROM crm_links c LEFT JOIN leads l ON l.id = c.lead_id
     WHERE c.external_id = $1 ORDER BY l.merged_into IS NOT NULL, c.synced_at DESC LIMIT 1`,
    [externalId],
  );
  return rows[0]?.leadId;
}

interface CrmRow {
  readonly fields: LeadFields;
  readonly person_id: string | null;
  readonly account_id: string | null;
  readonly account_name: string | null;
  readonly domain: string | null;
  readonly owner_id: string | null;
  readonly partner_id: string | null;
  readonly score: number | null;
  readonly band: Band | null;
  readonly progress: LeadProgress;
  readonly sla: Assignment['sla'] | null;
  readonly external_id: string | null;
}

function leadOf(id: LeadId, row: CrmRow, reps: readonly Rep[]): CrmLead {
  const person = (repId: string): NonNullable<CrmLead['owner']> => {
    const rep = reps.find((one) => one.id === repId);
    return { id: repId, name: rep?.name ?? repId, email: rep?.email ?? '' };
  };
  return {
    id,
    person: { ...row.fields, id: row.person_id ?? '' },
    account: row.account_id
      ? {
          id: row.account_id,
          name: row.account_name ?? '',
          ...(row.domain ? { domain: row.domain } : {}),
        }
      : null,
    owner: row.owner_id ? person(row.owner_id) : null,
    ...(row.partner_id ? { partner: person(row.partner_id) } : {}),
    score: row.score,
    band: row.band,
    status: row.progress,
    sla: row.sla ? { policy: row.sla.policy, touchDueAt: row.sla.touchDueAt } : null,
  };
}

const crmLeadSql = `
SELECT l.fields, l.person_id, l.account_id, a.name AS account_name, a.domain, l.owner_id, p.rep_id AS partner_id, l.score, l.band, l.progress, s.sla, c.external_id
FROM leads l
  LEFT JOIN accounts a ON a.id = l.account_id
  LEFT JOIN assignments s ON s.lead_id = l.id AND s.hop = l.hop
  LEFT JOIN partners p ON p.lead_id = l.id
  LEFT JOIN crm_links c ON c.lead_id = l.id AND c.system = $2
WHERE l.id = $1`;
