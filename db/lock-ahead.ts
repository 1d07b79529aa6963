import type { PoolClient } from 'pg';
import type { AssignInput } from '../activities/ports';
import type { OwnerTarget, PartnerLeaving, PoolTarget } from '../activities/ports-assignment';
import { parseDuration } from '../domain/duration';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import type { CreditRule } from '../domain/policy';
import { partnerCharge, type PartnerCharge } from './sql/partner';
import { chargeOf, creditsSince, lockPool, lockReps, type BeforePick, type Charge } from './sql/pick';

/**
 * Locks what a pick needs more than one of, before it looks at anybody: the pool that a lead left with credit, the first
 * pool it may go to and that of its partner, the pool that charged a partner who leaves, then the reps of all, each in the
 * order of their ids. Leads that go from one pool to the other and back must not wait for each other, nor for one that is
 * picked from a pool with reps of both.
 * @returns what the lead cost whoever had it, and the partner who leaves, if they are to have it back.
 */
export async function lockAhead(
  client: PoolClient,
  { leadId, hop, cause, left, credit, targets, pair, at }: AssignInput,
  before: BeforePick,
  leaving: PartnerLeaving | undefined,
): Promise<{ readonly due: Charge | undefined; readonly partnerDue: PartnerCharge | undefined }> {
  const charge = hop === 0 || before.touched ? undefined : await chargeOf(client, leadId, before.hop);
  const rule = charge && credit[charge.from];
  const returns = (rule?.on as readonly string[] | undefined)?.includes(left ?? cause) === true;
  const beside = leaving && (await partnerCharge(client, leadId, leaving.repId));
  const first = [...targets.slice(0, 1), ...(pair?.targets.slice(0, 1) ?? [])];
  if (returns || pair)
    await lockInOrder(client, [...(returns ? poolOf(charge) : []), ...poolOf(beside), ...first]);
  const holders = [before.ownerId, leaving?.repId].flatMap((rep) => rep ?? []);
  if (pair) await lockReps(client, [...repsOf(first), ...holders], at);
  const mayReturn = returns && charge && (await mayHaveCredit(client, rule as CreditRule, charge, at));
  return {
    due: mayReturn ? charge : undefined,
    partnerDue: leaving && (await dueBack(client, { charge: beside, credit, leaving, at })),
  };
}

const poolOf = (charge: Charge | undefined): readonly Pick<PoolTarget, 'kind' | 'counterId'>[] =>
  charge ? [{ kind: 'pool', counterId: charge.poolId }] : [];

const repsOf = (targets: readonly OwnerTarget[]): readonly string[] =>
  targets.flatMap((target) => (target.kind === 'rep' ? [target.repId] : Object.keys(target.members)));

/** Locks the pools and reps that a change of partner alone needs. @returns what he is to have back. */
export async function lockForLeaving(
  client: PoolClient,
  { leadId, at, credit, pair }: AssignInput,
  leaving: PartnerLeaving,
): Promise<PartnerCharge | undefined> {
  const charge = await partnerCharge(client, leadId, leaving.repId);
  const first = pair?.targets.slice(0, 1) ?? [];
  await lockInOrder(client, [...poolOf(charge), ...first]);
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
export const creditCause = ({ because }: PartnerLeaving): 'declined' | 'reassigned' =>
  because === 'declined' ? 'declined' : 'reassigned';

/** Locks pools in the order of their ids: two leads that need both must not wait for each other. */
export async function lockInOrder(
  client: PoolClient,
  targets: readonly (OwnerTarget | Pick<PoolTarget, 'kind' | 'counterId'>)[],
): Promise<void> {
  const pools = targets.flatMap((target) => (target.kind === 'pool' ? [target.counterId] : []));
  for (const poolId of [...new Set(pools)].sort()) await lockPool(client, poolId);
}

/** Whether a rule still allows a member the return of a charge: soon enough, and not too often. */
export async function mayHaveCredit(
  client: PoolClient,
  rule: CreditRule,
  charge: Pick<Charge, 'poolId' | 'rep' | 'at'>,
  at: IsoInstant,
): Promise<boolean> {
  const within = rule.within === undefined ? undefined : parseDuration(rule.within);
  if (within !== undefined && epochMs(at) - charge.at.getTime() > within) return false;
  if (rule.limit === undefined) return true;
  const since = toInstant(epochMs(at) - (parseDuration(rule.per) ?? 0));
  return (await creditsSince(client, charge.poolId, charge.rep, since)) < rule.limit;
}
