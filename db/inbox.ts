import type { Pool } from 'pg';
import type { LeadInbox, QueuedLead } from '../activities/ports';
import type { LeadId } from '../domain/ids';
import { acceptLeads } from './sql/accept-leads';

export function createInbox(pool: Pool): LeadInbox {
  return {
    accept: (leads) => acceptLeads(pool, leads),
    unstarted: async ({ before, afterSeq, limit }) => {
      const { rows } = await pool.query<QueueRow>(
        `SELECT ${queueColumns} FROM leads
         WHERE progress = 'received' AND received_at < $1 AND seq > $2 ORDER BY seq LIMIT $3`,
        [before, afterSeq, limit],
      );
      return rows.map(queued);
    },
    open: async ({ afterSeq, limit }) => {
      const { rows } = await pool.query<QueueRow>(
        `SELECT ${queueColumns} FROM leads WHERE closed_at IS NULL AND seq > $1 ORDER BY seq LIMIT $2`,
        [afterSeq, limit],
      );
      return rows.map(queued);
    },
  };
}

interface QueueRow {
  readonly leadId: LeadId;
  readonly seq: string;
  readonly again: boolean;
  readonly imported: boolean;
}

const queueColumns = `id AS "leadId", seq, imported, COALESCE(gate ? 'released', false) AS again`;
const queued = (row: QueueRow): QueuedLead => ({ ...row, seq: BigInt(row.seq) });
