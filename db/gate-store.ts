import type { Pool } from 'pg';
import type { GateStore } from '../activities/ports-gate';
import type { GateKeeper } from '../api/ports';
import { rejections, standardGate, type GateSettings, type GateState } from '../domain/gate';
import { unseal } from '../domain/sealed';
import { countLead } from './sql/count-lead';

/** @param key 32 bytes; opens what sources ask of their leads. */
export function createGateStore(pool: Pool, key: Buffer): GateStore & GateKeeper {
  return {
    of: async (leadId) => {
      const { rows } = await pool.query<{ state: GateState | null; settings: string | null }>({
        name: 'lead-at-gate',
        text: `SELECT l.gate AS state, s.gate AS settings FROM leads l LEFT JOIN sources s ON s.name = l.source WHERE l.id = $1`,
        values: [leadId],
      });
      const { state, settings } = rows[0] ?? {};
      const opened = settings && unseal(key, Buffer.from(settings, 'base64')).toString();
      return {
        state: state ?? {},
        settings: opened ? (JSON.parse(opened) as GateSettings) : standardGate,
      };
    },
    count: (input) => countLead(pool, input),
    note: async (leadId, found) => {
      await pool.query(`UPDATE leads SET gate = COALESCE(gate, '{}') || $2 WHERE id = $1`, [
        leadId,
        JSON.stringify(found),
      ]);
    },
    reject: async (leadId, reason, at) => {
      await pool.query(
        `WITH rejected AS (
           UPDATE leads SET progress = 'rejected', closed_at = $2, close_reason = $3
           WHERE id = $1 AND person_id IS NULL AND closed_at IS NULL RETURNING id)
         INSERT INTO timeline (lead_id, at, what, details)
         SELECT id, $2, 'rejected', jsonb_build_object('reason', $4::text, 'because', $3::text) FROM rejected`,
        [leadId, at, rejections[reason], reason],
      );
    },
    ...confirmations(pool),
    release: async ({ leadId, at, by, reason }) => {
      const { rows } = await pool.query<{ released: boolean }>(
        `WITH released AS (
           UPDATE leads SET progress = 'received', closed_at = NULL, close_reason = NULL,
             gate = COALESCE(gate, '{}') || jsonb_build_object('released', $2::text)
           WHERE id = $1 AND progress = 'rejected' RETURNING id),
         told AS (INSERT INTO timeline (lead_id, at, what, details) SELECT id, $2::timestamptz, 'released', $3 FROM released)
         SELECT EXISTS (SELECT FROM released) AS released FROM leads WHERE id = $1`,
        [leadId, at, JSON.stringify({ by, reason })],
      );
      const [row] = rows;
      return row && (row.released ? 'released' : 'not_rejected');
    },
  };
}

/** The way of a lead from the question to its person's answer. */
function confirmations(pool: Pool): Pick<GateStore, 'park' | 'asked' | 'confirmed'> {
  return {
    park: async (leadId, at) => {
      await pool.query(
        `WITH waiting AS (
           UPDATE leads SET progress = 'parked', gate = COALESCE(gate, '{}') || '{"confirmation": {}}'
           WHERE id = $1 AND NOT COALESCE(gate ? 'confirmation', false) RETURNING id)
         INSERT INTO timeline (lead_id, at, what, details) SELECT id, $2, 'awaits_confirmation', '{}' FROM waiting`,
        [leadId, at],
      );
    },
    asked: async (leadId, until, at) => {
      await pool.query(
        `WITH noted AS (
           UPDATE leads SET gate = gate || jsonb_build_object('confirmation', jsonb_build_object('until', $2::text))
           WHERE id = $1 AND NOT (gate -> 'confirmation' ? 'until') RETURNING id)
         INSERT INTO timeline (lead_id, at, what, details)
         SELECT id, $3, 'confirmation_sent', jsonb_build_object('until', $2::text) FROM noted`,
        [leadId, until, at],
      );
    },
    confirmed: async (leadId, at) => {
      await pool.query(
        `WITH noted AS (
           UPDATE leads SET gate = COALESCE(gate, '{}') || jsonb_build_object('confirmedAt', $2::text)
           WHERE id = $1 AND NOT COALESCE(gate ? 'confirmedAt', false) RETURNING id)
         INSERT INTO timeline (lead_id, at, what, details) SELECT id, $2::timestamptz, 'confirmed', '{}' FROM noted`,
        [leadId, at],
      );
    },
  };
}
