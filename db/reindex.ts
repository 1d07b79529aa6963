import { isDeepStrictEqual } from 'node:util';
import type { Pool, PoolClient } from 'pg';
import { placesOf } from '../domain/identity/account';
import { leadTraits, type Traits } from '../domain/identity/traits';
import type { LeadFields } from '../domain/lead';
import { transaction } from './client';
import { withPeople } from './people-store';
import { leadKeys, lockAccountKeys } from './recognise';
import { lacksAccountKeys, rememberAccount } from './sql/identity-keys';
import { hashesOf, keysByPerson, lockPeople, recomputeKeys, writeTraits } from './sql/merge-people';

const page = 200;

/** A lead as it is read now, beside what was kept of it when it was identified. */
interface Shown {
  readonly leadId: string;
  readonly personId: string;
  readonly accountId: string | null;
  readonly fields: LeadFields;
  readonly traits: Traits;
  /** Absent for a lead from before there were any. */
  readonly kept: Traits | null;
}

/**
 * Brings everybody, in the order of their numbers, to the traits and keys that leads get now: all that a person ever
 * sent is read again and compared with what is kept, so that it does not matter which release wrote it. People stay who
 * they are. Whoever has to be changed is held for that moment as in a merge, and nobody else is; so it can run beside
 * live leads, and be stopped and begun again behind the number that was said last.
 * @param after number of the person to begin behind; 0 for everybody
 */
export async function reindex(
  pool: Pool,
  after: number,
  say: (line: string) => void,
): Promise<{ readonly people: number; readonly accounts: number }> {
  const { rows } = await pool.query<{ last: number }>(`SELECT COALESCE(max(number), 0) AS last FROM people`);
  const changed = { people: 0, accounts: 0 };
  for (let number = after; ;) {
    const { rows: people } = await pool.query<{ id: string; number: number }>(
      `SELECT id, number FROM people WHERE number > $1 ORDER BY number LIMIT $2`,
      [number, page],
    );
    const ids = people.map(({ id }) => id);
    const shown = await shownBy(pool, ids);
    for (const id of await behind(pool, ids, shown)) {
      await withPeople(pool, [id], (client) => renew(client, id));
      changed.people++;
    }
    for (const one of shown) if (await renewAccount(pool, one)) changed.accounts++;
    const last = people.at(-1);
    if (!last) return changed;
    number = last.number;
    say(
      `person ${String(number)} of ${String(rows[0]?.last ?? 0)}: ${String(changed.people)} changed so far`,
    );
  }
}

async function shownBy(client: Pool | PoolClient, people: readonly string[]): Promise<readonly Shown[]> {
  const { rows } = await client.query<Omit<Shown, 'traits'>>(
    `SELECT l.id AS "leadId", l.person_id AS "personId", l.account_id AS "accountId", l.fields, t.traits AS kept
     FROM leads l LEFT JOIN identity_traits t ON t.lead_id = l.id WHERE l.person_id = ANY ($1) ORDER BY l.seq`,
    [people],
  );
  return rows.map((row) => ({ ...row, traits: leadTraits(row.fields) }));
}

/** People of whom something is kept otherwise than it would be written now. */
async function behind(
  pool: Pool,
  people: readonly string[],
  shown: readonly Shown[],
): Promise<readonly string[]> {
  const kept = await keysByPerson(pool, people);
  return people.filter((id) => {
    const own = shown.filter(({ personId }) => personId === id);
    const keys = new Set(own.flatMap(({ traits }) => hashesOf(traits)));
    const isBehind = own.some((one) => !isKept(one)) || !isDeepStrictEqual(keys, new Set(kept.get(id)));
    return own.length > 0 && isBehind;
  });
}

/** Compared as they are kept, as JSON. */
const isKept = ({ traits, kept }: Shown): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(traits)), kept);

/** The caller holds the locks of `withPeople`. */
async function renew(client: PoolClient, id: string): Promise<void> {
  const person = (await lockPeople(client, [id])).get(id);
  if (!person) return;
  const stale = (await shownBy(client, [id])).filter((one) => !isKept(one));
  await writeTraits(client, person, stale);
  await recomputeKeys(client, person);
}

/** Adds the company as the lead shows it to its account, if that has other keys. @returns whether it had */
async function renewAccount(pool: Pool, { accountId, traits, fields }: Shown): Promise<boolean> {
  const { firm, country } = traits;
  const keys = leadKeys(traits);
  if (!firm || accountId === null || !(await lacksAccountKeys(pool, accountId, keys.account))) return false;
  await transaction(pool, async (client) => {
    await lockAccountKeys(client, keys);
    const name = fields.company ?? firm.domains[0] ?? '';
    const shown = { id: accountId, name, firm, country, places: placesOf(traits), keys: keys.account };
    await rememberAccount(client, shown);
  });
  return true;
}
