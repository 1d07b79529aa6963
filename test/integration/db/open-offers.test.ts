import { recompute, type CandidateVerdict } from '../../../domain/assignment/picker';
import { ownerOf, policyText, tally, useDistribution, type Distribution } from '../../support/distribution';

const minute = 60_000;
let work: Distribution;
useDistribution((made) => {
  work = made;
});

const offer = 'offer: { to: all, for: 10m }';
const everybody = ['anna', 'ben', 'cleo'];
const open = (rest = '', anna = ''): Promise<void> =>
  work.start(policyText({ pool: `members: { anna: 3, ben: 2, cleo: 1 }, ${offer}${rest}`, anna }));
const claim = (leadId: Awaited<ReturnType<Distribution['lead']>>, to: string, hop = 0) =>
  work.assign(leadId, { to, hop, cause: 'claimed' });
const ledger = async () =>
  (
    await work.pool.query<{ rep: string; charged: number; candidates: CandidateVerdict[] }>(
      'SELECT rep_id AS rep, charged, candidates FROM ledger ORDER BY seq',
    )
  ).rows;

test('a lead is open to all who can take it, and is charged to nobody until one of them claims it', async () => {
  await open();
  await work.absent('ben', 60 * minute);
  const id = await work.lead();
  const first = await work.assign(id);
  expect(first).toMatchObject({ kind: 'open', offer: { poolId: 'p', hop: 0, reps: ['anna', 'cleo'] } });
  expect(await work.assign(id)).toEqual(first); // a repeat, whose first answer was lost
  expect(await ledger()).toEqual([]);

  expect(await claim(id, 'cleo')).toMatchObject({
    assignment: { repId: 'cleo', poolId: 'p', cause: 'claimed' },
  });
  const [entry] = await ledger();
  expect(entry).toMatchObject({ rep: 'cleo', charged: 4 });
  expect(entry!.candidates).toMatchObject([
    { rep: 'anna', eligible: false, skip: 'not_claimed', counted: true, after: 3 },
    { rep: 'ben', eligible: false, skip: 'absent', after: 0 },
    { rep: 'cleo', eligible: true, after: -3 },
  ]);
  expect(recompute(entry!.candidates)).toBe('cleo');
  // who claims a second later is told who has it
  expect(ownerOf(await claim(id, 'anna'))).toBe('cleo');
});

test('nobody claims it in time: it goes to whoever is owed most, and the claims of others count', async () => {
  await open();
  for (let n = 0; n < 4; n++) {
    const id = await work.lead();
    await work.assign(id);
    await claim(id, 'anna');
  }
  const late = await work.lead();
  await work.assign(late);
  work.after(10 * minute);
  expect(ownerOf(await work.assign(late))).toBe('ben');
  const after = await work.lead();
  expect((await work.assign(after)).kind).toBe('open'); // each lead has its own time
});

test('300 claims at once: one owner each, a gapless ledger that recomputes, and no cap is passed', async () => {
  await open('', ', caps: { perDay: 40 }');
  const leads = await Promise.all(Array.from({ length: 100 }, () => work.lead()));
  await Promise.all(leads.map((id) => work.assign(id)));
  const claims = leads.flatMap((id) => everybody.map((rep) => ({ id, rep })));
  const met = await Promise.allSettled(claims.map(({ id, rep }) => claim(id, rep)));
  // What meets another claim of the same lead in the very act fails as a whole, and is asked again, as Temporal does.
  const answers = await Promise.all(
    met.map(async (answer, n) => {
      const { id, rep } = claims[n]!;
      return answer.status === 'fulfilled' ? answer.value : claim(id, rep);
    }),
  );
  const owners = await work.pool.query<{ rep: string }>('SELECT rep_id AS rep FROM assignments');
  expect(owners.rows).toHaveLength(100);
  expect(tally(owners.rows.map(({ rep }) => rep))['anna'] ?? 0).toBeLessThanOrEqual(40);
  const entries = await ledger();
  expect(entries).toHaveLength(100);
  expect(entries.every(({ rep, candidates }) => recompute(candidates) === rep)).toBe(true);
  for (const [n, answer] of answers.entries()) {
    if (answer.kind !== 'assigned')
      expect(answer).toMatchObject({ skipped: [{ rep: 'anna', skip: 'daily_cap' }] });
    else expect(answer.assignment.leadId).toBe(claims[n]!.id);
  }
});

