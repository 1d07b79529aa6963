import type { Pool, PoolClient } from 'pg';
import type { Judged, ReviewStore, ReviewView, VerdictInput } from '../api/ports-identity';
import type { IdentityModels } from './identity-models';
import { leadsToJoin, mergePeople, withPeople } from './people-store';
import type { MatchBy } from './recognise';
import { readReviews, reviewOf } from './sql/read-reviews';

/** A longer chain of merges than people make. */
const longestChain = 50;

export function createReviewStore(pool: Pool, models: IdentityModels): ReviewStore {
  return {
    list: (query) => readReviews(pool, query),
    judge: async (input) => {
      const review = await reviewOf(pool, input.reviewId);
      if (!review) return { kind: 'unknown', what: 'review', id: input.reviewId };
      // Either may have been merged since the question was asked: the answer is about who they are now.
      const [personId, otherId] = await Promise.all([
        survivorOf(pool, review.person.id),
        survivorOf(pool, review.other.id),
      ]);
      const { authority } = await models.current();
      return withPeople(pool, [personId, otherId], (client) =>
        judge(client, input, { personId, otherId, authority }),
      );
    },
  };
}

interface Question extends Pick<MatchBy, 'authority'> {
  readonly personId: string;
  readonly otherId: string;
}

async function judge(
  client: PoolClient,
  input: VerdictInput,
  { personId, otherId, authority }: Question,
): Promise<Judged> {
  await client.query('SELECT 1 FROM identity_reviews WHERE id = $1 FOR UPDATE', [input.reviewId]);
  const review = await reviewOf(client, input.reviewId);
  if (!review) return { kind: 'unknown', what: 'review', id: input.reviewId };
  if (review.state !== 'open' && review.state !== input.verdict)
    return { kind: 'conflict', reason: `the review was closed as ${review.state}` };
  const again = review.state !== 'open';
  if (input.verdict === 'different') {
    if (!again && personId === otherId)
      return { kind: 'conflict', reason: 'the two have been merged: undo that merge instead' };
    return { kind: 'judged', review: again ? review : await close(client, input), joins: [] };
  }
  if (again && (await survivorOf(client, review.person.id)) !== (await survivorOf(client, review.other.id)))
    return { kind: 'conflict', reason: 'they were merged by this verdict and told apart since' };
  if (again || personId === otherId) {
    const joins = await leadsToJoin(client, otherId);
    return { kind: 'judged', review: again ? review : await close(client, input), joins };
  }
  const merge = {
    survivorId: otherId,
    mergedId: personId,
    by: input.by,
    because: `review ${input.reviewId}`,
    at: input.at,
    mergeId: input.mergeId,
  };
  const merged = await mergePeople(client, merge, authority);
  if (merged.kind !== 'merged') return merged;
  return {
    kind: 'judged',
    review: await close(client, input),
    merge: merged.merge,
    joins: merged.joins,
  };
}

async function close(client: PoolClient, { reviewId, verdict, by, at }: VerdictInput): Promise<ReviewView> {
  await client.query(
    `UPDATE identity_reviews SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1`,
    [reviewId, verdict, by, at],
  );
  const closed = await reviewOf(client, reviewId);
  if (!closed) throw new Error(`review ${reviewId} vanished`);
  return closed;
}

/** Who somebody is after all merges. */
async function survivorOf(client: Pool | PoolClient, id: string): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `WITH RECURSIVE chain AS (
       SELECT id, merged_into, 1 AS step FROM people WHERE id = $1
       UNION ALL SELECT p.id, p.merged_into, step + 1 FROM chain JOIN people p ON p.id = chain.merged_into WHERE step < ${String(longestChain)})
     SELECT id FROM chain ORDER BY step DESC LIMIT 1`,
    [id],
  );
  return rows[0]?.id ?? id;
}
