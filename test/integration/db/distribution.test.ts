import { recompute, type CandidateVerdict } from '../../../domain/assignment/picker';
import { ownerOf, policyText, tally, useDistribution, type Distribution } from '../../support/distribution';

const hour = 3_600_000;
let work: Distribution;
useDistribution((made) => {
  work = made;
});

describe('leads that come at once', () => {
  test('1,000 into a 3:2:1 pool give exact shares, a gapless ledger, and every pick recomputes', async () => {
    await work.start(policyText());
    expect(await work.burst(1_000)).toEqual({ anna: 500, ben: 333, cleo: 167 });
    expect(await work.burst(200)).toEqual({ anna: 100, ben: 67, cleo: 33 });
    const { rows } = await work.pool.query<{ seq: string; rep: string; candidates: CandidateVerdict[] }>(
      'SELECT seq, rep_id AS rep, candidates FROM ledger ORDER BY seq',
    );
    expect(rows.map(({ seq }) => Number(seq))).toEqual(rows.map((_, place) => place + 1));
    expect(rows.every(({ rep, candidates }) => recompute(candidates) === rep)).toBe(true);
    const windows = [0, 1, 7, 500].map((from) => tally(rows.slice(from, from + 600).map(({ rep }) => rep)));
    expect(windows).toEqual(windows.map(() => ({ anna: 300, ben: 200, cleo: 100 })));
  });

  test.each([
    ['per day', ', caps: { perDay: 40 }'],
    ['per hour', ', caps: { perHour: 40 }'],
    ['per week', ', caps: { perWeek: 40 }'],
    ['rolling', ', caps: { rolling: { 90m: 40 } }'],
    ['open', ', caps: { open: 40 }'],
  ])('a cap %s is reached and never exceeded by one', async (_name, anna) => {
    await work.start(policyText({ anna }));
    const counts = await work.burst(200);
    expect(counts['anna']).toBe(40);
    expect((counts['ben'] ?? 0) + (counts['cleo'] ?? 0)).toBe(160);
  });

  test('a hot lead costs what it says: 10 take ten hot ones of two no further than five', async () => {
    const anna = ', caps: { perDay: 10, open: 30 }';
    await work.start(policyText({ anna, pool: 'members: [anna]', rest: 'capacity: { hot: 2 }' }));
    expect(await work.burst(20, { facts: { lead: { consent: true } } })).toEqual({ anna: 5, '-': 15 });
    expect(await work.owner()).toBe('-');
  });
});

describe('caps by the clock', () => {
  test('a rolling hour frees place by place, a day at midnight of the rep', async () => {
    await work.start(
      policyText({ anna: ', caps: { rolling: { 1h: 2 }, perDay: 5 }', pool: 'members: [anna]' }),
    );
    expect(await work.owner()).toBe('anna');
    work.after(hour / 2);
    expect(await work.owners(2)).toEqual(['anna', '-']);
    const full = await work.assign(await work.lead());
    expect(full).toMatchObject({ kind: 'parked', availableAt: new Date(work.now + hour / 2).toISOString() });
    await work.forgetParked();
    work.after(hour / 2);
    expect(await work.owners(2)).toEqual(['anna', '-']);
    await work.forgetParked();
    work.after(hour);
    expect(await work.owners(3)).toEqual(['anna', 'anna', '-']);
    await work.forgetParked();
    work.after(2 * hour);
    const day = await work.assign(await work.lead());
    expect(day).toMatchObject({ kind: 'parked', availableAt: '2026-03-03T00:00:00.000Z' });
  });

  test('a pick that was delayed does not fill a stretch that others have filled since', async () => {
    await work.start(policyText({ anna: ', caps: { rolling: { 1h: 2 } }', pool: 'members: [anna]' }));
    expect(await work.owners(2)).toEqual(['anna', 'anna']);
    work.after(-hour / 2);
    expect(await work.owner()).toBe('-');
    work.after(hour / 2);
  });
});

