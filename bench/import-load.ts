import { setTimeout as sleep } from 'node:timers/promises';
import { loadavg } from 'node:os';
import { loadEnv } from '../config/env';
import { makeLead } from './lead-maker';
import { openLoop, type Accepted } from './load';
import { quantile, rounded } from './quantile';
import { withRig, type Rig } from './rig';
import { runTool, say } from './scratch';

const usage = 'usage: npm run bench:import -- [--rows N]  (10000 unless told)';
/** Live leads a second in both phases, how many of them alone, and at most so many beside the import. */
const live = { rate: 2, alone: 200, besideMax: 7_200 } as const;
/** Live leads that are sent between two looks at the import: ten seconds. */
const batch = 20;
/** An import that takes nothing in for so long is stuck. */
const patienceMs = 300_000;
/** Numbers of imported leads begin here, so that no person of a live lead is among them. */
const importedFrom = 1_000_000;

/**
 * `npm run bench:import`: what live leads feel of an import. The same stream of live leads is sent alone and then while a
 * file is taken in, to its end; times run from the instant a lead was due to its row in `assignments`, by the database's
 * own clock. It fails when a line of the file did not become a lead.
 */
async function main(args: readonly string[]): Promise<void> {
  const rows = parseRows(args);
  const load = loadavg()[0];
  await withRig(loadEnv(process.env).DATA_DIR, (rig) => measure(rig, rows, load ?? 0));
}

async function measure(rig: Rig, rows: number, loadBefore: number): Promise<void> {
  await assignedMs(rig, await sendLive(rig, 0, 40)); // caches, compiled code
  say('live leads alone');
  const idle = await assignedMs(rig, await sendLive(rig, 100, live.alone));
  say(`live leads beside an import of ${String(rows)} rows`);
  const startedAt = Date.now();
  const id = await sendFile(rig, rows);
  const { accepted, taken } = await besideImport(rig, id, rows);
  const seconds = (Date.now() - startedAt) / 1_000;
  const beside = await assignedMs(rig, accepted);
  const stored = await storedRows(rig);
  const p95 = { idle: quantile(idle, 0.95), import: quantile(beside, 0.95) };
  const figures = {
    rows,
    ...taken,
    stored,
    seconds: rounded(seconds),
    rowsPerSecond: rounded(rows / seconds),
    liveLeads: { idle: idle.length, import: beside.length },
    liveP50Ms: { idle: rounded(quantile(idle, 0.5)), import: rounded(quantile(beside, 0.5)) },
    liveP95Ms: { idle: rounded(p95.idle), import: rounded(p95.import) },
    ratioP95: rounded(p95.import / p95.idle, 2),
    loadBefore: rounded(loadBefore),
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  if (taken.accepted !== rows || stored !== rows)
    throw new Error(`of ${String(rows)} rows ${String(stored)} are leads`);
}

function parseRows([flag, value, ...rest]: readonly string[]): number {
  if (flag === undefined) return 10_000;
  if (flag !== '--rows' || !/^[1-9]\d{0,5}$/.test(value ?? '') || rest.length > 0) throw new Error(usage);
  return Number(value);
}

const sendLive = (rig: Rig, from: number, count: number): Promise<readonly Accepted[]> =>
  openLoop(rig, { from, count, rate: live.rate });

interface Taken {
  readonly accepted: number;
  readonly duplicates: number;
  readonly failed: number;
}

/** Sends live leads until the import is over. @throws Error when it stands still, or was over before the first of them */
async function besideImport(
  rig: Rig,
  id: string,
  rows: number,
): Promise<{ readonly accepted: readonly Accepted[]; readonly taken: Taken }> {
  const accepted: Accepted[] = [];
  let [done, movedAt] = [0, Date.now()];
  for (;;) {
    const { state, ...taken } = await progress(rig, id);
    const now = taken.accepted + taken.duplicates + taken.failed;
    if (now > done) [done, movedAt] = [now, Date.now()];
    say(`${String(now)} of ${String(rows)} rows, ${String(accepted.length)} live leads`);
    if (state === 'finished') {
      if (accepted.length === 0) throw new Error('the import was over before the live leads; send more rows');
      return { accepted, taken };
    }
    if (Date.now() - movedAt > patienceMs) throw new Error(`the import stands still, as ${state}`);
    if (accepted.length < live.besideMax)
      accepted.push(...(await sendLive(rig, 1_000 + accepted.length, batch)));
    else await sleep((batch / live.rate) * 1_000);
  }
}

/** Milliseconds from the instant each lead was due to its owner; leads that joined an older one have none. */
async function assignedMs(rig: Rig, accepted: readonly Accepted[]): Promise<readonly number[]> {
  const ids = accepted.map(({ leadId }) => leadId);
  for (;;) {
    const { rows } = await rig.sql.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM leads WHERE id = ANY ($1) AND progress IN ('received', 'identified')`,
      [ids],
    );
    if (rows[0]?.n === 0) break;
    await sleep(200);
  }
  const { rows } = await rig.sql.query<{ lead_id: string; ms: string }>(
    'SELECT lead_id, extract(epoch FROM at) * 1000 AS ms FROM bench_assigned WHERE lead_id = ANY ($1)',
    [ids],
  );
  const at = new Map(rows.map((row) => [row.lead_id, Number(row.ms)]));
  return accepted.flatMap(({ leadId, dueAt }) => {
    const ms = at.get(leadId);
    return ms === undefined ? [] : [ms - dueAt];
  });
}

async function sendFile(rig: Rig, rows: number): Promise<string> {
  const lines = Array.from({ length: rows }, (_, n) => JSON.stringify(makeLead(importedFrom + n)));
  const answer = await fetch(`${rig.url}/v1/imports?source=fair`, {
    method: 'POST',
    headers: { authorization: `Bearer ${rig.key}`, 'content-type': 'application/x-ndjson' },
    body: lines.join('\n'),
  });
  if (!answer.ok) throw new Error(`the import was answered ${String(answer.status)}: ${await answer.text()}`);
  return ((await answer.json()) as { readonly id: string }).id;
}

async function progress(rig: Rig, id: string): Promise<Taken & { readonly state: string }> {
  const { rows } = await rig.sql.query<Taken & { readonly state: string }>(
    'SELECT state, accepted, duplicates, failed FROM imports WHERE id = $1',
    [id],
  );
  if (!rows[0]) throw new Error(`there is no import ${id}`);
  return rows[0];
}

/** Lines of the file that are leads. */
async function storedRows(rig: Rig): Promise<number> {
  const { rows } = await rig.sql.query<{ n: number }>('SELECT count(*)::int AS n FROM leads WHERE imported');
  return rows[0]?.n ?? 0;
}

runTool(main);
