import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import { keepInherited, type AppliedSla } from '../domain/sla/plan';
import { dueState, runningClocks, type ClocksOf } from './clock-lead';
import type { LeadActivityDeps } from './lead-deps';
import { clocksBefore, planFor } from './place-lead';
import type { DueState } from './routing-types';

/** The rep takes the lead that was offered to him: his time to touch begins now. */
export async function acceptOffer(deps: LeadActivityDeps, asked: ClocksOf): Promise<DueState> {
  const { assignments, policies } = deps;
  const at = asked.at as IsoInstant;
  const { lead, assignment } = await runningClocks(deps, asked);
  const { repId, sla: offered } = assignment;
  if (assignment.offer?.acceptedAt !== undefined) return dueState(offered);
  const before = await clocksBefore(deps, lead, await assignments.history(lead.leadId), asked);
  const planned = planFor(
    await policies.of(lead.policyVersion),
    { repId, slaName: offered.policy },
    { at, ...(offered.afterStep === undefined ? {} : { afterStep: offered.afterStep }) },
    {
      away: await assignments.absences({ since: at }),
      live: await policies.of(undefined),
      ...(before ? { before } : {}),
    },
  );
  const sla = withWhatHappened(offered, keepInherited(offered, planned));
  await assignments.acceptOffer({ leadId: asked.leadId as LeadId, hop: asked.hop, at, sla });
  return dueState(sla);
}

/** The other clocks did not wait for somebody to take the lead: what came of them stays. */
function withWhatHappened({ clocks = {}, repliedAt }: AppliedSla, sla: AppliedSla): AppliedSla {
  const moved = Object.entries(clocks).filter(
    ([name, { doneAt, missedAt, steps }]) =>
      name === 'response' ||
      doneAt !== undefined ||
      missedAt !== undefined ||
      steps.some((step) => step.doneAt),
  );
  return {
    ...sla,
    ...(moved.length === 0 ? {} : { clocks: { ...sla.clocks, ...Object.fromEntries(moved) } }),
    ...(repliedAt === undefined ? {} : { repliedAt }),
  };
}