describe('pool modes', () => {
  test('in order: strict turns, one each, through an absence', async () => {
    await work.start(policyText({ pool: 'members: { anna: 3, ben: 2, cleo: 1 }, mode: order' }));
    expect((await work.owners(4)).join()).toBe('anna,ben,cleo,anna');
    await work.absent('ben', hour);
    expect((await work.owners(3)).join()).toBe('cleo,anna,cleo');
    work.after(2 * hour);
    expect((await work.owners(3)).join()).toBe('anna,ben,cleo');
  });

  test('by load: whoever has fewest open leads for his weight', async () => {
    await work.start(policyText({ pool: 'members: { anna: 3, ben: 2, cleo: 1 }, mode: load' }));
    expect(tally(await work.owners(12))).toEqual({ anna: 6, ben: 4, cleo: 2 });
    const { rows } = await work.pool.query<{ id: never }>(`SELECT id FROM leads WHERE owner_id = 'cleo'`);
    for (const { id } of rows) await work.dispose(id, 'converted');
    expect(await work.owners(2)).toEqual(['cleo', 'cleo']);
  });

  test('best fit: the member who suits, ties by standing', async () => {
    const fit = `fit: [{ when: "rep.skills.de > 1 && lead.country == 'DE'", points: 9, because: speaks German }]`;
    await work.start(policyText({ pool: `members: { anna: 1, ben: 1, cleo: 1 }, mode: best_fit, ${fit}` }));
    expect(await work.owners(2, { facts: { lead: { country: 'DE' } } })).toEqual(['cleo', 'cleo']);
    expect(tally(await work.owners(6))).toEqual({ anna: 2, ben: 2, cleo: 2 });
  });

  test('a member’s condition and a rule’s skills bar him, the skills until patience is over', async () => {
    const rest = 'routing: [{ rule: all, to: pool/p, sla: s, skills: { de: 2 }, relax: 10m }]';
    await work.start(policyText({ pool: 'members: { anna: { when: "lead.consent" }, cleo: 1 }', rest }));
    expect(await work.owners(2)).toEqual(['cleo', 'cleo']);
    await work.absent('cleo', hour);
    expect(await work.owner({ facts: { lead: { consent: true } } })).toBe('-');
    expect(await work.owner({ facts: { lead: { consent: true } }, waitedMs: 600_000 })).toBe('anna');
    expect(await work.owner({ waitedMs: 600_000 })).toBe('-');
    work.after(2 * hour);
  });

  test('pools that count together: leads of one count in the other', async () => {
    const pool = 'members: { anna: 1, ben: 1 } }\n  q: { members: { anna: 1, cleo: 1 }, countWith: p';
    const rest = `routing: [{ rule: q, when: lead.consent, to: pool/q, sla: s }, { rule: all, to: pool/p, sla: s }]`;
    await work.start(policyText({ pool, rest }));
    const mixed: string[] = [];
    for (let n = 0; n < 60; n++) mixed.push(await work.owner({ facts: { lead: { consent: n % 2 === 0 } } }));
    // every second lead of either pool would make anna 30; she is owed as many as the others over both
    expect(tally(mixed)).toEqual({ anna: 20, ben: 20, cleo: 20 });
    const { rows } = await work.pool.query(`SELECT DISTINCT pool_id FROM ledger`);
    expect(rows).toEqual([{ pool_id: 'p' }]);
  });
});

describe('absence', () => {
  const away = async (makeUp: string): Promise<string[]> => {
    await work.start(policyText({ pool: `members: { anna: 1, ben: 1, cleo: 1 }, makeUp: ${makeUp}` }));
    await work.absent('anna', hour);
    expect(tally(await work.owners(60))).toEqual({ ben: 30, cleo: 30 });
    work.after(2 * hour);
    return work.owners(90);
  };
  const anna = (owners: readonly string[]): number => tally(owners)['anna'] ?? 0;

  test('none: nothing is made up for, no flood and no starving', async () => {
    const owners = await away('none');
    expect([anna(owners.slice(0, 30)), anna(owners)]).toEqual([10, 30]);
  });

  test('full: she gets what she missed at once', async () => {
    const owners = await away('full');
    expect(anna(owners.slice(0, 20))).toBeGreaterThanOrEqual(19);
    expect(anna(owners)).toBe(50);
  });

  test('bounded: half of the leads instead of a third until it is made good, then her share again', async () => {
    const owners = await away('{ share: 2, expires: 14d }');
    expect(anna(owners.slice(0, 40))).toBe(20);
    expect(anna(owners.slice(0, 80)) - anna(owners.slice(0, 40))).toBeLessThanOrEqual(20);
    expect(anna(owners.slice(60))).toBe(10);
  });

  test('bounded: what is left lapses', async () => {
    await work.start(
      policyText({ pool: 'members: { anna: 1, ben: 1, cleo: 1 }, makeUp: { share: 2, expires: 3h }' }),
    );
    await work.absent('anna', hour);
    await work.owners(60);
    work.after(4 * hour);
    expect(anna(await work.owners(30))).toBe(10);
  });
});

