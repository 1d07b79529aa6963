import type { Pool, PoolClient } from 'pg';
import type { Unmerged } from '../api/ports-identity';
import { compare } from '../domain/identity/compare';
import { keysOf } from '../domain/identity/keys';
import type { IdentityModel } from '../domain/identity/model';
import { survive } from '../domain/identity/survive';
import type { Traits } from '../domain/identity/traits';
import { weigh } from '../domain/identity/weigh';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import type { LeadToJoin } from '../domain/lead';
import type { MatchBy } from './recognise';
import { findBearers } from './sql/identity-keys';
import {
  lockPeople,
  mergeColumns,
  moveLeads,
  recomputeKeys,
  tellLeads,
  writePerson,
  type BeforeMerge,
  type MergeRow,
} from './sql/merge-people';
import { mergeView as viewOf } from './sql/read-person';
import { showingsOf } from './sql/showings';

type Before = BeforeMerge['survivor'];

/** The caller holds the locks of `withPeople`. */
export async function undoMerge(
  client: PoolClient,
  { mergeId, by, at }: { readonly mergeId: string; readonly by: string; readonly at: IsoInstant },
  matchBy: MatchBy,
): Promise<Unmerged> {
  const known = await mergeOf(client, mergeId);
  if (!known) return { kind: 'unknown', what: 'merge', id: mergeId };
  const people = await lockPeople(client, [known.survivorId, known.mergedId]);
  const merge = (await mergeOf(client, mergeId)) ?? known; // as it is under the locks
  const [survivor, merged] = [people.get(merge.survivorId), people.get(merge.mergedId)];
  if (!survivor || !merged)
    return { kind: 'unknown', what: 'person', id: survivor ? merge.mergedId : merge.survivorId };
  if (merge.undoneAt)
    return { kind: 'undone', merge: viewOf(merge), joined: await joinedAcross(client, merge) };
  const later = await laterMerge(client, merge);
  if (later !== undefined) return { kind: 'conflict', reason: `undo the later merge ${later} first` };
  const { before } = merge;
  const back = [...before.leads, ...(await nearerToMerged(client, merge, matchBy.model))];
  await moveLeads(client, back, survivor, merged);
  for (const [id, then, leads] of [
    [survivor.id, before.survivor, before.kept],
    [merged.id, before.merged, before.leads],
  ] as const)
    await writePerson(client, id, {
      ...(await sinceThen(client, { id, then, leads }, matchBy.authority)),
      mergedInto: null,
    });
  await recomputeKeys(client, survivor);
  await recomputeKeys(client, merged);
  const undone = await writeUndone(client, merge, by, at);
  await tellLeads(client, {
    leads: [...back, ...before.kept],
    at: undone.undoneAt ?? undone.at,
    what: 'person_unmerged',
    merge,
  });
  return { kind: 'undone', merge: viewOf(undone), joined: await joinedAcross(client, merge) };
}

/** A merge that took place on the result of this one: by the survivor, or of the survivor. */
async function laterMerge(client: PoolClient, merge: MergeRow): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM identity_merges WHERE undone_at IS NULL AND id <> $1
       AND (merged_id = $2 OR (survivor_id = $2 AND at > (SELECT at FROM identity_merges WHERE id = $1))) ORDER BY at DESC LIMIT 1`,
    [merge.id, merge.survivorId],
  );
  return rows[0]?.id;
}

/**
 * Of the leads that came while the two were one, those that are nearer to the merged person, by what both had shown
 * before. What is as near to both stays with the survivor.
 */
async function nearerToMerged(
  client: PoolClient,
  { survivorId, before: { kept, leads } }: MergeRow,
  model: IdentityModel,
): Promise<readonly LeadId[]> {
  const { rows: later } = await client.query<{ id: LeadId; traits: Traits }>(
    `SELECT l.id, t.traits FROM leads l JOIN identity_traits t ON t.lead_id = l.id
     WHERE l.person_id = $1 AND l.id <> ALL ($2) ORDER BY l.seq`,
    [survivorId, [...kept, ...leads]],
  );
  if (later.length === 0) return [];
  const [survivor, merged] = [await shownBy(client, kept), await shownBy(client, leads)];
  const nearer: LeadId[] = [];
  for (const { id, traits } of later) {
    const { census } = await findBearers(client, keysOf(traits));
    const bitsOf = (known: readonly Traits[]): number =>
      weigh(compare(traits, known), traits, model, census).bits;
    if (bitsOf(merged) > bitsOf(survivor)) nearer.push(id);
  }
  return nearer;
}

async function shownBy(client: PoolClient, leads: readonly LeadId[]): Promise<readonly Traits[]> {
  const { rows } = await client.query<{ traits: Traits }>(
    `SELECT DISTINCT traits FROM identity_traits WHERE lead_id = ANY ($1)`,
    [leads],
  );
  return rows.map(({ traits }) => traits);
}

/** A person exactly as he was, unless leads came since that are his: then by what all of his say. */
async function sinceThen(
  client: PoolClient,
  { id, then, leads }: { readonly id: string; readonly then: Before; readonly leads: readonly LeadId[] },
  authority: MatchBy['authority'],
): Promise<Before> {
  const { rows } = await client.query<{ accountId: string | null }>(
    `SELECT account_id AS "accountId" FROM leads WHERE person_id = $1 AND id <> ALL ($2) ORDER BY seq`,
    [id, leads],
  );
  if (rows.length === 0) return then;
  const account = rows.find(({ accountId }) => accountId !== null)?.accountId ?? null;
  return {
    profile: survive(await showingsOf(client, [id], authority)),
    accountId: then.accountId ?? account,
  };
}

/** Undoing says that the two are not one, which is the answer to the reviews the merge had answered. */
async function writeUndone(
  client: PoolClient,
  merge: MergeRow,
  by: string,
  at: IsoInstant,
): Promise<MergeRow> {
  await client.query(
    `UPDATE identity_reviews SET state = 'different', decided_by = $2, decided_at = $3 WHERE id = ANY ($1) AND state = 'same'`,
    [merge.before.reviews, by, at],
  );
  const { rows } = await client.query<MergeRow>(
    `UPDATE identity_merges SET undone_at = $2, undone_by = $3 WHERE id = $1 RETURNING ${mergeColumns}`,
    [merge.id, at, by],
  );
  return rows[0] ?? merge;
}

/** Leads of one of the two that were merged into a lead of the other. */
async function joinedAcross(client: PoolClient, merge: MergeRow): Promise<readonly LeadToJoin[]> {
  const { rows } = await client.query<LeadToJoin>(
    `SELECT l.id AS "leadId", l.merged_into AS into FROM leads l JOIN leads o ON o.id = l.merged_into
     WHERE l.person_id IN ($1, $2) AND o.person_id IN ($1, $2) AND o.person_id <> l.person_id ORDER BY l.seq`,
    [merge.survivorId, merge.mergedId],
  );
  return rows;
}

export async function mergeOf(client: Pool | PoolClient, id: string): Promise<MergeRow | undefined> {
  const { rows } = await client.query<MergeRow>(`SELECT ${mergeColumns} FROM identity_merges WHERE id = $1`, [
    id,
  ]);
  return rows[0];
}
