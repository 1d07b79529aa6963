import type { ClientBase, Pool } from 'pg';
import type { KnownAccount } from '../../domain/identity/account';
import type { Candidate } from '../../domain/identity/decide';
import type { IdentityKeys } from '../../domain/identity/keys';
import { hashOf, isWeighed } from '../../domain/identity/keys';
import type { Census } from '../../domain/identity/model';
import type { Traits } from '../../domain/identity/traits';

/** A key with more bearers than this says little: the first ones are looked at. */
const mostBearers = 40;
/**
 * So many bearers are counted one by one. Of more, every 16th person is counted, and of more than a full sample of those
 * every 256th, each from an index of its own: off by a tenth at a thousand bearers, never by more than a fifth beyond.
 */
const mostCounted = 120;
const mostSampled = 512;

/**
 * Of all who share a key, so many of the likeliest are compared, and beyond the first two only those who share something
 * rarer than what dozens of others have. On 10,000 labelled leads 60 candidates decide no better.
 */
const mostCandidates = 6;
const leastWeight = 0.7;
/** Ways in which one person showed himself: more than anybody has, so that nobody's first mailbox is forgotten. */
const mostShowings = 200;

const hashes = (keys: readonly string[]): readonly string[] => keys.map((key) => hashOf(key).toString());

/**
 * Locks every key that finds somebody until the transaction ends, in one order for everybody, so that two leads of one
 * person take turns and the second one finds what the first one wrote.
 */
export async function lockKeys(client: ClientBase, keys: readonly string[]): Promise<void> {
  await client.query({
    name: 'lock-keys',
    text: `SELECT count(pg_advisory_xact_lock(hash)) FROM (SELECT unnest($1::bigint[]) AS hash ORDER BY 1) AS ordered`,
    values: [hashes(keys)],
  });
}

interface Counted {
  readonly few: number;
  /** Every 16th, where the few are not all. */
  readonly more: number | null;
  /** Every 256th, where those are not all either. */
  readonly most: number | null;
}

const bearersOf = ({ few, more, most }: Counted): number =>
  Math.max(few, 16 * (more ?? 0), 256 * (most ?? 0));

const countUpTo = (most: number, which = ''): string =>
  `(SELECT count(*)::int4 FROM (SELECT FROM identity_keys k WHERE k.hash = wanted.hash ${which} LIMIT ${String(most)}) AS found)`;

/** `OFFSET 0` has each step worked out once and only where the one before it was not enough. */
const bearersText = `
SELECT place::int4, bearers, few, more, most, (SELECT COALESCE(max(number), 0) FROM people) AS people
FROM unnest($1::bigint[], $3::boolean[]) WITH ORDINALITY AS wanted(hash, weighed, place)
CROSS JOIN LATERAL (SELECT CASE WHEN place <= $2 THEN
  ARRAY(SELECT person FROM identity_keys k WHERE k.hash = wanted.hash LIMIT ${String(mostBearers)}) END AS bearers OFFSET 0) AS a
CROSS JOIN LATERAL (SELECT CASE WHEN cardinality(bearers) < ${String(mostBearers)} OR NOT weighed THEN cardinality(bearers)
  ELSE ${countUpTo(mostCounted)} END AS few OFFSET 0) AS b
CROSS JOIN LATERAL (SELECT CASE WHEN few = ${String(mostCounted)} THEN ${countUpTo(mostSampled, 'AND k.person % 16 = 0')} END AS more OFFSET 0) AS c
CROSS JOIN LATERAL (SELECT CASE WHEN more = ${String(mostSampled)} THEN ${countUpTo(mostSampled, 'AND k.person % 256 = 0')} END AS most) AS d`;

/** People who share a key, likeliest first, and how common the values are. Index look-ups only, each bounded. */
export async function findBearers(
  client: ClientBase,
  keys: IdentityKeys,
): Promise<{ readonly numbers: readonly number[]; readonly census: Census }> {
  const names = [...keys.find, ...keys.count];
  const { rows } = await client.query<Counted & { place: number; bearers: number[] | null; people: number }>({
    name: 'find-bearers',
    text: bearersText,
    values: [
      hashes(names),
      keys.find.length,
      names.map((name, place) => place >= keys.find.length || isWeighed(name)),
    ],
  });
  const counts = new Map<string, number>();
  const weights = new Map<number, number>();
  for (const { place, bearers, ...counted } of rows) {
    counts.set(names[place - 1] ?? '', bearersOf(counted));
    for (const person of bearers ?? [])
      weights.set(person, (weights.get(person) ?? 0) + 1 / Math.sqrt(bearers?.length ?? 1));
  }
  const ranked = [...weights].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return {
    numbers: ranked
      .slice(0, mostCandidates)
      .filter(([, weight], place) => place < 2 || weight >= leastWeight)
      .map(([person]) => person),
    census: { people: rows[0]?.people ?? 0, bearers: (key) => counts.get(key) ?? 0 },
  };
}

/**
 * What each of these people ever showed, oldest first; what several leads showed alike is there once, with the latest.
 * One step of the index for each, however many leads there are. Without what the lead `except` showed, for looking back.
 */
