import type { Pool } from 'pg';
import type { AssignmentStore } from '../../activities/ports';

/**
 * A score worked out anew; what it was routed by stays in the explanation, beside it. A repeat, whose first answer was
 * lost, writes nothing and is told that something is different all the same: it was, at this very instant.
 */
export async function writeRescored(
  pool: Pool,
  input: Parameters<AssignmentStore['rescore']>[0],
): Promise<boolean> {
  const { rows } = await pool.query<{ changed: boolean }>(
    `WITH lead AS (
       UPDATE leads SET score = $2, band = $3, score_override = $4::jsonb,
         explanation = explanation || jsonb_build_object('rescored', $5::jsonb)
       WHERE id = $1 AND (score, band, score_override) IS DISTINCT FROM ($2::int, $3::text, $4::jsonb) RETURNING id
     ), told AS (
       INSERT INTO timeline (lead_id, at, what, details) SELECT id, $6, $7, $8::jsonb FROM lead
     )
     SELECT EXISTS (SELECT FROM lead) OR explanation #>> '{rescored,at}' = $5::jsonb ->> 'at' AS changed FROM leads WHERE id = $1`,
    [
      input.leadId,
      input.score,
      input.band,
      input.override === undefined ? null : JSON.stringify(input.override),
      JSON.stringify(input.explanation),
      input.at,
      input.what,
      JSON.stringify(input.details),
    ],
  );
  return rows[0]?.changed === true;
}

/** The same owner under another rule: what he was charged stays as it is, his clocks are the new rule's. */
export async function writeKeptUnder(
  pool: Pool,
  input: Parameters<AssignmentStore['keepUnder']>[0],
): Promise<void> {
  await pool.query(
    `WITH lead AS (
       UPDATE leads SET explanation = $5::jsonb, rerouted = true WHERE id = $1 AND NOT rerouted RETURNING id, owner_id
     ), kept AS (
       UPDATE assignments SET rule = $3, sla = $4::jsonb, touch_due_at = $6 FROM lead WHERE lead_id = $1 AND hop = $2
     )
     INSERT INTO timeline (lead_id, at, what, details)
     SELECT id, $7, 'rerouted', jsonb_build_object('owner', owner_id, 'kept', true, 'rule', $3::text, 'sla', $4::jsonb ->> 'policy',
       'touchDueAt', $4::jsonb ->> 'touchDueAt') FROM lead`,
    [
      input.leadId,
      input.hop,
      input.rule,
      JSON.stringify(input.sla),
      JSON.stringify(input.explanation),
      input.sla.touchDueAt,
      input.at,
    ],
  );
}
