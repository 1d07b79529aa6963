import type { Pool } from 'pg';
import type { ChannelResults, NotificationStore, NotificationSubject } from '../activities/ports';
import type { LeadId } from '../domain/ids';
import type { LeadFields } from '../domain/lead';
import type { Band } from '../domain/policy';
import { assignmentColumns, assignmentOf, type AssignmentRow } from './sql/assignment-row';

export function createNotificationStore(pool: Pool): NotificationStore {
  return {
    results: async (key) => {
      const { rows } = await pool.query<{ results: ChannelResults }>(
        `SELECT results FROM notifications WHERE key = $1`,
        [key],
      );
      return rows[0]?.results ?? {};
    },
    subjects: async (leadIds) => {
      const { rows } = await pool.query<SubjectRow>({
        name: 'notification-subjects',
        text: `SELECT l.id, l.fields, a.name AS company, l.score, l.band, l.policy_version, l.first_touch_at IS NOT NULL AS touched, ${assignmentColumns('s')}
               FROM leads l LEFT JOIN accounts a ON a.id = l.account_id LEFT JOIN assignments s ON s.lead_id = l.id AND s.hop = l.hop
               WHERE l.id = ANY($1)`,
        values: [leadIds],
      });
      return new Map(rows.map((row) => [row.id, subjectOf(row)]));
    },
    record: async ({ key, leadId, kind, repId, at, results }) => {
      await pool.query({
        name: 'record-notification',
        text: `WITH before AS (SELECT results FROM notifications WHERE key = $1),
                    note AS (
                      INSERT INTO notifications (key, lead_id, kind, rep_id, at, results) VALUES ($1, $2, $3, $4, $5, $6)
                      ON CONFLICT (key) DO UPDATE SET results = notifications.results || excluded.results
                      RETURNING results)
               INSERT INTO timeline (lead_id, at, what, details)
               SELECT $2, $5, 'notified', jsonb_build_object('kind', $3::text, 'to', $4::text, 'channels', note.results)
               FROM note WHERE note.results IS DISTINCT FROM (SELECT results FROM before)`,
        values: [key, leadId, kind, repId, at, JSON.stringify(results)],
      });
    },
  };
}

type SubjectRow = {
  readonly id: LeadId;
  readonly fields: LeadFields;
  readonly company: string | null;
  readonly score: number | null;
  readonly band: Band | null;
  readonly policy_version: number | null;
  readonly touched: boolean;
} & AssignmentRow;

function subjectOf(row: SubjectRow): NotificationSubject {
  return {
    fields: row.fields,
    touched: row.touched,
    ...(row.company ? { company: row.company } : {}),
    ...(row.score === null ? {} : { score: row.score }),
    ...(row.band ? { band: row.band } : {}),
    ...(row.policy_version === null ? {} : { policyVersion: row.policy_version }),
    ...(row.rep_id ? { assignment: assignmentOf(row) } : {}),
  };
}
