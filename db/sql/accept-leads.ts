import type { Pool, PoolClient, QueryConfig } from 'pg';
import type { NewLead } from '../../activities/ports';
import type { LeadId } from '../../domain/ids';

/**
 * Inserts a batch in one statement, hence one commit and one flush to disk however many leads share it. A lead that is
 * already there, or comes twice in the batch, gets a `repeat_touch` on its timeline instead.
 */
const text = `
WITH incoming AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::jsonb[], $7::timestamptz[], $8::boolean[])
    WITH ORDINALITY AS t(id, source, event_key, raw_body, fields, gate, received_at, imported, n)
), fresh AS (
  INSERT INTO leads (id, source, event_key, raw_body, fields, gate, received_at, imported)
  SELECT id, source, event_key, raw_body, fields, gate, received_at, imported FROM incoming ORDER BY n
  ON CONFLICT (id) DO NOTHING
  RETURNING id
), repeats AS (
  INSERT INTO timeline (lead_id, at, what, details)
  SELECT i.id, i.received_at, 'repeat_touch', '{"kind": "redelivery"}'::jsonb
  FROM incoming i
  WHERE NOT EXISTS (SELECT FROM fresh f WHERE f.id = i.id)
     OR EXISTS (SELECT FROM incoming earlier WHERE earlier.id = i.id AND earlier.n < i.n)
)
SELECT id FROM fresh`;

/** A sender waits for this statement, and behind it everybody who came later; unanswered, its leads go to Temporal. */
const patienceMs = 5_000;

/** @param db the pool, or a connection with a transaction of which this is a part. @returns ids that were not there before. */
export async function acceptLeads(
  db: Pool | PoolClient,
  leads: readonly NewLead[],
): Promise<ReadonlySet<LeadId>> {
  // pg knows the limit of a single statement; its types do not.
  const query: QueryConfig & { readonly query_timeout: number } = {
    name: 'accept-leads',
    text,
    query_timeout: patienceMs,
    values: [
      leads.map((lead) => lead.leadId),
      leads.map((lead) => lead.source),
      leads.map((lead) => lead.eventKey),
      leads.map((lead) => lead.rawBody),
      leads.map((lead) => JSON.stringify(lead.fields)),
      leads.map(({ door }) => (door === undefined ? null : JSON.stringify(door))),
      leads.map((lead) => lead.receivedAt),
      leads.map(({ imported }) => imported === true),
    ],
  };
  const { rows } = await db.query<{ id: LeadId }>(query);
  return new Set(rows.map((row) => row.id));
}
