import type { ApiDeps } from '../../../api/deps';
import type { MergeView, PersonView, ReviewView, ThresholdDraft } from '../../../api/ports-identity';
import type { LeadId } from '../../../domain/ids';
import { toInstant } from '../../../domain/instant';

export interface IdentityWorld {
  persons: Map<string, PersonView>;
  reviews: ReviewView[];
  merges: MergeView[];
  draft: ThresholdDraft;
}

const at = toInstant(Date.UTC(2026, 10, 24, 9));
const lead = (letter: string): LeadId => `lead_${letter.repeat(26)}` as LeadId;
/** Both have an open lead. */
export const openLeads = { older: lead('a'), younger: lead('b') };

export const freshIdentity = (): IdentityWorld => ({
  persons: new Map(
    ['per_a', 'per_b'].map((id) => [
      id,
      { id, profile: { firstName: 'Ada' }, createdAt: at, leads: [], merges: [] },
    ]),
  ),
  reviews: [
    {
      id: 'rev_1',
      leadId: openLeads.younger,
      state: 'open',
      bits: 3.5,
      reasons: [{ fact: 'phone', level: 'same', bits: 9 }],
      person: { id: 'per_b', profile: { firstName: 'A.' } },
      other: { id: 'per_a', profile: { firstName: 'Ada' } },
      createdAt: at,
    },
  ],
  merges: [],
  draft: { kind: 'too_few', verdicts: 3, missing: 47 },
});

/** Merging and reviewing in memory: what the routes make of each answer, not the rules of the stores. */
export function fakeIdentity(world: IdentityWorld): Pick<ApiDeps, 'people' | 'reviews' | 'thresholds'> {
  const joins = [{ leadId: openLeads.younger, into: openLeads.older }];
  const people: ApiDeps['people'] = {
    person: async (id) => world.persons.get(id),
    merge: async ({ survivorId, mergedId, by, because, mergeId }) => {
      const missing = [survivorId, mergedId].find((id) => !world.persons.has(id));
      if (missing !== undefined) return { kind: 'unknown', what: 'person', id: missing };
      if (survivorId === mergedId)
        return { kind: 'conflict', reason: 'a person cannot be merged into himself' };
      const merge = { id: mergeId, survivorId, mergedId, by, because, at, leads: [openLeads.younger] };
      world.merges.push(merge);
      return { kind: 'merged', merge, joins };
    },
    undo: async (id, by) => {
      const merge = world.merges.find((one) => one.id === id);
      return merge
        ? { kind: 'undone', merge: { ...merge, undoneAt: at, undoneBy: by }, joined: joins }
        : { kind: 'unknown', what: 'merge', id };
    },
    unjoined: async () => joins,
  };
  return {
    people,
    reviews: {
      list: async ({ state }) => ({
        data: world.reviews.filter((review) => state === undefined || review.state === state),
        hasMore: false,
      }),
      judge: async ({ reviewId, verdict, by, ...input }) => {
        const review = world.reviews.find(({ id }) => id === reviewId);
        if (!review) return { kind: 'unknown', what: 'review', id: reviewId };
        if (review.state !== 'open' && review.state !== verdict)
          return { kind: 'conflict', reason: `the review was closed as ${review.state}` };
        const closed = { ...review, state: verdict, decidedBy: by, decidedAt: at };
        world.reviews = world.reviews.map((one) => (one.id === reviewId ? closed : one));
        if (verdict === 'different') return { kind: 'judged', review: closed, joins: [] };
        const merged = await people.merge({
          ...input,
          survivorId: review.other.id,
          mergedId: review.person.id,
          by,
          because: reviewId,
        });
        return merged.kind === 'merged'
          ? { kind: 'judged', review: closed, merge: merged.merge, joins: merged.joins }
          : merged;
      },
    },
    thresholds: { propose: async () => world.draft, publish: async (version) => version === 7 },
  };
}
