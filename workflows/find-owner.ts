import type { OwnerWanted } from '../activities/routing-types';
import type { NotificationKind } from '../domain/lead';
import type { Run } from './run';
import { owned, type Owned, type Parked } from './standing';
import { local, now } from './steps';

/**
 * Asks the policy for an owner and announces him; the lead waits where nobody can take it, and who is on call hears of it.
 * @param before is where a lead stands that keeps its owner, or goes on waiting, when nobody can take it.
 */
export async function findOwner(
  run: Run,
  wanted: Pick<OwnerWanted, 'hop' | 'cause' | 'exclude' | 'to' | 'afterStep'>,
  before?: Owned | Parked,
): Promise<Owned | Parked> {
  const { leadId } = run;
  const placement = await run.must('route', () => local.assignOwner({ leadId, at: now(), ...wanted }));
  if (placement.kind === 'parked') {
    const { alert, ...parked } = placement;
    // One that is taken from its owner stays with him when nobody else can take it.
    const waits = before === undefined && ['routed', 'declined', 'lapsed'].includes(wanted.cause);
    if (waits && alert !== undefined) run.tell('parked', alert, `${String(wanted.hop)}-parked`);
    return { ...parked, hop: wanted.hop, exclude: wanted.exclude };
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

function newsOf({ offer, hop }: Owned): NotificationKind {
  if (offer) return 'offered';
  return hop === 0 ? 'assigned' : 'reassigned';
}
