import type { Pool } from 'pg';
import type { AssignmentStore } from '../../activities/ports';

/** The lead that was offered is his; the second call finds it accepted and writes nothing. */
export async function writeAccepted(
  pool: Pool,
  input: Parameters<AssignmentStore['acceptOffer']>[0],
): Promise<void> {
  await pool.query(
    `WITH accepted AS (
       UPDATE assignments SET sla = $3, touch_due_at = $4, offer = offer || jsonb_build_object('acceptedAt', $5::text)
       WHERE lead_id = $1 AND hop = $2 AND offer IS NOT NULL AND NOT offer ? 'acceptedAt' RETURNING rep_id
     )
     INSERT INTO timeline (lead_id, at, what, details)
     SELECT $1, $5::timestamptz, 'offer_accepted', jsonb_build_object('owner', rep_id, 'hop', $2::int, 'touchDueAt', $3::jsonb ->> 'touchDueAt') FROM accepted`,
    [input.leadId, input.hop, JSON.stringify(input.sla), input.sla.touchDueAt, input.at],
  );
}
