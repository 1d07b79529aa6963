import { getPublicSuffix } from 'tldts';
import { readAddress, type Address } from './address';
import { companyCore } from './company-name';
import { countryCode } from './country';
import { readMailbox, type Mailbox } from './email';
import { localWords } from './mailbox-name';
import { readName, type PersonName } from './person-name';
import { readDialled, type DialledNumber } from './phone';
import { fold, foldedWords } from './text';
import { registrableDomain, webDomain } from './web-domain';
import type { LeadFields } from '../lead';

/** What one lead shows of who somebody is, normalised for comparison. What the person typed is kept elsewhere. */
export interface Traits {
  readonly name?: PersonName;
  readonly mailbox?: Mailbox;
  readonly phone?: DialledNumber;
  readonly firm?: Firm;
  readonly address: Address;
  /** ISO 3166-1 alpha-2 or empty. */
  readonly country: string;
  /** Job title, folded. */
  readonly title: string;
  /** Digits of a date of birth, as written. */
  readonly birth: string;
  /** An id that another system gave the person. */
  readonly externalId: string;
}

/** The company that a lead gives away, by name, web site or mailbox. */
export interface Firm {
  /** Folded words of the name without legal form. */
  readonly core: readonly string[];
  /** Registrable domains; never a free-mail provider's or a shared host's. */
  readonly domains: readonly string[];
}

export function traitsOf(fields: LeadFields): Traits {
  const mailbox = readMailbox(fields.email);
  const name = completed(readName(fields.firstName, fields.lastName), mailbox);
  const firm = firmOf(fields, mailbox);
  const country = countryCode(fields.country);
  const phone = readDialled(fields.phone, countryHints(country, firm, mailbox));
  return {
    ...(name ? { name } : {}),
    ...(mailbox ? { mailbox } : {}),
    ...(phone ? { phone } : {}),
    ...(firm ? { firm } : {}),
    address: readAddress({ ...fields, country }),
    country,
    title: titleOf(fields.title),
    birth: (fields.dateOfBirth ?? '').replace(/\D/g, ''),
    externalId: fold(fields.externalId).replace(/[^a-z0-9]/g, ''),
  };
}

/** Of a lead of this instance: the source's own id names the lead, not the person; other sources count from 1 as well. */
export const leadTraits = (fields: LeadFields): Traits => traitsOf({ ...fields, externalId: undefined });

/** The half of a name that was not typed, where the mailbox spells it: `Myers` with `jeffrey.myers@`. */
function completed(name: PersonName | undefined, mailbox: Mailbox | undefined): PersonName | undefined {
  if (!mailbox || mailbox.role || mailbox.placeholder) return name;
  const { words } = localWords(mailbox.local);
  if (!name) return spelledName(words);
  if (name.given.length > 0 && name.family.length > 0) return name;
  const isFamilyMissing = name.given.length > 0;
  const rest = besides((isFamilyMissing ? name.given : name.family).join(''), words);
  if (rest === '') return name;
  if (!isFamilyMissing) return { ...name, given: [rest] };
  return rest.length < 3 ? name : { ...name, family: [rest] };
}

/** A whole name out of two words of a mailbox. */
const spelledName = (words: readonly string[]): PersonName | undefined =>
  words.length === 2 && words.every((word) => word.length > 1)
    ? { given: words.slice(0, 1), family: words.slice(1), spelled: true }
    : undefined;

/** What a mailbox spells beside the half that was typed; empty when it does not spell that half. */
function besides(typed: string, words: readonly string[]): string {
  if (words.length === 2) return words.includes(typed) ? (words.find((word) => word !== typed) ?? '') : '';
  const joined = words.join('');
  if (joined.startsWith(typed)) return joined.slice(typed.length);
  return joined.endsWith(typed) ? joined.slice(0, -typed.length) : '';
}

/** Company from its name, the web site and the mailbox's domain; a domain typed as a name is a domain. */
export function firmOf(fields: LeadFields, mailbox: Mailbox | undefined): Firm | undefined {
  const typed = fields.company?.trim() ?? '';
  const isDomain = /^(?:https?:\/\/)?[^\s@/]+\.[a-z]{2,}(?:\/\S*)?$/i.test(typed);
  // With an ending that nobody runs it is a name with a dot in it: `St.Gobain`.
  const asDomain = isDomain ? registrableDomain(webDomain(typed) ?? '') : undefined;
  const core =
    asDomain === undefined && !noCompany.has(fold(typed))
      ? companyCore(typed, countryCode(fields.country))
      : [];
  const domains = new Set<string>();
  const site = webDomain(fields.website);
  if (site !== undefined) domains.add(site);
  if (mailbox && !mailbox.freeMail && !mailbox.placeholder) domains.add(mailbox.domain);
  if (asDomain !== undefined) domains.add(asDomain);
  return core.length === 0 && domains.size === 0 ? undefined : { core, domains: [...domains] };
}

/** What people type who have no company. */
const noCompany: ReadonlySet<string> = new Set([
  ...`- -- . .. / n/a na n.a. none no keine kein keiner nichts privat private privatperson self selbst student studentin etudiant estudiante
   freelance freelancer freiberufler unemployed retired rentner home individual personal test x xx xxx ? unknown ninguna ninguno aucune
   aucun nessuna brak nenhuma geen ingen yok nema particulier particular privato prywatnie self-employed selbststandig autonomo`
    .split(/\s+/)
    .map(fold),
  'self employed',
  'not applicable',
  '',
]);

function titleOf(text: string | undefined): string {
  return [...foldedWords(text)].sort().join(' ');
}

/** Countries under which a number without prefix may be read, likeliest first. */
function countryHints(
  country: string,
  firm: Firm | undefined,
  mailbox: Mailbox | undefined,
): readonly string[] {
  const domains = [...(firm?.domains ?? []), ...(mailbox ? [mailbox.domain] : [])];
  const byDomain = domains.flatMap((domain) => {
    const ending = /[a-z]{2}$/.exec(getPublicSuffix(domain) ?? '')?.[0].toUpperCase();
    return ending === undefined || !/\.[a-z]{2}$/i.test(domain) || generic.has(ending)
      ? []
      : [ending === 'UK' ? 'GB' : ending];
  });
  return [...new Set([country, ...byDomain].filter((code) => code !== ''))];
}

/** Country endings that everybody uses. */
const generic: ReadonlySet<string> = new Set([
  'IO',
  'CO',
  'AI',
  'ME',
  'TV',
  'CC',
  'EU',
  'LY',
  'FM',
  'TO',
  'GG',
  'SH',
]);
