import { recompute, type CandidateVerdict } from '../../../domain/assignment/picker';
import { createLeadReader } from '../../../db/lead-reader';
import { toInstant, type IsoInstant } from '../../../domain/instant';
import { ownerOf, policyText, tally, useDistribution, type Distribution } from '../../support/distribution';

const hour = 3_600_000;
let work: Distribution;
useDistribution((made) => {
  work = made;
});

const start = (pair = '{ pool: q }', anna = ''): Promise<void> =>
  work.start(
    policyText({
      anna,
      pool: 'members: { anna: 1, ben: 1 } }\n  q: { members: { cleo: 1, dora: 2 }',
      rest: `routing: [{ rule: all, to: pool/p, sla: s, pair: ${pair} }]`,
    }).replace(
      'pools:',
      '  - { id: dora, name: Dora, email: dora@example.com, calendar: utc, caps: { open: 400 } }\npools:',
    ),
  );
const partners = async (): Promise<Record<string, number>> =>
  tally(
    (await work.pool.query<{ rep: string }>('SELECT rep_id AS rep FROM partners')).rows.map(({ rep }) => rep),
  );
const states = async (): Promise<Record<string, number>> => {
  const { rows } = await work.pool.query<{ rep: string; open: number }>(
    'SELECT rep_id AS rep, open_count AS open FROM rep_state WHERE open_count > 0 ORDER BY rep_id',
  );
  return Object.fromEntries(rows.map(({ rep, open }) => [rep, open]));
};

test('300 at once: each has both, each pool its exact shares and a gapless ledger that recomputes', async () => {
  await start();
  expect(await work.burst(300)).toEqual({ anna: 150, ben: 150 });
  expect(await partners()).toEqual({ cleo: 100, dora: 200 });
  expect(await states()).toEqual({ anna: 150, ben: 150, cleo: 100, dora: 200 });
  const { rows } = await work.pool.query<{
    pool: string;
    seq: string;
    rep: string;
    partner: boolean;
    candidates: CandidateVerdict[];
  }>('SELECT pool_id AS pool, seq, rep_id AS rep, partner, candidates FROM ledger ORDER BY pool_id, seq');
  expect(rows.map(({ pool, seq, partner }) => [pool, Number(seq), partner])).toEqual(
    ['p', 'q'].flatMap((pool) => Array.from({ length: 300 }, (_, n) => [pool, n + 1, pool === 'q'])),
  );
  expect(rows.every(({ rep, candidates }) => recompute(candidates) === rep)).toBe(true);
});

test('the partner stays when the owner changes, and both are free when the lead is over', async () => {
  await start();
  const id = await work.lead();
  const first = await work.assign(id);
  const owner = ownerOf(first);
  expect(first).toMatchObject({ partner: 'dora' });
  const second = await work.assign(id, { hop: 1, cause: 'declined', exclude: [owner] });
  expect(second).not.toHaveProperty('partner');
  const next = ownerOf(second);
  expect(await states()).toEqual({ [next]: 1, dora: 1 });
  expect((await work.pool.query(`SELECT pool_id, partner FROM ledger ORDER BY pool_id, seq`)).rows).toEqual([
    { pool_id: 'p', partner: false },
    { pool_id: 'p', partner: false },
    { pool_id: 'q', partner: true },
  ]);
  await work.dispose(id, 'converted');
  expect(await states()).toEqual({});
});

test('nobody for the second place: the owner has it alone, or nothing is written at all', async () => {
  await start();
  for (const rep of ['cleo', 'dora']) await work.absent(rep, hour);
  const alone = await work.assign(await work.lead());
  expect(alone).toMatchObject({
    kind: 'assigned',
    unpaired: [{ rep: 'cleo', skip: 'absent' }, { rep: 'dora' }],
  });

  await start('{ pool: q, whenNobody: park }');
  for (const rep of ['cleo', 'dora']) await work.absent(rep, hour);
  const waits = await work.lead();
  expect(await work.assign(waits)).toMatchObject({
    kind: 'parked',
    skipped: [{ rep: 'cleo' }, { rep: 'dora' }],
  });
  expect((await work.pool.query('SELECT 1 FROM ledger')).rows).toEqual([]);
  expect(await states()).toEqual({});
  work.after(hour);
  expect(await work.assign(waits)).toMatchObject({ kind: 'assigned', partner: 'dora' });
});

