import { patched } from '@temporalio/workflow';
import type { OwnerWanted, Placement } from '../activities/routing-types';
import type { NotificationKind } from '../domain/lead';
import { orWhyNot } from './attention';
import { patches } from './patches';
import type { Run } from './run';
import { owned, type Owned, type Parked } from './standing';
import { local, now } from './steps';

type Wanted = Pick<OwnerWanted, 'hop' | 'cause' | 'left' | 'exclude' | 'to' | 'afterStep'>;

/**
 * Asks the policy for an owner and announces him; the lead waits where nobody can take it, and who is on call hears of it.
 * @param before is where a lead stands that keeps its owner, or goes on waiting, when nobody can take it.
 */
export async function findOwner(run: Run, wanted: Wanted, before?: Owned | Parked): Promise<Owned | Parked> {
  return announce(run, wanted, { placement: await run.must('route', asked(run, wanted)), before });
}

/**
 * The same for a lead that can stay as it is while the policy cannot decide, so that neither its clock nor who asked for
 * it waits. @param opens whether operations are to see that; who asked is told anyway. @returns why there is no decision
 */
export async function findOwnerOrWhyNot(
  run: Run,
  wanted: Wanted,
  { before, opens = false }: { readonly before?: Owned | Parked; readonly opens?: boolean } = {},
): Promise<Owned | Parked | string> {
  if (!patched(patches.undecided)) return findOwner(run, wanted, before);
  const { leadId } = run;
  const placement = await orWhyNot(asked(run, wanted), opens ? { leadId, step: 'route' } : undefined);
  return typeof placement === 'string' ? placement : announce(run, wanted, { placement, before });
}

const asked =
  ({ leadId }: Run, wanted: Wanted) =>
  (): Promise<Placement> =>
    local.assignOwner({ leadId, at: now(), ...wanted });

/** Tells everybody whom it concerns where the lead is now. */
function announce(
  run: Run,
  wanted: Wanted,
  { placement, before }: { readonly placement: Placement; readonly before: Owned | Parked | undefined },
): Owned | Parked {
  if (placement.kind === 'open') return openTo(run, wanted, placement, before);
  if (placement.kind === 'parked') {
    const { alert, ...parked } = placement;
    // One that is taken from its owner stays with him when nobody else can take it; one that waited is known.
    const isNew = before === undefined || (before.kind === 'parked' && before.openTo !== undefined);
    const waits = isNew && ['routed', 'declined', 'lapsed'].includes(wanted.cause);
    if (waits && alert !== undefined) run.tell('parked', alert, `${String(wanted.hop)}-parked`);
    return { ...parked, hop: wanted.hop, exclude: wanted.exclude, cause: wanted.cause };
  }
  const { partner, unpaired, ...assigned } = placement;
  const standing = owned(assigned, before?.kind === 'owned' ? before : undefined);
  run.rank(placement.band);
  run.writeCrm(`${String(standing.hop)}-${standing.progress}`);
  if (standing.touchedAt === undefined)
    run.tell(newsOf(standing), standing.owner, `${String(standing.hop)}-owner`);
  if (partner !== undefined) run.tell('paired', partner, `${String(standing.hop)}-partner`);
  if (unpaired !== undefined) run.tell('unpaired', unpaired, `${String(standing.hop)}-unpaired`);
  return standing;
}

/** Nobody's yet: each of them is told, unless he knows. */
function openTo(
  run: Run,
  { hop, cause, exclude }: Pick<OwnerWanted, 'hop' | 'cause' | 'exclude'>,
  { until, reps }: Extract<Placement, { kind: 'open' }>,
  before: Owned | Parked | undefined,
): Parked {
  const known = before?.kind === 'parked' && before.openTo !== undefined && before.retryAt === until;
  if (!known) for (const rep of reps) run.tell('open', rep, `${String(hop)}-open-${rep}`);
  return {
    kind: 'parked',
    hop,
    exclude,
    cause,
    openTo: reps,
    retryAt: until,
    reason: `open to ${reps.join(', ')}`,
  };
}

function newsOf({ offer, hop }: Owned): NotificationKind {
  if (offer) return 'offered';
  return hop === 0 ? 'assigned' : 'reassigned';
}
