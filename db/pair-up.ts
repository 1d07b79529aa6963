import type { PoolClient } from 'pg';
import type { AssignInput } from '../activities/ports';
import type { PartnerLeaving } from '../activities/ports-assignment';
import { chooseOwner, type Chosen } from './choose-owner';
import { creditCause } from './lock-ahead';
import {
  formerPartners,
  writePartner,
  writePartnerLeft,
  writeUnpaired,
  type PartnerCharge,
} from './sql/partner';
import type { BeforePick } from './sql/pick';
import { returnCharge } from './sql/return-charge';

interface PairUp {
  readonly owner: string;
  /** Who worked it so far, and leaves it. */
  readonly leaving?: PartnerLeaving | undefined;
  /** What it cost him, if he is to have it back. */
  readonly due?: PartnerCharge | undefined;
}

/**
 * Puts somebody beside the lead's owner, who is written already: both may come from one pool. Whoever was beside him and
 * leaves is free, and has his charge back as the pool's rule says; nobody is asked twice.
 */
export async function pairUp(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  { owner, leaving, due }: PairUp,
): Promise<Chosen> {
  const { leadId, at, pair } = input;
  const exclude = [owner, ...(await formerPartners(client, leadId))];
  // Nobody asked for him by name, whatever brings the lead to its owner.
  const search = { ...input, targets: pair?.targets ?? [], exclude, inTurn: true } as const;
  const asked = leaving ? { ...search, left: creditCause(leaving) } : search;
  const chosen = await chooseOwner(client, asked, { ...before, ownerId: null }, due);
  if (leaving) await writePartnerLeft(client, { leadId, at, ...leaving });
  const handedOn = chosen.kind === 'picked' && chosen.written.pool?.credit !== undefined;
  if (leaving && due && !handedOn)
    await returnCharge(client, { leadId, hop: due.hop, at, cause: creditCause(leaving), partner: due.rep });
  if (chosen.kind === 'picked') await writePartner(client, input, chosen.written);
  else if (pair && (leaving || pair.whenNobody === 'alone'))
    await writeUnpaired(client, input, chosen.skipped);
  return chosen;
}
