import type { Pool, PoolClient } from 'pg';
import type { Merged, MergeInput, PeopleStore, Unmerged } from '../api/ports-identity';
import { survive } from '../domain/identity/survive';
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import type { LeadToJoin } from '../domain/lead';
import { transaction } from './client';
import type { IdentityModels } from './identity-models';
import type { MatchBy } from './recognise';
import { mergeView as viewOf, readPerson } from './sql/read-person';
import {
  keysOfPeople,
  leadsOf,
  lockHashes,
  lockPeople,
  mergeColumns,
  moveKeys,
  moveLeads,
  recomputeKeys,
  tellLeads,
  writeMerge,
  writePerson,
  type MergeRow,
  type PersonRow,
} from './sql/merge-people';
import { showingsOf } from './sql/showings';

type Authority = MatchBy['authority'];

export function createPeopleStore(pool: Pool, models: IdentityModels): PeopleStore {
  return {
    person: (id) => readPerson(pool, id),
    merge: async (input) => {
      const { authority } = await models.current();
      return withPeople(pool, [input.survivorId, input.mergedId], (client) =>
        mergePeople(client, input, authority),
      );
    },
    undo: async (mergeId, by, at) => {
      const merge = await mergeOf(pool, mergeId);
      if (!merge) return { kind: 'unknown', what: 'merge', id: mergeId };
      const { authority } = await models.current();
      return withPeople(pool, [merge.survivorId, merge.mergedId], (client) =>
        undoMerge(client, { mergeId, by, at }, authority),
      );
    },
    unjoined: () => unjoined(pool),
  };
}

class KeysChangedError extends Error {
  override readonly name = 'KeysChangedError';
}

/** Tries for the locks; more are never needed but by a person who gets lead after lead. */
const mostTries = 5;

/**
 * Runs `work` while nobody can identify a lead as one of these people: a lead is identified under locks on all of its
 * keys, so all keys of the people are locked here, in the same order. If one got another key meanwhile it starts anew,
 * as locking that one late would be out of order and could end in a deadlock.
 */
export async function withPeople<T>(
  pool: Pool,
  ids: readonly string[],
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await transaction(pool, async (client) => {
        const keys = await keysOfPeople(client, ids);
        await lockHashes(client, keys);
        const now = await keysOfPeople(client, ids);
        const locked = new Set(keys);
        if (now.some((key) => !locked.has(key))) throw new KeysChangedError();
        return await work(client);
      });
    } catch (error) {
      if (!(error instanceof KeysChangedError) || tries === mostTries) throw error;
    }
  }
}

/** The caller holds the locks of `withPeople`. */
export async function mergePeople(
  client: PoolClient,
  input: MergeInput,
  authority: Authority,
): Promise<Merged> {
  const { survivorId, mergedId } = input;
  const people = await lockPeople(client, [survivorId, mergedId]);
  const [survivor, merged] = [people.get(survivorId), people.get(mergedId)];
  if (!survivor || !merged) return { kind: 'unknown', what: 'person', id: survivor ? mergedId : survivorId };
  const standing = await standingMerge(client, mergedId);
  if (standing?.survivorId === survivorId)
    return { kind: 'merged', merge: viewOf(standing), joins: await leadsToJoin(client, survivorId) };
  const reason = refusal(survivor, merged);
  if (reason !== undefined) return { kind: 'conflict', reason };
  const merge = await write(client, { ...input, authority }, survivor, merged);
  return { kind: 'merged', merge: viewOf(merge), joins: await leadsToJoin(client, survivorId) };
}

function refusal(survivor: PersonRow, merged: PersonRow): string | undefined {
  if (survivor.id === merged.id) return 'a person cannot be merged into himself';
  if (merged.mergedInto !== null) return `${merged.id} was merged into ${merged.mergedInto}`;
  if (survivor.mergedInto !== null)
    return `${survivor.id} was merged into ${survivor.mergedInto}: merge into that one, or undo that merge`;
  return undefined;
}

