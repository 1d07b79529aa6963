import type { Pool } from 'pg';
import type { Assignment, NotificationStore } from '../activities/ports';
import type { LeadFields } from '../domain/lead';
import type { Band } from '../domain/policy';
import { assignmentColumns, assignmentOf, type AssignmentRow } from './sql/assignment-row';

export function createNotificationStore(pool: Pool): NotificationStore {
  return {
    sent: async (key) => {
      const { rows } = await pool.query<{ channel: string }>(
        `SELECT channel FROM notifications, jsonb_each(results) AS r(channel, result) WHERE key = $1 AND result ->> 'state' = 'sent'`,
        [key],
      );
      return rows.map(({ channel }) => channel);
    },
    subject: async (leadId) => {
      const { rows } = await pool.query<
        {
          fields: LeadFields;
          company: string | null;
          score: number | null;
          band: Band | null;
          rule: string | null;
          policy_version: number | null;
        } & AssignmentRow
      >({
        name: 'notification-subject',
        text: `SELECT l.fields, a.name AS company, l.score, l.band, l.policy_version, ${assignmentColumns('s')}
               FROM leads l LEFT JOIN accounts a ON a.id = l.account_id LEFT JOIN assignments s ON s.lead_id = l.id AND s.hop = l.hop
               WHERE l.id = $1`,
        values: [leadId],
      });
      const row = rows[0];
      if (!row) return undefined;
      const assignment: Assignment | undefined = row.rep_id ? assignmentOf(row) : undefined;
      return {
        fields: row.fields,
        ...(row.company ? { company: row.company } : {}),
        ...(row.score === null ? {} : { score: row.score }),
        ...(row.band ? { band: row.band } : {}),
        ...(row.policy_version === null ? {} : { policyVersion: row.policy_version }),
        ...(assignment ? { assignment, rule: assignment.rule } : {}),
      };
    },
    record: async ({ key, leadId, kind, repId, at, results }) => {
      await pool.query({
        name: 'record-notification',
        text: `WITH note AS (
                 INSERT INTO notifications (key, lead_id, kind, rep_id, at, results) VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (key) DO UPDATE SET results = notifications.results || excluded.results
                 RETURNING xmax = 0 AS fresh)
               INSERT INTO timeline (lead_id, at, what, details)
               SELECT $2, $5, 'notified', jsonb_build_object('kind', $3::text, 'to', $4::text, 'channels', $6::jsonb) FROM note WHERE fresh`,
        values: [key, leadId, kind, repId, at, JSON.stringify(results)],
      });
    },
  };
}
