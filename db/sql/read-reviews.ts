import type { Pool, PoolClient } from 'pg';
import type { ReviewedPerson, ReviewState, ReviewStore, ReviewView } from '../../api/ports-identity';
import type { LeadId } from '../../domain/ids';
import { toInstant } from '../../domain/instant';
import type { LeadFields } from '../../domain/lead';
import { UnknownStartError, type Page } from '../../domain/page';
import { shownProfile } from './read-person';

interface ReviewedRow {
  readonly id: string;
  readonly profile: LeadFields;
  readonly accountId: string | null;
  readonly mergedInto: string | null;
}

interface ReviewRow {
  readonly id: string;
  readonly leadId: LeadId;
  readonly state: ReviewState;
  readonly bits: number;
  readonly reasons: ReviewView['reasons'];
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly createdAt: Date;
  readonly person: ReviewedRow;
  readonly other: ReviewedRow;
}

const person = (name: string): string =>
  `jsonb_build_object('id', ${name}.id, 'profile', ${name}.profile, 'accountId', ${name}.account_id, 'mergedInto', ${name}.merged_into)`;

const reviews = `SELECT r.id, r.lead_id AS "leadId", r.state, r.bits, r.reasons, r.decided_by AS "decidedBy", r.decided_at AS "decidedAt",
    r.created_at AS "createdAt", ${person('p')} AS person, ${person('o')} AS other
  FROM identity_reviews r JOIN people p ON p.id = r.person_id JOIN people o ON o.id = r.other_id`;

/** The queue, oldest first, by (created, id), so that two of one instant have an order. */
export async function readReviews(
  pool: Pool,
  query: Parameters<ReviewStore['list']>[0],
): Promise<Page<ReviewView>> {
  const { rows } = await pool.query<ReviewRow>(
    `${reviews}
     WHERE ($1::text IS NULL OR r.state = $1)
       AND ($2::text IS NULL OR (r.created_at, r.id) > (SELECT created_at, id FROM identity_reviews WHERE id = $2))
     ORDER BY r.created_at, r.id LIMIT $3`,
    [query.state ?? null, query.startingAfter ?? null, query.limit + 1],
  );
  if (rows.length === 0 && query.startingAfter !== undefined && !(await reviewOf(pool, query.startingAfter)))
    throw new UnknownStartError();
  return { data: rows.slice(0, query.limit).map(viewOf), hasMore: rows.length > query.limit };
}

export async function reviewOf(client: Pool | PoolClient, id: string): Promise<ReviewView | undefined> {
  const { rows } = await client.query<ReviewRow>(`${reviews} WHERE r.id = $1`, [id]);
  return rows[0] && viewOf(rows[0]);
}

function viewOf(row: ReviewRow): ReviewView {
  return {
    id: row.id,
    leadId: row.leadId,
    state: row.state,
    bits: Math.round(row.bits * 10) / 10,
    reasons: row.reasons.map((reason) => ({ ...reason, bits: Math.round(reason.bits * 10) / 10 })),
    person: personOf(row.person),
    other: personOf(row.other),
    ...(row.decidedBy === null ? {} : { decidedBy: row.decidedBy }),
    ...(row.decidedAt === null ? {} : { decidedAt: toInstant(row.decidedAt.getTime()) }),
    createdAt: toInstant(row.createdAt.getTime()),
  };
}

const personOf = ({ id, profile, accountId, mergedInto }: ReviewedRow): ReviewedPerson => ({
  id,
  profile: shownProfile(profile),
  ...(accountId === null ? {} : { accountId }),
  ...(mergedInto === null ? {} : { mergedInto }),
});
