import { log } from '@temporalio/activity';
import { mintId, type LeadId } from '../domain/ids';
import { identityKeys } from '../domain/identity/keys';
import { ownFacts } from '../domain/identity/facts';
import { epochMs, type IsoInstant } from '../domain/instant';
import type { DispositionOutcome, TouchKind } from '../domain/lead';
import { postpone } from '../domain/sla/plan';
import { workedMs } from '../domain/sla/calendar';
import { needsAttention } from './failures';
import { placeLead } from './place-lead';
import type { RoutingPolicies } from './policies';
import type { Assignment, AssignmentStore, ErrorStore, IdentityStore } from './ports';
import type { Identified, OwnerWanted, Placement } from './routing-types';

export interface LeadActivityDeps {
  readonly identities: IdentityStore;
  readonly assignments: AssignmentStore;
  readonly policies: RoutingPolicies;
  readonly errors: ErrorStore;
  /** Whether a data provider is configured. */
  readonly enriches: boolean;
}

export type LeadActivities = ReturnType<typeof createLeadActivities>;

/** The short steps of a lead's run on our own Postgres. Instants come from the run, whose time may be skipped. */
export function createLeadActivities(deps: LeadActivityDeps) {
  const { identities, assignments, policies, errors } = deps;

  const current = async (leadId: LeadId, hop: number): Promise<Assignment> => {
    const found = (await assignments.history(leadId)).find((assignment) => assignment.hop === hop);
    if (!found) throw new Error(`lead ${leadId} has no assignment ${String(hop)}`);
    return found;
  };

  return {
    identifyLead: ({ leadId, at }: { leadId: string; at: string }) => identifyLead(deps, leadId as LeadId, at as IsoInstant),

    assignOwner: (wanted: OwnerWanted): Promise<Placement> => placeLead(deps, wanted),

    recordTouch: async (input: { leadId: string; hop: number; at: string; kind: TouchKind; by?: string }) => {
      const leadId = input.leadId as LeadId;
      const [lead, assignment] = await Promise.all([identities.lead(leadId), current(leadId, input.hop)]);
      if (!lead) throw needsAttention('unknown_lead', 'touch', 'the lead has no row');
      // Nobody can have worked a lead before it came.
      const at = input.at < lead.receivedAt ? lead.receivedAt : (new Date(input.at).toISOString() as IsoInstant);
      const speedToLeadMs = epochMs(at) - epochMs(lead.receivedAt);
      const calendar = await policies.calendarOf(assignment.repId, lead.policyVersion);
      const breached = at > assignment.sla.touchDueAt;
      const worked = assignment.sla.clock === 'wall' ? speedToLeadMs : workedMs(calendar, assignment.sla.startAt, at);
      await assignments.touch({ leadId, at, kind: input.kind, speedToLeadMs, workedMs: worked, breached, ...(input.by ? { by: input.by } : {}) });
      return { touchedAt: at as string, speedToLeadMs, breached };
    },

    recordStep: async (input: { leadId: string; hop: number; step: number; at: string; do: keyof typeof stepFacts; result: string; to?: string }) => {
      const { leadId, hop, step, at, result, to } = input;
      await assignments.stepDone({ leadId: leadId as LeadId, hop, step, at: at as IsoInstant, what: stepFacts[input.do], details: { step, hop, result, ...(to ? { to } : {}) } });
    },

    recordBreach: async ({ leadId, hop, at }: { leadId: string; hop: number; at: string }) => {
      await assignments.breach({ leadId: leadId as LeadId, hop, at: at as IsoInstant });
    },

    snooze: async (input: { leadId: string; hop: number; at: string; forMs: number; by?: string }) => {
      const leadId = input.leadId as LeadId;
      const at = input.at as IsoInstant;
      const [lead, { repId, sla }] = await Promise.all([identities.lead(leadId), current(leadId, input.hop)]);
      const calendar = await policies.calendarOf(repId, lead?.policyVersion);
      const move = <S extends { readonly dueAt: IsoInstant }>(steps: readonly S[]): readonly S[] => postpone({ steps, calendar, clock: sla.clock, now: at, byMs: input.forMs });
      const [touch] = move([{ dueAt: sla.touchDueAt }]);
      const moved = { ...sla, steps: move(sla.steps), touchDueAt: touch?.dueAt ?? sla.touchDueAt };
      await assignments.postpone({ leadId, hop: input.hop, at, sla: moved, byMs: input.forMs, ...(input.by ? { by: input.by } : {}) });
      return { steps: openSteps(moved), touchDueAt: moved.touchDueAt as string };
    },

    dispose: async (input: { leadId: string; at: string; outcome: DispositionOutcome | 'closed'; reason?: string; by?: string }) => {
      const { leadId, at, outcome, reason, by } = input;
      await assignments.dispose({ leadId: leadId as LeadId, at: at as IsoInstant, outcome, ...(reason ? { reason } : {}), ...(by ? { by } : {}) });
    },

    openError: async (input: { leadId: string; step: string; code: string; fingerprint: string; message: string; at: string }) => {
      log.error('step needs attention', { leadId: input.leadId, step: input.step, code: input.code });
      return errors.open({ ...input, leadId: input.leadId as LeadId, at: input.at as IsoInstant });
    },

    resolveError: ({ leadId, step, at }: { leadId: string; step: string; at: string }) => errors.resolve(leadId as LeadId, step, at as IsoInstant),
  };
}

/** Past facts for the timeline. */
const stepFacts = { remind: 'reminded', reassign: 'reassigned', escalate: 'escalated' } as const;

async function identifyLead({ identities, enriches }: LeadActivityDeps, leadId: LeadId, at: IsoInstant): Promise<Identified> {
  const lead = await identities.lead(leadId);
  if (!lead) throw needsAttention('unknown_lead', 'identify', 'the lead has no row');
  const { facts, accountDomain, accountName, derived } = ownFacts(lead.fields, lead.source);
  const { message: _message, consent: _consent, utm: _utm, externalId: _externalId, source: _source, ...profile } = lead.fields;
  const identity = await identities.identify({
    leadId,
    at,
    keys: identityKeys(lead.fields),
    newPersonId: mintId('person', epochMs(at)),
    newAccountId: mintId('account', epochMs(at)),
    profile,
    facts,
    enrichment: Object.fromEntries(Object.entries(derived).map(([field, from]) => [field, { source: from, at }])),
    ...(accountDomain ? { accountDomain } : {}),
    ...(accountName ? { accountName } : {}),
  });
  if (identity.kind === 'merged') return { kind: 'merged', into: identity.into ?? '' };
  const askProvider = enriches && lead.progress === 'received' && (facts.lead.emailDomain !== '' || accountDomain !== undefined);
  return { kind: identity.kind, enrich: askProvider, hop: lead.hop, progress: lead.progress };
}

/** Steps still to come, by due date. */
export function openSteps(sla: Assignment['sla']): { number: number; do: 'remind' | 'reassign' | 'escalate'; to?: string; dueAt: string }[] {
  return sla.steps
    .filter((step) => step.doneAt === undefined)
    .map(({ number, do: what, to, dueAt }) => ({ number, do: what, dueAt, ...(to ? { to } : {}) }));
}
