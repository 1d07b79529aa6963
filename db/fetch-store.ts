import type { Pool, PoolClient } from 'pg';
import type { FetchFault, FetchStore, LeadToFetch } from '../activities/ports-fetch';
import type { SourceStore } from '../api/ports';
import { mintId, type LeadId } from '../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import { fetchStep, mapStep } from '../domain/lead';
import { transaction } from './client';

export function createFetchStore(pool: Pool, sources: Pick<SourceStore, 'all'>): FetchStore {
  return {
    toFetch: async (leadId) => {
      type Row = Omit<LeadToFetch['event'], 'type' | 'receivedAt'> & {
        readonly type: string | null;
        readonly received: Date;
      };
      const { rows } = await pool.query<Row>(
        `SELECT lead_id AS "leadId", source, event_key AS "eventKey", type, raw_body AS "rawBody", received_at AS received
         FROM webhook_events WHERE lead_id = $1 AND state = 'fetching'`,
        [leadId],
      );
      const [row] = rows;
      if (!row) return undefined;
      const { received, type, ...event } = row;
      const source = (await sources.all()).find(({ name }) => name === event.source);
      const receivedAt = toInstant(received.getTime());
      return { event: { ...event, type: type ?? undefined, receivedAt }, source };
    },
    waiting: async () => {
      const { rows } = await pool.query<{ leadId: LeadId }>(
        `SELECT lead_id AS "leadId" FROM webhook_events WHERE state = 'fetching' ORDER BY seq LIMIT 1000`,
      );
      return rows.map(({ leadId }) => leadId);
    },
    settle: (input) => transaction(pool, (client) => settle(client, input)),
  };
}

async function settle(
  client: PoolClient,
  { leadId, at, outcome, data }: Parameters<FetchStore['settle']>[0],
): Promise<void> {
  const fault = 'fault' in outcome ? outcome.fault : undefined;
  const { rowCount } = await client.query(
    `UPDATE webhook_events SET state = $2, reason = $3, raw_body = coalesce($4, raw_body)
     WHERE lead_id = $1 AND state = 'fetching'`,
    [
      leadId,
      'state' in outcome ? outcome.state : 'dead_lettered',
      fault?.message ?? null,
      data === undefined ? null : JSON.stringify(data),
    ],
  );
  if (!rowCount) return;
  await client.query(
    `UPDATE errors SET state = 'resolved', resolved_at = $2
     WHERE lead_id = $1 AND step IN ('${mapStep}', '${fetchStep}') AND step IS DISTINCT FROM $3 AND state = 'open'`,
    [leadId, at, fault?.step ?? null],
  );
  if (fault) await openFault(client, leadId, fault, at);
}

/** There is no lead yet whose timeline could say so. */
async function openFault(
  client: PoolClient,
  leadId: LeadId,
  { step, code, fingerprint, message }: FetchFault,
  at: IsoInstant,
): Promise<void> {
  await client.query(
    `INSERT INTO errors (id, lead_id, step, code, fingerprint, message, first_seen_at, last_seen_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
     ON CONFLICT (lead_id, step) WHERE state = 'open' DO UPDATE SET count = errors.count + 1, code = excluded.code,
       fingerprint = excluded.fingerprint, message = excluded.message, last_seen_at = excluded.last_seen_at`,
    [mintId('error', epochMs(at)), leadId, step, code, fingerprint, message, at],
  );
}
