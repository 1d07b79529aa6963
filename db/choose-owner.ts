import type { PoolClient } from 'pg';
import type { AssignInput } from '../activities/ports';
import type { PoolTarget } from '../activities/ports-assignment';
import { boostOf } from '../domain/assignment/make-up';
import { narrow, type Contender } from '../domain/assignment/narrow';
import type { OpenOffer } from '../domain/assignment/open-offer';
import {
  changeRoster,
  chargeToday,
  pick,
  type CandidateVerdict,
  type SkipReason,
} from '../domain/assignment/picker';
import { parseDuration } from '../domain/duration';
import type { LeadId } from '../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import { availability, lookAt, type Availability, type Seen } from './rep-availability';
import { lastPicked, lockPool, type BeforePick, type Charge, type PoolStanding } from './sql/pick';
import type { PickWritten } from './sql/write-pick';

/** Who gets the lead, or why nobody; nothing is written yet. */
export type Chosen = {
  /** Parked leads that come before this one, to be told. */ readonly called: readonly LeadId[];
} & (
  | { readonly kind: 'picked'; readonly written: Pick<PickWritten, 'repId' | 'pool' | 'offer'> }
  /** Those of the pool who can take it, and have so long to claim it. */
  | {
      readonly kind: 'open';
      readonly offer: Pick<OpenOffer, 'poolId' | 'reps' | 'until'>;
      /** Those before the pool who cannot. */
      readonly skipped: readonly CandidateVerdict[];
    }
  | {
      readonly kind: 'nobody';
      readonly skipped: readonly CandidateVerdict[];
      /** When an absence, a cap or a hold among them ends. */
      readonly free: readonly IsoInstant[];
    }
);

/** Tries the targets in order; the first one with an eligible rep wins. Locks what it looks at. */
export async function chooseOwner(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  due?: Charge,
): Promise<Chosen> {
  const skipped: CandidateVerdict[] = [];
  const free: IsoInstant[] = [];
  const called: LeadId[] = [];
  for (const target of input.targets) {
    const tried =
      target.kind === 'rep'
        ? await tryRep(client, input, before, target.repId)
        : await tryPool(client, input, { before, due }, target);
    called.push(...tried.called);
    if (tried.kind === 'picked') return { ...tried, called };
    if (tried.kind === 'open') return { ...tried, skipped, called };
    skipped.push(...tried.skipped);
    free.push(...tried.free);
  }
  return { kind: 'nobody', skipped, free, called };
}

/** A named rep: only his own switch, absence and caps can stand against it. */
async function tryRep(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  repId: string,
): Promise<Chosen> {
  const seen = await lookAt(client, input, before, [repId]);
  const { skips, free, called } = await availability(client, input, before, seen);
  const skip = skips.get(repId);
  if (skip === undefined) return { kind: 'picked', written: { repId }, called };
  return {
    kind: 'nobody',
    skipped: [{ rep: repId, weight: 1, before: 0, eligible: false, skip, after: 0 }],
    free,
    called,
  };
}

