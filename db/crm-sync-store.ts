import type { Pool } from 'pg';
import type { CrmReport, CrmStanding, CrmSyncStore } from '../activities/ports-crm-sync';
import { remembered, type FieldState, type SharedField } from '../domain/crm/change';
import type { CrmCursor } from '../domain/crm/cursor';
import type { LeadId } from '../domain/ids';
import { toInstant, type IsoInstant } from '../domain/instant';
import { transaction } from './client';

/** What is known of leads on both sides, how far a CRM was read, and the reports of comparisons. */
export function createCrmSyncStore(pool: Pool): CrmSyncStore {
  return {
    ...cursorStore(pool),
    standings: async ({ system, externalIds, leadIds }) => {
      const { rows } = await pool.query<StandingRow>(
        `${standingSql} WHERE l.closed_at IS NULL AND l.id IN (
           SELECT lead_id FROM crm_links WHERE external_id = ANY ($2::text[]) UNION SELECT unnest($3::text[])) ORDER BY l.seq`,
        [system, externalIds, leadIds],
      );
      return rows.map(standingOf);
    },
    written: async ({ system, afterSeq, limit }) => {
      const { rows } = await pool.query<StandingRow>(
        `${standingSql} WHERE l.closed_at IS NULL AND c.external_id IS NOT NULL AND l.seq > $2 ORDER BY l.seq LIMIT $3`,
        [system, afterSeq, limit],
      );
      return rows.map(standingOf);
    },
    takeChange: (change, now, judge) => takeChange(pool, change, now, judge),
    refuseChange: (change, now, recent) => refuseChange(pool, change, now, recent),
    repoint: async ({ system, from, to, at }) => {
      await pool.query(
        `WITH moved AS (
           UPDATE crm_links SET external_id = $3 WHERE system = $1 AND external_id = ANY ($2::text[]) AND external_id <> $3 RETURNING lead_id)
         INSERT INTO timeline (lead_id, at, what, details)
         SELECT lead_id, $4, 'crm_record_merged', jsonb_build_object('system', $1::text, 'externalId', $3::text) FROM moved`,
        [system, from, to, at],
      );
    },
    deleted: async (leadId, at) => {
      await pool.query(
        `WITH gone AS (
           INSERT INTO crm_states AS s (lead_id, deleted_at) SELECT id, $2::timestamptz FROM leads WHERE id = $1
           ON CONFLICT (lead_id) DO UPDATE SET deleted_at = excluded.deleted_at WHERE s.deleted_at IS NULL RETURNING lead_id)
         INSERT INTO timeline (lead_id, at, what, details) SELECT lead_id, $2, 'crm_record_deleted', '{}' FROM gone`,
        [leadId, at],
      );
    },
    ...reportStore(pool),
  };
}

function cursorStore(pool: Pool): Pick<CrmSyncStore, 'cursor' | 'saveCursor'> {
  return {
    cursor: async (system) => {
      const { rows } = await pool.query<CursorRow>(
        'SELECT since, seen, whole, reading FROM crm_cursors WHERE system = $1',
        [system],
      );
      const row = rows[0];
      if (!row) return undefined;
      const { since, seen, whole, reading } = row;
      return {
        since: toInstant(since.getTime()),
        seen,
        ...(whole === null ? {} : { whole }),
        ...(reading === null ? {} : { reading }),
      };
    },
    saveCursor: async (system, { since, seen, whole, reading }, at) => {
      const state = [seen, whole, reading].map((one) => (one === undefined ? null : JSON.stringify(one)));
      await pool.query(
        `INSERT INTO crm_cursors (system, since, updated_at, seen, whole, reading) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (system) DO UPDATE SET since = excluded.since, updated_at = excluded.updated_at,
           seen = excluded.seen, whole = excluded.whole, reading = excluded.reading`,
        [system, since, at, ...state],
      );
    },
  };
}

function reportStore(pool: Pool): Pick<CrmSyncStore, 'saveReport' | 'reports'> {
  return {
    saveReport: async ({ id, system, startedAt, finishedAt, counts, differences }) => {
      await pool.query(
        `INSERT INTO crm_reports (id, system, started_at, finished_at, counts, differences) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO NOTHING`,
        [id, system, startedAt, finishedAt, JSON.stringify(counts), JSON.stringify(differences)],
      );
    },
    reports: async (limit) => {
      const { rows } = await pool.query<ReportRow>(
        'SELECT id, system, started_at, finished_at, counts, differences FROM crm_reports ORDER BY started_at DESC LIMIT $1',
        [limit],
      );
      return rows.map(({ started_at, finished_at, ...row }) => ({
        ...row,
        startedAt: toInstant(started_at.getTime()),
        finishedAt: toInstant(finished_at.getTime()),
      }));
    },
  };
}

