import { setTimeout as sleep } from 'node:timers/promises';
import { loadEnv } from '../config/env';
import { quantile, rounded } from './quantile';
import { withRig, type Rig } from './rig';
import { runTool, say } from './scratch';

const usage = 'usage: npm run bench:timers -- [--leads N]  (10000 unless told)';
/** Leads under way at once while the waiting ones are sent. */
const lanes = 16;
/** The leads whose deadlines are watched, how many of them a second, and how long each has. */
const timed = { leads: 600, perSecond: 5, touch: '60s' } as const;

/**
 * `npm run bench:timers`: how late deadlines are while many leads wait for theirs. First come the leads that only wait;
 * then others at a steady rate, whose deadlines therefore fall due at that rate, each with the wake of a run that is no
 * longer in the worker's memory. Late is the time from the deadline to the row of the missed deadline, by the
 * database's own clock.
 */
async function main(args: readonly string[]): Promise<void> {
  const leads = parseLeads(args);
  await withRig(loadEnv(process.env).DATA_DIR, async (rig) => {
    await prepare(rig);
    await sendWaiting(rig, leads);
    await sendTimed(rig);
    const late = await lateness(rig);
    const figures = {
      leads,
      timed: late.length,
      p50Ms: rounded(quantile(late, 0.5)),
      p99Ms: rounded(quantile(late, 0.99)),
      maxMs: rounded(quantile(late, 1)),
      within1s: rounded(late.filter((ms) => ms <= 1_000).length / late.length, 4),
    };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  });
}

function parseLeads([flag, value, ...rest]: readonly string[]): number {
  if (flag === undefined) return 10_000;
  if (flag !== '--leads' || !/^[1-9]\d{0,5}$/.test(value ?? '') || rest.length > 0) throw new Error(usage);
  return Number(value);
}

async function prepare(rig: Rig): Promise<void> {
  await rig.sql.query(`
    CREATE TABLE bench_missed (lead_id text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
    CREATE FUNCTION bench_miss() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN INSERT INTO bench_missed (lead_id) VALUES (NEW.lead_id); RETURN NULL; END';
    CREATE TRIGGER bench_miss AFTER INSERT ON timeline FOR EACH ROW WHEN (NEW.what = 'sla_missed') EXECUTE FUNCTION bench_miss()`);
  const { version } = (await call(rig, 'PUT', '/v1/policy', {
    calendars: { utc: { timeZone: 'Etc/UTC', week: { 'mon-sun': '00:00-24:00' } } },
    reps: [{ id: 'solo', name: 'Solo', email: 'solo@example.com', calendar: 'utc' }],
    pools: { one: { members: ['solo'] } },
    routing: [
      { rule: 'timed', when: 'lead.source == "timed"', to: 'pool/one', sla: 'timed' },
      { rule: 'waiting', to: 'pool/one', sla: 'waiting' },
    ],
    sla: { timed: { clock: 'business', touch: timed.touch }, waiting: { clock: 'business', touch: '1d' } },
  })) as { version: number };
  await call(rig, 'POST', '/v1/policy/publish', { version });
}

const lead = (kind: string, n: number): object => ({
  source: kind,
  email: `${kind}${String(n)}@company-${kind}${String(n)}.example`,
});

async function sendWaiting(rig: Rig, leads: number): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let n = next++; n < leads; n = next++) {
      await call(rig, 'POST', '/v1/leads', lead('waiting', n));
      if (n % 1_000 === 999) say(`${String(n + 1)} of ${String(leads)} waiting leads sent`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  await until(rig, 'SELECT count(*)::int AS n FROM assignments', leads);
}

async function sendTimed(rig: Rig): Promise<void> {
  say(`${String(timed.leads)} leads at ${String(timed.perSecond)}/s, due ${timed.touch} later`);
  const startedAt = Date.now();
  for (let n = 0; n < timed.leads; n++) {
    await sleep(Math.max(0, startedAt + (n * 1_000) / timed.perSecond - Date.now()));
    await call(rig, 'POST', '/v1/leads', lead('timed', n));
  }
}

/** Milliseconds by which each deadline was late. */
async function lateness(rig: Rig): Promise<readonly number[]> {
  await until(rig, 'SELECT count(*)::int AS n FROM bench_missed', timed.leads);
  const { rows } = await rig.sql.query<{ late: number }>(
    `SELECT (extract(epoch FROM m.at - a.touch_due_at) * 1000)::float8 AS late
     FROM bench_missed m JOIN assignments a ON a.lead_id = m.lead_id`,
  );
  return rows.map(({ late }) => late);
}

/** @throws Error when the count stands still for three minutes */
async function until(rig: Rig, count: string, wanted: number): Promise<void> {
  let [seen, changedAt] = [-1, Date.now()];
  for (;;) {
    const { rows } = await rig.sql.query<{ n: number }>(count);
    const n = rows[0]?.n ?? 0;
    if (n >= wanted) return;
    if (n !== seen) [seen, changedAt] = [n, Date.now()];
    if (Date.now() - changedAt > 180_000) throw new Error(`${count}: ${String(n)} of ${String(wanted)}`);
    await sleep(1_000);
  }
}

async function call(rig: Rig, method: string, path: string, body: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${rig.key}`, 'content-type': 'application/json' };
  const answer = await fetch(`${rig.url}${path}`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok)
    throw new Error(`${method} ${path} was answered ${String(answer.status)}: ${await answer.text()}`);
  return answer.json();
}

runTool(main);