test('a lead counts against the caps of both, and nobody is his own partner', async () => {
  await start('{ pool: p }', ', caps: { perDay: 30 }');
  await work.burst(100);
  const { rows } = await work.pool.query(
    `SELECT count(*)::int AS anna FROM (SELECT rep_id FROM assignments UNION ALL SELECT rep_id FROM partners) AS held WHERE rep_id = 'anna'`,
  );
  expect(rows).toEqual([{ anna: 30 }]);
  const same = await work.pool.query(
    'SELECT 1 FROM partners p JOIN assignments a ON a.lead_id = p.lead_id AND a.rep_id = p.rep_id',
  );
  expect(same.rows).toEqual([]);
});

const ledgerOf = async (pool: string) =>
  (
    await work.pool.query<{ rep: string; charged: number; credit: { rep: string; cause: string } | null }>(
      'SELECT rep_id AS rep, charged, credit FROM ledger WHERE pool_id = $1 ORDER BY seq',
      [pool],
    )
  ).rows;

const standings = async (pool: string): Promise<Record<string, number>> => {
  const { rows } = await work.pool.query<{ rep: string; current: number }>(
    'SELECT rep_id AS rep, current FROM pool_members WHERE pool_id = $1',
    [pool],
  );
  return Object.fromEntries(rows.map(({ rep, current }) => [rep, current]));
};

test('a partner who declines is replaced by the next of his pool and charged no longer; the owner stays', async () => {
  await start();
  const id = await work.lead();
  const owner = ownerOf(await work.assign(id));
  const changed = await work.replacePartner(id, 'dora', 'declined');
  expect(changed).toMatchObject({ kind: 'changed', partner: 'cleo' });
  expect(await work.replacePartner(id, 'dora', 'declined')).toMatchObject({ partner: 'cleo' }); // a repeat
  expect(await states()).toEqual({ [owner]: 1, cleo: 1 });
  expect(await ledgerOf('q')).toMatchObject([
    { rep: 'dora', charged: 3, credit: null },
    { rep: 'cleo', charged: 3, credit: { rep: 'dora', cause: 'declined' } },
  ]);
  // nobody is asked twice: it is the owner's alone, and the charge is given back
  expect(await work.replacePartner(id, 'cleo', 'declined')).toMatchObject({
    kind: 'changed',
    unpaired: [{ rep: 'cleo', skip: 'excluded' }, { rep: 'dora' }],
  });
  expect(await states()).toEqual({ [owner]: 1 });
  expect((await ledgerOf('q')).at(-1)).toMatchObject({ charged: 0, credit: { rep: 'cleo' } });
  const { rows } = await work.pool.query(
    `SELECT what FROM timeline WHERE what LIKE 'pa%' OR what = 'unpaired' ORDER BY id`,
  );
  expect(rows.map(({ what }) => what)).toEqual([
    'paired',
    'partner_left',
    'paired',
    'partner_left',
    'unpaired',
  ]);
  await work.dispose(id, 'converted');
  expect(await states()).toEqual({});
});

test('a partner who is away is replaced when it is looked for, or when the lead gets another owner', async () => {
  await start();
  const [first, second] = [await work.lead(), await work.lead()];
  await work.assign(first); // dora
  await work.assign(second); // cleo
  expect(await work.replacePartner(first, 'dora', 'absent')).toEqual({ kind: 'same' });
  await work.absent('cleo', hour);
  await work.pool.query(`UPDATE rep_state SET status = 'paused' WHERE rep_id = 'anna'`);
  const moved = await work.assign(second, { hop: 1, cause: 'declined' });
  expect(moved).toMatchObject({ kind: 'assigned', partner: 'dora', beside: 'dora' });
  expect((await ledgerOf('q')).at(-1)).toMatchObject({
    rep: 'dora',
    charged: 3,
    credit: { rep: 'cleo', cause: 'reassigned' },
  });
  expect(await standings('q')).toEqual({ cleo: 2, dora: -2 }); // as if dora had had both from the start
  await work.pool.query('DELETE FROM absences');
  await work.absent('dora', hour);
  expect(await work.replacePartner(first, 'dora', 'absent')).toMatchObject({ partner: 'cleo' });
});

