import type { Pool, PoolClient } from 'pg';
import type {
  AssignInput,
  AssignResult,
  Assignment,
  AssignmentStore,
  OwnerTarget,
} from '../activities/ports';
import {
  changeRoster,
  chargeToday,
  pick,
  type CandidateVerdict,
  type MemberState,
  type SkipReason,
} from '../domain/assignment/picker';
import { toInstant, type IsoInstant } from '../domain/instant';
import type { Span } from '../domain/sla/calendar';
import { rehearsal, transaction } from './client';
import { assignmentColumns, assignmentOf, type AssignmentRow } from './sql/assignment-row';
import {
  chargeOf,
  endAssignment,
  lockLead,
  lockPool,
  lockReps,
  writeParked,
  writePick,
  type BeforePick,
  type PickWritten,
  type RepAvailability,
} from './sql/pick';
import { joinLead } from './sql/join-lead';
import { writeBreach, writeDisposition, writeMovedClocks, writeStepDone, writeTouch } from './sql/work-lead';

export function createAssignmentStore(pool: Pool): AssignmentStore {
  return {
    assign: (input) => transaction(pool, (client) => assign(client, input)),
    wouldAssign: (input) => wouldAssign(pool, input),
    history: (leadId) => assignments(pool, leadId),
    absences: (query) => absencesSince(pool, query),
    touch: (input) => writeTouch(pool, input),
    stepDone: (input) => writeStepDone(pool, input),
    breach: (input) => writeBreach(pool, input),
    moveClocks: (input) => writeMovedClocks(pool, input),
    dispose: (input) => writeDisposition(pool, input),
    join: (input) => joinLead(pool, input),
  };
}

async function assign(client: PoolClient, input: AssignInput): Promise<AssignResult> {
  const before = await lockLead(client, input);
  if (before.made) return { kind: 'assigned', assignment: before.made };
  const chosen = await choose(client, input, before);
  if (chosen.kind === 'nobody') {
    await writeParked(client, input, before, chosen.skipped);
    return { kind: 'parked', skipped: chosen.skipped, ...availability(chosen.away) };
  }
  const sla = input.planFor(chosen.written.repId);
  if (before.ownerId !== null) await endAssignment(client, input);
  await writePick(client, {
    ...chosen.written,
    input,
    sla,
    previousOwner: before.ownerId,
    touched: before.firstTouchAt !== null && input.cause !== 'recycled',
  });
  return { kind: 'assigned', assignment: assignmentFrom(input, chosen.written, sla) };
}

/** The same choice as `assign` makes, undone before anybody sees it. */
async function wouldAssign(
  pool: Pool,
  input: AssignInput,
): Promise<{ readonly repId?: string; readonly skipped: readonly CandidateVerdict[] }> {
  return rehearsal(pool, async (client) => {
    const nobody = { hop: 0, ownerId: null, firstTouchAt: null, made: undefined };
    const chosen = await choose(client, input, nobody);
    return chosen.kind === 'nobody'
      ? { skipped: chosen.skipped }
      : { repId: chosen.written.repId, skipped: [] };
  });
}

/** Tries the targets in order; the first one with an eligible rep wins. */
async function choose(client: PoolClient, input: AssignInput, before: BeforePick): Promise<Tried> {
  const skipped: CandidateVerdict[] = [];
  const away: Date[] = [];
  for (const target of input.targets) {
    const tried =
      target.kind === 'rep'
        ? await tryRep(client, input, before, target.repId)
        : await tryPool(client, input, before, target);
    if (tried.kind === 'picked') return tried;
    skipped.push(...tried.skipped);
    away.push(...tried.away);
  }
  return { kind: 'nobody', skipped, away };
}

function availability(away: readonly Date[]): { readonly availableAt?: IsoInstant } {
  return away.length > 0 ? { availableAt: toInstant(Math.min(...away.map((date) => date.getTime()))) } : {};
}

type Tried =
  | { readonly kind: 'picked'; readonly written: Pick<PickWritten, 'repId' | 'pool'> }
  | {
      readonly kind: 'nobody';
      readonly skipped: readonly CandidateVerdict[];
      readonly away: readonly Date[];
    };

/** A named rep: only his own switch, absence and caps can stand against it. */
async function tryRep(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  repId: string,
): Promise<Tried> {
  const reps = await lockReps(client, others(before, [repId]), input.at);
  const skip = skipReason(input, repId, reps.get(repId));
  if (skip === undefined) return { kind: 'picked', written: { repId } };
  const verdict = { rep: repId, weight: 1, before: 0, eligible: false, skip, after: 0 };
  return { kind: 'nobody', skipped: [verdict], away: absences(reps, [repId]) };
}

