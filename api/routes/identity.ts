import { mintId } from '../../domain/ids';
import { toInstant, type IsoInstant } from '../../domain/instant';
import type { LeadToJoin } from '../../domain/lead';
import type { ApiDeps } from '../deps';
import { ApiError, RunsUnavailableError } from '../errors';
import type { Refused } from '../ports-identity';
import { route, type Api } from '../route';
import {
  IdParams,
  MergeBody,
  MergeDone,
  ModelLive,
  ModelParams,
  PersonView,
  ReviewList,
  ReviewQuery,
  ThresholdDraft,
  UndoBody,
  UndoDone,
  VerdictBody,
  VerdictView,
} from '../schemas/identity';

const tag = 'identity';
/** Who is who shows people, so every call of it asks for the scope of administrators. */
const scope = 'admin';

export function identityRoutes(api: Api, deps: ApiDeps): void {
  reviewRoutes(api, deps);
  personRoutes(api, deps);
  mergeRoutes(api, deps);
  thresholdRoutes(api, deps);
}

function reviewRoutes(api: Api, deps: ApiDeps): void {
  const { reviews } = deps;
  route(api, {
    method: 'get',
    path: '/v1/reviews',
    tag,
    summary: 'Pairs of people who may be one, oldest first',
    scope,
    query: ReviewQuery,
    replies: { 200: ReviewList },
    handle: ({ query: { state, limit, startingAfter } }) => reviews.list({ state, limit, startingAfter }),
  });
  route(api, {
    method: 'post',
    path: '/v1/reviews/:id/verdict',
    tag,
    summary: 'Say whether the two are one person',
    description: '`same` merges the new person into the known one; an open lead of each becomes one lead.',
    scope,
    params: IdParams,
    body: VerdictBody,
    replies: { 200: VerdictView },
    errors: ['unknown_review', 'unknown_person', 'identity_conflict'],
    handle: async ({ params, body: { verdict, by }, caller }) => {
      return judgeReview(deps, params.id, verdict, by ?? caller.name);
    },
  });
}

/** Closes a review as one person or two, and asks the runs of leads that are one now to join. */
export async function judgeReview(
  deps: ApiDeps,
  reviewId: string,
  verdict: 'same' | 'different',
  by: string,
) {
  const { reviews, clock } = deps;
  const judged = await reviews.judge({
    reviewId,
    verdict,
    by,
    at: toInstant(clock.now()),
    mergeId: mintId('merge', clock.now()),
  });
  if (judged.kind !== 'judged') throw refusal(judged);
  const { review, merge } = judged;
  return { review, ...(merge ? { merge } : {}), joins: await joinAll(deps, judged.joins) };
}

function personRoutes(api: Api, { people }: ApiDeps): void {
  route(api, {
    method: 'get',
    path: '/v1/people/:id',
    tag,
    summary: 'A person with leads and merges',
    scope,
    params: IdParams,
    replies: { 200: PersonView },
    errors: ['unknown_person'],
    handle: async ({ params }) => {
      const person = await people.person(params.id);
      if (!person) throw refusal({ kind: 'unknown', what: 'person', id: params.id });
      return person;
    },
  });
}

function mergeRoutes(api: Api, deps: ApiDeps): void {
  const { people, clock } = deps;
  const now = (): IsoInstant => toInstant(clock.now());
  route(api, {
    method: 'post',
    path: '/v1/people/:id/merge',
    tag,
    summary: 'Merge this person into another one',
    description:
      'A repeat answers with the merge that stands and tries again to join leads that are `pending`.',
    scope,
    params: IdParams,
    body: MergeBody,
    replies: { 200: MergeDone },
    errors: ['unknown_person', 'identity_conflict'],
    handle: async ({ params, body: { into, because, by }, caller }) => {
      const merged = await people.merge({
        survivorId: into,
        mergedId: params.id,
        by: by ?? caller.name,
        because,
        at: now(),
        mergeId: mintId('merge', clock.now()),
      });
      if (merged.kind !== 'merged') throw refusal(merged);
      return { merge: merged.merge, joins: await joinAll(deps, merged.joins) };
    },
  });
  route(api, {
    method: 'post',
    path: '/v1/merges/:id/undo',
    tag,
    summary: 'Make two people of one again',
    description:
      'Restores both as they were; each lead received since goes to whom it is nearer. A run that ended because its lead joined another one does not come back: `stillJoined` names these leads.',
    scope,
    params: IdParams,
    body: UndoBody,
    bodyAs: 'optional-json',
    replies: { 200: UndoDone },
    errors: ['unknown_merge', 'unknown_person', 'identity_conflict'],
    handle: async ({ params, body: { by }, caller }) => {
      const undone = await people.undo(params.id, by ?? caller.name, now());
      if (undone.kind !== 'undone') throw refusal(undone);
      return { merge: undone.merge, stillJoined: undone.joined };
    },
  });
}

function thresholdRoutes(api: Api, { thresholds }: ApiDeps): void {
  route(api, {
    method: 'post',
    path: '/v1/identity/thresholds',
    tag,
    summary: 'Thresholds that the verdicts speak for, as a draft with a report',
    description: 'Nothing is decided by the draft until it is published.',
    scope,
    replies: { 200: ThresholdDraft },
    errors: ['too_few_verdicts'],
    handle: async () => {
      const draft = await thresholds.propose();
      if (draft.kind === 'too_few')
        throw new ApiError(
          'too_few_verdicts',
          `There are ${String(draft.verdicts)} verdicts; ${String(draft.missing)} more are needed.`,
        );
      return { version: draft.version, report: draft.report };
    },
  });
  route(api, {
    method: 'post',
    path: '/v1/identity/models/:version/publish',
    tag,
    summary: 'Decide by this model from now on',
    description: 'In force in every process within 15 s. Publish an earlier version to go back.',
    scope,
    params: ModelParams,
    replies: { 200: ModelLive },
    errors: ['unknown_model'],
    handle: async ({ params: { version } }) => {
      if (!(await thresholds.publish(version)))
        throw new ApiError('unknown_model', `There is no identity model ${String(version)}.`);
      return { version, state: 'live' as const };
    },
  });
}

interface JoinView extends LeadToJoin {
  readonly state: 'joined' | 'pending' | 'refused';
  readonly reason?: string;
}

/** The people are one already, so a run that cannot be asked now is no failure of the merge: a repeat or the next reconciliation asks it. */
async function joinAll({ runs, log }: ApiDeps, joins: readonly LeadToJoin[]): Promise<readonly JoinView[]> {
  const views: JoinView[] = [];
  for (const { leadId, into } of joins) {
    try {
      const answer = await runs.request(leadId, 'join', { into });
      views.push(
        answer.ok
          ? { leadId, into, state: 'joined' }
          : { leadId, into, state: 'refused', reason: answer.reason },
      );
    } catch (err) {
      if (!(err instanceof RunsUnavailableError)) throw err;
      log.warn({ err, leadId, into }, 'lead not joined yet');
      views.push({ leadId, into, state: 'pending' });
    }
  }
  return views;
}

function refusal(refused: Refused): ApiError {
  if (refused.kind === 'conflict') return new ApiError('identity_conflict', `${refused.reason}.`);
  return new ApiError(`unknown_${refused.what}`, `There is no ${refused.what} with this id.`);
}
