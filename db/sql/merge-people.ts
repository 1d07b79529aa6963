import type { ClientBase, Pool } from 'pg';
import { hashOf, keysOf } from '../../domain/identity/keys';
import type { Traits } from '../../domain/identity/traits';
import type { LeadId } from '../../domain/ids';
import type { LeadFields } from '../../domain/lead';

export interface PersonRow {
  readonly id: string;
  readonly number: number;
  readonly profile: LeadFields;
  readonly accountId: string | null;
  readonly mergedInto: string | null;
}

/** Everything that an undo needs: both people as they were, and which leads were whose. */
export interface BeforeMerge {
  readonly survivor: { readonly profile: LeadFields; readonly accountId: string | null };
  readonly merged: { readonly profile: LeadFields; readonly accountId: string | null };
  /** Leads that moved. */
  readonly leads: readonly LeadId[];
  /** Leads the survivor had. */
  readonly kept: readonly LeadId[];
  /** Reviews that the merge answered. */
  readonly reviews: readonly string[];
}

export interface MergeRow {
  readonly id: string;
  readonly survivorId: string;
  readonly mergedId: string;
  readonly by: string;
  readonly because: string;
  readonly before: BeforeMerge;
  readonly at: Date;
  readonly undoneAt: Date | null;
  readonly undoneBy: string | null;
}

export const mergeColumns = `id, survivor_id AS "survivorId", merged_id AS "mergedId", "by", because, before, at, undone_at AS "undoneAt",
  undone_by AS "undoneBy"`;

/** Every key under which these people are found, in the order in which all who lock keys lock them. */
export async function keysOfPeople(client: ClientBase, ids: readonly string[]): Promise<readonly string[]> {
  const { rows } = await client.query<{ hash: string }>({
    name: 'keys-of-people',
    text: `SELECT DISTINCT k.hash FROM identity_keys k JOIN people p ON p.number = k.person WHERE p.id = ANY ($1) ORDER BY k.hash`,
    values: [ids],
  });
  return rows.map(({ hash }) => hash);
}

/** As `lockKeys` does for a lead: whoever identifies a lead by one of these keys waits. */
export async function lockHashes(client: ClientBase, hashes: readonly string[]): Promise<void> {
  await client.query({
    name: 'lock-keys',
    text: `SELECT count(pg_advisory_xact_lock(hash)) FROM (SELECT unnest($1::bigint[]) AS hash ORDER BY 1) AS ordered`,
    values: [hashes],
  });
}

