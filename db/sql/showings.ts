import type { ClientBase } from 'pg';
import { profileOf, type Showing } from '../../domain/identity/survive';
import { toInstant } from '../../domain/instant';
import type { LeadFields } from '../../domain/lead';

/** Somebody who sends lead after lead is known by the latest of them. */
const most = 100;

/** What each lead of these people said of them, and the lead `beside`, which may be nobody's yet. */
export async function showingsOf(
  client: ClientBase,
  people: readonly string[],
  authority: Readonly<Record<string, number>>,
  beside = '',
): Promise<readonly Showing[]> {
  const { rows } = await client.query<{ fields: LeadFields; source: string; at: Date }>({
    name: 'showings-of-people',
    text: `
SELECT fields, source, received_at AS at FROM (
  SELECT latest.* FROM unnest($1::text[]) AS person(id) CROSS JOIN LATERAL (
    SELECT fields, source, received_at, seq FROM leads WHERE person_id = person.id ORDER BY seq DESC LIMIT ${String(most)}) AS latest
  UNION ALL
  SELECT fields, source, received_at, seq FROM leads WHERE id = $2 AND (person_id IS NULL OR person_id <> ALL ($1))
) AS shown ORDER BY seq DESC LIMIT ${String(most)}`,
    values: [people, beside],
  });
  return rows.map(({ fields, source, at }) => ({
    profile: profileOf(fields),
    at: toInstant(at.getTime()),
    // The source's name comes from outside, so it must not reach inherited properties.
    authority: Object.hasOwn(authority, source) ? authority[source] : undefined,
  }));
}
