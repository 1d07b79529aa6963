import type { Pool, PoolClient } from 'pg';
import type { AssignInput, AssignResult, Assignment, AssignmentStore } from '../activities/ports';
import type { PartnerChanged, PartnerLeaving } from '../activities/ports-assignment';
import { isOpen } from '../domain/assignment/open-offer';
import type { LeadId } from '../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../domain/instant';
import { chooseOwner, type Chosen } from './choose-owner';
import { lockAhead, lockForLeaving } from './lock-ahead';
import { pairUp } from './pair-up';
import { NoWorkingTimeError, type Span } from '../domain/sla/calendar';
import { contendedTransaction, rehearsal, type SendBeside } from './client';
import { assignmentColumns, assignmentOf, type AssignmentRow } from './sql/assignment-row';
import { joinLead } from './sql/join-lead';
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
    replacePartner: (input) =>
      withRows(pool, input, () => contendedTransaction(pool, (client) => replacePartner(client, input))),
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
    const partner = before.partner === null ? {} : { partner: before.partner, beside: before.partner };
    return { kind: 'assigned', assignment: before.made, ...partner, wake: [] };
  }
  const { pair, ...alone } = input;
  const leaving: PartnerLeaving | undefined =
    before.partner !== null && before.partnerAway ? { repId: before.partner, because: 'absent' } : undefined;
  const pairs = pair !== undefined && (before.partner === null || leaving !== undefined);
  const locking = pairs ? input : alone;
  const { due, partnerDue } = await lockAhead(client, locking, before, pairs ? leaving : undefined);
  const exclude = before.partner === null ? input.exclude : [...input.exclude, before.partner];
  const owner = await chooseWithHours(client, { ...input, exclude }, before, due);
  if (owner.kind === 'open') return open(client, input, before, owner);
  if (owner.kind === 'nobody') return park(client, input, before, owner);
  if (pairs) await client.query('SAVEPOINT alone');
  const assignment = await write(client, { input, before, sendBeside }, owner, due);
  const owns = { owner: assignment.repId, leaving, due: partnerDue };
  const partner = pairs ? await pairUp(client, input, before, owns) : undefined;
  if (partner?.kind === 'nobody' && input.pair?.whenNobody === 'park' && !leaving) {
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
    ...partnership(partner, pairs ? null : before.partner),
    wake: [...owner.called, ...(partner?.called ?? []), ...next],
  };
}

type PickedWithHours = Extract<Chosen, { kind: 'picked' }> & { readonly sla: Assignment['sla'] };

/** Somebody whose working time gets to the deadlines: who has none, as he is away for good, is passed over like the others. */
async function chooseWithHours(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  due: Charge | undefined,
): Promise<PickedWithHours | Exclude<Chosen, { kind: 'picked' }>> {
  const noHours: string[] = [];
  // Who is held for a parked lead in one round is passed over in the next: the lead is told of it all the same.
  const called: LeadId[] = [];
  for (;;) {
    const chosen = await chooseOwner(client, { ...input, noHours }, before, due);
    called.push(...chosen.called);
    if (chosen.kind !== 'picked') return { ...chosen, called };
    const { repId, offer } = chosen.written;
    try {
      return { ...chosen, called, sla: input.planFor(repId, offer?.until ?? input.at) };
    } catch (error) {
      if (!(error instanceof NoWorkingTimeError) || noHours.includes(repId)) throw error;
      noHours.push(repId);
    }
  }
}

async function park(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  { skipped, free, called }: Extract<Chosen, { kind: 'nobody' }>,
): Promise<AssignResult> {
  if (claims(input)) return { kind: 'parked', skipped, wake: [] }; // it stays open to the others
  const freed = await writeParked(client, input, before, { skipped });
  const next = await nextFor(client, input, freed);
  return { kind: 'parked', skipped, ...earliest(free), wake: [...called, ...next] };
}

