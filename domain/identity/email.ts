import { domainToASCII } from 'node:url';
import { freeMailDomains, isSlipOfFreeMail } from './free-mail';
import { isRole } from './role-mailbox';
import { registrableDomain } from './web-domain';

/** An e-mail address taken apart for comparison; the raw value is kept elsewhere. */
export interface Mailbox {
  /** What spellings of one mailbox have in common: lower case, IDN in ASCII, without plus tag and Gmail's dots. */
  readonly canonical: string;
  readonly local: string;
  /** Domain as a person would register it: `acme.co.uk` for `mail.acme.co.uk` (public suffix list). */
  readonly domain: string;
  readonly freeMail: boolean;
  /** A mailbox that several people read, such as `info@`. */
  readonly role: boolean;
  /** Typed because the form wanted something: `no@email.com`, `test@test.de`. */
  readonly placeholder: boolean;
}

/** @returns undefined when `text` cannot be an address; of several addresses the first is read */
export function readMailbox(text: string | undefined): Mailbox | undefined {
  const address = unwrap(text ?? '');
  const at = address.lastIndexOf('@');
  const typed = address.slice(0, at).trim().toLowerCase().replace(/^"|"$/g, '');
  const host = domainToASCII(
    address
      .slice(at + 1)
      .trim()
      .replace(/[.>,;:)\]'"]+$/, ''),
  );
  if (at < 1 || typed === '' || host === '') return undefined;
  const domain = registrableDomain(host) ?? host;
  const gmail = domain === 'gmail.com' || domain === 'googlemail.com';
  const untagged = typed.replace(/\+.*$/, '') || typed;
  const local = gmail ? untagged.replaceAll('.', '') || untagged : untagged;
  return {
    canonical: `${local}@${gmail ? 'gmail.com' : host}`,
    local: untagged,
    domain: gmail ? 'gmail.com' : domain,
    freeMail: freeMailDomains.has(domain) || isSlipOfFreeMail(domain),
    role: isRole(untagged),
    placeholder: placeholderLocals.test(local) || placeholderHosts.test(domain),
  };
}

/** The address in `mailto:a@b`, `Name <a@b>`, `a@b (work)`, `a (at) b` and `a@b; c@d`, without what nobody sees. */
function unwrap(text: string): string {
  const plain = text.normalize('NFKC').replace(/[\p{Cc}\p{Cf}]/gu, '');
  const inner = (/<([^<>]*@[^<>]*)>/.exec(plain)?.[1] ?? plain)
    .replace(/\s*[([{]\s*(?:at|ät)\s*[)\]}]\s*/gi, '@')
    .replace(/\s*[([{]\s*(?:dot|punkt|point)\s*[)\]}]\s*/gi, '.')
    .replace(/\(.*?\)/g, '')
    .replace(/^\s*(?:mailto|e-?mail|mail)\s*:/i, '')
    .trim();
  const [first, second] = inner.match(/(?:"[^"]*"|[^\s,;/|"])+@[^\s,;/|@]+/g) ?? [];
  return second === undefined || first === undefined ? inner : first;
}

const placeholderLocals =
  /^(?:no|none|na|n\.a|nobody|noemail|nomail|nospam|no-?reply|keine|kein|test\d*|asdf+|qwe(?:rty)?|abc|xyz|xx+|foo|bar|fake|spam|dummy|unknown|anonymous|anonym)$/;
const placeholderHosts =
  /^(?:test|nomail|none|asdf|abc|xyz|mailinator|trashmail|guerrillamail|yopmail|10minutemail|tempmail|sharklasers)\.[a-z.]+$/;
