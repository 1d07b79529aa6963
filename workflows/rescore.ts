import { log } from '@temporalio/workflow';
import type { RescoreAsked, Rescored } from '../activities/routing-types';
import { orWhyNot } from './attention';
import { findOwner, findOwnerOrWhyNot } from './find-owner';
import type { Run } from './run';
import { causeOf, owned, type Owned, type Parked } from './standing';
import { local, now } from './steps';

/**
 * Has the score worked out anew. A lead in another band may have another owner, or the same one under another promise;
 * a parked one looks again, as another rule may take it now. @returns why it could not be done for a lead with an owner:
 * his clock does not wait for that
 */
export async function rescore(
  run: Run,
  standing: Parked | Owned,
  why: Pick<RescoreAsked, 'because' | 'set' | 'by'>,
): Promise<Parked | Owned | string> {
  const { exclude, hop } = standing;
  const at = now();
  const asked = { leadId: run.leadId, at, exclude, ...why, ...(standing.kind === 'owned' ? { hop } : {}) };
  const work = (): Promise<Rescored> => local.rescore(asked);
  const scored = standing.kind === 'parked' ? await run.must('route', work) : await orWhyNot(work);
  if (typeof scored === 'string') return scored;
  if (scored.kind === 'same') return standing;
  if (standing.kind === 'parked') {
    return findOwner(run, { hop, cause: causeOf(standing), exclude }, standing);
  }
  run.rank(scored.band);
  if (scored.kind === 'moves') {
    const wanted = { hop: hop + 1, cause: 'band_changed', exclude: [...exclude, standing.owner] } as const;
    const next = await findOwnerOrWhyNot(run, wanted, { before: standing });
    if (typeof next === 'string') log.warn('the lead stays with its owner', { reason: next });
    else if (next.kind === 'owned') return next;
  }
  run.writeCrm(`${String(hop)}-scored-${at}`);
  if (scored.kind !== 'kept') return standing;
  run.tell('band_changed', standing.owner, `${String(hop)}-band-changed`);
  const { breached, beside } = standing;
  return { ...owned(scored.placement, standing), breached, ...(beside === undefined ? {} : { beside }) };
}