async function takeChange(
  pool: Pool,
  change: Parameters<CrmSyncStore['takeChange']>[0],
  now: IsoInstant,
  judge: (state: FieldState) => ReturnType<Parameters<CrmSyncStore['takeChange']>[2]>,
): ReturnType<CrmSyncStore['takeChange']> {
  const { leadId, field, value, by } = change;
  return transaction(pool, async (client) => {
    await client.query(
      'INSERT INTO crm_states (lead_id) SELECT id FROM leads WHERE id = $1 ON CONFLICT DO NOTHING',
      [leadId],
    );
    await client.query('SELECT FROM crm_states WHERE lead_id = $1 FOR UPDATE', [leadId]);
    // What the lead is linked to does not matter here, so no system is named.
    const { rows } = await client.query<StandingRow>(`${standingSql} WHERE l.id = $2`, ['', leadId]);
    const row = rows[0];
    if (!row) return undefined;
    const state = standingOf(row).fields[field];
    const verdict = judge(state);
    const known = remembered(change, verdict, now);
    if (known)
      await client.query(
        `UPDATE crm_states SET shown = shown || jsonb_build_object($2::text, $3::text), seen = seen || jsonb_build_object($2::text, $4::jsonb)
         WHERE lead_id = $1`,
        [leadId, field, known.shown, JSON.stringify(known.seen)],
      );
    const repeat = state.seen?.value === value && state.seen.at === change.at;
    if (!repeat && (verdict === 'apply' || verdict === 'overrule'))
      await client.query(
        `INSERT INTO timeline (lead_id, at, what, details) VALUES ($1, $2, $3, jsonb_strip_nulls(jsonb_build_object('field', $4::text, 'value', $5::text, 'by', $6::text)))`,
        [leadId, now, verdict === 'apply' ? 'crm_changed' : 'crm_change_overruled', field, value, by ?? null],
      );
    return verdict;
  });
}

/** A repeat of the call has its own entry already, and is not contested by it. */
async function refuseChange(
  pool: Pool,
  { leadId, field, value, reason }: Parameters<CrmSyncStore['refuseChange']>[0],
  now: IsoInstant,
  recent: IsoInstant,
): Promise<boolean> {
  const { rows } = await pool.query<{ contested: boolean }>(
    `WITH before AS (
       SELECT at FROM timeline WHERE lead_id = $1 AND what = 'crm_change_refused' AND at > $6
         AND details ->> 'field' = $3 AND details ->> 'value' = $4
     ), told AS (
       INSERT INTO timeline (lead_id, at, what, details)
       SELECT id, $2, 'crm_change_refused', jsonb_build_object('field', $3::text, 'value', $4::text, 'reason', $5::text)
       FROM leads WHERE id = $1 AND NOT EXISTS (SELECT FROM before WHERE at = $2)
     )
     SELECT EXISTS (SELECT FROM before WHERE at < $2) AS contested`,
    [leadId, now, field, value, reason, recent],
  );
  return rows[0]?.contested !== true;
}

interface ReportRow extends Pick<CrmReport, 'id' | 'system' | 'counts' | 'differences'> {
  readonly started_at: Date;
  readonly finished_at: Date;
}

interface CursorRow {
  readonly since: Date;
  readonly seen: CrmCursor['seen'];
  readonly whole: NonNullable<CrmCursor['whole']> | null;
  readonly reading: NonNullable<CrmCursor['reading']> | null;
}

interface StandingRow {
  readonly lead_id: LeadId;
  readonly seq: string;
  readonly imported: boolean;
  readonly received_at: Date;
  readonly owner_id: string | null;
  readonly progress: string;
  readonly assigned_at: Date | null;
  readonly external_id: string | null;
  readonly shown: Partial<Record<SharedField, string>> | null;
  readonly writing: readonly Partial<Record<SharedField, string>>[] | null;
  readonly seen: Partial<Record<SharedField, NonNullable<FieldState['seen']>>> | null;
}

const standingSql = `
SELECT l.id AS lead_id, l.seq, l.imported, l.received_at, l.owner_id, l.progress, a.assigned_at, c.external_id, s.shown, s.writing, s.seen
FROM leads l
  LEFT JOIN assignments a ON a.lead_id = l.id AND a.hop = l.hop AND a.ended_at IS NULL
  LEFT JOIN crm_links c ON c.lead_id = l.id AND c.system = $1
  LEFT JOIN crm_states s ON s.lead_id = l.id`;

function standingOf(row: StandingRow): CrmStanding {
  const state = (field: SharedField, current: string | null, since: Date | null): FieldState => {
    const [shown, seen] = [row.shown?.[field], row.seen?.[field]];
    return {
      ...(current === null ? {} : { current }),
      ...(since === null ? {} : { since: toInstant(since.getTime()) }),
      ...(shown === undefined ? {} : { shown }),
      writing: (row.writing ?? []).flatMap((written) => written[field] ?? []),
      ...(seen === undefined ? {} : { seen }),
      receivedAt: toInstant(row.received_at.getTime()),
    };
  };
  return {
    leadId: row.lead_id,
    seq: BigInt(row.seq),
    imported: row.imported,
    ...(row.external_id === null ? {} : { externalId: row.external_id }),
    fields: {
      owner: state('owner', row.owner_id, row.assigned_at),
      status: state('status', row.progress, null),
    },
  };
}
