import { reindex } from '../../../db/reindex';
import { hashOf, keysOf } from '../../../domain/identity/keys';
import { leadTraits } from '../../../domain/identity/traits';
import { ada, adaAtHome, openIdentity, type IdentityWorld } from '../../support/identity';
import { until } from '../../support/until';

let world: IdentityWorld;
beforeEach(async () => {
  world = await openIdentity();
});
afterEach(() => world.close());

const bruno = {
  firstName: 'Bruno',
  lastName: 'Kestrel',
  email: 'b.kestrel@orion.example',
  company: 'Orion Werft',
};
const carla = {
  firstName: 'Carla',
  lastName: 'Quendler',
  email: 'cq@lyra.example',
  city: 'Wien',
  state: 'Wien',
  country: 'AT',
};
const everybody = [ada, adaAtHome, bruno, carla];

const said: string[] = [];
const say = (line: string): number => said.push(line);
const numbers = async (): Promise<readonly number[]> =>
  (await world.pool.query<{ number: number }>('SELECT number FROM people ORDER BY number')).rows.map(
    ({ number }) => number,
  );

/** Keys, traits and accounts of an earlier release: some are missing, some are written otherwise, some are gone today. */
const becomeOld = async (): Promise<void> => {
  const trigrams = everybody.flatMap((lead) =>
    keysOf(leadTraits(lead)).find.filter((key) => key.startsWith('g:')),
  );
  expect(trigrams.length).toBeGreaterThan(0);
  await world.pool.query('DELETE FROM identity_keys WHERE hash = ANY ($1)', [
    trigrams.map((key) => hashOf(key).toString()),
  ]);
  await world.pool.query(
    `UPDATE identity_traits SET traits = jsonb_set(traits, '{address,state}', '"vienna"')`,
  );
  await world.pool.query('INSERT INTO identity_keys SELECT 4711, number FROM people');
  await world.pool.query('DELETE FROM account_keys');
};

test('brings everybody of an earlier release to what leads show and are found by now, once', async () => {
  for (const lead of [...everybody, { ...ada, phone: '+49 30 901820' }]) await world.lead(lead);
  const accountKeys = async () => (await world.pool.query('SELECT * FROM account_keys ORDER BY 1, 2')).rows;
  const [fresh, accounts] = [await world.state(), await accountKeys()];
  await becomeOld();
  const people = (await numbers()).length;
  expect(await reindex(world.pool, 0, say)).toMatchObject({ people });
  expect([await world.state(), await accountKeys()]).toEqual([fresh, accounts]);
  expect(said.at(-1)).toBe(`person ${String(people)} of ${String(people)}: ${String(people)} changed so far`);
  expect(await reindex(world.pool, 0, say)).toEqual({ people: 0, accounts: 0 });
});

test('leads from before there were keys are found again', async () => {
  const { personId } = await world.lead(ada);
  await world.pool.query('TRUNCATE identity_keys, identity_traits, account_keys');
  await reindex(world.pool, 0, say);
  expect(await world.lead(ada)).toMatchObject({ personId });
});

test('goes on behind the person that was said last', async () => {
  for (const lead of everybody) await world.lead(lead);
  await becomeOld();
  const [, second, ...others] = await numbers();
  expect(await reindex(world.pool, second!, say)).toMatchObject({ people: others.length });
  expect(await reindex(world.pool, 0, say)).toMatchObject({ people: 2 });
});

test('waits for a person of whom a lead is just being identified, while leads of others pass', async () => {
  await world.lead(ada);
  await world.lead(bruno);
  await becomeOld();
  const live = await world.pool.connect();
  try {
    await live.query('BEGIN');
    await live.query('SELECT pg_advisory_xact_lock($1)', [hashOf(`m:${ada.email}`).toString()]);
    const done = reindex(world.pool, 0, say);
    await until(
      'the person is waited for',
      async () => {
        const { rows } = await world.pool.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return rows.length === 1;
      },
      5_000,
    );
    expect(await world.lead({ ...bruno, phone: '+49 40 1234567' })).toMatchObject({ kind: 'merged' });
    await live.query('COMMIT');
    expect(await done).toMatchObject({ people: 2 });
  } finally {
    live.release();
  }
});

test('two accounts of which a lead now shows one domain both keep their keys', async () => {
  await world.lead({ ...ada, email: 'ada@lyra.example', company: 'Nordwind' });
  await world.lead(bruno);
  const { rows } = await world.pool.query<{ account_id: string }>(
    `SELECT account_id FROM leads ORDER BY seq`,
  );
  await world.pool.query(`UPDATE accounts SET domain = NULL WHERE id = $1`, [rows[1]?.account_id]);
  await world.pool.query(
    `UPDATE leads SET fields = fields || '{"email":"bruno@lyra.example"}' WHERE account_id = $1`,
    [rows[1]?.account_id],
  );
  expect(await reindex(world.pool, 0, say)).toEqual({ people: 1, accounts: 1 });
  const domains = (await world.pool.query('SELECT domain FROM accounts ORDER BY id')).rows;
  expect(domains).toEqual([{ domain: 'lyra.example' }, { domain: null }]);
});
