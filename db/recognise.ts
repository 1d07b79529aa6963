import type { ClientBase } from 'pg';
import {
  accountKeys,
  isLookAlike,
  matchAccount,
  placesOf,
  type AccountMatch,
  type Subsidiaries,
} from '../domain/identity/account';
import { decide, type Candidate, type IdentityDecision } from '../domain/identity/decide';
import { keysOf, type IdentityKeys } from '../domain/identity/keys';
import type { Census, IdentityModel } from '../domain/identity/model';
import type { Traits } from '../domain/identity/traits';
import { candidatesOf, findBearers, knownAccounts, lockKeys } from './sql/identity-keys';

/** Who a lead is from and which company it belongs to, and what that was judged by. */
export interface Recognised {
  readonly decision: IdentityDecision;
  readonly account?: FoundAccount;
  readonly candidates: readonly Candidate[];
  readonly census: Census;
}

export interface FoundAccount extends AccountMatch {
  /** Whether the lead shows a name that the account was not known by: somebody may be looking for one like it now. */
  readonly gainsName: boolean;
}

/** Keys of a lead: its own and its company's. */
export interface LeadKeys {
  readonly person: IdentityKeys;
  readonly account: readonly string[];
}

export function leadKeys(traits: Traits): LeadKeys {
  return { person: keysOf(traits), account: traits.firm ? accountKeys(traits.firm) : [] };
}

/** Keys that must not be looked up and written by two leads at once. */
export function keysToLock({ person, account }: LeadKeys): readonly string[] {
  return [...person.find, ...account.filter((key) => !isLookAlike(key))];
}

/** Locks all keys of a lead's company, in the order in which whoever identifies a lead does. */
export async function lockAccountKeys(client: ClientBase, { account }: LeadKeys): Promise<void> {
  await lockKeys(
    client,
    account.filter((key) => !isLookAlike(key)),
  );
  await lockKeys(client, account.filter(isLookAlike));
}

/** What decides, beside what is known. */
export interface MatchBy {
  readonly model: IdentityModel;
  readonly subsidiaries: Subsidiaries;
  /** How far each source is to be believed, higher is more; a source that is not in it has no rank. */
  readonly authority: Readonly<Record<string, number>>;
}

/**
 * The one matcher, for routing, previews, reports and `npm run match`: the same input on the same data gives the same
 * answer. Reads only; whoever writes by it holds the locks of `keysToLock`.
 */
export async function recognise(
  client: ClientBase,
  traits: Traits,
  keys: LeadKeys,
  by: MatchBy,
): Promise<Recognised> {
  const [{ numbers, census }, account] = await Promise.all([
    findBearers(client, keys.person),
    accountOf(client, traits, keys, by),
  ]);
  const candidates = await candidatesOf(client, numbers);
  const decision = decide(traits, candidates, by.model, census);
  return { decision, candidates, census, ...(account ? { account } : {}) };
}

/**
 * The account of a lead that found none, or one that was not known by this name, looked for again while nobody else can
 * look for one whose name looks alike or add it: two spellings that arrive at once have no other key in common. To be
 * called after `keysToLock` are locked: whoever locks both kinds does so in this order.
 */
export async function accountForSure(
  client: ClientBase,
  traits: Traits,
  keys: LeadKeys,
  by: MatchBy,
): Promise<FoundAccount | undefined> {
  // Sent at once, answered in this order.
  const [, account] = await Promise.all([
    lockKeys(client, keys.account.filter(isLookAlike)),
    accountOf(client, traits, keys, by),
  ]);
  return account;
}

async function accountOf(
  client: ClientBase,
  { firm, ...traits }: Traits,
  keys: LeadKeys,
  { subsidiaries }: MatchBy,
): Promise<FoundAccount | undefined> {
  if (!firm) return undefined;
  const known = await knownAccounts(client, keys.account);
  const match = matchAccount(firm, placesOf(traits), known, subsidiaries);
  if (!match) return undefined;
  const names = new Set(known.find(({ id }) => id === match.id)?.firms.flatMap(accountKeys));
  return { ...match, gainsName: keys.account.some((key) => isLookAlike(key) && !names.has(key)) };
}
