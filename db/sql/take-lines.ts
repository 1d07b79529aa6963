import type { PoolClient } from 'pg';
import type { ImportPace, ImportStep, ImportStore, LineFault } from '../../activities/ports-imports';
import type { NewLead } from '../../activities/ports';
import type { LeadId } from '../../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../../domain/instant';
import { acceptLeads } from './accept-leads';
import { addFaults, faultsOf, readingOf, type ReadingRow } from './import-rows';

/** Any number that no other program uses for an advisory lock on this database. */
const takersLock = 7_315_902;
/** Most lines that one transaction takes in, the last round of them aside. */
const linesMax = 500;

/** Leads that have been placed, or that wait for a person, are nobody's concern any more. */
const forgetPlaced = `
DELETE FROM import_lines l USING leads d
WHERE l.lead_id IS NOT NULL AND d.id = l.lead_id AND (d.progress NOT IN ('received', 'identified') OR d.open_errors > 0)`;

const waitingLeads = `
SELECT l.lead_id AS "leadId", l.import_id AS "importId", d.received_at > $1 AS busy
FROM import_lines l JOIN leads d ON d.id = l.lead_id WHERE l.lead_id IS NOT NULL ORDER BY l.import_id, l.line`;

/** Whether somebody sent leads lately, and whether one newer than $2 is still on its way to an owner. */
const liveLeads = `
SELECT count(*) > 0 AS live, count(*) FILTER (WHERE received_at > $2 AND progress IN ('received', 'identified')) > 0 AS busy
FROM (SELECT imported, progress, received_at FROM leads ORDER BY seq DESC LIMIT 500) newest
WHERE NOT imported AND received_at > $1`;

const unread = `
SELECT line, body FROM import_lines WHERE import_id = $1 AND lead_id IS NULL ORDER BY line LIMIT $2`;

const knownLeads = `
SELECT id FROM leads WHERE id = ANY ($1)`;

/** New leads stay until they are placed; lines that are none, or were leads before, are done with. */
const noteTaken = `
WITH taken AS (
  SELECT * FROM unnest($2::int[], $3::text[]) AS t(line, lead_id)
), noted AS (
  UPDATE import_lines l SET body = NULL, lead_id = t.lead_id FROM taken t
  WHERE l.import_id = $1 AND l.line = t.line AND t.lead_id IS NOT NULL
), done AS (
  DELETE FROM import_lines l USING taken t WHERE l.import_id = $1 AND l.line = t.line AND t.lead_id IS NULL
)
UPDATE imports SET accepted = accepted + $4, duplicates = duplicates + $5, failed = failed + $6 WHERE id = $1`;

/**
 * Takes lines in as described at the port. All takers wait for each other, so that their bound holds for all of them, and
 * an attempt that was thought dead cannot take lines beside its successor. Lines that are no new leads take no room, so it
 * reads on behind them.
 */
export async function takeLines(
  client: PoolClient,
  { importId, at, pace, read }: TakeInput,
): ReturnType<ImportStore['take']> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [takersLock]);
  const known = await client.query<ReadingRow & { state: string }>(
    'SELECT source, format, mapping, state FROM imports WHERE id = $1 FOR UPDATE',
    [importId],
  );
  const [row] = known.rows;
  if (row?.state !== 'queued' && row?.state !== 'running') return nothing('over');
  if (row.state === 'queued') return nothing('split');
  await client.query(forgetPlaced);
  const { waiting, live, room } = await roomNow(client, at, pace);
  const earlier = waiting.flatMap((one) => (one.importId === importId ? [one.leadId] : []));
  const reading = readingOf(row);
  const { taken, fresh } = await takeUntilFull(client, { importId, room }, (body) => read(body, reading));
  if (taken > 0 || earlier.length > 0 || room === 0)
    return { next: 'take', fresh, waiting: [...earlier, ...fresh], live };
  await client.query(`UPDATE imports SET state = 'finished', finished_at = $2 WHERE id = $1`, [importId, at]);
  return nothing('over');
}