describe('credit', () => {
  const twoPools = 'members: { anna: 1, ben: 1 }';
  /** Anna's lead, handed on. @returns the charge that came with it. */
  const decline = async (): Promise<unknown> => {
    for (;;) {
      const id = await work.lead();
      if (ownerOf(await work.assign(id)) !== 'anna') continue;
      await work.assign(id, { hop: 1, cause: 'declined', exclude: ['anna'] });
      const { rows } = await work.pool.query<{ credit: unknown }>(
        'SELECT credit FROM ledger WHERE lead_id = $1 AND hop = 1',
        [id],
      );
      return rows[0]?.credit;
    }
  };

  test('is given back so often and no more in any week', async () => {
    await work.start(policyText({ pool: `${twoPools}, credit: { limit: 2, per: 7d }` }));
    expect([await decline(), await decline(), await decline()]).toEqual([
      expect.objectContaining({ rep: 'anna', cause: 'declined' }),
      expect.objectContaining({ rep: 'anna' }),
      null,
    ]);
    work.after(8 * 24 * hour);
    expect(await decline()).not.toBeNull();
  });

  test('for a lead that was no good comes back once, in time and if the pool says so', async () => {
    await work.start(policyText({ pool: `${twoPools}, credit: { on: [disqualified], within: 1d }` }));
    const [first, second] = [await work.lead(), await work.lead()];
    const owner = ownerOf(await work.assign(first));
    await work.assign(second);
    await work.dispose(first, 'disqualified');
    await work.dispose(first, 'disqualified');
    const credits = await work.pool.query('SELECT credit FROM ledger WHERE credit IS NOT NULL');
    expect(credits.rows).toEqual([{ credit: { rep: owner, cause: 'disqualified', amount: 2 } }]);
    expect(await work.owner()).toBe(owner);
    work.after(25 * hour);
    await work.dispose(second, 'disqualified');
    expect((await work.pool.query('SELECT 1 FROM ledger WHERE credit IS NOT NULL')).rows).toHaveLength(1);
  });
});

describe('freed capacity', () => {
  test('goes to the parked lead that comes first, and is kept for it', async () => {
    await work.start(policyText({ anna: ', caps: { open: 1 }', pool: 'members: [anna]' }));
    const held = await work.lead();
    await work.assign(held);
    const [cold, warm, hot] = [await work.lead(), await work.lead(), await work.lead()];
    const facts = (consent: boolean) => ({ facts: { lead: { consent } } });
    await work.assign(cold, facts(false));
    await work.assign(warm, facts(false));
    work.after(1_000);
    await work.assign(hot, facts(true));
    expect(await work.dispose(held, 'converted')).toBe(hot);
    // a newcomer does not overtake it, its own run finds the place free
    expect(await work.owner()).toBe('-');
    expect(ownerOf(await work.assign(hot, facts(true)))).toBe('anna');
    expect(await work.dispose(hot, 'converted')).toBe(cold);
    // one that does not come in time loses it
    work.after(31_000);
    expect(ownerOf(await work.assign(warm, facts(false)))).toBe('anna');
    const { rows } = await work.pool.query('SELECT open_count, open_cost FROM rep_state');
    expect(rows).toEqual([{ open_count: 1, open_cost: 1 }]);
  });

  test('a lead that has waited too long goes before a hot one', async () => {
    await work.start(policyText({ anna: ', caps: { open: 1 }', pool: 'members: [anna]' }));
    const held = await work.lead();
    await work.assign(held);
    const old = await work.lead();
    await work.assign(old);
    work.after(5 * hour);
    const hot = await work.lead();
    await work.assign(hot, { facts: { lead: { consent: true } } });
    expect(await work.dispose(held, 'converted')).toBe(old);
  });

  test('a declined lead frees its owner for the next', async () => {
    await work.start(policyText({ anna: ', caps: { open: 1 }', pool: 'members: [anna], whenNobody: park' }));
    const held = await work.lead();
    await work.assign(held);
    const waits = await work.lead();
    await work.assign(waits);
    const declined = await work.assign(held, { hop: 1, cause: 'declined', exclude: ['anna'] });
    expect(declined).toMatchObject({ kind: 'parked', wake: [waits] });
  });
});