test('an absence that has begun names the leads that are worked beside an owner, those without one left out', async () => {
  await start();
  const [owned, parked] = [await work.lead(), await work.lead()];
  await work.assign(owned); // dora
  await work.assign(parked); // cleo
  for (const rep of ['cleo', 'dora'])
    await work.pool.query(
      `INSERT INTO absences (rep_id, "from", until) VALUES ($1, now() - interval '5 minutes', now() + interval '1 hour')`,
      [rep],
    );
  await work.pool.query(`UPDATE leads SET owner_id = NULL, progress = 'parked' WHERE id = $1`, [parked]);
  const { partnersAway } = createLeadReader(work.pool, (rep) => Promise.resolve(rep));
  const ago = (minutes: number) => toInstant(Date.now() - minutes * 60_000);
  expect(await partnersAway()).toEqual([owned]);
  expect(await partnersAway(ago(15))).toEqual([owned]);
  expect(await partnersAway(ago(1))).toEqual([]);
});

test('an absent partner of a pool that the rule no longer asks has his charge back from that pool', async () => {
  await work.start(
    policyText({
      pool: 'members: { anna: 1, ben: 1 } }\n  q: { members: { cleo: 1 } }\n  r: { members: { ben: 1, cleo: 1 }',
      rest: `routing:
  - { rule: de, when: "lead.country == 'DE'", to: pool/p, sla: s, pair: { pool: q } }
  - { rule: all, to: anna, sla: s, pair: { pool: r } }`,
    }),
  );
  const id = await work.lead();
  expect(await work.assign(id, { facts: { lead: { country: 'DE' } } })).toMatchObject({ partner: 'cleo' });
  await work.absent('cleo', hour);
  const moved = await work.assign(id, { hop: 1, cause: 'sla_reassign' });
  expect(moved).toMatchObject({ assignment: { repId: 'anna' }, partner: 'ben' });
  expect(await ledgerOf('q')).toMatchObject([
    { rep: 'cleo', charged: 1, credit: null },
    { rep: 'cleo', charged: 0, credit: { rep: 'cleo', cause: 'reassigned' } },
  ]);
  expect(await ledgerOf('r')).toMatchObject([{ rep: 'ben', credit: null }]);
  expect(await states()).toEqual({ anna: 1, ben: 1 });
});

/** Two pairs whose pools come in the other order, and a pool with the reps of both. */
const crossed = (): Promise<void> =>
  work.start(
    policyText({
      pool: 'members: { cleo: 1 } }\n  q: { members: { anna: 1 } }\n  r: { members: { anna: 1, cleo: 1 }',
      rest: `routing:
  - { rule: pq, when: "lead.country == 'DE'", to: pool/p, sla: s, pair: { pool: q } }
  - { rule: qp, when: "lead.country == 'FR'", to: pool/q, sla: s, pair: { pool: p } }
  - { rule: r, to: pool/r, sla: s }`,
    }),
  );

test('pairs, and picks from a pool with reps of both, never wait for each other', async () => {
  await crossed();
  const countries = ['DE', 'FR', 'NO'];
  const leads = await Promise.all(Array.from({ length: 90 }, () => work.lead()));
  await Promise.all(
    leads.map((id, n) => work.assign(id, { facts: { lead: { country: countries[n % 3]! } } })),
  );
  expect(await states()).toEqual({ anna: 75, cleo: 75 });
});

test('pairs that are merged at once give their charges back, whichever pool comes first', async () => {
  await crossed();
  const younger = await Promise.all(Array.from({ length: 40 }, () => work.lead()));
  const older = await Promise.all(younger.map(() => work.lead()));
  for (const [n, leadId] of younger.entries())
    await work.assign(leadId, { facts: { lead: { country: n % 2 ? 'DE' : 'FR' } } });
  const at = '2026-03-02T10:00:00.000Z' as IsoInstant;
  const joined = await Promise.all(
    younger.map((leadId, n) => work.store.join({ leadId, into: older[n]!, at, longestWaitMs: hour })),
  );
  expect(joined.every(({ joined: { kind } }) => kind === 'joined')).toBe(true);
  expect(await states()).toEqual({});
});
