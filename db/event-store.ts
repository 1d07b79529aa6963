import type { EventState, EventStore, KeptEvent } from '../api/ports';
import { mapStep } from '../domain/lead';
import type { LeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';
import { UnknownStartError } from '../domain/page';
import { transaction, type Database } from './client';
import type { WebhookEventModel } from './generated/models';
import { keepEvents } from './sql/keep-events';

export function createEventStore({ prisma, pool }: Database): EventStore {
  return {
    keep: (events) => keepEvents(pool, events),
    deadLetter: async (leadId) => {
      const row = await prisma.webhookEvent.findFirst({ where: { leadId, state: 'dead_lettered' } });
      return row ? eventOf(row) : undefined;
    },
    refetch: async (leadId) =>
      (
        await prisma.webhookEvent.updateMany({
          where: { leadId, state: 'dead_lettered' },
          data: { state: 'fetching', reason: null },
        })
      ).count > 0,
    replayed: (leadId, at) =>
      transaction(pool, async (client) => {
        await client.query(`UPDATE webhook_events SET state = 'replayed' WHERE lead_id = $1`, [leadId]);
        await client.query(
          `UPDATE errors SET state = 'resolved', resolved_at = $2 WHERE lead_id = $1 AND step = '${mapStep}' AND state = 'open'`,
          [leadId, at],
        );
      }),
    list: async ({ source, state, limit, startingAfter }) => {
      const rows = await prisma.webhookEvent.findMany({
        where: { source, ...(state ? { state } : {}) },
        orderBy: { seq: 'desc' },
        take: limit + 1,
        ...(startingAfter ? { cursor: { leadId: startingAfter }, skip: 1 } : {}),
      });
      if (rows.length === 0 && startingAfter !== undefined) {
        const there = await prisma.webhookEvent.count({ where: { leadId: startingAfter } });
        if (there === 0) throw new UnknownStartError();
      }
      return { data: rows.slice(0, limit).map(eventOf), hasMore: rows.length > limit };
    },
  };
}

function eventOf(row: WebhookEventModel): KeptEvent {
  return {
    leadId: row.leadId as LeadId,
    source: row.source,
    eventKey: row.eventKey,
    type: row.type ?? undefined,
    state: row.state as EventState,
    reason: row.reason ?? undefined,
    rawBody: row.rawBody,
    receivedAt: toInstant(row.receivedAt.getTime()),
  };
}