async function tryPool(
  client: PoolClient,
  input: AssignInput,
  { before, due }: { readonly before: BeforePick; readonly due: Charge | undefined },
  target: PoolTarget,
): Promise<Chosen> {
  const { poolId, counterId, members, roster, mode } = target;
  // Sent together, in this order: the pool is locked before the reps, and held for one answer less.
  const [{ seq, standings: stored }, seen] = await Promise.all([
    lockPool(client, counterId),
    lookAt(client, input, before, Object.keys(members)),
  ]);
  const { skips, free, called } = await availability(client, input, before, seen);
  const standings = sameRoster(stored, roster) ? stored : changed(stored, roster);
  const contenders = standings.map((member) => contender(target, member, { seen, skips, at: input.at }));
  const until = target.offer && toInstant(epochMs(input.at) + target.offer.ms);
  const able = contenders.filter(({ skip }) => skip === undefined).map(({ rep }) => rep);
  if (until && target.offer.to === 'all' && able.length > 0)
    return { kind: 'open', offer: { poolId, until, reps: able }, skipped: [], called };
  const last = mode === 'order' ? await lastPicked(client, counterId) : undefined;
  const handover = due?.poolId === counterId ? handoverOf(due, roster) : undefined;
  const { picked, charged, candidates, next } = pick({ members: narrow(mode, contenders, last), handover });
  if (picked === undefined)
    return {
      kind: 'nobody',
      skipped: candidates.filter(({ skip }) => skip === undefined || !elsewhere.includes(skip)),
      free,
      called,
    };
  const currents = new Map(next.map((member) => [member.rep, member.current]));
  const after = contenders.map(({ rep, weight, skip, owed, boost = 0 }): PoolStanding => {
    const missed = skip === 'absent' && handover === undefined;
    const spent = handover === undefined ? boost : 0;
    return {
      rep,
      weight,
      current: currents.get(rep) ?? 0,
      ...debtAfter(target, { owed, missed: missed ? weight : 0, spent }, input.at),
    };
  });
  return {
    kind: 'picked',
    called,
    written: {
      repId: picked,
      ...(until ? { offer: { until } } : {}),
      pool: {
        poolId,
        counterId,
        seq: seq + 1n,
        charged,
        candidates,
        standings: after.map((member) => keepExpiry(member, standings)),
        credit: handover && { ...handover, cause: input.left ?? input.cause },
      },
    },
  };
}

/** What says nothing about who could not take it. */
const elsewhere: readonly SkipReason[] = ['other_pool', 'not_claimed', 'not_asked'];

/** A member as he stands for this lead. */
function contender(
  target: PoolTarget,
  member: PoolStanding,
  { seen, skips, at }: Pick<Availability, 'skips'> & { readonly seen: Seen; readonly at: IsoInstant },
): Contender & { readonly owed: number } {
  const { rep, weight } = member;
  const own = Object.hasOwn(target.members, rep) ? (target.barred[rep] ?? skips.get(rep)) : 'other_pool';
  const skip = own ?? outclaimed(target, rep);
  const owed = stillOwed(member, at);
  // Only a lead he can get makes up for those he missed.
  const boost = skip === undefined ? boostOf(target.makeUp, { weight, owed }) : 0;
  return {
    ...member,
    owed,
    load: seen.reps.get(rep)?.openCost ?? 0,
    fit: target.fit[rep] ?? 0,
    ...(boost > 0 && target.mode === 'weighted' ? { boost } : {}),
    ...(skip === undefined ? {} : { skip, counted: counts(target, skip) }),
  };
}

/** Why a lead that somebody claims does not go to another member. */
function outclaimed({ claim }: PoolTarget, rep: string): 'not_claimed' | 'not_asked' | undefined {
  if (claim === undefined || claim.by === rep) return undefined;
  return claim.reps.includes(rep) ? 'not_claimed' : 'not_asked';
}

/**
 * Whether a lead somebody does not get puts him behind: he could have claimed it as well, he counts with this pool, or his
 * absences are made up in full.
 */
function counts({ mode, makeUp }: PoolTarget, skip: SkipReason): boolean {
  const behind = skip === 'other_pool' || skip === 'not_claimed';
  return mode === 'weighted' && (behind || (skip === 'absent' && makeUp.kind === 'full'));
}

/** The charge moves to whoever is picked in the same pool. */
function handoverOf(
  { rep, charged, totalWeight }: Charge,
  roster: Readonly<Record<string, number>>,
): { readonly rep: string; readonly amount: number } {
  const total = Object.values(roster).reduce((sum, weight) => sum + weight, 0);
  return { rep, amount: chargeToday(charged, totalWeight, total) };
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

function sameRoster(
  standings: readonly { readonly rep: string; readonly weight: number }[],
  roster: Readonly<Record<string, number>>,
): boolean {
  return (
    standings.length === Object.keys(roster).length &&
    standings.every(({ rep, weight }) => roster[rep] === weight)
  );
}
