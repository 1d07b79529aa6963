import type { Assignment, PolicySource } from '../activities/ports';
import type { CrmLead, CrmStore, PersonMade } from '../activities/ports-vendors';
import { hashOf, keysOf } from '../domain/identity/keys';
import { traitsOf } from '../domain/identity/traits';
import type { LeadId } from '../domain/ids';
import type { LeadFields, LeadProgress } from '../domain/lead';
import type { Band, Rep } from '../domain/policy';
import type { Database } from './client';

/** Lower goes first; nobody gives way to the last. */
const crmRanks: Readonly<Record<Band, number>> = { hot: 1, warm: 2, cold: 3 };

/** The CRM's view of leads, and the `local` CRM's own records. */
export function createCrmStore(
  { pool }: Pick<Database, 'pool'>,
  policies: Pick<PolicySource, 'live'>,
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
      return {
        lead: leadOf(leadId, row, reps),
        knownId: row.external_id ?? undefined,
        deleted: row.deleted ? (row.asked ? 'remake' : 'unasked') : undefined,
        closed: row.closed,
      };
    },
    synced: async (lead, system, externalId, at) => {
      const shown = { status: lead.status, ...(lead.owner ? { owner: lead.owner.id } : {}) };
      await pool.query({
        name: 'crm-synced',
        text: `WITH link AS (
                 INSERT INTO crm_links (lead_id, system, external_id, synced_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (lead_id) DO UPDATE SET system = excluded.system, external_id = excluded.external_id, synced_at = excluded.synced_at
               ), state AS (
                 UPDATE crm_states SET shown = $5, writing = '[]', deleted_at = NULL WHERE lead_id = $1),
               turn AS (DELETE FROM crm_turns WHERE lead_id = $1)
               INSERT INTO timeline (lead_id, at, what, details) VALUES ($1, $4, 'crm_written', jsonb_build_object('system', $2::text, 'externalId', $3::text))`,
        values: [lead.id, system, externalId, at, JSON.stringify(shown)],
      });
    },
    ...turns(pool),
    ...leases(pool),
    leadIdOf: (externalId) => leadOfRecord(pool, externalId),
    hasJustMade: (person, except) => hasJustMade(pool, person, except),
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

/** Whose write goes first, where the CRM's limits make writes wait. */
const turns = (pool: Database['pool']): Pick<CrmStore, 'takeTurn' | 'endTurn'> => ({
  takeTurn: async ({ leadId, band, now, until }) => {
    const { rows } = await pool.query<{ waits: boolean }>({
      name: 'take-crm-turn',
      text: `WITH hotter AS (SELECT FROM crm_turns WHERE rank < $2 AND until > $3 AND lead_id <> $1 LIMIT 1),
                 turn AS (
                   INSERT INTO crm_turns (lead_id, rank, until) SELECT $1, $2, $4 WHERE $2 < $5 AND NOT EXISTS (SELECT FROM hotter)
                   ON CONFLICT (lead_id) DO UPDATE SET rank = excluded.rank, until = excluded.until)
               SELECT EXISTS (SELECT FROM hotter) AS waits`,
      values: [leadId, crmRanks[band ?? 'warm'], now, until, crmRanks.cold],
    });
    return rows[0]?.waits === false;
  },
  endTurn: async (leadId) => {
    await pool.query('DELETE FROM crm_turns WHERE lead_id = $1', [leadId]);
  },
});

/** Who writes which person, where writes of one person must not overlap. */
const leases = (pool: Database['pool']): Pick<CrmStore, 'lease' | 'release'> => ({
  lease: async ({ person, holder, forMs }) => {
    const { rowCount } = await pool.query({
      name: 'lease-crm-person',
      text: `INSERT INTO crm_leases (person, holder, until) VALUES ($1, $2, clock_timestamp() + $3 * interval '1 ms')
             ON CONFLICT (person) DO UPDATE SET holder = excluded.holder, until = excluded.until
             WHERE crm_leases.until <= clock_timestamp()`,
      values: [person, holder, forMs],
    });
    return rowCount === 1;
  },
  release: async ({ person, holder, afterMs }) => {
    if (afterMs === undefined)
      await pool.query('DELETE FROM crm_leases WHERE person = $1 AND holder = $2', [person, holder]);
    else
      await pool.query(
        `UPDATE crm_leases SET until = clock_timestamp() + $3 * interval '1 ms' WHERE person = $1 AND holder = $2`,
        [person, holder, afterMs],
      );
  },
});