/** Locks people in the order of their ids. */
export async function lockPeople(
  client: ClientBase,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PersonRow>> {
  const { rows } = await client.query<PersonRow>({
    name: 'lock-people',
    text: `SELECT id, number, profile, account_id AS "accountId", merged_into AS "mergedInto" FROM people
           WHERE id = ANY ($1) ORDER BY id FOR UPDATE`,
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

export async function leadsOf(client: ClientBase, personId: string): Promise<readonly LeadId[]> {
  const { rows } = await client.query<{ id: LeadId }>({
    name: 'leads-of-person',
    text: `SELECT id FROM leads WHERE person_id = $1 ORDER BY seq`,
    values: [personId],
  });
  return rows.map(({ id }) => id);
}

/** Leads and what they showed go to another person. Locks them in the order of their ids, as a join does. */
export async function moveLeads(
  client: ClientBase,
  leads: readonly LeadId[],
  from: PersonRow,
  to: PersonRow,
): Promise<void> {
  await client.query({
    name: 'move-leads',
    text: `
WITH held AS (SELECT id FROM leads WHERE id = ANY ($1) AND person_id = $2 ORDER BY id FOR UPDATE),
     moved AS (UPDATE leads l SET person_id = $3 FROM held WHERE l.id = held.id)
UPDATE identity_traits SET person = $5 WHERE lead_id = ANY ($1) AND person = $4`,
    values: [leads, from.id, to.id, from.number, to.number],
  });
}

/** The keys of one are the other's too; none is left behind. */
export async function moveKeys(client: ClientBase, from: PersonRow, to: PersonRow): Promise<void> {
  await client.query({
    name: 'move-keys',
    text: `
WITH gone AS (DELETE FROM identity_keys WHERE person = $1 RETURNING hash)
INSERT INTO identity_keys (hash, person) SELECT hash, $2 FROM gone ON CONFLICT DO NOTHING`,
    values: [from.number, to.number],
  });
}

/** A person's keys are those of what his leads showed, and no others. */
export async function recomputeKeys(client: ClientBase, { number }: PersonRow): Promise<void> {
  const { rows } = await client.query<{ traits: Traits }>({
    name: 'traits-of-person',
    text: `SELECT traits FROM identity_traits WHERE person = $1`,
    values: [number],
  });
  const keys = [...new Set(rows.flatMap(({ traits }) => hashesOf(traits)))];
  // Two statements: parts of one do not see what the others do.
  await client.query('DELETE FROM identity_keys WHERE person = $1 AND hash <> ALL ($2::bigint[])', [
    number,
    keys,
  ]);
  await client.query(
    `INSERT INTO identity_keys (hash, person) SELECT unnest($2::bigint[]), $1 ON CONFLICT DO NOTHING`,
    [number, keys],
  );
}

/** Keys of what one lead showed, as they are stored. */
export function hashesOf(traits: Traits): readonly string[] {
  const { find, count } = keysOf(traits);
  return [...find, ...count].map((key) => hashOf(key).toString());
}

/** The keys that are stored of each of these people. */
export async function keysByPerson(
  client: Pool,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await client.query<{ id: string; hashes: string[] }>({
    name: 'keys-by-person',
    text: `SELECT p.id, array_agg(k.hash) AS hashes FROM people p JOIN identity_keys k ON k.person = p.number WHERE p.id = ANY ($1) GROUP BY p.id`,
    values: [ids],
  });
  return new Map(rows.map(({ id, hashes }) => [id, hashes]));
}

/** Writes what leads of one person showed, whether it was written before or not; in the order in which they came. */
export async function writeTraits(
  client: ClientBase,
  { number }: PersonRow,
  leads: readonly { readonly leadId: string; readonly traits: Traits }[],
): Promise<void> {
  await client.query({
    name: 'write-traits',
    text: `INSERT INTO identity_traits (person, lead_id, traits)
           SELECT $1, lead_id, traits FROM unnest($2::text[], $3::jsonb[]) WITH ORDINALITY AS shown(lead_id, traits, place) ORDER BY place
           ON CONFLICT (lead_id) DO UPDATE SET traits = excluded.traits`,
    values: [number, leads.map(({ leadId }) => leadId), leads.map(({ traits }) => JSON.stringify(traits))],
  });
}

export async function writePerson(
  client: ClientBase,
  id: string,
  person: {
    readonly profile: LeadFields;
    readonly accountId: string | null;
    readonly mergedInto: string | null;
  },
): Promise<void> {
  await client.query({
    name: 'write-person',
    text: `UPDATE people SET profile = $2, account_id = $3, merged_into = $4 WHERE id = $1`,
    values: [id, JSON.stringify(person.profile), person.accountId, person.mergedInto],
  });
}

/** Writes the merge, later than every other one of the survivor, so that they have an order to be undone in. */
export async function writeMerge(
  client: ClientBase,
  merge: Omit<MergeRow, 'at' | 'undoneAt' | 'undoneBy'> & { readonly at: string },
): Promise<MergeRow> {
  const { rows } = await client.query<MergeRow>({
    name: 'write-merge',
    text: `
INSERT INTO identity_merges (id, survivor_id, merged_id, "by", because, before, at)
SELECT $1, $2, $3, $4, $5, $6, GREATEST($7::timestamptz, (SELECT max(at) + interval '1 ms' FROM identity_merges WHERE survivor_id = $2))
RETURNING ${mergeColumns}`,
    values: [
      merge.id,
      merge.survivorId,
      merge.mergedId,
      merge.by,
      merge.because,
      JSON.stringify(merge.before),
      merge.at,
    ],
  });
  const [row] = rows;
  if (!row) throw new Error('a merge was not written');
  return row;
}

/** Says on every lead's timeline what happened to its person; ids only. */
export async function tellLeads(
  client: ClientBase,
  told: {
    readonly leads: readonly LeadId[];
    readonly at: Date;
    readonly what: 'person_merged' | 'person_unmerged';
    readonly merge: Pick<MergeRow, 'id' | 'survivorId' | 'mergedId'>;
  },
): Promise<void> {
  const { id, survivorId, mergedId } = told.merge;
  await client.query({
    name: 'tell-leads',
    text: `INSERT INTO timeline (lead_id, at, what, details) SELECT unnest($1::text[]), $2, $3, $4`,
    values: [told.leads, told.at, told.what, JSON.stringify({ mergeId: id, survivorId, mergedId })],
  });
}