const claims = ({ targets }: AssignInput): boolean =>
  targets.some((target) => target.kind === 'pool' && target.claim !== undefined);

/** Nobody has it until somebody claims it. A repeat, or another look at what is open to the pool already, changes nothing. */
async function open(
  client: PoolClient,
  input: AssignInput,
  before: BeforePick,
  { offer, skipped, called }: Extract<Chosen, { kind: 'open' }>,
): Promise<AssignResult> {
  const known = before.open;
  if (known && isOpen(known, input) && known.poolId === offer.poolId)
    return { kind: 'open', offer: known, wake: called };
  const opened = [...(known?.opened ?? []), offer.poolId];
  const made = { ...offer, hop: input.hop, opened };
  const freed = await writeParked(client, input, before, { skipped, open: made });
  return { kind: 'open', offer: made, wake: [...called, ...(await nextFor(client, input, freed))] };
}

/** Who works it beside the owner: somebody new, or who did before. */
function partnership(
  chosen: Chosen | undefined,
  before: string | null,
): Pick<Extract<AssignResult, { kind: 'assigned' }>, 'partner' | 'unpaired' | 'beside'> {
  if (chosen?.kind === 'picked') return { partner: chosen.written.repId, beside: chosen.written.repId };
  return {
    ...(chosen ? { unpaired: chosen.skipped } : {}),
    ...(before === null ? {} : { beside: before }),
  };
}

async function replacePartner(
  client: PoolClient,
  input: AssignInput & { readonly leaving: PartnerLeaving },
): Promise<PartnerChanged> {
  const { leaving } = input;
  const before = await lockLead(client, input);
  // A repeat, whose first answer was lost.
  if (before.partner !== leaving.repId)
    return {
      kind: 'changed',
      wake: [],
      ...(before.partner === null ? { unpaired: [] } : { partner: before.partner }),
    };
  if (before.ownerId === null || (leaving.because === 'absent' && !before.partnerAway))
    return { kind: 'same' };
  const due = await lockForLeaving(client, input, leaving);
  const chosen = await pairUp(client, input, before, { owner: before.ownerId, leaving, due });
  const { partner, unpaired } = partnership(chosen, null);
  return {
    kind: 'changed',
    ...(partner === undefined ? {} : { partner }),
    ...(unpaired === undefined || input.pair === undefined ? {} : { unpaired }),
    wake: [...chosen.called, ...(await nextFor(client, input, leaving.repId))],
  };
}

async function write(
  client: PoolClient,
  {
    input,
    before,
    sendBeside,
  }: { readonly input: AssignInput; readonly before: BeforePick; readonly sendBeside: SendBeside },
  { written: chosen, sla }: PickedWithHours,
  due: Charge | undefined,
): Promise<Assignment> {
  if (before.ownerId !== null) await endAssignment(client, input);
  const touched = before.touched && input.cause !== 'recycled';
  sendBeside(writePick(client, { ...chosen, input, sla, before: { ...before, touched } }));
  const { leadId, at, cause, left = cause } = input;
  // It left the pool it was charged in.
  if (due && !chosen.pool?.credit) await returnCharge(client, { leadId, hop: before.hop, at, cause: left });
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
async function wouldAssign(pool: Pool, input: AssignInput): ReturnType<AssignmentStore['wouldAssign']> {
  return rehearsal(pool, async (client) => {
    const nobody: BeforePick = {
      hop: 0,
      ownerId: null,
      touched: false,
      parkedAt: null,
      partner: null,
      partnerAway: false,
      open: null,
      seq: newest,
      made: undefined,
    };
    await makeRows(client, input);
    const chosen = await chooseWithHours(client, input, nobody, undefined);
    if (chosen.kind === 'picked')
      return { picked: { repId: chosen.written.repId, sla: chosen.sla }, skipped: [] };
    return chosen.kind === 'open'
      ? { open: chosen.offer, skipped: chosen.skipped }
      : { skipped: chosen.skipped };
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