async function tryPool(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  { poolId, members }: Extract<OwnerTarget, { kind: 'pool' }>,
): Promise<Tried> {
  const { seq, standings } = await lockPool(client, poolId);
  const roster = Object.entries(members).map(([rep, weight]) => ({ rep, weight }));
  const reps = await lockReps(client, others(before, Object.keys(members)), input.at);
  const current = sameRoster(standings, members) ? standings : changeRoster(standings, roster);
  const states = current.map((member): MemberState => {
    const skip = skipReason(input, member.rep, reps.get(member.rep));
    return skip === undefined ? member : { ...member, skip };
  });
  const charge = input.creditBack ? await chargeOf(client, input.leadId, before.hop, poolId) : undefined;
  const totalWeight = roster.reduce((sum, { weight }) => sum + weight, 0);
  const handover = charge && {
    rep: charge.rep,
    amount: chargeToday(charge.charged, charge.totalWeight, totalWeight),
  };
  const { picked, charged, candidates, next } = pick({ members: states, handover });
  if (picked === undefined)
    return { kind: 'nobody', skipped: candidates, away: absences(reps, Object.keys(members)) };
  const currents = new Map(next.map((member) => [member.rep, member.current]));
  return {
    kind: 'picked',
    written: {
      repId: picked,
      pool: {
        poolId,
        seq: seq + 1n,
        charged,
        candidates,
        standings: roster.map((member) => ({ ...member, current: currents.get(member.rep) ?? 0 })),
        credit: handover && { ...handover, cause: input.cause },
      },
    },
  };
}

/** The previous owner's counters change too: his row is locked in the same go, in the same order. */
function others(before: BeforePick, repIds: readonly string[]): readonly string[] {
  return before.ownerId === null ? repIds : [...repIds, before.ownerId];
}

function skipReason(
  input: AssignInput,
  rep: string,
  state: RepAvailability | undefined,
): SkipReason | undefined {
  const caps = input.caps[rep];
  if (!caps) return 'not_a_rep';
  if (input.exclude.includes(rep)) return 'excluded';
  if (!state) return 'not_a_rep';
  if (state.status === 'paused') return 'paused';
  if (state.absentUntil) return 'absent';
  if (caps.perDay !== undefined && state.day === caps.day && state.dayCount >= caps.perDay)
    return 'daily_cap';
  if (caps.open !== undefined && state.openCount >= caps.open) return 'open_cap';
  return undefined;
}

function absences(reps: ReadonlyMap<string, RepAvailability>, repIds: readonly string[]): readonly Date[] {
  return repIds.flatMap((repId) => reps.get(repId)?.absentUntil ?? []);
}

function sameRoster(
  standings: readonly { readonly rep: string; readonly weight: number }[],
  members: Readonly<Record<string, number>>,
): boolean {
  return (
    standings.length === Object.keys(members).length &&
    standings.every(({ rep, weight }) => members[rep] === weight)
  );
}

function assignmentFrom(
  input: AssignInput,
  { repId, pool }: Pick<PickWritten, 'repId' | 'pool'>,
  sla: Assignment['sla'],
): Assignment {
  const { leadId, hop, rule, cause } = input;
  const assignedAt: IsoInstant = input.at;
  return { leadId, hop, repId, rule, cause, assignedAt, sla, ...(pool ? { poolId: pool.poolId } : {}) };
}

async function assignments(pool: Pool, leadId: string): Promise<readonly Assignment[]> {
  const { rows } = await pool.query<AssignmentRow>({
    name: 'assignments',
    text: `SELECT ${assignmentColumns('a')} FROM assignments a WHERE a.lead_id = $1 ORDER BY a.hop`,
    values: [leadId],
  });
  return rows.map(assignmentOf);
}

async function absencesSince(
  pool: Pool,
  { since, repId }: Parameters<AssignmentStore['absences']>[0],
): Promise<Readonly<Record<string, readonly Span[]>>> {
  const { rows } = await pool.query<{ repId: string; from: Date; until: Date }>({
    name: 'absences-since',
    text: `SELECT rep_id AS "repId", "from", until FROM absences
           WHERE until > $1 AND ($2::text IS NULL OR rep_id = $2) ORDER BY "from"`,
    values: [since, repId ?? null],
  });
  const spans: Record<string, Span[]> = {};
  for (const row of rows)
    (spans[row.repId] ??= []).push({
      from: toInstant(row.from.getTime()),
      until: toInstant(row.until.getTime()),
    });
  return spans;
}
