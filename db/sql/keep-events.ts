import type { Pool } from 'pg';
import type { KeptEvent } from '../../api/ports';
import { mapStep } from '../../domain/lead';
import { epochMs } from '../../domain/instant';
import { mintId } from '../../domain/ids';

/**
 * Keeps a delivery's events in one statement. A repeat changes nothing, except that a dead letter that fails anew gets
 * its new reason; one that became a lead stays that. Each dead letter is an open error of the lead it would have been.
 */
const text = `
WITH incoming AS (
  SELECT DISTINCT ON (lead_id) * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::text[])
    WITH ORDINALITY AS t(lead_id, source, event_key, type, state, reason, raw_body, received_at, error_id, n)
  ORDER BY lead_id, n
), kept AS (
  INSERT INTO webhook_events (lead_id, source, event_key, type, state, reason, raw_body, received_at)
  SELECT lead_id, source, event_key, type, state, reason, raw_body, received_at FROM incoming ORDER BY n
  ON CONFLICT (lead_id) DO UPDATE SET reason = excluded.reason
    WHERE webhook_events.state = 'dead_lettered' AND excluded.state = 'dead_lettered'
  RETURNING lead_id, state
)
INSERT INTO errors (id, lead_id, step, code, fingerprint, message, first_seen_at, last_seen_at)
SELECT i.error_id, i.lead_id, '${mapStep}', 'unmappable', '${mapStep}.' || i.source, i.reason, i.received_at, i.received_at
FROM incoming i JOIN kept k USING (lead_id) WHERE k.state = 'dead_lettered'
ON CONFLICT (lead_id, step) WHERE state = 'open' DO UPDATE SET count = errors.count + 1,
  last_seen_at = excluded.last_seen_at, message = excluded.message`;

export async function keepEvents(pool: Pool, events: readonly KeptEvent[]): Promise<void> {
  await pool.query(text, [
    events.map((event) => event.leadId),
    events.map((event) => event.source),
    events.map((event) => event.eventKey),
    events.map((event) => event.type ?? null),
    events.map((event) => event.state),
    events.map((event) => event.reason ?? null),
    events.map((event) => event.rawBody),
    events.map((event) => event.receivedAt),
    events.map((event) => mintId('error', epochMs(event.receivedAt))),
  ]);
}
