import type { PoolClient } from 'pg';
import type { AssignInput } from '../activities/ports';
import type { PartnerLeaving } from '../activities/ports-assignment';
import type { IsoInstant } from '../domain/instant';
import { chooseOwner, lockInOrder, mayHaveCredit, repsOf, type Chosen } from './choose-owner';
import {
  formerPartners,
  partnerCharge,
  writePartner,
  writePartnerLeft,
  writeUnpaired,
  type PartnerCharge,
} from './sql/partner';
import { lockReps, type BeforePick } from './sql/pick';
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
  const asked = { ...input, targets: pair?.targets ?? [], exclude };
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

/** Locks the pools and reps that a change of partner needs, as a pick does. @returns what he is to have back. */
export async function lockForLeaving(
  client: PoolClient,
  { leadId, at, credit, pair }: AssignInput,
  leaving: PartnerLeaving,
): Promise<PartnerCharge | undefined> {
  const charge = await partnerCharge(client, leadId, leaving.repId);
  const first = pair?.targets.slice(0, 1) ?? [];
  const left = charge ? [{ kind: 'pool', counterId: charge.poolId } as const] : [];
  await lockInOrder(client, [...left, ...first]);
  await lockReps(client, [...repsOf(first), leaving.repId], at);
  return dueBack(client, { charge, credit, leaving, at });
}

/** @returns the charge, if the rule of its pool gives it back to one who leaves so. The pool is locked. */
async function dueBack(
  client: PoolClient,
  {
    charge,
    credit,
    leaving,
    at,
  }: {
    readonly charge: PartnerCharge | undefined;
    readonly credit: AssignInput['credit'];
    readonly leaving: PartnerLeaving;
    readonly at: IsoInstant;
  },
): Promise<PartnerCharge | undefined> {
  const rule = charge && credit[charge.from];
  if (!charge || !rule?.on.includes(creditCause(leaving))) return undefined;
  return (await mayHaveCredit(client, rule, charge, at)) ? charge : undefined;
}

/** Who is away has the lead handed on by somebody else. */
const creditCause = ({ because }: PartnerLeaving): 'declined' | 'reassigned' =>
  because === 'declined' ? 'declined' : 'reassigned';