describe('a lead that leaves its pool', () => {
  test('is given back to it, exactly, and charged to the one it goes to', async () => {
    const pool = 'members: { anna: 1, ben: 1 } }\n  q: { members: { cleo: 1 }';
    const rest = `routing: [{ rule: q, when: lead.consent, to: pool/q, sla: s }, { rule: all, to: pool/p, sla: s }]`;
    await work.start(policyText({ pool, rest }));
    const id = await work.lead();
    const before = await work.pool.query(`SELECT rep_id, current FROM pool_members ORDER BY rep_id`);
    const owner = ownerOf(await work.assign(id));
    const hot = { facts: { lead: { consent: true } } };
    const moved = await work.assign(id, { ...hot, hop: 1, cause: 'band_changed', exclude: [owner] });
    expect(ownerOf(moved)).toBe('cleo');
    const { rows } = await work.pool.query(
      'SELECT pool_id AS pool, hop, rep_id AS rep, charged, credit FROM ledger ORDER BY pool_id, seq',
    );
    expect(rows).toEqual([
      { pool: 'p', hop: 0, rep: owner, charged: 2, credit: null },
      { pool: 'p', hop: 1, rep: owner, charged: 0, credit: { rep: owner, cause: 'band_changed', amount: 2 } },
      { pool: 'q', hop: 1, rep: 'cleo', charged: 1, credit: null },
    ]);
    expect(before.rows).toEqual([]);
    const after = await work.pool.query(`SELECT current FROM pool_members WHERE pool_id = 'p'`);
    expect(after.rows).toEqual([{ current: 0 }, { current: 0 }]);
    expect((await work.pool.query('SELECT rerouted FROM leads WHERE id = $1', [id])).rows).toEqual([
      { rerouted: true },
    ]);
    // charged in q now: what it cost there comes back from there
    await work.assign(id, { ...hot, hop: 2, cause: 'declined', exclude: [owner, 'cleo'] });
    expect(tally(await work.owners(4))).toEqual({ anna: 2, ben: 2 });
  });
});

describe('the mistakes of others', () => {
  test('Espo: what is given to a named rep moves nobody’s turn', async () => {
    await work.start(policyText({ pool: 'members: { anna: 1, ben: 1, cleo: 1 }, mode: order' }));
    expect(await work.owner()).toBe('anna');
    const id = await work.lead();
    await work.assign(id, { to: 'cleo', cause: 'claimed' });
    expect((await work.owners(2)).join()).toBe('ben,cleo');
  });

  test('Cal.com: no day, week or month wipes what somebody is owed', async () => {
    await work.start(policyText());
    const owners: string[] = [];
    for (let month = 0; month < 12; month++) {
      owners.push(await work.owner());
      work.after(31 * 24 * hour);
    }
    expect(tally(owners)).toEqual({ anna: 6, ben: 4, cleo: 2 });
  });

  test('Cal.com: two who are away at once are made up for by what each missed, the weights counted', async () => {
    const pool = 'members: { anna: 2, ben: 2, cleo: 1 }, makeUp: { share: 2, expires: 14d }';
    await work.start(policyText({ pool }));
    for (const rep of ['anna', 'ben']) await work.absent(rep, hour);
    expect(tally(await work.owners(20))).toEqual({ cleo: 20 });
    work.after(2 * hour);
    const back = tally(await work.owners(90));
    expect(Math.abs((back['anna'] ?? 0) - (back['ben'] ?? 0))).toBeLessThanOrEqual(1);
    expect(back['cleo']).toBeGreaterThan(0); // not starved
  });

  test.each([1, 14])('Odoo: a cap of %d a day is that many, not none', async (perDay) => {
    await work.start(policyText({ anna: `, caps: { perDay: ${String(perDay)} }` }));
    expect((await work.burst(60))['anna']).toBe(perDay);
  });
});

test('who is away for good is passed over, and a lead that nobody has time for is parked', async () => {
  await work.start(policyText().replace('clock: wall', 'clock: business'));
  work.countsAbsences = true;
  const forEver = [new Date(work.now + 60_000), new Date(work.now + 40 * 365 * 24 * hour)];
  const away = (rep: string): Promise<unknown> =>
    work.pool.query('INSERT INTO absences (rep_id, "from", until) VALUES ($1, $2, $3)', [rep, ...forEver]);
  await away('anna');
  expect(await work.wouldAssign()).toMatchObject({ picked: { repId: 'ben', sla: { policy: 's' } } });
  expect(tally(await work.owners(6))).toEqual({ ben: 4, cleo: 2 });
  await Promise.all(['ben', 'cleo'].map(away));
  const parked = await work.assign(await work.lead());
  expect(parked).toMatchObject({
    kind: 'parked',
    skipped: ['anna', 'ben', 'cleo'].map((rep) => ({ rep, skip: 'no_hours' })),
  });
  expect(await work.wouldAssign()).toMatchObject({ skipped: [{ skip: 'no_hours' }, {}, {}] });
  expect((await work.pool.query('SELECT 1 FROM ledger')).rows).toHaveLength(6);
  work.countsAbsences = false;
});

test('a pick whose answer was lost, as its worker was killed, is the same pick when it is asked for again', async () => {
  await work.start(policyText());
  const id = await work.lead();
  const first = await work.assign(id);
  work.after(hour);
  await work.absent(ownerOf(first), hour); // whatever has changed since
  expect(await work.assign(id)).toEqual(first);
  expect((await work.pool.query('SELECT 1 FROM ledger')).rows).toHaveLength(1);
});
