import type { PoolClient } from 'pg';
import type { AssignInput } from '../activities/ports';
import type { PoolTarget } from '../activities/ports-assignment';
import { freeAgain } from '../domain/assignment/caps';
import { boostOf } from '../domain/assignment/make-up';
import { narrow, type Contender } from '../domain/assignment/narrow';
import {
  changeRoster,
  chargeToday,
  pick,
  type CandidateVerdict,
  type SkipReason,
} from '../domain/assignment/picker';
import { parseDuration } from '../domain/duration';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import {
  chargeOf,
  creditsSince,
  lastPicked,
  lockPool,
  lockReps,
  usedIn,
  type BeforePick,
  type PickWritten,
  type PoolStanding,
  type RepAvailability,
} from './sql/pick';

/** Who gets the lead, or why nobody; nothing is written yet. */
export type Chosen =
  | { readonly kind: 'picked'; readonly written: Pick<PickWritten, 'repId' | 'pool'> }
  | {
      readonly kind: 'nobody';
      readonly skipped: readonly CandidateVerdict[];
      /** When an absence, a cap or a hold among them ends. */
      readonly free: readonly IsoInstant[];
    };

/** Tries the targets in order; the first one with an eligible rep wins. Locks what it looks at. */
export async function chooseOwner(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
): Promise<Chosen> {
  const skipped: CandidateVerdict[] = [];
  const free: IsoInstant[] = [];
  for (const target of input.targets) {
    const tried =
      target.kind === 'rep'
        ? await tryRep(client, input, before, target.repId)
        : await tryPool(client, input, before, target);
    if (tried.kind === 'picked') return tried;
    skipped.push(...tried.skipped);
    free.push(...tried.free);
  }
  return { kind: 'nobody', skipped, free };
}

/** A named rep: only his own switch, absence and caps can stand against it. */
async function tryRep(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  repId: string,
): Promise<Chosen> {
  const { skips, free } = await availability(client, input, before, [repId]);
  const skip = skips.get(repId);
  if (skip === undefined) return { kind: 'picked', written: { repId } };
  return {
    kind: 'nobody',
    skipped: [{ rep: repId, weight: 1, before: 0, eligible: false, skip, after: 0 }],
    free,
  };
}

async function tryPool(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  target: PoolTarget,
): Promise<Chosen> {
  const { poolId, counterId, members, roster, mode } = target;
  const { seq, standings: stored } = await lockPool(client, counterId);
  const { skips, reps, free } = await availability(client, input, before, Object.keys(members));
  const standings = sameRoster(stored, roster) ? stored : changed(stored, roster);
  const owed = new Map(standings.map((member) => [member.rep, stillOwed(member, input.at)]));
  const contenders = standings.map((member): Contender => {
    const { rep, weight } = member;
    const skip = Object.hasOwn(members, rep) ? (target.barred[rep] ?? skips.get(rep)) : 'other_pool';
    const boost = boostOf(target.makeUp, { weight, owed: owed.get(rep) ?? 0 });
    return {
      ...member,
      load: reps.get(rep)?.openCost ?? 0,
      fit: target.fit[rep] ?? 0,
      ...(boost > 0 && mode === 'weighted' ? { boost } : {}),
      ...(skip === undefined ? {} : { skip, counted: counts(target, skip) }),
    };
  });
  const last = mode === 'order' ? await lastPicked(client, counterId) : undefined;
  const handover = await returned(client, input, before, target);
  const { picked, charged, candidates, next } = pick({ members: narrow(mode, contenders, last), handover });
  if (picked === undefined)
    return { kind: 'nobody', skipped: candidates.filter(({ skip }) => skip !== 'other_pool'), free };
  const currents = new Map(next.map((member) => [member.rep, member.current]));
  const after = contenders.map(({ rep, weight, skip, boost = 0 }): PoolStanding => {
    const missed = skip === 'absent' && handover === undefined;
    const spent = skip === undefined && handover === undefined ? boost : 0;
    return {
      rep,
      weight,
      current: currents.get(rep) ?? 0,
      ...debtAfter(target, { owed: owed.get(rep) ?? 0, missed: missed ? weight : 0, spent }, input.at),
    };
  });
  return {
    kind: 'picked',
    written: {
      repId: picked,
      pool: {
        poolId,
        counterId,
        seq: seq + 1n,
        charged,
        candidates,
        standings: after.map((member) => keepExpiry(member, standings)),
        credit: handover && { ...handover, cause: input.cause },
      },
    },
  };
}

/** Whether a lead somebody cannot get puts him behind: he counts with this pool, or his absences are made up in full. */
function counts({ mode, makeUp }: PoolTarget, skip: SkipReason): boolean {
  return mode === 'weighted' && (skip === 'other_pool' || (skip === 'absent' && makeUp.kind === 'full'));
}

/** The charge that moves from the previous owner to the new one, if he is to have it back. */
async function returned(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  { counterId, credit, roster }: PoolTarget,
): Promise<{ readonly rep: string; readonly amount: number } | undefined> {
  if (!(credit.on as readonly string[]).includes(input.cause)) return undefined;
  const charge = await chargeOf(client, input.leadId, before.hop, counterId);
  if (!charge || !(await mayHaveCredit(client, credit, { ...charge, poolId: counterId }, input.at)))
    return undefined;
  const total = Object.values(roster).reduce((sum, weight) => sum + weight, 0);
  return { rep: charge.rep, amount: chargeToday(charge.charged, charge.totalWeight, total) };
}