test('who cannot take it is told why, and it stays open to the others', async () => {
  await open();
  const id = await work.lead();
  await work.assign(id);
  await work.pool.query(`UPDATE rep_state SET status = 'paused' WHERE rep_id = 'ben'`);
  expect(await claim(id, 'ben')).toMatchObject({ kind: 'parked', skipped: [{ rep: 'ben', skip: 'paused' }] });
  const { rows } = await work.pool.query(`SELECT 1 FROM timeline WHERE what = 'parked'`);
  expect(rows).toEqual([]);
  expect(ownerOf(await claim(id, 'anna'))).toBe('anna');
});

test('each pool on the way is open once; then the first one who can has it, or it is parked', async () => {
  await work.start(
    policyText({
      pool: `members: { anna: 1 }, ${offer}, whenNobody: pool/q }\n  q: { members: { ben: 1, cleo: 1 }, ${offer}, whenNobody: park`,
    }),
  );
  await work.absent('anna', 15 * minute);
  const id = await work.lead();
  expect(await work.assign(id)).toMatchObject({ kind: 'open', offer: { poolId: 'q', opened: ['q'] } });
  for (const rep of ['ben', 'cleo']) await work.absent(rep, 60 * minute);
  work.after(10 * minute);
  expect((await work.assign(id)).kind).toBe('parked');
  work.after(10 * minute); // anna is back
  expect(await work.assign(id)).toMatchObject({ kind: 'open', offer: { poolId: 'p', opened: ['q', 'p'] } });
  work.after(10 * minute);
  expect(ownerOf(await work.assign(id))).toBe('anna');
});

test('who declines what he claimed is charged no longer, and it is not open to him again', async () => {
  await open();
  const id = await work.lead();
  await work.assign(id);
  await claim(id, 'cleo');
  const next = await work.assign(id, { hop: 1, cause: 'declined', exclude: ['cleo'] });
  expect(next.kind).toBe('assigned');
  expect(ownerOf(next)).not.toBe('cleo');
  const { rows } = await work.pool.query('SELECT credit FROM ledger ORDER BY seq DESC LIMIT 1');
  expect(rows).toEqual([{ credit: expect.objectContaining({ rep: 'cleo', cause: 'declined' }) }]);
});

/** What everybody of a pick was raised by, as its entry has it; the claimer was charged all of it. */
const raises = (candidates: readonly CandidateVerdict[]): number =>
  candidates
    .filter(({ eligible, counted }) => eligible || counted === true)
    .reduce((sum, { weight, boost = 0 }) => sum + weight + boost, 0);

test('a claim of somebody else pays back nothing of what an absence left owing, and the entry says all it did', async () => {
  await open(', makeUp: { share: 3, expires: 14d }');
  await work.absent('ben', 60 * minute);
  for (let n = 0; n < 3; n++) {
    const missed = await work.lead();
    await work.assign(missed);
    await claim(missed, 'cleo');
  }
  const owed = async () =>
    (await work.pool.query(`SELECT owed FROM pool_members WHERE rep_id = 'ben'`)).rows as { owed: number }[];
  expect(await owed()).toEqual([{ owed: 6 }]);
  work.after(120 * minute); // ben is back
  const id = await work.lead();
  await work.assign(id);
  await claim(id, 'anna');
  const lost = (await ledger()).at(-1)!;
  const ben = lost.candidates.find(({ rep }) => rep === 'ben')!;
  expect(ben).toMatchObject({ skip: 'not_claimed', counted: true, after: ben.before + 2 });
  expect(lost.charged).toBe(raises(lost.candidates));
  expect(await owed()).toEqual([{ owed: 6 }]);

  const his = await work.lead();
  await work.assign(his);
  await claim(his, 'ben');
  const won = (await ledger()).at(-1)!;
  expect(won.candidates).toMatchObject([{}, { rep: 'ben', boost: 4 }, {}]);
  expect(won.charged).toBe(raises(won.candidates));
  expect(await owed()).toEqual([{ owed: 2 }]);
});

test('a claim counts for those it was open to, not for who has come back since', async () => {
  await open();
  await work.absent('ben', 5 * minute);
  const id = await work.lead();
  await work.assign(id); // open to anna and cleo
  work.after(6 * minute);
  await claim(id, 'cleo');
  const [entry] = await ledger();
  expect(entry).toMatchObject({ rep: 'cleo', charged: 4 });
  expect(entry!.candidates).toMatchObject([
    { rep: 'anna', skip: 'not_claimed', counted: true, after: 3 },
    { rep: 'ben', skip: 'not_asked', after: 0 },
    { rep: 'cleo', after: -3 },
  ]);
  expect(entry!.candidates[1]).not.toHaveProperty('counted');
});