/** The lead a record stands for: where several were written to one contact, the latest that was not merged away. */
async function leadOfRecord(pool: Database['pool'], externalId: string): Promise<LeadId | undefined> {
  const { rows } = await pool.query<{ leadId: LeadId }>(
    `SELECT c.lead_id AS "leadId" FROM crm_links c LEFT JOIN leads l ON l.id = c.lead_id
     WHERE c.external_id = $1 ORDER BY l.merged_into IS NOT NULL, c.synced_at DESC LIMIT 1`,
    [externalId],
  );
  return rows[0]?.leadId;
}

/**
 * Found by the identity of the people whose leads we write. Ten minutes are more than a write takes that goes through, and
 * than a CRM tries to tell us of what it made.
 */
async function hasJustMade(
  pool: Database['pool'],
  { email, phone }: PersonMade,
  except: LeadId,
): Promise<boolean> {
  const { find } = keysOf(traitsOf(email === undefined ? { phone } : { email }));
  const keys = find.filter((key) => /^[mt]:/.test(key)).map((key) => String(hashOf(key)));
  const { rows } = await pool.query<{ made: boolean }>(
    `SELECT EXISTS (
       SELECT FROM identity_keys k
         JOIN people p ON p.number = k.person
         JOIN leads l ON l.person_id = p.id
         JOIN crm_states s ON s.lead_id = l.id
       WHERE k.hash = ANY ($1::bigint[]) AND l.id <> $4 AND s.making_at > now() - interval '10 minutes'
         AND lower(l.fields ->> 'email') IS NOT DISTINCT FROM lower($2)
         AND ($2 IS NOT NULL OR regexp_replace(l.fields ->> 'phone', '\\D', '', 'g') = regexp_replace($3, '\\D', '', 'g'))) AS made`,
    [keys, email ?? null, phone ?? null, except],
  );
  return rows[0]?.made === true;
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
  readonly deleted: boolean;
  readonly asked: boolean;
  readonly closed: boolean;
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
WITH state AS (
  INSERT INTO crm_states AS s (lead_id, writing, making_at)
  SELECT id, jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('owner', owner_id, 'status', progress))),
    CASE WHEN NOT EXISTS (SELECT FROM crm_links WHERE lead_id = $1 AND system = $2) THEN now() END
  FROM leads WHERE id = $1
  ON CONFLICT (lead_id) DO UPDATE SET making_at = CASE WHEN s.deleted_at IS NOT NULL THEN now() ELSE coalesce(excluded.making_at, s.making_at) END,
    writing = CASE WHEN s.writing @> excluded.writing THEN s.writing ELSE s.writing || excluded.writing END
  RETURNING deleted_at
)
SELECT l.fields, l.person_id, l.account_id, a.name AS account_name, a.domain, l.owner_id, p.rep_id AS partner_id, l.score, l.band, l.progress, s.sla, c.external_id,
  l.closed_at IS NOT NULL AS closed, state.deleted_at IS NOT NULL AS deleted,
  EXISTS (SELECT FROM errors e WHERE e.lead_id = l.id AND e.step = 'crm' AND e.state = 'open' AND e.code = 'deleted') AS asked
FROM leads l
  JOIN state ON true
  LEFT JOIN accounts a ON a.id = l.account_id
  LEFT JOIN assignments s ON s.lead_id = l.id AND s.hop = l.hop
  LEFT JOIN partners p ON p.lead_id = l.id AND p.left_because IS NULL
  LEFT JOIN crm_links c ON c.lead_id = l.id AND c.system = $2
WHERE l.id = $1`;
