import type { Pool } from 'pg';
import { decide } from '../activities/decide';
import { assignInput } from '../activities/place-lead';
import { createRoutingPolicies, type ReadyPolicy } from '../activities/policies';
import { createAssignmentStore } from '../db/assignment-store';
import { openDatabase } from '../db/client';
import { ownFacts } from '../domain/identity/facts';
import type { LeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';
import { parsePolicy } from '../policy/parse';
import { median } from './quantile';
import { runTool, say, withScratchDatabase } from './scratch';

const usage = 'usage: npm run bench:picks -- [--ledger N]  (rows the ledger has before, 1000000 unless told)';
const leads = 1_000;
/** Rounds of that many leads at each size; the figure is their median. */
const rounds = 5;
/** Picks under way at once, each on a connection of its own. */
const lanes = 8;
const policyText = `
calendars: { utc: { timeZone: UTC, week: { mon-sun: "00:00-23:59" } } }
reps:
${['anna', 'ben', 'cleo'].map((id) => `  - { id: ${id}, name: ${id}, email: ${id}@example.com, calendar: utc }`).join('\n')}
pools: { inbound: { members: { anna: 3, ben: 2, cleo: 1 } } }
routing: [{ rule: all, to: pool/inbound, sla: s }]
sla: { s: { clock: wall, touch: 1h } }
`;

/** `npm run bench:picks`: picks per second on one pool, each a transaction of its own, as its ledger grows. */
async function main(args: readonly string[]): Promise<void> {
  const rows = parseRows(args);
  await withScratchDatabase(async (url) => {
    const database = openDatabase({ databaseUrl: url, maxConnections: lanes, onFault: () => undefined });
    const { pool } = database;
    const parsed = parsePolicy(policyText);
    if (!parsed.ok) throw new Error('the policy of the measurement is wrong');
    const document = { version: 1, policy: parsed.policy };
    const found = () => Promise.resolve(document);
    const policy = await createRoutingPolicies({ live: found, version: found }).of(1);
    const figures: Record<string, unknown>[] = [];
    try {
      await measure(pool, policy, 'warm');
      for (const ledger of [0, rows]) {
        if (ledger > 0) await grow(pool, ledger);
        const measured: Measured[] = [];
        for (let round = 0; round < rounds; round += 1)
          measured.push(await measure(pool, policy, `${String(ledger)}_${String(round)}`));
        const rates = measured.map((one) => Math.round(one.perSecond));
        const perSecond = median(rates);
        const shares = measured.at(-1)?.shares ?? {};
        figures.push({ ledger, perSecond, rates, shares });
        say(
          `${String(ledger).padStart(9)} rows before: ${String(perSecond)} picks/s (${rates.join(' ')}), ${JSON.stringify(shares)}`,
        );
      }
    } finally {
      await database.close();
    }
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  });
}

function parseRows([flag, value, ...rest]: readonly string[]): number {
  if (flag === undefined) return 1_000_000;
  if (flag !== '--ledger' || !/^\d+$/.test(value ?? '') || rest.length > 0) throw new Error(usage);
  return Number(value);
}

interface Measured {
  readonly perSecond: number;
  readonly shares: Readonly<Record<string, number>>;
}

async function measure(pool: Pool, policy: ReadyPolicy, round: string): Promise<Measured> {
  const store = createAssignmentStore(pool);
  const ids = Array.from({ length: leads }, (_, n) => `${round}_${String(n)}` as LeadId);
  await pool.query(
    `INSERT INTO leads (id, source, event_key, raw_body, fields, received_at, progress)
     SELECT id, 'bench', id, '{}', '{}', now(), 'identified' FROM unnest($1::text[]) AS id`,
    [ids],
  );
  const { facts } = ownFacts({}, 'bench');
  const startedAt = Date.now();
  const shares: Record<string, number> = {};
  const pickNext = async (): Promise<void> => {
    for (let leadId = ids.pop(); leadId !== undefined; leadId = ids.pop()) {
      const wanted = { leadId, at: toInstant(Date.now()), hop: 0, cause: 'routed' as const, exclude: [] };
      const decision = decide(policy, facts, { previousBand: undefined, waitedMs: 0, earlier: [] });
      const result = await store.assign(assignInput(policy, decision, wanted, { away: {}, live: policy }));
      const owner = result.kind === 'assigned' ? result.assignment.repId : '-';
      shares[owner] = (shares[owner] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, pickNext));
  return { perSecond: (leads * 1_000) / (Date.now() - startedAt), shares };
}

/** The ledger and the assignments of a pool that has handed out that many leads, all of it written to disk. */
async function grow(pool: Pool, rows: number): Promise<void> {
  const step = 50_000;
  const { rows: last } = await pool.query<{ seq: string; candidates: unknown }>(
    'SELECT seq, candidates FROM ledger ORDER BY seq DESC LIMIT 1',
  );
  const base = Number(last[0]?.seq ?? 0);
  for (let from = 0; from < rows; from += step) {
    const count = Math.min(step, rows - from);
    await pool.query(
      `WITH n AS (SELECT generate_series($1::int + 1, $1::int + $2::int) AS n),
       entry AS (INSERT INTO ledger (pool_id, seq, lead_id, hop, rep_id, at, charged, candidates)
         SELECT 'inbound', $3::bigint + n, 'old_' || n, 0, (ARRAY['anna', 'ben', 'cleo'])[1 + n % 3], now() - interval '90 days', 6, $4::jsonb FROM n)
       INSERT INTO assignments (lead_id, hop, rep_id, pool_id, rule, cause, assigned_at, sla, touch_due_at)
         SELECT 'old_' || n, 0, (ARRAY['anna', 'ben', 'cleo'])[1 + n % 3], 'inbound', 'all', 'routed', now() - interval '90 days', '{}', now() FROM n`,
      [from, count, base, JSON.stringify(last[0]?.candidates ?? [])],
    );
    if ((from / step) % 5 === 0) say(`${String(from)} rows`);
  }
  await pool.query(`UPDATE pool_state SET seq = seq + $1 WHERE pool_id = 'inbound'`, [rows]);
  await pool.query('VACUUM ANALYZE');
  await pool.query('CHECKPOINT');
}

runTool(main);
