import type { LeadId } from '../../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../../domain/instant';
import type { LeadStateReply } from '../../workflows/contract';
import type { ApiDeps, RunRequests, Runs } from '../deps';
import { ApiError, invalid } from '../errors';
import { present } from '../present';
import { route, type Api, type Route } from '../route';
import {
  AcknowledgeBody,
  ClaimBody,
  DeclineBody,
  DispositionBody,
  HoldBody,
  leadIdOf,
  LeadParams,
  LeadState,
  ReassignBody,
  ReleaseBody,
  ReplyBody,
  ResumeBody,
  ScoreBody,
  ScoreQuery,
  SnoozeBody,
  TouchBody,
  unknownLead,
} from '../schemas/leads';
import type { z } from '../schemas/zod';

/** A rep's clock may be ahead of ours by this much. */
const futureMaxMs = 300_000;

/** What people do with a lead; each is answered with its new state, or 409 with the reason. */
export function leadActionRoutes(api: Api, deps: ApiDeps): void {
  const { runs, clock } = deps;
  route(api, {
    ...action('touches', 'Record that a rep worked the lead', TouchBody),
    bodyAs: 'json',
    handle: ({ params, body }) => {
      refuseFuture(body.at, clock.now());
      return ask(runs, leadIdOf(params), 'recordTouch', present(body));
    },
  });
  route(api, {
    ...action('claim', 'Take the lead and stop the clock', ClaimBody),
    handle: ({ params, body }) => ask(runs, leadIdOf(params), 'claim', present(body)),
  });
  route(api, {
    ...action('decline', 'Give the lead back to the pool', DeclineBody),
    handle: ({ params, body }) => ask(runs, leadIdOf(params), 'decline', present(body)),
  });
  route(api, {
    ...action('reassign', 'Give the lead to another rep', ReassignBody),
    handle: ({ params, body }) => ask(runs, leadIdOf(params), 'reassign', present(body)),
  });
  route(api, {
    ...action('snooze', 'Stop the clock for a while', SnoozeBody),
    bodyAs: 'json',
    handle: ({ params, body: { for: forMs, by } }) =>
      ask(runs, leadIdOf(params), 'snooze', present({ forMs, by })),
  });
  route(api, {
    ...action(
      'acknowledge',
      'Have the lead in hand: its ladder goes no further for a while',
      AcknowledgeBody,
    ),
    bodyAs: 'json',
    handle: ({ params, body: { for: forMs, by } }) =>
      ask(runs, leadIdOf(params), 'acknowledge', { forMs, by }),
  });
  route(api, {
    ...action('hold', 'Stop the clocks while the customer has the word', HoldBody),
    handle: ({ params, body }) => ask(runs, leadIdOf(params), 'hold', present(body)),
  });
  route(api, {
    ...action('resume', 'Let the clocks go on', ResumeBody),
    handle: ({ params, body }) => ask(runs, leadIdOf(params), 'resume', present(body)),
  });
  route(api, {
    ...action('replies', 'Record that the customer wrote back', ReplyBody),
    handle: ({ params }) => ask(runs, leadIdOf(params), 'reply', {}),
  });
  scoreRoutes(api, deps);
  route(api, {
    ...action('disposition', 'Say what became of the lead', DispositionBody),
    bodyAs: 'json',
    handle: ({ params, body }) => ask(runs, leadIdOf(params), 'dispose', present(body)),
  });
  releaseRoute(api, deps);
}

function releaseRoute(api: Api, deps: ApiDeps): void {
  route(api, {
    ...action('release', 'Make a lead of one that the spam gate turned away', ReleaseBody),
    description: 'It is routed as if it had just come, and not screened again.',
    handle: ({ params, body }) => releaseLead(deps, leadIdOf(params), body),
  });
}

/** Makes a lead again of what the gate turned away. @throws ApiError */
export async function releaseLead(
  { gate, runs, clock }: ApiDeps,
  leadId: LeadId,
  why: z.output<typeof ReleaseBody>,
): Promise<LeadStateReply> {
  const released = await gate.release({ leadId, at: toInstant(clock.now()), ...why });
  if (released === undefined) throw unknownLead();
  if (released === 'not_rejected') throw new ApiError('lead_conflict', 'the spam gate did not turn it away');
  await runs.beginAgain(leadId);
  return { status: 'received' };
}

/** What a person knows better than the rules. */
function scoreRoutes(api: Api, { runs, leads }: ApiDeps): void {
  route(api, {
    ...action('score', 'Set the score or the band, whatever the rules say', ScoreBody),
    method: 'put',
    bodyAs: 'json',
    handle: ({ params, body }) => ask(runs, leadIdOf(params), 'setScore', present(body)),
  });
  route(api, {
    method: 'delete',
    path: '/v1/leads/:leadId/score',
    tag: 'lead actions',
    summary: 'Leave the score to the rules again',
    scope: 'act',
    params: LeadParams,
    query: ScoreQuery,
    replies: { 200: LeadState },
    errors: ['unknown_lead', 'lead_conflict', 'runs_unavailable'],
    handle: async ({ params, query }) => {
      const lead = await leads.view(leadIdOf(params));
      if (!lead) throw unknownLead();
      if (!lead.scoreOverride)
        throw new ApiError('lead_conflict', 'nobody set the score: it is left to the rules already');
      return ask(runs, lead.id, 'clearScore', present(query));
    },
  });
}

function action<B extends z.ZodType>(verb: string, summary: string, body: B) {
  return {
    method: 'post',
    path: `/v1/leads/:leadId/${verb}`,
    tag: 'lead actions',
    summary,
    scope: 'act',
    params: LeadParams,
    body,
    bodyAs: 'optional-json',
    replies: { 200: LeadState },
    errors: ['unknown_lead', 'lead_conflict', 'runs_unavailable'],
  } as const satisfies Omit<Route<typeof LeadParams, undefined, B, { 200: typeof LeadState }>, 'handle'>;
}

async function ask<K extends keyof RunRequests>(
  runs: Runs,
  leadId: LeadId,
  kind: K,
  args: RunRequests[K],
): Promise<LeadStateReply> {
  const answer = await runs.request(leadId, kind, args);
  if (!answer.ok) throw new ApiError('lead_conflict', answer.reason);
  return answer.state;
}

/** A touch that has not happened yet would stop a clock on a promise. */
function refuseFuture(at: IsoInstant | undefined, nowMs: number): void {
  if (at === undefined || epochMs(at) <= nowMs + futureMaxMs) return;
  throw invalid([{ path: 'at', message: 'lies in the future', expected: 'an instant that has passed' }]);
}
