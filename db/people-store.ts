import type { Pool, PoolClient } from 'pg';
import type { Merged, MergeInput, PeopleStore } from '../api/ports-identity';
import { survive } from '../domain/identity/survive';
import type { LeadId } from '../domain/ids';
import type { LeadToJoin } from '../domain/lead';
import { transaction } from './client';
import type { IdentityModels } from './identity-models';
import type { MatchBy } from './recognise';
import { mergeView as viewOf, readPerson } from './sql/read-person';
import { mergeOf, undoMerge } from './undo-merge';
import {
  keysOfPeople,
  leadsOf,
  lockHashes,
  lockPeople,
  mergeColumns,
  moveKeys,
  moveLeads,
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
      const matchBy = await models.current();
      return withPeople(pool, [merge.survivorId, merge.mergedId], (client) =>
        undoMerge(client, { mergeId, by, at }, matchBy),
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

/** Whether these two are one was the question of these reviews, asked of them or of somebody who was merged into them. */
async function closeReviews(client: PoolClient, input: MergeInput): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: string }>({
    name: 'close-reviews',
    text: `
WITH RECURSIVE one AS (
  SELECT id, id AS now FROM unnest($1::text[]) AS id
  UNION SELECT m.merged_id, one.now FROM one JOIN identity_merges m ON m.survivor_id = one.id AND m.undone_at IS NULL
)
UPDATE identity_reviews r SET state = 'same', decided_by = $2, decided_at = $3 FROM one p, one o
WHERE r.state = 'open' AND r.person_id = p.id AND r.other_id = o.id AND p.now <> o.now RETURNING r.id`,
    values: [[input.survivorId, input.mergedId], input.by, input.at],
  });
  return rows.map(({ id }) => id);
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

async function standingMerge(client: PoolClient, mergedId: string): Promise<MergeRow | undefined> {
  const { rows } = await client.query<MergeRow>(
    `SELECT ${mergeColumns} FROM identity_merges WHERE merged_id = $1 AND undone_at IS NULL`,
    [mergedId],
  );
  return rows[0];
}
