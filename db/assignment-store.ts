import type { Pool, PoolClient } from 'pg';
import type { AssignInput, AssignResult, Assignment, AssignmentStore } from '../activities/ports';
import type { CandidateVerdict } from '../domain/assignment/picker';
import type { LeadId } from '../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import { chooseOwner, creditDue, lockInOrder, type Chosen } from './choose-owner';
import type { Span } from '../domain/sla/calendar';
import { contendedTransaction, rehearsal, type SendBeside } from './client';
import { assignmentColumns, assignmentOf, type AssignmentRow } from './sql/assignment-row';
import { joinLead } from './sql/join-lead';
import { writePartner, writeUnpaired } from './sql/partner';
import { holdForNext } from './sql/parked-queue';
import { lockLead, makeRows, RowsMissingError, type BeforePick, type Charge } from './sql/pick';
import { endAssignment, writeParked, writePick, type PickWritten } from './sql/write-pick';
import { returnCharge } from './sql/return-charge';
import { writeKeptUnder, writeRescored } from './sql/rescore';
import { writeAccepted } from './sql/accept-offer';
import { writeBreach, writeDisposition, writeMovedClocks, writeStepDone, writeTouch } from './sql/work-lead';

export function createAssignmentStore(pool: Pool): AssignmentStore {
  return {
    assign: (input) =>
      withRows(pool, input, () =>
        contendedTransaction(pool, (client, sendBeside) => assign(client, input, sendBeside)),
      ),
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
    rescore: (input) => writeRescored(pool, input),
    acceptOffer: (input) => writeAccepted(pool, input),
    keepUnder: (input) => writeKeptUnder(pool, input),
    dispose: (input) => writeDisposition(pool, input),
    join: (input) => joinLead(pool, input),
  };
}

/** Runs a pick; one for which there is no row to lock yet is run again when there is. */
async function withRows<T>(pool: Pool, input: AssignInput, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof RowsMissingError)) throw error;
    await makeRows(pool, input);
    return run();
  }
}

async function assign(client: PoolClient, input: AssignInput, sendBeside: SendBeside): Promise<AssignResult> {
  const before = await lockLead(client, input);
  if (before.made) {
    // Told again rather than not at all: a partner who has the lead since an earlier owner hears of it twice then.
    const partner = before.partner === null ? {} : { partner: before.partner };
    return { kind: 'assigned', assignment: before.made, ...partner, wake: [] };
  }
  const pairs = input.pair !== undefined && before.partner === null;
  if (pairs) await lockInOrder(client, [...input.targets.slice(0, 1), ...input.pair.targets.slice(0, 1)]);
  const due = await creditDue(client, input, before);
  const exclude = before.partner === null ? input.exclude : [...input.exclude, before.partner];
  const owner = await chooseOwner(client, { ...input, exclude }, before, due);
  if (owner.kind === 'nobody') return park(client, input, before, owner);
  if (pairs) await client.query('SAVEPOINT alone');
  const assignment = await write(client, { input, before, sendBeside }, owner.written, due);
  const partner = pairs ? await addPartner(client, input, before, assignment.repId) : undefined;
  if (partner?.kind === 'nobody' && input.pair?.whenNobody === 'park') {
    await client.query('ROLLBACK TO SAVEPOINT alone');
    // Undone with it: the holds that the search for a partner had made, but not those of the owner's.
    return park(client, input, before, { ...partner, called: owner.called });
  }
  // A lead that had waited may not take all the room there is; whoever it leaves it to must not wait for chance.
  const roomy = before.ownerId ?? (before.parkedAt ? assignment.repId : null);
  const next = await nextFor(client, input, roomy);
  return {
    kind: 'assigned',
    assignment,
    ...(partner?.kind === 'picked' ? { partner: partner.written.repId } : {}),
    ...(partner?.kind === 'nobody' ? { unpaired: partner.skipped } : {}),
    wake: [...owner.called, ...(partner?.called ?? []), ...next],
  };
}

async function park(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  { skipped, free, called }: Extract<Chosen, { kind: 'nobody' }>,
): Promise<AssignResult> {
  const freed = await writeParked(client, input, before, skipped);
  const next = await nextFor(client, input, freed);
  return { kind: 'parked', skipped, ...earliest(free), wake: [...called, ...next] };
}

/** Somebody to work the lead beside its owner, who is written already: both may come from one pool. */
async function addPartner(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  owner: string,
): Promise<Chosen> {
  const asked = { ...input, targets: input.pair?.targets ?? [], exclude: [owner] };
  const chosen = await chooseOwner(client, asked, { ...before, ownerId: null });
  if (chosen.kind === 'picked') await writePartner(client, input, chosen.written);
  else if (input.pair?.whenNobody === 'alone') await writeUnpaired(client, input, chosen.skipped);
  return chosen;
}

async function write(
  client: PoolClient,
  {
    input,
    before,
    sendBeside,
  }: { readonly input: AssignInput; readonly before: BeforePick; readonly sendBeside: SendBeside },
  chosen: Extract<Chosen, { kind: 'picked' }>['written'],
  due: Charge | undefined,
): Promise<Assignment> {
  const sla = input.planFor(chosen.repId, chosen.offer?.until ?? input.at);
  if (before.ownerId !== null) await endAssignment(client, input);
  const touched = before.touched && input.cause !== 'recycled';
  sendBeside(writePick(client, { ...chosen, input, sla, before: { ...before, touched } }));
  const { leadId, at, cause } = input;
  // It left the pool it was charged in.
  if (due && !chosen.pool?.credit) await returnCharge(client, { leadId, hop: before.hop, at, cause });
  return assignmentFrom(input, chosen, sla);
}

/** The parked lead that may take what a rep has room for now. */
async function nextFor(
  client: PoolClient,
  { at, longestWaitMs }: AssignInput,
  repId: string | null,
): Promise<readonly LeadId[]> {
  const next = repId === null ? undefined : await holdForNext(client, { repId, at, longestWaitMs });
  return next === undefined ? [] : [next];
}

function earliest(free: readonly IsoInstant[]): { readonly availableAt?: IsoInstant } {
  return free.length > 0 ? { availableAt: toInstant(Math.min(...free.map(epochMs))) } : {};
}

/** A lead that is not there comes after all that are. */
const newest = String(2n ** 62n);

/** The same choice as `assign` makes, undone before anybody sees it. */
async function wouldAssign(
  pool: Pool,
  input: AssignInput,
): Promise<{ readonly repId?: string; readonly skipped: readonly CandidateVerdict[] }> {
  return rehearsal(pool, async (client) => {
    const nobody: BeforePick = {
      hop: 0,
      ownerId: null,
      touched: false,
      parkedAt: null,
      partner: null,
      seq: newest,
      made: undefined,
    };
    await makeRows(client, input);
    const chosen = await chooseOwner(client, input, nobody);
    return chosen.kind === 'nobody'
      ? { skipped: chosen.skipped }
      : { repId: chosen.written.repId, skipped: [] };
  });
}

function assignmentFrom(
  input: AssignInput,
  { repId, pool, offer }: Pick<PickWritten, 'repId' | 'pool' | 'offer'>,
  sla: Assignment['sla'],
): Assignment {
  const { leadId, hop, rule, cause } = input;
  const assignedAt: IsoInstant = input.at;
  return {
    leadId,
    hop,
    repId,
    rule,
    cause,
    assignedAt,
    sla,
    ...(pool ? { poolId: pool.poolId } : {}),
    ...(offer ? { offer } : {}),
  };
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
