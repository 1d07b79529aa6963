import type { IsoInstant } from '../../../domain/instant';
import { ownerOf, policyText, useDistribution, type Distribution } from '../../support/distribution';

let work: Distribution;
useDistribution((made) => {
  work = made;
});

test('a score that was worked out anew is told as changed once more when the answer was lost, and written once', async () => {
  await work.start(policyText());
  const leadId = await work.lead();
  await work.assign(leadId);
  const rescore = (at: string, score: number): Promise<boolean> =>
    work.store.rescore({
      leadId,
      at: at as IsoInstant,
      score,
      band: 'hot',
      override: undefined,
      explanation: { at, because: 'late data' },
      what: 'rescored',
      details: {},
    });
  const first = '2026-03-02T10:00:00.000Z';
  expect(await rescore(first, 80)).toBe(true);
  expect(await rescore(first, 80)).toBe(true);
  expect(await rescore('2026-03-02T10:05:00.000Z', 80)).toBe(false);
  expect((await work.pool.query(`SELECT 1 FROM timeline WHERE what = 'rescored'`)).rows).toHaveLength(1);
});

test('who declined a lead that was parked then has his charge back, however it comes to the next one', async () => {
  await work.start(policyText({ pool: 'members: { anna: 1, ben: 1 }' }));
  const leadId = await work.lead();
  const declined = ownerOf(await work.assign(leadId));
  const other = declined === 'anna' ? 'ben' : 'anna';
  await work.absent(other, 3_600_000);
  const parked = await work.assign(leadId, { hop: 1, cause: 'declined', exclude: [declined] });
  expect(parked.kind).toBe('parked');
  const claimed = await work.assign(leadId, { hop: 1, cause: 'claimed', left: 'declined', to: 'cleo' });
  expect(ownerOf(claimed)).toBe('cleo');
  const { rows } = await work.pool.query('SELECT credit FROM ledger ORDER BY seq');
  expect(rows).toEqual([
    { credit: null },
    { credit: expect.objectContaining({ rep: declined, cause: 'declined' }) },
  ]);
});
