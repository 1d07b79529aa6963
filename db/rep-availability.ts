import type { PoolClient } from 'pg';
import type { AssignInput } from '../activities/ports';
import { freeAgain, type CapWindow } from '../domain/assignment/caps';
import type { SkipReason } from '../domain/assignment/picker';
import type { LeadId } from '../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import { callParked } from './sql/parked-queue';
import { lockReps, usedIn, type BeforePick, type RepAvailability } from './sql/pick';

/** Who can take a lead, and who not and why. */
export interface Availability {
  /** Parked leads that come first and are to be told. */
  readonly called: readonly LeadId[];
  readonly skips: ReadonlyMap<string, SkipReason>;
  readonly free: readonly IsoInstant[];
}

/** What is known of reps once they are locked. */
export interface Seen {
  readonly repIds: readonly string[];
  readonly reps: ReadonlyMap<string, RepAvailability>;
  readonly windows: readonly (CapWindow & {
    readonly rep: string;
    readonly cost: number;
    readonly oldest: Date | null;
  })[];
}

/** Locks the reps, then counts: nothing can be added to what is counted before the pick is written. */
export async function lookAt(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  repIds: readonly string[],
): Promise<Seen> {
  const windows = repIds.flatMap((rep) =>
    (input.limits[rep]?.windows ?? []).map((window) => ({ rep, ...window })),
  );
  const [reps, used] = await Promise.all([
    // The previous owner's counters change too: his row is locked in the same go, in the same order.
    lockReps(client, before.ownerId === null ? repIds : [...repIds, before.ownerId], input.at),
    windows.length === 0 ? [] : usedIn(client, windows),
  ]);
  const filled = windows.map((window, place) => ({
    ...window,
    ...(used[place] ?? { cost: 0, oldest: null }),
  }));
  return { repIds, reps, windows: filled };
}

/** Who can take it; who has room that a parked lead waits for, one that comes before this one, is kept for that lead. */
export async function availability(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  { repIds, reps, windows }: Seen,
): Promise<Availability> {
  const roomOf = (rep: string): number => {
    const left = windows.filter((window) => window.rep === rep).map(({ max, cost }) => max - cost);
    const { open } = input.limits[rep] ?? {};
    return Math.min(...left, open === undefined ? Infinity : open - (reps.get(rep)?.openCost ?? 0));
  };
  const skips = new Map<string, SkipReason>();
  const free: IsoInstant[] = [];
  for (const rep of repIds) {
    const cap = windows.find((window) => window.rep === rep && window.cost + input.cost > window.max);
    const skip = skipReason(input, rep, reps.get(rep)) ?? cap?.skip;
    if (skip === undefined) continue;
    skips.set(rep, skip);
    free.push(...freeFrom(skip, reps.get(rep), cap));
  }
  // Somebody who asks for this lead gets it out of turn.
  const inTurn = input.inTurn ?? (input.cause !== 'claimed' && input.cause !== 'reassigned');
  const wanted = repIds.filter((rep) => inTurn && !skips.has(rep) && reps.get(rep)?.awaited === true);
  const calls = await callParked(
    client,
    input,
    before,
    wanted.map((rep) => ({ rep, room: roomOf(rep) })),
  );
  for (const { rep, until } of calls) {
    skips.set(rep, 'held');
    free.push(toInstant(until.getTime()));
  }
  return { skips, free, called: calls.map(({ leadId }) => leadId) };
}

/** When what stands against a rep ends, where the clock ends it. */
function freeFrom(
  skip: SkipReason,
  state: RepAvailability | undefined,
  cap: (CapWindow & { readonly oldest: Date | null }) | undefined,
): readonly IsoInstant[] {
  if (skip === 'absent' || skip === 'held') {
    const until = skip === 'absent' ? state?.absentUntil : state?.heldUntil;
    return until ? [toInstant(until.getTime())] : [];
  }
  if (cap?.skip !== skip) return [];
  return [freeAgain(cap, cap.oldest === null ? undefined : toInstant(cap.oldest.getTime()))].flatMap(
    (at) => at ?? [],
  );
}

function skipReason(
  input: AssignInput,
  rep: string,
  state: RepAvailability | undefined,
): SkipReason | undefined {
  const limits = input.limits[rep];
  if (!limits || !state) return 'not_a_rep';
  if (input.exclude.includes(rep)) return 'excluded';
  if (input.noHours?.includes(rep)) return 'no_hours';
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