const nothing = (next: ImportStep): Awaited<ReturnType<ImportStore['take']>> => ({
  next,
  fresh: [],
  waiting: [],
  live: false,
});

interface WaitingLead {
  readonly leadId: LeadId;
  readonly importId: string;
  readonly busy: boolean;
}

/** How many imported leads may set out now, which of them are on their way, and whether live ones come in. */
async function roomNow(
  client: PoolClient,
  at: IsoInstant,
  { inFlightMax, waitingMax, busyMs, quietMs, givesWay }: ImportPace,
): Promise<{ readonly waiting: readonly WaitingLead[]; readonly live: boolean; readonly room: number }> {
  const before = (ms: number): IsoInstant => toInstant(epochMs(at) - ms);
  const { rows: waiting } = await client.query<WaitingLead>(waitingLeads, [before(busyMs)]);
  const { rows } = await client.query<{ live: boolean; busy: boolean }>(liveLeads, [
    before(quietMs),
    before(busyMs),
  ]);
  const { live = false, busy = false } = rows[0] ?? {};
  const most = live ? inFlightMax.beside : inFlightMax.alone;
  const inFlight = waiting.filter((one) => one.busy).length;
  const room = busy && givesWay ? 0 : Math.max(0, Math.min(most - inFlight, waitingMax - waiting.length));
  return { waiting, live, room };
}

type TakeInput = Parameters<ImportStore['take']>[0];
type ReadLine = { readonly line: number } & (
  { readonly lead: NewLead } | { readonly faults: readonly LineFault[] }
);

/** Takes as many more lines each round as all before them: one where leads are new, soon hundreds where none is. */
async function takeUntilFull(
  client: PoolClient,
  { importId, room }: { readonly importId: string; readonly room: number },
  read: (body: string) => ReturnType<TakeInput['read']>,
): Promise<{ readonly taken: number; readonly fresh: readonly LeadId[] }> {
  const fresh: LeadId[] = [];
  let taken = 0;
  while (fresh.length < room && taken < linesMax) {
    const { rows } = await client.query<{ line: number; body: string }>(unread, [
      importId,
      Math.max(room, taken),
    ]);
    if (rows.length === 0) break;
    const lines = await withinRoom(
      client,
      rows.map(({ line, body }) => ({ line, ...read(body) })),
      room - fresh.length,
    );
    fresh.push(...(await accept(client, importId, lines)));
    taken += lines.length;
  }
  return { taken, fresh };
}

/** The first of the lines, so many that no more of their leads are new than there is room for. */
async function withinRoom(
  client: PoolClient,
  lines: readonly ReadLine[],
  room: number,
): Promise<readonly ReadLine[]> {
  const ids = lines.flatMap((one) => ('lead' in one ? [one.lead.leadId] : []));
  if (ids.length <= room) return lines;
  const { rows } = await client.query<{ id: LeadId }>(knownLeads, [ids]);
  const seen = new Set(rows.map(({ id }) => id));
  let fresh = 0;
  const end = lines.findIndex((one) => {
    if (!('lead' in one) || seen.has(one.lead.leadId)) return false;
    seen.add(one.lead.leadId);
    fresh += 1;
    return fresh > room;
  });
  return end < 0 ? lines : lines.slice(0, end);
}

async function accept(
  client: PoolClient,
  importId: string,
  lines: readonly ReadLine[],
): Promise<readonly LeadId[]> {
  const good = lines.flatMap((one) => ('lead' in one ? [one] : []));
  const news = new Set(
    await acceptLeads(
      client,
      good.map(({ lead }) => lead),
    ),
  );
  const firsts = new Map<number, LeadId>();
  // Of two lines with one lead the first is it.
  for (const { line, lead } of good) if (news.delete(lead.leadId)) firsts.set(line, lead.leadId);
  await client.query(noteTaken, [
    importId,
    lines.map(({ line }) => line),
    lines.map(({ line }) => firsts.get(line) ?? null),
    firsts.size,
    good.length - firsts.size,
    lines.length - good.length,
  ]);
  await addFaults(client, importId, faultsOf(lines));
  return [...firsts.values()];
}
