import type { Pool, PoolClient } from 'pg';
import type { AssignmentStore } from '../../activities/ports';
import type { LeadJoined } from '../../activities/routing-types';
import type { LeadId } from '../../domain/ids';
import { toInstant } from '../../domain/instant';
import type { LeadProgress } from '../../domain/lead';
import { lockInOrder } from '../lock-ahead';
import { transaction } from '../client';
import { holdForNext } from './parked-queue';
import { endPartner } from './partner';
import { returnCharge } from './return-charge';
import { freeOwner } from './write-pick';

type JoinInput = Parameters<AssignmentStore['join']>[0];

interface LeadRow {
  readonly id: string;
  readonly progress: LeadProgress;
  readonly personId: string | null;
  readonly mergedInto: string | null;
  readonly closed: boolean;
  readonly ownerId: string | null;
  /** Whose it was when it joined, if it has. */
  readonly lastOwnerId: string | null;
  readonly hop: number;
  readonly touched: boolean;
  readonly touchDueAt: Date | null;
}

/** Ends a lead as merged into an older open one; locks leads, pool and reps in the order in which a pick does. */
export function joinLead(pool: Pool, input: JoinInput): ReturnType<AssignmentStore['join']> {
  return transaction(pool, async (client) => {
    const leads = await lockLeads(client, [input.leadId, input.into]);
    const [lead, older] = [leads.get(input.leadId), leads.get(input.into)];
    if (!lead || !older || lead.id === older.id) return refused('there is no such lead to join');
    if (lead.mergedInto === older.id) return { joined: joined(lead, older) }; // a repeat of the call
    if (lead.personId !== older.personId) return refused(`${older.id} is somebody else's`); // the merge was undone
    if (lead.closed) return refused('the lead is closed');
    if (older.closed) return refused(`${older.id} is closed`);
    await endLead(client, input, lead);
    const next: LeadId | undefined =
      lead.ownerId === null ? undefined : await holdForNext(client, { ...input, repId: lead.ownerId });
    return { joined: joined(lead, older), ...(next === undefined ? {} : { next }) };
  });
}

const refused = (reason: string): { readonly joined: LeadJoined } => ({
  joined: { kind: 'refused', reason },
});

/** Each with its current touch deadline, in the order of their ids. */
async function lockLeads(client: PoolClient, ids: readonly string[]): Promise<ReadonlyMap<string, LeadRow>> {
  const { rows } = await client.query<LeadRow>(
    `SELECT id, progress, person_id AS "personId", merged_into AS "mergedInto", closed_at IS NOT NULL AS closed, owner_id AS "ownerId", hop,
       (SELECT a.rep_id FROM assignments a WHERE a.lead_id = leads.id AND a.hop = leads.hop AND a.ended_at = leads.closed_at) AS "lastOwnerId",
       first_touch_at IS NOT NULL AS touched,
       (SELECT a.touch_due_at FROM assignments a WHERE a.lead_id = leads.id ORDER BY a.hop DESC LIMIT 1) AS "touchDueAt"
     FROM leads WHERE id = ANY ($1) ORDER BY id FOR UPDATE`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

function joined({ touched, touchDueAt, ownerId, lastOwnerId }: LeadRow, older: LeadRow): LeadJoined {
  const owner = ownerId ?? lastOwnerId;
  return {
    kind: 'joined',
    into: older.id,
    ...(touched || touchDueAt === null ? {} : { touchDueAt: toInstant(touchDueAt.getTime()) }),
    ...(owner === null ? {} : { owner }),
    ...(older.ownerId === null ? {} : { heir: older.ownerId }),
  };
}

async function endLead(client: PoolClient, { leadId, into, at }: JoinInput, lead: LeadRow): Promise<void> {
  const { rows: charged } = await client.query<{ counterId: string }>(
    'SELECT DISTINCT pool_id AS "counterId" FROM ledger WHERE lead_id = $1 AND charged > 0',
    [leadId],
  );
  await lockInOrder(
    client,
    charged.map(({ counterId }) => ({ kind: 'pool', counterId }) as const),
  );
  if (lead.ownerId !== null) await returnCharge(client, { leadId, at, hop: lead.hop, cause: 'merged' });
  await endPartner(client, { leadId, ownerId: lead.ownerId, at, merged: true });
  if (lead.ownerId !== null) {
    await freeOwner(client, lead.ownerId, { leadId, hop: lead.hop });
    await client.query('UPDATE assignments SET ended_at = $2 WHERE lead_id = $1 AND ended_at IS NULL', [
      leadId,
      at,
    ]);
  }
  await client.query(
    `WITH lead AS (UPDATE leads SET progress = 'merged', merged_into = $2, owner_id = NULL, closed_at = $3 WHERE id = $1)
     INSERT INTO timeline (lead_id, at, what, details) VALUES
       ($1, $3, 'merged', jsonb_build_object('into', $2::text, 'was', $4::text, 'owner', $5::text)),
       ($2, $3, 'repeat_touch', jsonb_build_object('kind', 'joined', 'leadId', $1::text))`,
    [leadId, into, at, lead.progress, lead.ownerId],
  );
}