/** Whether a rule still allows a member the return of a charge: soon enough, and not too often. */
export async function mayHaveCredit(
  client: PoolClient,
  rule: PoolTarget['credit'],
  charge: { readonly poolId: string; readonly rep: string; readonly at: Date },
  at: IsoInstant,
): Promise<boolean> {
  const within = rule.within === undefined ? undefined : parseDuration(rule.within);
  if (within !== undefined && epochMs(at) - charge.at.getTime() > within) return false;
  if (rule.limit === undefined) return true;
  const since = toInstant(epochMs(at) - (parseDuration(rule.per) ?? 0));
  return (await creditsSince(client, charge.poolId, charge.rep, since)) < rule.limit;
}

/** Standings after people joined, left or got another weight; what somebody is owed is worth as many leads as before. */
function changed(
  stored: readonly PoolStanding[],
  roster: Readonly<Record<string, number>>,
): readonly PoolStanding[] {
  const sum = (of: readonly { readonly weight: number }[]): number =>
    of.reduce((total, { weight }) => total + weight, 0);
  const old = new Map(stored.map((member) => [member.rep, member]));
  const members = Object.entries(roster).map(([rep, weight]) => ({ rep, weight }));
  return changeRoster(stored, members).map((member) => {
    const { owed = 0, owedUntil = null } = old.get(member.rep) ?? {};
    return { ...member, owed: owed === 0 ? 0 : chargeToday(owed, sum(stored), sum(members)), owedUntil };
  });
}

function stillOwed({ owed, owedUntil }: PoolStanding, at: IsoInstant): number {
  return owedUntil !== null && owedUntil.getTime() < epochMs(at) ? 0 : owed;
}

function debtAfter(
  { makeUp, mode }: PoolTarget,
  { owed, missed, spent }: { readonly owed: number; readonly missed: number; readonly spent: number },
  at: IsoInstant,
): Pick<PoolStanding, 'owed' | 'owedUntil'> {
  if (makeUp.kind !== 'bounded' || mode !== 'weighted') return { owed: 0, owedUntil: null };
  const owedUntil = missed > 0 ? new Date(epochMs(at) + (parseDuration(makeUp.expires) ?? 0)) : null;
  return { owed: owed + missed - spent, owedUntil };
}

/** Only a lead that was missed puts off the day on which a debt lapses. */
function keepExpiry(member: PoolStanding, before: readonly PoolStanding[]): PoolStanding {
  if (member.owed === 0 || member.owedUntil !== null) return member;
  return { ...member, owedUntil: before.find(({ rep }) => rep === member.rep)?.owedUntil ?? null };
}

interface Availability {
  readonly reps: ReadonlyMap<string, RepAvailability>;
  readonly skips: ReadonlyMap<string, SkipReason>;
  readonly free: readonly IsoInstant[];
}

/** Locks the reps, then counts: nothing can be added to what is counted before the pick is written. */
async function availability(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  repIds: readonly string[],
): Promise<Availability> {
  // The previous owner's counters change too: his row is locked in the same go, in the same order.
  const locked = before.ownerId === null ? repIds : [...repIds, before.ownerId];
  const reps = await lockReps(client, locked, input.at);
  const windows = repIds.flatMap((rep) =>
    (input.limits[rep]?.windows ?? []).map((window) => ({ rep, ...window })),
  );
  const used = windows.length === 0 ? [] : await usedIn(client, windows);
  const full = windows.flatMap((window, place) => {
    const { cost = 0, oldest = null } = used[place] ?? {};
    return cost + input.cost > window.max ? [{ ...window, oldest }] : [];
  });
  const skips = new Map<string, SkipReason>();
  const free: (IsoInstant | undefined)[] = [];
  for (const rep of repIds) {
    const state = reps.get(rep);
    const cap = full.find((window) => window.rep === rep);
    const skip = skipReason(input, rep, state) ?? cap?.skip;
    if (skip !== undefined) skips.set(rep, skip);
    if (skip === 'absent' && state?.absentUntil) free.push(toInstant(state.absentUntil.getTime()));
    if (skip === 'held' && state?.heldUntil) free.push(toInstant(state.heldUntil.getTime()));
    if (cap && skip === cap.skip)
      free.push(freeAgain(cap, cap.oldest === null ? undefined : toInstant(cap.oldest.getTime())));
  }
  return { reps, skips, free: free.filter((at) => at !== undefined) };
}

function skipReason(
  input: AssignInput,
  rep: string,
  state: RepAvailability | undefined,
): SkipReason | undefined {
  const limits = input.limits[rep];
  if (!limits || !state) return 'not_a_rep';
  if (input.exclude.includes(rep)) return 'excluded';
  if (state.status === 'paused') return 'paused';
  if (state.absentUntil) return 'absent';
  if (limits.open !== undefined && state.openCost + input.cost > limits.open) return 'open_cap';
  if (
    state.heldFor !== null &&
    state.heldFor !== input.leadId &&
    (state.heldUntil?.getTime() ?? 0) > epochMs(input.at)
  )
    return 'held';
  return undefined;
}

function sameRoster(
  standings: readonly { readonly rep: string; readonly weight: number }[],
  roster: Readonly<Record<string, number>>,
): boolean {
  return (
    standings.length === Object.keys(roster).length &&
    standings.every(({ rep, weight }) => roster[rep] === weight)
  );
}