async function write(
  client: PoolClient,
  { authority, ...input }: MergeInput & { readonly authority: Authority },
  survivor: PersonRow,
  merged: PersonRow,
): Promise<MergeRow> {
  const [kept, moving] = [await leadsOf(client, survivor.id), await leadsOf(client, merged.id)];
  await moveLeads(client, moving, merged, survivor);
  await moveKeys(client, merged, survivor);
  const profile = survive(await showingsOf(client, [survivor.id], authority)); // his leads, and those that moved
  const accountId = survivor.accountId ?? merged.accountId;
  await writePerson(client, survivor.id, { profile, accountId, mergedInto: null });
  await writePerson(client, merged.id, { ...merged, mergedInto: survivor.id });
  const reviews = await closeReviews(client, input);
  const merge = await writeMerge(client, {
    ...input,
    id: input.mergeId,
    before: {
      survivor: { profile: survivor.profile, accountId: survivor.accountId },
      merged: { profile: merged.profile, accountId: merged.accountId },
      leads: moving,
      kept,
      reviews,
    },
  });
  await tellLeads(client, {
    leads: [...moving, ...kept],
    at: merge.at,
    what: 'person_merged',
    merge,
  });
  return merge;
}

/** Whether these two are one was the question of these reviews. */
async function closeReviews(client: PoolClient, input: MergeInput): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: string }>({
    name: 'close-reviews',
    text: `UPDATE identity_reviews SET state = 'same', decided_by = $2, decided_at = $3
           WHERE state = 'open' AND person_id = ANY ($1) AND other_id = ANY ($1) AND person_id <> other_id RETURNING id`,
    values: [[input.survivorId, input.mergedId], input.by, input.at],
  });
  return rows.map(({ id }) => id);
}

async function undoMerge(
  client: PoolClient,
  { mergeId, by, at }: { readonly mergeId: string; readonly by: string; readonly at: IsoInstant },
  authority: Authority,
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
  await moveLeads(client, before.leads, survivor, merged);
  await writePerson(client, survivor.id, {
    ...(await sinceThen(client, merge, authority)),
    mergedInto: null,
  });
  await writePerson(client, merged.id, { ...before.merged, mergedInto: null });
  await recomputeKeys(client, survivor);
  await recomputeKeys(client, merged);
  const undone = await writeUndone(client, merge, by, at);
  await tellLeads(client, {
    leads: [...before.leads, ...before.kept],
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

/** The survivor exactly as he was, unless leads of his came since: then by what all of his say. */
async function sinceThen(
  client: PoolClient,
  { survivorId, before }: MergeRow,
  authority: Authority,
): Promise<Pick<PersonRow, 'profile' | 'accountId'>> {
  const { rows } = await client.query<{ accountId: string | null }>(
    `SELECT account_id AS "accountId" FROM leads WHERE person_id = $1 AND id <> ALL ($2) ORDER BY seq`,
    [survivorId, before.kept],
  );
  if (rows.length === 0) return before.survivor;
  const account = rows.find(({ accountId }) => accountId !== null)?.accountId ?? null;
  return {
    profile: survive(await showingsOf(client, [survivorId], authority)),
    accountId: before.survivor.accountId ?? account,
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

/** Open leads of one person beside his oldest one, which is to take them over. */
export async function leadsToJoin(client: PoolClient, personId: string): Promise<readonly LeadToJoin[]> {
  const { rows } = await client.query<{ id: LeadId }>({
    name: 'open-leads',
    text: `SELECT id FROM leads WHERE person_id = $1 AND closed_at IS NULL AND progress <> 'merged' ORDER BY seq`,
    values: [personId],
  });
  const [oldest, ...younger] = rows;
  return oldest === undefined ? [] : younger.map(({ id }) => ({ leadId: id, into: oldest.id }));
}

async function unjoined(pool: Pool): Promise<readonly LeadToJoin[]> {
  const { rows } = await pool.query<LeadToJoin>(
    `SELECT DISTINCT l.id AS "leadId", o.id AS into FROM identity_merges m
       JOIN leads l ON l.person_id = m.survivor_id AND l.closed_at IS NULL AND l.progress <> 'merged'
       CROSS JOIN LATERAL (SELECT id FROM leads WHERE person_id = m.survivor_id AND closed_at IS NULL AND progress <> 'merged'
         ORDER BY seq LIMIT 1) AS o
     WHERE m.undone_at IS NULL AND l.id <> o.id ORDER BY l.id LIMIT 500`,
  );
  return rows;
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

async function standingMerge(client: PoolClient, mergedId: string): Promise<MergeRow | undefined> {
  const { rows } = await client.query<MergeRow>(
    `SELECT ${mergeColumns} FROM identity_merges WHERE merged_id = $1 AND undone_at IS NULL`,
    [mergedId],
  );
  return rows[0];
}

async function mergeOf(client: Pool | PoolClient, id: string): Promise<MergeRow | undefined> {
  const { rows } = await client.query<MergeRow>(`SELECT ${mergeColumns} FROM identity_merges WHERE id = $1`, [
    id,
  ]);
  return rows[0];
}
