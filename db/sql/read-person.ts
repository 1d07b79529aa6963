import type { Pool } from 'pg';
import type { MergeView, PersonView } from '../../api/ports-identity';
import type { LeadId } from '../../domain/ids';
import { toInstant } from '../../domain/instant';
import type { LeadFields, LeadProgress } from '../../domain/lead';
import { mergeColumns, type MergeRow } from './merge-people';

/** Leads of a person that are shown. */
const mostLeads = 200;

/** A person with his leads and merges. */
export async function readPerson(pool: Pool, id: string): Promise<PersonView | undefined> {
  const [people, leads, merges] = await Promise.all([
    pool.query<{
      profile: LeadFields;
      accountId: string | null;
      mergedInto: string | null;
      createdAt: Date;
    }>(
      `SELECT profile, account_id AS "accountId", merged_into AS "mergedInto", created_at AS "createdAt" FROM people WHERE id = $1`,
      [id],
    ),
    pool.query<LeadRow>(
      `SELECT id, progress, open_errors AS "openErrors", source, received_at AS "receivedAt", merged_into AS "mergedInto",
         owner_id AS "ownerId", closed_at AS "closedAt" FROM leads WHERE person_id = $1 ORDER BY seq DESC LIMIT ${String(mostLeads)}`,
      [id],
    ),
    pool.query<MergeRow>(
      `SELECT ${mergeColumns} FROM identity_merges WHERE survivor_id = $1 OR merged_id = $1 ORDER BY at DESC`,
      [id],
    ),
  ]);
  const [row] = people.rows;
  if (!row) return undefined;
  return {
    id,
    profile: shownProfile(row.profile),
    ...(row.accountId === null ? {} : { accountId: row.accountId }),
    ...(row.mergedInto === null ? {} : { mergedInto: row.mergedInto }),
    createdAt: toInstant(row.createdAt.getTime()),
    leads: leads.rows.map(leadOf),
    merges: merges.rows.map(mergeView),
  };
}

interface LeadRow {
  readonly id: LeadId;
  readonly progress: LeadProgress;
  readonly openErrors: number;
  readonly source: string;
  readonly receivedAt: Date;
  readonly mergedInto: LeadId | null;
  readonly ownerId: string | null;
  readonly closedAt: Date | null;
}

function leadOf(row: LeadRow): PersonView['leads'][number] {
  return {
    id: row.id,
    status: row.openErrors > 0 ? 'needs_attention' : row.progress,
    source: row.source,
    receivedAt: toInstant(row.receivedAt.getTime()),
    ...(row.mergedInto === null ? {} : { mergedInto: row.mergedInto }),
    ...(row.ownerId === null ? {} : { ownerId: row.ownerId }),
    ...(row.closedAt === null ? {} : { closedAt: toInstant(row.closedAt.getTime()) }),
  };
}

/** A date of birth is compared and never shown. */
export function shownProfile({ dateOfBirth: _, ...profile }: LeadFields): LeadFields {
  return profile;
}

export function mergeView({
  before,
  at,
  undoneAt,
  undoneBy,
  id,
  survivorId,
  mergedId,
  by,
  because,
}: MergeRow): MergeView {
  return {
    id,
    survivorId,
    mergedId,
    by,
    because,
    at: toInstant(at.getTime()),
    ...(undoneAt ? { undoneAt: toInstant(undoneAt.getTime()) } : {}),
    ...(undoneBy === null ? {} : { undoneBy }),
    leads: before.leads,
  };
}
