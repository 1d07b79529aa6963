import type { LeadId } from '../domain/ids';
import { epochMs, type IsoInstant } from '../domain/instant';
import type { Band, Reroute, ScoreOverride } from '../domain/policy';
import { keepInherited, type AppliedSla } from '../domain/sla/plan';
import { clocksOf } from './clock-lead';
import { decide, type Decision } from './decide';
import { needsAttention } from './failures';
import type { LeadActivityDeps } from './lead-deps';
import { aboutLead, explanationOf, placed, planFor } from './place-lead';
import type { ReadyPolicy } from './policies';
import type { Assignment, LeadScoring, LeadState } from './ports';
import type { OwnerWanted, RescoreAsked, Rescored } from './routing-types';

/**
 * Works a lead's score out anew, because a person set it or took that back, or because data came late or the person did
 * something more. A lead that nobody has worked and that gets into another band is routed once more: its owner keeps it,
 * under the promise of the rule that takes it now, if that rule could have sent it to him; else it moves.
 */
export async function rescoreLead(deps: LeadActivityDeps, asked: RescoreAsked): Promise<Rescored> {
  const { identities, assignments, policies } = deps;
  const lead = await identities.lead(asked.leadId as LeadId);
  if (!lead?.facts) throw needsAttention('unknown_lead', 'route', 'the lead was not identified');
  const routedBefore = lead.ownerId !== undefined || lead.hop > 0;
  const policy = await policies.of(routedBefore ? lead.policyVersion : undefined);
  const override = overrideFor(lead, asked);
  const scoring: LeadScoring = { rerouted: lead.scoring.rerouted, ...(override ? { override } : {}) };
  const atMs = epochMs(asked.at as IsoInstant);
  const decision = decide(policy, lead.facts, await aboutLead(deps, { ...lead, scoring }, atMs));
  const { score, band } = decision.scored;
  const changed = await assignments.rescore({
    leadId: lead.leadId,
    at: asked.at as IsoInstant,
    score,
    band,
    override,
    explanation: { at: asked.at, because: asked.because, ...decision.scored, computed: decision.computed },
    ...timelineOf(asked, lead, decision),
  });
  const scored = { kind: changed ? 'scored' : 'same', band } as const;
  if (asked.hop === undefined) return scored;
  const history = await assignments.history(lead.leadId);
  const assignment = history.find(({ hop }) => hop === asked.hop);
  if (assignment?.sla.startAt === asked.at && asked.hop === lead.hop && lead.scoring.rerouted)
    return kept(policy, { lead, history, assignment, asked, band }); // a repeat of this step
  if (!assignment || isInHand(assignment.sla, asked.at)) return scored;
  if (!crosses(policy.policy.scoring.reroute, lead, decision)) return scored;
  if (decision.routed.chosen.rule === assignment.rule) return scored;
  return mayKeep(decision, assignment.repId)
    ? keep(deps, { asked, lead, history, assignment, policy, decision })
    : { kind: 'moves', band };
}

/** Somebody has said when it goes on: its customer has the word, it is put off, or a manager sees to it. */
const isInHand = ({ heldAt, counted, acknowledged }: AppliedSla, at: string): boolean =>
  heldAt !== undefined || (counted?.from ?? '') > at || (acknowledged?.until ?? '') > at;

/** What is set by hand from now on, with the band that the rules had given. */
function overrideFor(lead: LeadState, { set, because, at }: RescoreAsked): LeadScoring['override'] {
  const before = lead.scoring.override;
  if (because === 'cleared') return undefined;
  if (set === undefined) return before;
  const was = before ? before.was : lead.band;
  return { ...set, at: at as IsoInstant, ...(was === undefined ? {} : { was }) };
}

function timelineOf(
  { because, set, by }: RescoreAsked,
  lead: LeadState,
  { scored: { score, band }, computed }: Decision,
): { readonly what: string; readonly details: Readonly<Record<string, unknown>> } {
  const details = { score, band, before: { score: lead.score, band: lead.band } };
  switch (because) {
    case 'set': {
      const { reason, by: who } = set as Pick<ScoreOverride, 'reason' | 'by'>;
      return { what: 'score_set', details: { ...details, computed, reason, by: who } };
    }
    case 'cleared':
      return { what: 'score_cleared', details: { ...details, by } };
    default:
      return { what: 'rescored', details: { ...details, because } };
  }
}

const rank: Readonly<Record<Band, number>> = { cold: 0, warm: 1, hot: 2 };

/** Whether a lead is to be routed again: compared with the band it was routed by, so that a repeated step agrees. */
function crosses(
  reroute: Reroute,
  { progress, scoring: { routedBand, rerouted } }: LeadState,
  { scored: { band } }: Decision,
): boolean {
  if (progress !== 'assigned' || rerouted || routedBand === undefined || reroute === 'never') return false;
  return reroute === 'up' ? rank[band] > rank[routedBand] : band !== routedBand;
}

/** Whether somebody is among those the rule sends the lead to first. */
function mayKeep({ targets }: Decision, repId: string): boolean {
  const first = targets.findIndex(({ kind }) => kind === 'pool');
  return targets.slice(0, first === -1 ? undefined : first + 1).some((target) => {
    if (target.kind === 'rep') return target.repId === repId;
    return Object.hasOwn(target.members, repId) && !Object.hasOwn(target.barred, repId);
  });
}

interface Kept {
  readonly asked: RescoreAsked;
  readonly lead: LeadState;
  readonly history: readonly Assignment[];
  readonly assignment: Assignment;
  readonly policy: ReadyPolicy;
  readonly decision: Decision;
}

async function keep(
  deps: LeadActivityDeps,
  { asked, lead, history, assignment, policy, decision }: Kept,
): Promise<Rescored> {
  const at = asked.at as IsoInstant;
  const { hop, repId } = assignment;
  const { rule, sla: slaName } = decision.routed.chosen;
  const { calendar } = await clocksOf(deps, lead, assignment);
  const planned = planFor(policy, { repId, slaName }, wantedBy(asked, assignment), {
    away: await deps.assignments.absences({ since: at }),
    live: await deps.policies.of(undefined),
    before: { sla: assignment.sla, calendar },
  });
  const { missedAt } = assignment.sla;
  const sla = { ...keepInherited(assignment.sla, planned), ...(missedAt === undefined ? {} : { missedAt }) };
  const explanation = explanationOf(decision, decision.targets);
  await deps.assignments.keepUnder({ leadId: lead.leadId, hop, at, rule, sla, explanation });
  const { band } = decision.scored;
  return kept(policy, { lead, history, asked, band, assignment: { ...assignment, rule, sla } });
}

const wantedBy = ({ at, exclude = [] }: RescoreAsked, { leadId, hop, cause }: Assignment): OwnerWanted => ({
  leadId,
  at,
  hop,
  cause,
  exclude,
});

function kept(
  policy: ReadyPolicy,
  {
    lead,
    history,
    asked,
    band,
    assignment,
  }: Pick<Kept, 'lead' | 'history' | 'asked' | 'assignment'> & { readonly band: Band },
): Rescored {
  const wanted = wantedBy(asked, assignment);
  return {
    kind: 'kept',
    band,
    placement: placed(policy, assignment, { lead, history, wanted, activeAt: undefined }),
  };
}
