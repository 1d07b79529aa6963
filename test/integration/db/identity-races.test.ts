import { hashOf } from '../../../domain/identity/keys';
import { mintId } from '../../../domain/ids';
import { openIdentity, type IdentityWorld } from '../../support/identity';
import { until } from '../../support/until';

let world: IdentityWorld;
beforeEach(async () => {
  world = await openIdentity();
});
afterEach(() => world.close());

/** The first and the last have no key in common; the one between them has one with each. */
const byMail = { firstName: 'Friedhold', lastName: 'Quettmeyer', email: 'fq77@gmx.de' };
const byBoth = { ...byMail, phone: '+49 170 8812345' };
const byPhone = { firstName: 'F.', lastName: 'Quettmeier', phone: '+49 170 8812345' };

const reviews = async () => (await world.reviews.list({ limit: 20 })).data;
const people = async () => (await world.state()).people.map(({ id }) => String(id));

test.each([
  ['the one between them first', [byBoth, byMail, byPhone], 1],
  ['the one between them second', [byMail, byBoth, byPhone], 1],
  ['the one between them last', [byMail, byPhone, byBoth, byPhone, byMail, byBoth], 2],
])('a chain of leads with %s is one person, or two and one question', async (_order, leads, most) => {
  for (const lead of leads) await world.lead(lead);
  const [older, younger, ...others] = await people();
  expect(others).toEqual([]);
  const pair = { person: { id: younger }, other: { id: older }, state: 'open' };
  expect(await reviews()).toMatchObject(most === 1 ? [] : [pair]);
});

test('200 leads of such a chain at once end as they would one after the other', async () => {
  const leads = Array.from({ length: 200 }, (_, place) => [byMail, byBoth, byPhone][place % 3]!);
  const found = await Promise.all(leads.map((lead) => world.lead(lead)));
  const known = await people();
  expect(new Set(found.map(({ personId }) => personId))).toEqual(new Set(known));
  expect(known.length).toBeLessThanOrEqual(2);
  const asked = (await reviews()).map(({ person, other }) => [other.id, person.id]);
  expect(asked).toEqual(known.length === 2 ? [known] : []);
});

test('a lead near enough to two known people asks whether they are one, says so, and asks once', async () => {
  const [first, second] = [await world.lead(byMail), await world.lead(byPhone)];
  const third = await world.lead(byBoth);
  expect(third.personId).toBe(first.personId);
  const [review, ...others] = await reviews();
  expect(others).toEqual([]);
  expect(review).toMatchObject({ leadId: third.leadId });
  expect(review?.reasons.at(-1)).toEqual({ fact: 'together', level: 'duplicate', bits: 0 });
  const { rows } = await world.pool.query(`SELECT details FROM timeline WHERE lead_id = $1`, [third.leadId]);
  expect(rows[0]).toMatchObject({ details: { person: 'known', also: second.personId } });
  const at = world.now();
  const verdict = {
    reviewId: review?.id ?? '',
    verdict: 'different',
    by: 'mira',
    at,
    mergeId: 'mrg',
  } as const;
  expect(await world.reviews.judge(verdict)).toMatchObject({ kind: 'judged' });
  await world.lead(byBoth);
  expect(await reviews()).toMatchObject([{ state: 'different' }]);
});

test('a lead with only a mailbox, one with only a number, one with both and one with the mailbox again are two people and one question', async () => {
  const [email, phone] = ['fq77@gmx.de', '+49 170 8812345'];
  const first = await world.lead({ email });
  const second = await world.lead({ phone });
  for (const lead of [{ email, phone }, { email }, { email, phone }, { email }])
    expect(await world.lead(lead)).toMatchObject({ personId: first.personId });
  expect(await people()).toEqual([first.personId, second.personId]);
  const pair = { person: { id: second.personId }, other: { id: first.personId }, state: 'open' };
  expect(await reviews()).toMatchObject([pair]);
});

