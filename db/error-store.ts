import type { Pool } from 'pg';
import type { ErrorStore, ErrorView } from '../activities/ports';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import { mintId, type LeadId } from '../domain/ids';
import { UnknownStartError } from '../domain/page';
import { transaction, type Database } from './client';
import type { ErrorRecordModel } from './generated/models';

export function createErrorStore({ prisma, pool }: Database): ErrorStore {
  return {
    open: (input) => openError(pool, input),
    resolve: (leadId, step, at) => resolveError(pool, leadId, step, at),
    groups: () => groupErrors(pool),
    get: async (id) => {
      const row = await prisma.errorRecord.findUnique({ where: { id } });
      return row ? viewOf(row) : undefined;
    },
    list: async ({ state, fingerprint, limit, startingAfter }) => {
      const rows = await prisma.errorRecord.findMany({
        where: { ...(state ? { state } : {}), ...(fingerprint ? { fingerprint } : {}) },
        orderBy: { id: 'desc' },
        take: limit + 1,
        ...(startingAfter ? { cursor: { id: startingAfter }, skip: 1 } : {}),
      });
      if (rows.length === 0 && startingAfter !== undefined) {
        const there = await prisma.errorRecord.count({ where: { id: startingAfter } });
        if (there === 0) throw new UnknownStartError();
      }
      return { data: rows.slice(0, limit).map(viewOf), hasMore: rows.length > limit };
    },
  };
}

/** One open row for a lead's step; the lead shows as needing attention while it has one. */
function openError(pool: Pool, input: Parameters<ErrorStore['open']>[0]): Promise<string> {
  return transaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string; fresh: boolean }>(
      `INSERT INTO errors (id, lead_id, step, code, fingerprint, message, first_seen_at, last_seen_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
       ON CONFLICT (lead_id, step) WHERE state = 'open' DO UPDATE SET count = errors.count + 1,
         last_seen_at = excluded.last_seen_at, code = excluded.code, fingerprint = excluded.fingerprint, message = excluded.message
       RETURNING id, count = 1 AS fresh`,
      [
        mintId('error', epochMs(input.at)),
        input.leadId,
        input.step,
        input.code,
        input.fingerprint,
        input.message,
        input.at,
      ],
    );
    const row = rows[0];
    if (!row) throw new Error('opening an error returned no row');
    if (row.fresh) {
      const details = { step: input.step, code: input.code, message: input.message, errorId: row.id };
      await client.query('UPDATE leads SET open_errors = open_errors + 1 WHERE id = $1', [input.leadId]);
      await client.query(
        `INSERT INTO timeline (lead_id, at, what, details) VALUES ($1, $2, 'needs_attention', $3)`,
        [input.leadId, input.at, JSON.stringify(details)],
      );
    }
    return row.id;
  });
}

function resolveError(pool: Pool, leadId: LeadId, step: string, at: IsoInstant): Promise<void> {
  return transaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE errors SET state = 'resolved', resolved_at = $3 WHERE lead_id = $1 AND step = $2 AND state = 'open'`,
      [leadId, step, at],
    );
    if (!rowCount) return;
    await client.query('UPDATE leads SET open_errors = open_errors - 1 WHERE id = $1', [leadId]);
    await client.query(`INSERT INTO timeline (lead_id, at, what, details) VALUES ($1, $2, 'resumed', $3)`, [
      leadId,
      at,
      JSON.stringify({ step }),
    ]);
  });
}

async function groupErrors(pool: Pool): ReturnType<ErrorStore['groups']> {
  type Group = Omit<Awaited<ReturnType<ErrorStore['groups']>>[number], 'firstSeenAt' | 'lastSeenAt'>;
  const { rows } = await pool.query<Group & { first: Date; last: Date }>(
    `SELECT fingerprint, min(code) AS code, min(step) AS step, min(message) AS message, count(DISTINCT lead_id)::int AS leads,
            sum(count)::int AS count, min(first_seen_at) AS first, max(last_seen_at) AS last
     FROM errors WHERE state = 'open' GROUP BY fingerprint ORDER BY leads DESC, last DESC LIMIT 200`,
  );
  return rows.map(({ first, last, ...group }) => ({
    ...group,
    firstSeenAt: instant(first),
    lastSeenAt: instant(last),
  }));
}

function viewOf(row: ErrorRecordModel): ErrorView {
  return {
    id: row.id,
    leadId: row.leadId as LeadId,
    step: row.step,
    code: row.code,
    fingerprint: row.fingerprint,
    message: row.message,
    state: row.state === 'open' ? 'open' : 'resolved',
    count: row.count,
    firstSeenAt: instant(row.firstSeenAt),
    lastSeenAt: instant(row.lastSeenAt),
    ...(row.resolvedAt ? { resolvedAt: instant(row.resolvedAt) } : {}),
    ...(row.owner ? { owner: row.owner } : {}),
  };
}

const instant = (date: Date): IsoInstant => toInstant(date.getTime());
