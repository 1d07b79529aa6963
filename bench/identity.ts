import type { Client } from 'pg';
import { openScratch } from '../db/scratch-matcher';
import { identityKeysOf, makePerson } from './people-maker';
import { spread } from './quantile';
import { runTool, say, withScratch } from './scratch';

const usage = 'usage: npm run bench:identity -- [--people N]  (up to N people, 1000000 unless told)';
const sizes = [1_000, 10_000, 100_000, 300_000, 1_000_000];
const batch = 2_000;
const probes = 400;

/** `npm run bench:identity`: what one decision takes as the number of known people grows, on 1 connection. */
async function main(args: readonly string[]): Promise<void> {
  const most = parseMost(args);
  await withScratch(async (client, schema) => {
    const matcher = await openScratch(client, schema);
    let people = 0;
    const figures: Record<string, unknown>[] = [];
    for (const size of sizes.filter((one) => one <= most)) {
      for (; people < size; people += batch) {
        await seed(client, people, Math.min(batch, size - people));
        if (people % 50_000 === 0) say(`${String(people)} people`);
      }
      await client.query('VACUUM ANALYZE');
      const times: number[] = [];
      for (let probe = 0; probe < probes + 50; probe++) {
        // Every other probe repeats somebody with a slip in the name and another mailbox, the rest are strangers.
        const number =
          probe % 2 === 0 ? Math.floor((probe / (probes + 50)) * size) : 5_000_000 + size + probe;
        const { ms } = await matcher.decide({
          id: `probe-${String(size)}-${String(probe)}`,
          ...makePerson(number, probe % 4 === 0),
        });
        if (probe >= 50) times.push(ms);
      }
      const { p50, p99 } = spread(times);
      figures.push({ people: size, p50, p99 });
      say(`${String(size).padStart(9)} people: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
    }
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  });
}

function parseMost([flag, value, ...rest]: readonly string[]): number {
  if (flag === undefined) return sizes[sizes.length - 1] ?? 0;
  if (flag !== '--people' || !/^\d+$/.test(value ?? '') || rest.length > 0) throw new Error(usage);
  return Number(value);
}

/** Many people at once, with the keys that one after the other would have got. */
async function seed(client: Client, from: number, count: number): Promise<void> {
  const { rows: last } = await client.query<{ number: number }>(
    'SELECT COALESCE(max(number), 0)::int4 AS number FROM people',
  );
  const base = last[0]?.number ?? 0;
  const rows = Array.from({ length: count }, (_, place) => ({
    number: base + place + 1,
    ...identityKeysOf(from + place),
  }));
  const numbers = rows.map(({ number }) => number);
  const ids = rows.map(({ id }) => id);
  await client.query(
    `INSERT INTO people (id, number, profile) SELECT id, number, '{}' FROM unnest($1::text[], $2::int4[]) AS p(id, number)`,
    [ids, numbers],
  );
  await client.query(
    `INSERT INTO identity_traits (person, lead_id, traits) SELECT * FROM unnest($1::int4[], $2::text[], $3::jsonb[])`,
    [numbers, ids, rows.map(({ traits }) => JSON.stringify(traits))],
  );
  await client.query(
    `INSERT INTO identity_keys (hash, person) SELECT * FROM unnest($1::bigint[], $2::int4[])`,
    [rows.flatMap(({ hashes }) => hashes), rows.flatMap(({ hashes, number }) => hashes.map(() => number))],
  );
  await client.query(`SELECT setval('numbers', $1)`, [base + count]);
}

runTool(main);