export async function candidatesOf(
  client: ClientBase,
  numbers: readonly number[],
  except = '',
): Promise<readonly Candidate[]> {
  if (numbers.length === 0) return [];
  const { rows } = await client.query<{ personId: string; traits: Traits[] }>({
    name: 'candidates',
    text: `
SELECT p.id AS "personId", ARRAY(
  WITH RECURSIVE shown AS (
    (${latestShown('')})
    UNION ALL
    SELECT next.* FROM shown CROSS JOIN LATERAL (${latestShown(`AND ${shownAs} > shown.way`)}) AS next
  )
  SELECT traits FROM (SELECT seq, traits FROM shown LIMIT ${String(mostShowings)}) AS ways ORDER BY seq) AS traits
FROM people p WHERE p.number = ANY ($1::int4[])`,
    values: [numbers, except],
  });
  return rows.filter(({ traits }) => traits.length > 0);
}

/** The latest lead of the first way in which a person showed himself, in the order of their hashes. */
const latestShown = (beyond: string): string =>
  `SELECT t.seq, t.traits, ${shownAs} AS way FROM identity_traits t WHERE t.person = p.number AND t.lead_id <> $2 ${beyond}
   ORDER BY ${shownAs}, t.seq DESC LIMIT 1`;
const shownAs = 'jsonb_hash_extended(t.traits, 0)';

/** Accounts that share a key, in the order in which they were first seen. */
export async function knownAccounts(
  client: ClientBase,
  keys: readonly string[],
): Promise<readonly KnownAccount[]> {
  if (keys.length === 0) return [];
  const { rows } = await client.query<{ id: string; showings: Omit<KnownAccount, 'id'> }>({
    name: 'known-accounts',
    text: `
SELECT a.id, a.showings FROM (
  SELECT DISTINCT found.account_id FROM unnest($1::bigint[]) AS wanted(hash)
  CROSS JOIN LATERAL (SELECT account_id FROM account_keys k WHERE k.hash = wanted.hash LIMIT ${String(mostBearers)}) AS found
) AS seen JOIN accounts a ON a.id = seen.account_id ORDER BY a.id`,
    values: [hashes(keys)],
  });
  return rows.map(({ id, showings }) => ({ id, ...showings }));
}

/** Whether the account cannot be found under one of these keys. */
export async function lacksAccountKeys(pool: Pool, id: string, keys: readonly string[]): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'lacks-account-keys',
    text: `SELECT FROM unnest($2::bigint[]) AS wanted(hash)
           WHERE NOT EXISTS (SELECT FROM account_keys k WHERE k.hash = wanted.hash AND k.account_id = $1) LIMIT 1`,
    values: [id, hashes(keys)],
  });
  return rowCount === 1;
}

/** Writes what a lead showed of a person; safe to repeat. */
export async function rememberTraits(
  client: ClientBase,
  shown: {
    readonly personId: string;
    readonly leadId: string;
    readonly traits: Traits;
    readonly keys: IdentityKeys;
  },
): Promise<void> {
  await client.query({
    name: 'remember-traits',
    text: `
WITH who AS (SELECT number FROM people WHERE id = $1), keys AS (
  INSERT INTO identity_keys (hash, person) SELECT DISTINCT hash, number FROM who, unnest($4::bigint[]) AS hash ON CONFLICT DO NOTHING
)
INSERT INTO identity_traits (person, lead_id, traits) SELECT number, $2, $3 FROM who ON CONFLICT (lead_id) DO NOTHING`,
    values: [
      shown.personId,
      shown.leadId,
      JSON.stringify(shown.traits),
      hashes([...shown.keys.find, ...shown.keys.count]),
    ],
  });
}

/**
 * Adds what a lead showed of an account to what is known of it, and creates the account if it is new. Its domain is the
 * first one that is not another's.
 */
export async function rememberAccount(
  client: ClientBase,
  shown: {
    readonly id: string;
    readonly name: string;
    readonly country: string;
    readonly firm: KnownAccount['firms'][number];
    readonly places: readonly string[];
    readonly keys: readonly string[];
  },
): Promise<void> {
  await client.query({
    name: 'remember-account',
    text: `
WITH account AS (
  INSERT INTO accounts (id, name, domain, country, showings)
  VALUES ($1, $2, (SELECT $3::text WHERE NOT EXISTS (SELECT FROM accounts o WHERE o.domain = $3::text AND o.id <> $1)), NULLIF($4, ''),
    jsonb_build_object('firms', jsonb_build_array($5::jsonb), 'places', to_jsonb($6::text[])))
  ON CONFLICT (id) DO UPDATE SET domain = COALESCE(accounts.domain, excluded.domain), showings = jsonb_build_object(
    'firms', CASE WHEN accounts.showings -> 'firms' @> jsonb_build_array($5::jsonb) OR jsonb_array_length(accounts.showings -> 'firms') >= 50
      THEN accounts.showings -> 'firms' ELSE (accounts.showings -> 'firms') || $5::jsonb END,
    'places', CASE WHEN accounts.showings -> 'places' @> to_jsonb($6::text[]) OR jsonb_array_length(accounts.showings -> 'places') >= 150
      THEN accounts.showings -> 'places' ELSE (accounts.showings -> 'places') || to_jsonb(ARRAY(
        SELECT place FROM unnest($6::text[]) AS place WHERE NOT accounts.showings -> 'places' ? place)) END)
  RETURNING id
)
INSERT INTO account_keys (hash, account_id) SELECT DISTINCT hash, account.id FROM account, unnest($7::bigint[]) AS hash ON CONFLICT DO NOTHING`,
    values: [
      shown.id,
      shown.name,
      shown.firm.domains[0] ?? null,
      shown.country,
      JSON.stringify(shown.firm),
      shown.places,
      hashes(shown.keys),
    ],
  });
}