test('such a question is no verdict on the thresholds, and "same" joins the two', async () => {
  const [first, second] = [await world.lead(byMail), await world.lead(byPhone)];
  await world.lead(byBoth);
  const [review] = await reviews();
  const judged = await world.reviews.judge({
    reviewId: review?.id ?? '',
    verdict: 'same',
    by: 'mira',
    at: world.now(),
    mergeId: mintId('merge', Date.parse(world.now())),
  });
  expect(judged).toMatchObject({ merge: { survivorId: first.personId, mergedId: second.personId } });
  expect(judged).toMatchObject({ joins: [{ leadId: second.leadId, into: first.leadId }] });
  expect(await world.thresholds.propose()).toMatchObject({ kind: 'too_few', verdicts: 0 });
});

test('two spellings of a company at once are one account', async () => {
  const firms = [
    'Ostrander',
    'Wiborgsen',
    'Quillfeld',
    'Tamarisk',
    'Bellweder',
    'Hohenfurt',
    'Zylinka',
    'Drachtel',
  ];
  const leads = firms.flatMap((firm, place) =>
    ['bau', 'bav'].map((end) => ({
      firstName: `${firm.slice(0, 4)}${end}`,
      lastName: firm.slice(3),
      email: `x${String(place)}${end}@gmail.com`,
      company: `${firm}werkzeug${end}`,
      city: `${firm}hausen`, // a slip in the name needs a place in common
    })),
  );
  await Promise.all(leads.map((lead) => world.lead(lead)));
  const { rows } = await world.pool.query('SELECT name FROM accounts');
  expect(rows).toHaveLength(firms.length);
});

test('a known account that gains a name while a lead with nearly the same one comes is its account too', async () => {
  const at = { city: 'Hohenfurt' };
  await world.lead({ firstName: 'Ole', lastName: 'Brandt', email: 'ole@qx9.example', ...at });
  const holder = await world.pool.connect();
  const waiting = async (): Promise<number> => {
    const { rows } = await world.pool.query<{ count: number }>(
      `SELECT count(*)::int4 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows[0]?.count ?? 0;
  };
  try {
    await holder.query('BEGIN; SELECT FROM accounts FOR UPDATE');
    const named = { firstName: 'Ida', lastName: 'Sommer', company: 'Zylinkawerkzeugbau' };
    const gaining = world.lead({ ...named, email: 'ida@qx9.example', ...at });
    await until('the account is about to gain the name', async () => (await waiting()) === 1, 5_000);
    let done = false;
    const asking = world
      .lead({ firstName: 'Uwe', lastName: 'Kranz', company: 'Zylinkawerkzeugbav', ...at })
      .finally(() => (done = true));
    await until('the other lead has passed or waits', async () => done || (await waiting()) === 2, 5_000);
    await holder.query('COMMIT');
    await Promise.all([gaining, asking]);
  } finally {
    holder.release();
  }
  const { rows } = await world.pool.query('SELECT FROM accounts');
  expect(rows).toHaveLength(1);
});

test('a lead of a company that is known by its name waits for nobody whose company looks alike', async () => {
  const lead = { firstName: 'Ida', lastName: 'Sommer', company: 'Zylinkawerkzeugbau', city: 'Hohenfurt' };
  await world.lead(lead);
  const holder = await world.pool.connect();
  try {
    await holder.query('BEGIN');
    await holder.query('SELECT pg_advisory_xact_lock($1)', [hashOf('f:zyli').toString()]);
    await world.lead({ ...lead, firstName: 'Uwe', lastName: 'Kranz' });
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
  const { rows } = await world.pool.query('SELECT FROM accounts');
  expect(rows).toHaveLength(1);
});

test('a lead is not merged into one that closes in this instant', async () => {
  const first = await world.lead(byMail);
  const closing = await world.pool.connect();
  try {
    await closing.query('BEGIN');
    await closing.query('UPDATE leads SET closed_at = now() WHERE id = $1', [first.leadId]);
    const second = world.lead(byMail);
    await until(
      'the second lead waits for the first',
      async () => {
        const { rows } = await world.pool.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return rows.length > 0;
      },
      5_000,
    ).finally(() => closing.query('COMMIT'));
    expect(await second).toMatchObject({ personId: first.personId, kind: 'known' });
  } finally {
    closing.release();
  }
});
