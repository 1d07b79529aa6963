import { labelIsName, nameLevel, type FirmLevel } from './compare-company';
import { slips } from './text';
import type { Firm, Traits } from './traits';
import { domainLabel, ownLabel } from './web-domain';

/** A company we know, as its leads showed it. */
export interface KnownAccount {
  readonly id: string;
  /** Every way in which a lead showed the company, oldest first. */
  readonly firms: readonly Firm[];
  /** Where its leads were (`placesOf`). */
  readonly places: readonly string[];
}

/** Whether a company whose name only begins like another's (`Acme Bau` and `Acme`) belongs to that one's account. */
export type Subsidiaries = 'separate' | 'together';

/** Why a lead belongs to an account. */
export interface AccountMatch {
  readonly id: string;
  readonly by: FirmLevel;
}

/** Relations that make two showings one company, best first: also the list that breaks ties between accounts. */
const accepted: readonly FirmLevel[] = ['domain', 'label', 'name', 'labelName'];
/** Relations that do so only together with a place in common, or where the policy takes subsidiaries together. */
const supported: readonly FirmLevel[] = ['near', 'part'];

/** Keys under which an account is found again; each a kind, a colon and a folded value. */
export function accountKeys(firm: Firm): readonly string[] {
  const keys = new Set<string>();
  for (const domain of firm.domains) {
    const label = domainLabel(domain);
    keys
      .add(`d:${domain}`)
      .add(`e:${label}`)
      .add(`f:${label.slice(0, 4)}`);
  }
  const core = firm.core.join('');
  if (core !== '')
    keys
      .add(`e:${core}`)
      .add(`f:${core.slice(0, 4)}`)
      .add(`f:${core.slice(-4)}`);
  return [...keys];
}

/** How a company's name begins or ends: so many share it that only a lead that would add such a key locks it. */
export const isLookAlike = (key: string): boolean => key.startsWith('f:');

/** City, post code and switchboard: that of a number without its last three digits. Each a kind, a colon and a value. */
export function placesOf({ address, phone }: Pick<Traits, 'address' | 'phone'>): readonly string[] {
  const switchboard =
    phone && !phone.placeholder && phone.digits.length >= 9 ? phone.digits.slice(0, -3) : '';
  const places = { y: address.city, z: address.postalCode, t: switchboard };
  return Object.entries(places).flatMap(([kind, value]) => (value === '' ? [] : [`${kind}:${value}`]));
}

/**
 * The account a lead belongs to. The web or mail domain decides; then the same name under another top-level domain, the
 * name, the name against the bare domain; a name with a slip needs a place in common besides. A known domain of another name speaks against a name: two
 * companies may share one. @param known candidates in the order in which they were first seen
 */
export function matchAccount(
  firm: Firm,
  places: readonly string[],
  known: readonly KnownAccount[],
  subsidiaries: Subsidiaries,
): AccountMatch | undefined {
  let best: (AccountMatch & { readonly rank: number }) | undefined;
  for (const account of known) {
    const by = relation(firm, account);
    if (by === undefined) continue;
    const near = places.some((place) => account.places.includes(place));
    const isSupported = near || subsidiaries === 'together';
    if (!accepted.includes(by) && !(supported.includes(by) && isSupported)) continue;
    const rank = [...accepted, ...supported].indexOf(by) * 2 + (near ? 0 : 1);
    if (best === undefined || rank < best.rank) best = { id: account.id, by, rank };
  }
  return best && { id: best.id, by: best.by };
}

/** The best relation to any showing of the account; a name does not count where the domains say two companies. */
function relation(firm: Firm, account: KnownAccount): FirmLevel | undefined {
  const domains = new Set(account.firms.flatMap((other) => other.domains));
  if (firm.domains.some((domain) => domains.has(domain))) return 'domain';
  // As registered: `nordwind-automotive` and `nordwindautomotive` are two companies.
  const labels = firm.domains.map(ownLabel);
  const theirs = [...domains].map(ownLabel);
  if (labels.some((label) => theirs.includes(label))) return 'label';
  if (labels.length > 0 && theirs.length > 0) return undefined;
  return byName(firm, account);
}

function byName(firm: Firm, account: KnownAccount): FirmLevel | undefined {
  const cores = account.firms.map(({ core }) => core).filter((core) => core.length > 0);
  const names = firm.core.length === 0 ? [] : cores.map((core) => nameLevel(firm.core, core));
  if (names.includes('name')) return 'name';
  const whole = (core: readonly string[], domains: readonly string[]): boolean =>
    domains.some((domain) => domainLabel(domain) === core.join('') || labelIsName(domainLabel(domain), core));
  const spelled =
    whole(
      firm.core,
      account.firms.flatMap(({ domains }) => domains),
    ) || cores.some((core) => whole(core, firm.domains));
  // `Aslan Lojistik` is not the Aslan of aslan.com when that one is known as `Aslan Tekstil`.
  if (spelled && (names.length === 0 || names.some((name) => name !== undefined))) return 'labelName';
  if (
    names.includes('near') &&
    cores.some((core) => isSlipOf(firm.core.join(''), core.join('')) || sameLength(firm.core, core))
  )
    return 'near';
  return names.includes('part') ? 'part' : undefined;
}

/** One slip in a long name, not in its first letter, where made-up names differ. */
const isSlipOf = (a: string, b: string): boolean =>
  a[0] === b[0] && Math.min(a.length, b.length) >= 6 && slips(a, b, 1) <= 1;

const sameLength = (a: readonly string[], b: readonly string[]): boolean =>
  a.length > 1 && a.length === b.length && a[0] === b[0];
