import type { Pool } from 'pg';
import type {
  ChannelResults,
  HeldMessage,
  NotificationStore,
  NotificationSubject,
} from '../activities/ports-vendors';
import type { OpenOffer } from '../domain/assignment/open-offer';
import type { LeadId } from '../domain/ids';
import type { LeadFields } from '../domain/lead';
import type { Band } from '../domain/policy';
import type { ClockName } from '../domain/sla/plan';
import { assignmentColumns, assignmentOf, type AssignmentRow } from './sql/assignment-row';

export function createNotificationStore(pool: Pool): NotificationStore {
  return {
    ...holdingBack(pool),
    results: async (key) => {
      const { rows } = await pool.query<{ results: ChannelResults }>(
        `SELECT results FROM notifications WHERE key = $1 OR digest = $1 LIMIT 1`,
        [key],
      );
      return rows[0]?.results ?? {};
    },
    subjects: async (leadIds) => {
      const { rows } = await pool.query<SubjectRow>({
        name: 'notification-subjects',
        text: `SELECT l.id, l.fields, a.name AS company, l.score, l.band, l.policy_version, l.first_touch_at IS NOT NULL AS touched, l.closed_at IS NOT NULL AS closed, p.rep_id AS partner_id,
                 CASE WHEN l.progress = 'parked' AND NOT l.open_offer ? 'ended' THEN l.open_offer END AS open_offer,
                 o.id AS joined_into, o.owner_id AS joined_owner_id,
                 ${assignmentColumns('s')}
               FROM leads l LEFT JOIN accounts a ON a.id = l.account_id LEFT JOIN assignments s ON s.lead_id = l.id AND s.hop = l.hop
                 LEFT JOIN partners p ON p.lead_id = l.id AND p.left_because IS NULL LEFT JOIN leads o ON o.id = l.merged_into
               WHERE l.id = ANY($1)`,
        values: [leadIds],
      });
      return new Map(rows.map((row) => [row.id, subjectOf(row)]));
    },
    record: async ({ key, leadId, kind, repId, at, now, results }) => {
      await pool.query({
        name: 'record-notification',
        text: `WITH before AS (SELECT results FROM notifications WHERE key = $1),
                    note AS (
                      INSERT INTO notifications (key, lead_id, kind, rep_id, at, results) VALUES ($1, $2, $3, $4, $5, $6)
                      ON CONFLICT (key) DO UPDATE SET results = notifications.results || excluded.results
                      RETURNING results)
               INSERT INTO timeline (lead_id, at, what, details)
               SELECT $2, GREATEST($5, $7), 'notified', jsonb_build_object('kind', $3::text, 'to', $4::text, 'channels', note.results)
               FROM note WHERE note.results IS DISTINCT FROM (SELECT results FROM before)`,
        values: [key, leadId, kind, repId, at, JSON.stringify(results), now],
      });
    },
  };
}

/** Who gets too many at once, and what is sent to him as one. */
function holdingBack(pool: Pool): Pick<NotificationStore, 'admit' | 'takeHeld' | 'recordDigest'> {
  return {
    admit: async ({ key, leadId, kind, clock, repId, at, now, burstMax, windowMs }) => {
      const { rows } = await pool.query<{ held: boolean }>({
        name: 'admit-notification',
        text: `WITH known AS (SELECT held OR digest IS NOT NULL AS held FROM notifications WHERE key = $1),
                    pace AS (
                      INSERT INTO message_pace AS p (rep_id, window_at, count)
                      SELECT $4, $6, 1 WHERE NOT EXISTS (SELECT FROM known)
                      ON CONFLICT (rep_id) DO UPDATE SET
                        count = CASE WHEN p.window_at > excluded.window_at - $7 * interval '1 ms' THEN p.count + 1 ELSE 1 END,
                        window_at = CASE WHEN p.window_at > excluded.window_at - $7 * interval '1 ms' THEN p.window_at ELSE excluded.window_at END
                      RETURNING count),
                    note AS (
                      INSERT INTO notifications (key, lead_id, kind, rep_id, at, results, held, clock)
                      SELECT $1, $2, $3, $4, $5, '{}', count > $8, $9 FROM pace
                      ON CONFLICT (key) DO NOTHING RETURNING held)
               SELECT held FROM note UNION ALL SELECT held FROM known`,
        values: [key, leadId, kind, repId, at, now, windowMs, burstMax, clock ?? null],
      });
      return rows[0]?.held ? 'held' : 'goes';
    },
    takeHeld: async (repId, digest) => {
      await pool.query(
        `UPDATE notifications SET digest = $2 WHERE rep_id = $1 AND held AND digest IS NULL
         AND NOT EXISTS (SELECT FROM notifications WHERE digest = $2)`,
        [repId, digest],
      );
      const { rows } = await pool.query<Omit<HeldMessage, 'clock'> & { clock: ClockName | null }>(
        `SELECT key, lead_id AS "leadId", kind, clock FROM notifications WHERE digest = $1 ORDER BY at, key`,
        [digest],
      );
      return rows.map(({ clock, ...message }) => ({ ...message, ...(clock ? { clock } : {}) }));
    },
    recordDigest: async (digest, at, results) => {
      await pool.query(
        `WITH note AS (
           UPDATE notifications SET held = false, results = (results - 'digest') || $3
           WHERE digest = $1 AND (held OR results IS DISTINCT FROM (results - 'digest') || $3)
           RETURNING lead_id, kind, rep_id)
         INSERT INTO timeline (lead_id, at, what, details)
         SELECT lead_id, $2, 'notified', jsonb_build_object('kind', kind, 'to', rep_id, 'digest', true, 'channels', $3::jsonb) FROM note`,
        [digest, at, JSON.stringify(results)],
      );
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
  readonly closed: boolean;
  readonly partner_id: string | null;
  readonly open_offer: OpenOffer | null;
  readonly joined_into: LeadId | null;
  readonly joined_owner_id: string | null;
} & AssignmentRow;

function subjectOf(row: SubjectRow): NotificationSubject {
  return {
    fields: row.fields,
    touched: row.touched,
    closed: row.closed,
    ...(row.company ? { company: row.company } : {}),
    ...(row.score === null ? {} : { score: row.score }),
    ...(row.band ? { band: row.band } : {}),
    ...(row.policy_version === null ? {} : { policyVersion: row.policy_version }),
    ...(row.partner_id ? { partner: row.partner_id } : {}),
    ...(row.open_offer ? { open: row.open_offer } : {}),
    ...(row.joined_into
      ? {
          joined: { into: row.joined_into, ...(row.joined_owner_id ? { ownerId: row.joined_owner_id } : {}) },
        }
      : {}),
    ...(row.rep_id ? { assignment: assignmentOf(row) } : {}),
  };
}
