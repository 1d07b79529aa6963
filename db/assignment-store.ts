import type { Pool, PoolClient } from 'pg';
import type { AssignInput, AssignResult, Assignment, AssignmentStore } from '../activities/ports';
import type { CandidateVerdict } from '../domain/assignment/picker';
import type { LeadId } from '../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import { chooseOwner } from './choose-owner';
import type { Span } from '../domain/sla/calendar';
import { rehearsal, transaction } from './client';
import { assignmentColumns, assignmentOf, type AssignmentRow } from './sql/assignment-row';
import { joinLead } from './sql/join-lead';
import { holdForNext } from './sql/parked-queue';
import {
  endAssignment,
  lockLead,
  writeParked,
  writePick,
  type BeforePick,
  type PickWritten,
} from './sql/pick';
import { writeBreach, writeDisposition, writeMovedClocks, writeStepDone, writeTouch } from './sql/work-lead';

export function createAssignmentStore(pool: Pool): AssignmentStore {
  return {
    assign: (input) => transaction(pool, (client) => assign(client, input)),
    wouldAssign: (input) => wouldAssign(pool, input),
    history: (leadId) => assignments(pool, leadId),
    lastActive: async (leadId) => {
      const { rows } = await pool.query<{ at: Date | null }>({
        name: 'last-active',
        text: `SELECT max(at) AS at FROM timeline
               WHERE lead_id = $1 AND what IN ('touched', 'customer_replied', 'resumed_clocks')`,
        values: [leadId],
      });
      return rows[0]?.at ? toInstant(rows[0].at.getTime()) : undefined;
    },
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
  const chosen = await chooseOwner(client, input, before);
  if (chosen.kind === 'nobody') {
    const freed = await writeParked(client, input, before, chosen.skipped);
    return {
      kind: 'parked',
      skipped: chosen.skipped,
      ...earliest(chosen.free),
      ...(await nextFor(client, input, freed)),
    };
  }
  const sla = input.planFor(chosen.written.repId);
  if (before.ownerId !== null) await endAssignment(client, input);
  await writePick(client, {
    ...chosen.written,
    input,
    sla,
    before: { ...before, touched: before.touched && input.cause !== 'recycled' },
  });
  // A lead that had waited may not take all the room there is; whoever it leaves it to must not wait for chance.
  const roomy = before.ownerId ?? (before.parked ? chosen.written.repId : null);
  return {
    kind: 'assigned',
    assignment: assignmentFrom(input, chosen.written, sla),
    ...(await nextFor(client, input, roomy)),
  };
}

/** The parked lead that may take what a rep has room for now. */
async function nextFor(
  client: PoolClient,
  { at, longestWaitMs }: AssignInput,
  repId: string | null,
): Promise<{ readonly next?: LeadId }> {
  const next = repId === null ? undefined : await holdForNext(client, { repId, at, longestWaitMs });
  return next === undefined ? {} : { next };
}

function earliest(free: readonly IsoInstant[]): { readonly availableAt?: IsoInstant } {
  return free.length > 0 ? { availableAt: toInstant(Math.min(...free.map(epochMs))) } : {};
}

/** The same choice as `assign` makes, undone before anybody sees it. */
async function wouldAssign(
  pool: Pool,
  input: AssignInput,
): Promise<{ readonly repId?: string; readonly skipped: readonly CandidateVerdict[] }> {
  return rehearsal(pool, async (client) => {
    const nobody: BeforePick = { hop: 0, ownerId: null, touched: false, parked: false, made: undefined };
    const chosen = await chooseOwner(client, input, nobody);
    return chosen.kind === 'nobody'
      ? { skipped: chosen.skipped }
      : { repId: chosen.written.repId, skipped: [] };
  });
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
