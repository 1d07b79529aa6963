import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile, rounded } from './quantile';
import { startRig, type Rig } from './rig';
import { runTool, say } from './scratch';

const usage = 'usage: npm run bench:timers -- [--leads N]  (10000 unless told)';
/** Leads under way at once while they are sent, and how many a second to allow for. */
const lanes = 16;
const slowestPerSecond = 15;

/**
 * `npm run bench:timers`: how late deadlines are with many leads running. All leads are there before the first deadline;
 * then they fall due in the order and at the rate at which they were assigned. Late is the time from the deadline to the
 * row of the missed deadline, by the database's own clock.
 */
async function main(args: readonly string[]): Promise<void> {
  const leads = parseLeads(args);
  const touchMs = (Math.ceil(leads / slowestPerSecond) + 30) * 1_000;
  const dataDir = resolve(process.env['DATA_DIR'] ?? '.data');
  const rig = await startRig({ dataDir, env: process.env, log: say, signal: new AbortController().signal });
  try {
    await prepare(rig, touchMs);
    await send(rig, leads);
    const late = await lateness(rig, leads, touchMs);
    const figures = {
      leads,
      p50Ms: rounded(quantile(late, 0.5)),
      p99Ms: rounded(quantile(late, 0.99)),
      maxMs: rounded(quantile(late, 1)),
      within1s: rounded(late.filter((ms) => ms <= 1_000).length / late.length, 4),
    };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  } finally {
    await rig.stop();
  }
}

function parseLeads([flag, value, ...rest]: readonly string[]): number {
  if (flag === undefined) return 10_000;
  if (flag !== '--leads' || !/^[1-9]\d{0,5}$/.test(value ?? '') || rest.length > 0) throw new Error(usage);
  return Number(value);
}

async function prepare(rig: Rig, touchMs: number): Promise<void> {
  await rig.sql.query(`
    CREATE TABLE bench_missed (lead_id text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
    CREATE FUNCTION bench_miss() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN INSERT INTO bench_missed (lead_id) VALUES (NEW.lead_id); RETURN NULL; END';
    CREATE TRIGGER bench_miss AFTER INSERT ON timeline FOR EACH ROW WHEN (NEW.what = 'sla_missed') EXECUTE FUNCTION bench_miss()`);
  const touch = `${String(touchMs / 1_000)}s`;
  const { version } = (await call(rig, 'PUT', '/v1/policy', {
    calendars: { utc: { timeZone: 'Etc/UTC', week: { 'mon-sun': '00:00-24:00' } } },
    reps: [{ id: 'solo', name: 'Solo', email: 'solo@example.com', calendar: 'utc' }],
    pools: { one: { members: ['solo'] } },
    routing: [{ rule: 'all', to: 'pool/one', sla: 'timed' }],
    sla: { timed: { clock: 'business', touch } },
  })) as { version: number };
  await call(rig, 'POST', '/v1/policy/publish', { version });
}

async function send(rig: Rig, leads: number): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let n = next++; n < leads; n = next++)
      await call(rig, 'POST', '/v1/leads', { email: `lead${String(n)}@company${String(n)}.example` });
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  say(`${String(leads)} leads sent`);
}

/** Milliseconds by which each deadline was late. @throws Error when the leads were not all there before the first one */
async function lateness(rig: Rig, leads: number, touchMs: number): Promise<readonly number[]> {
  const end = Date.now() + 2 * touchMs + 60_000;
  for (;;) {
    const { rows } = await rig.sql.query<{ n: number }>('SELECT count(*)::int AS n FROM bench_missed');
    if (rows[0]?.n === leads) break;
    if (Date.now() > end) throw new Error(`only ${String(rows[0]?.n)} of ${String(leads)} deadlines fired`);
    await sleep(1_000);
  }
  const { rows } = await rig.sql.query<{ late: number; early: boolean }>(
    `SELECT (extract(epoch FROM m.at - a.touch_due_at) * 1000)::float8 AS late,
       (SELECT max(assigned_at) FROM assignments) > (SELECT min(touch_due_at) FROM assignments) AS early
     FROM bench_missed m JOIN assignments a ON a.lead_id = m.lead_id`,
  );
  if (rows[0]?.early) throw new Error('leads were still being assigned when the first deadline came');
  return rows.map(({ late }) => late);
}

async function call(rig: Rig, method: string, path: string, body: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${rig.key}`, 'content-type': 'application/json' };
  const answer = await fetch(`${rig.url}${path}`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok)
    throw new Error(`${method} ${path} was answered ${String(answer.status)}: ${await answer.text()}`);
  return answer.json();
}

runTool(main);
