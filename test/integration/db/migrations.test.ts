import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { cloneDatabase, emptyDatabase } from '../../support/database';

/** The engine is an ES module that Jest cannot load; the built code runs it in a process of its own. */
const run = (call: string, url: string): string =>
  execFileSync(
    process.execPath,
    [
      '-e',
      `require(${JSON.stringify(join(__dirname, '../../../dist/db/migrate'))}).${call}(process.argv[1]).then((said) => { console.log(JSON.stringify(said)); process.exit(); })`,
      url,
    ],
    { encoding: 'utf8' },
  ).trim();

test('the migrations give exactly what the schema says', async () => {
  const database = await emptyDatabase();
  try {
    expect(JSON.parse(run('drift', database.url))).toBe('');
  } finally {
    await database.drop();
  }
});

test('processes that start together migrate once, and the next start has nothing to do', async () => {
  const database = await emptyDatabase();
  try {
    const starts = `Promise.all([1, 2, 3].map(() => m.migrate(url)))`;
    const script = `const m = require(${JSON.stringify(join(__dirname, '../../../dist/db/migrate'))}); const url = process.argv[1]; ${starts}.then((said) => { console.log(JSON.stringify(said)); process.exit(); })`;
    const applied = JSON.parse(
      execFileSync(process.execPath, ['-e', script, database.url], { encoding: 'utf8' }),
    ) as string[][];
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
    expect(JSON.parse(run('migrate', database.url))).toEqual([]);
  } finally {
    await database.drop();
  }
});

test('what the business relies on is refused by the database itself', async () => {
  const database = await cloneDatabase();
  try {
    const insert = `INSERT INTO leads (id, source, event_key, raw_body, fields, received_at, progress) VALUES ('lead_x', 's', 'k', '{}', '{}', now(), $1)`;
    await expect(database.query(insert, ['nowhere'])).rejects.toThrow('leads_progress_check');
    await expect(database.query(insert, ['assigned'])).rejects.toThrow('leads_owned_check');
    await database.query(insert, ['received']);
    const assign = `INSERT INTO assignments (lead_id, hop, rep_id, rule, cause, assigned_at, sla, touch_due_at) VALUES ('lead_x', $1, 'a', 'r', 'routed', now(), '{}', now())`;
    await database.query(assign, [0]);
    await expect(database.query(assign, [1])).rejects.toThrow('assignments_one_open');
    const partner = `INSERT INTO partners (lead_id, hop, rep_id, assigned_at, cost, left_because) VALUES ('lead_x', 0, $1, now(), 1, $2)`;
    await database.query(partner, ['a', 'declined']);
    await database.query(partner, ['b', null]);
    await expect(database.query(partner, ['c', 'bored'])).rejects.toThrow('partners_left_because_check');
    await expect(
      database.query(`INSERT INTO policy_versions (text, state, created_by) VALUES ('', 'live', 'x')`),
    ).rejects.toThrow('policy_versions_one_live');
  } finally {
    await database.drop();
  }
});
