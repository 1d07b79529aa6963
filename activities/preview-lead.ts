import { ApplicationFailure } from '@temporalio/common';
import { ownFacts } from '../domain/identity/facts';
import { leadTraits } from '../domain/identity/traits';
import { deriveLeadId } from '../domain/ids';
import { toInstant, type IsoInstant } from '../domain/instant';
import type { LeadFields } from '../domain/lead';
import type { Band } from '../domain/policy';
import { decide } from './decide';
import { assignInput, reasonOf } from './place-lead';
import type { RoutingPolicies } from './policies';
import type { AssignmentStore, Clock } from './ports';
import type { IdentityStore } from './ports-identity';

/** What would happen to a lead now. */
export interface LeadPreview {
  readonly version: number;
  readonly rule?: string;
  readonly owner: { readonly id: string; readonly name: string } | null;
  readonly score: number;
  readonly band: Band;
  readonly due: readonly { readonly do: string; readonly dueAt: IsoInstant; readonly to?: string }[];
  /** Who of a pool could claim it, and until when. */
  readonly open?: { readonly pool: string; readonly to: readonly string[]; readonly until: IsoInstant };
  /** Why nobody would get it. */
  readonly parked?: string;
  readonly trail: readonly { readonly rule: string; readonly when?: string; readonly verdict: string }[];
}

/**
 * Decides about a lead as its run would, by the same code, and writes nothing.
 * @returns undefined when there is no such version, or none is live.
 */
export async function previewLead(
  deps: {
    readonly identities: IdentityStore;
    readonly assignments: AssignmentStore;
    readonly policies: RoutingPolicies;
    readonly clock: Clock;
  },
  fields: LeadFields,
  source: string,
  version?: number,
): Promise<LeadPreview | undefined> {
  const policy = await deps.policies.of(version).catch((error: unknown) => {
    if (error instanceof ApplicationFailure && error.type === 'route.no_policy') return undefined;
    throw error;
  });
  if (!policy) return undefined;
  const { facts: own } = ownFacts(fields, source);
  const facts = await deps.identities.recall({
    traits: leadTraits(fields),
    facts: own,
  });
  const decision = decide(policy, facts, { previousBand: undefined, waitedMs: 0, earlier: [], opened: [] });
  const wanted = {
    leadId: deriveLeadId('preview', ''),
    at: toInstant(deps.clock.now()),
    hop: 0,
    cause: 'routed' as const,
    exclude: [],
  };
  // Deadlines by the version that is asked about, as if it were the live one.
  const context = { away: await deps.assignments.absences({ since: wanted.at }), live: policy };
  const input = assignInput(policy, decision, wanted, context);
  const { picked, open, skipped } = await deps.assignments.wouldAssign(input);
  const { scored, routed } = decision;
  const answer = {
    version: policy.version,
    rule: routed.chosen.rule,
    score: scored.score,
    band: scored.band,
    trail: routed.trail,
  };
  if (open) {
    const { poolId: pool, reps: to, until } = open;
    return { ...answer, owner: null, due: [], open: { pool, to, until } };
  }
  if (!picked) return { ...answer, owner: null, due: [], parked: reasonOf(skipped) };
  const { repId, sla } = picked;
  const touch = { do: 'touch', dueAt: sla.touchDueAt };
  const due = [
    touch,
    ...sla.steps.map(({ do: what, dueAt, to }) => ({ do: what, dueAt, ...(to ? { to } : {}) })),
    ...Object.entries(sla.clocks ?? {}).map(([name, { dueAt }]) => ({ do: name, dueAt })),
  ];
  return {
    ...answer,
    owner: { id: repId, name: policy.rep(repId)?.name ?? repId },
    due: due.sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1)),
  };
}
