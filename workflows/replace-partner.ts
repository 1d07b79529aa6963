import type { PartnerLeaving } from '../activities/ports-assignment';
import { orWhyNot } from './attention';
import type { Run } from './run';
import type { Owned } from './standing';
import { local, now } from './steps';

/**
 * Somebody else works the lead beside its owner from now on, or nobody does; the owner and his clocks stay.
 * @returns why it could not be done: the owner's clock does not wait for that
 */
export async function replacePartner(
  run: Run,
  standing: Owned,
  leaving: Omit<PartnerLeaving, 'repId'>,
): Promise<Owned | string> {
  const { beside, ...alone } = standing;
  if (beside === undefined) return standing;
  const { leadId } = run;
  const { hop } = standing;
  const at = now();
  const changed = await orWhyNot(() =>
    local.replacePartner({ leadId, hop, at, partner: beside, ...leaving }),
  );
  if (typeof changed === 'string') return changed;
  if (changed.kind === 'same') return standing;
  const { partner, unpaired } = changed;
  run.writeCrm(`${String(hop)}-without-${beside}`);
  if (partner !== undefined) run.tell('paired', partner, `${String(hop)}-partner-${partner}`);
  if (unpaired !== undefined) run.tell('unpaired', unpaired, `${String(hop)}-without-${beside}`);
  return partner === undefined ? alone : { ...alone, beside: partner };
}
