import fc from 'fast-check';
import type { LeadId } from '../../../domain/ids';
import { ownerOf, policyText, useDistribution, type Distribution } from '../../support/distribution';

const hour = 3_600_000;
let work: Distribution;
useDistribution((made) => {
  work = made;
});

const facts = (hot: boolean) => ({ facts: { lead: { consent: hot } } });

describe('room that comes with time', () => {
  test('is left by whoever wakes first to the parked lead that comes first, which is told', async () => {
    await work.start(policyText({ anna: ', caps: { rolling: { 1h: 1 } }', pool: 'members: [anna]' }));
    await work.owner();
    const [old, young, hot] = [await work.lead(), await work.lead(), await work.lead()];
    for (const id of [old, young]) await work.assign(id, facts(false));
    await work.assign(hot, facts(true));
    work.after(hour);
    expect(await work.assign(young, facts(false))).toMatchObject({
      kind: 'parked',
      wake: [hot],
      skipped: [{ rep: 'anna', skip: 'held' }],
      availableAt: new Date(work.now + 30_000).toISOString(),
    });
    // a newcomer does not overtake it either, however hot
    expect(await work.owner(facts(true))).toBe('-');
    expect(ownerOf(await work.assign(hot, facts(true)))).toBe('anna');
    work.after(hour);
    expect(await work.assign(young, facts(false))).toMatchObject({ kind: 'parked' });
  });

  test('an absence that ends and a newcomer in the same second: the parked lead has it', async () => {
    await work.start(policyText({ anna: ', caps: { open: 1 }', pool: 'members: [anna]' }));
    await work.absent('anna', hour);
    const waits = await work.lead();
    await work.assign(waits);
    work.after(hour);
    const late = await work.lead();
    expect(await work.assign(late)).toMatchObject({ kind: 'parked', wake: [waits] });
    expect(ownerOf(await work.assign(waits))).toBe('anna');
  });

  test('one that has waited too long goes before a hot one', async () => {
    await work.start(policyText({ anna: ', caps: { rolling: { 5h: 1 } }', pool: 'members: [anna]' }));
    await work.owner();
    const old = await work.lead();
    await work.assign(old, facts(false));
    work.after(4 * hour);
    await work.assign(old, facts(false)); // its own timer
    work.after(1_000);
    const hot = await work.lead();
    await work.assign(hot, facts(true));
    work.after(hour);
    expect(await work.assign(hot, facts(true))).toMatchObject({ kind: 'parked', wake: [old] });
  });

  test('a lead that does not come, or has no room for what it costs, is not waited for', async () => {
    const rest = 'capacity: { hot: 2 }';
    await work.start(policyText({ anna: ', caps: { rolling: { 1h: 2 } }', pool: 'members: [anna]', rest }));
    await work.owner(); // one of two
    const hot = await work.lead();
    await work.assign(hot, facts(true));
    // there is room for one, and the hot lead takes two
    expect(await work.owner(facts(false))).toBe('anna');
    work.after(hour);
    const next = await work.lead();
    expect(await work.assign(next, facts(false))).toMatchObject({ kind: 'parked', wake: [hot] });
    work.after(31_000);
    expect(ownerOf(await work.assign(next, facts(false)))).toBe('anna');
  });

  test('somebody who claims a lead is not told to wait', async () => {
    await work.start(policyText({ anna: ', caps: { rolling: { 1h: 1 } }', pool: 'members: [anna]' }));
    await work.owner();
    const [first, second] = [await work.lead(), await work.lead()];
    for (const id of [first, second]) await work.assign(id);
    work.after(hour);
    expect(ownerOf(await work.assign(second, { cause: 'claimed' }))).toBe('anna');
  });
});

