import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadavg } from 'node:os';
import { makeLead } from './lead-maker';
import { openLoop } from './load';
import { quantile, rounded } from './quantile';
import { startRig, type Rig } from './rig';
import { runTool, say } from './scratch';

const usage = 'usage: npm run bench:import -- [--rows N]  (10000 unless told)';
/** Live leads, and how many of them a second, in each of the two phases. */
const live = { count: 200, rate: 2 } as const;
/** Numbers of imported leads begin here, so that no person of a live lead is among them. */
const importedFrom = 1_000_000;

/**
 * `npm run bench:import`: what live leads feel of an import. The same stream of live leads is sent twice, first alone and
 * then while a file is taken in; times run from the instant a lead was due to its row in `assignments`, by the database's
 * own clock. It ends with the live leads, however much of the file is left.
 */
async function main(args: readonly string[]): Promise<void> {
  const rows = parseRows(args);
  const load = loadavg()[0];
  const dataDir = resolve(process.env['DATA_DIR'] ?? '.data');
  const rig = await startRig({ dataDir, env: process.env, log: say, signal: new AbortController().signal });
  try {
    await assignedMs(rig, 0, 40); // caches, compiled code
    say('live leads alone');
    const idle = await assignedMs(rig, 100, live.count);
    say(`live leads beside an import of ${String(rows)} rows`);
    const startedAt = Date.now();
    const id = await sendFile(rig, rows);
    const beside = await assignedMs(rig, 1_000, live.count);
    const taken = await progress(rig, id);
    const seconds = (Date.now() - startedAt) / 1_000;
    const p95 = { idle: quantile(idle, 0.95), import: quantile(beside, 0.95) };
    const figures = {
      rows,
      rowsPerSecond: rounded(taken / seconds),
      liveP50Ms: { idle: rounded(quantile(idle, 0.5)), import: rounded(quantile(beside, 0.5)) },
      liveP95Ms: { idle: rounded(p95.idle), import: rounded(p95.import) },
      ratioP95: rounded(p95.import / p95.idle, 2),
      loadBefore: rounded(load ?? 0),
    };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  } finally {
    await rig.stop();
  }
}

function parseRows([flag, value, ...rest]: readonly string[]): number {
  if (flag === undefined) return 10_000;
  if (flag !== '--rows' || !/^[1-9]\d{0,5}$/.test(value ?? '') || rest.length > 0) throw new Error(usage);
  return Number(value);
}

/** Milliseconds from the instant each lead was due to its owner; leads that joined an older one have none. */
async function assignedMs(rig: Rig, from: number, count: number): Promise<readonly number[]> {
  const accepted = await openLoop(rig, { from, count, rate: live.rate });
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

/** Rows taken in so far. @throws Error when the import was over before the live leads were: it measured nothing then */
async function progress(rig: Rig, id: string): Promise<number> {
  const { rows } = await rig.sql.query<{ state: string; n: number }>(
    'SELECT state, accepted + duplicates + failed AS n FROM imports WHERE id = $1',
    [id],
  );
  if (rows[0]?.state !== 'running')
    throw new Error('the import was over before the live leads; send more rows');
  return rows[0].n;
}

runTool(main);