describe('somebody beside an owner is not asked for by name', () => {
  /** Leads of DE go to anna, with ben beside her or cleo where ben's one place is taken; all others wait for ben. */
  const start = () =>
    work.start(
      policyText({
        pool: 'members: [ben, cleo]',
        rest: `routing:
  - { rule: pair, when: "lead.country == 'DE'", to: anna, sla: s, pair: { pool: p } }
  - { rule: alone, to: ben, sla: s }`,
      }).replace('name: Ben,', 'caps: { rolling: { 1h: 1 } }, name: Ben,'),
    );
  const pair = { facts: { lead: { country: 'DE' } } } as const;

  test('a lead that is claimed takes no partner for whom a parked one waits', async () => {
    await start();
    await work.owner(); // ben's place
    const waits = await work.lead();
    await work.assign(waits);
    work.after(hour);
    const claimed = await work.assign(await work.lead(), { ...pair, to: 'anna', cause: 'claimed' });
    expect(claimed).toMatchObject({ assignment: { repId: 'anna' }, partner: 'cleo', wake: [waits] });
    expect(ownerOf(await work.assign(waits))).toBe('ben');
  });

  test('nor does one whose partner is away', async () => {
    await start();
    await work.owner();
    const paired = await work.lead();
    expect(await work.assign(paired, pair)).toMatchObject({ partner: 'cleo' });
    const waits = await work.lead();
    await work.assign(waits);
    work.after(hour);
    await work.absent('cleo', hour);
    expect(await work.replacePartner(paired, 'cleo', 'absent', 0, pair.facts)).toMatchObject({
      unpaired: [
        { rep: 'ben', skip: 'held' },
        { rep: 'cleo', skip: 'excluded' },
      ],
      wake: [waits],
    });
    expect(ownerOf(await work.assign(waits))).toBe('ben');
  });
});

test('who is kept for a parked lead while another turns out to be away for good: that lead is told', async () => {
  const anna = ', caps: { rolling: { 1h: 1 } }';
  await work.start(
    policyText({
      anna,
      pool: 'members: [anna, ben, cleo] }\n  q: { members: [anna], whenNobody: park',
      rest: `routing:
  - { rule: hers, when: "lead.consent", to: pool/q, sla: s }
  - { rule: all, to: pool/p, sla: s }`,
    }).replace('clock: wall', 'clock: business'),
  );
  expect(await work.owner(facts(true))).toBe('anna');
  const waits = await work.lead();
  await work.assign(waits, facts(true));
  work.after(hour);
  work.countsAbsences = true;
  const forEver = [new Date(work.now + 60_000), new Date(work.now + 40 * 365 * 24 * hour)];
  await work.pool.query('INSERT INTO absences (rep_id, "from", until) VALUES ($1, $2, $3)', [
    'ben',
    ...forEver,
  ]);
  const result = await work.assign(await work.lead(), facts(false));
  work.countsAbsences = false;
  expect(result).toMatchObject({ assignment: { repId: 'cleo' }, wake: [waits] });
});

test('in whatever order parked leads wake up, they are served by band and then by how long they have waited', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: 2, maxLength: 6 }),
      fc.infiniteStream(fc.nat()),
      async (hots, random) => {
        const anna = ', caps: { rolling: { 1h: 1 } }';
        await work.start(policyText({ anna, pool: 'members: [anna]', rest: 'longestWait: 24h' }));
        await work.owner();
        const parked: { id: LeadId; hot: boolean }[] = [];
        for (const hot of hots) {
          const id = await work.lead();
          work.after(1_000);
          await work.assign(id, facts(hot));
          parked.push({ id, hot });
        }
        const served: LeadId[] = [];
        const waiting = new Map(parked.map(({ id, hot }) => [id, hot]));
        const attempt = async (id: LeadId): Promise<void> => {
          if (!waiting.has(id)) return;
          const result = await work.assign(id, facts(waiting.get(id) === true));
          if (result.kind === 'assigned') {
            served.push(id);
            waiting.delete(id);
          }
          for (const told of result.wake) await attempt(told);
        };
        while (waiting.size > 0) {
          work.after(hour);
          // some run's timer comes first
          const ids = [...waiting.keys()];
          await attempt(ids[random.next().value % ids.length]!);
          work.after(1_000);
        }
        const wanted = [...parked.filter(({ hot }) => hot), ...parked.filter(({ hot }) => !hot)];
        expect(served).toEqual(wanted.map(({ id }) => id));
      },
    ),
    { numRuns: 12 },
  );
});
