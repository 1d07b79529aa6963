import type { LeadFields } from '../lead';
import { countryCode } from './country';
import { readMailbox } from './email';
import { readPhone } from './phone';

/**
 * The identifiers by which a lead can be recognised, strongest first. Two leads that share one are the same person.
 *
 * - `email`: a personal mailbox.
 * - `mailbox-name`: a mailbox that several people read (info@) only together with a name.
 * - `phone-name`: a number only together with a name, as colleagues share a switchboard and families a line.
 * - `phone`: a number alone, when the lead says neither name nor e-mail.
 */
export function identityKeys(fields: LeadFields): readonly string[] {
  const mailbox = readMailbox(fields.email);
  const phone = readPhone(fields.phone, countryCode(fields.country));
  const name = foldName(fields.firstName, fields.lastName);
  const keys: string[] = [];
  if (mailbox && !mailbox.role) keys.push(`email:${mailbox.canonical}`);
  if (mailbox?.role) keys.push(`mailbox-name:${mailbox.canonical}|${name}`);
  if (phone && name !== '') keys.push(`phone-name:${phone.e164}|${name}`);
  if (phone && name === '' && !mailbox) keys.push(`phone:${phone.e164}`);
  if (keys.length === 0) keys.push(`raw:${(fields.email ?? fields.phone ?? '').trim().toLowerCase()}`);
  return keys;
}

/** Letters only, no accents, lower case, words in order of the alphabet: `Müller, Jörg` and `jorg MULLER` agree. */
export function foldName(...parts: readonly (string | undefined)[]): string {
  return parts
    .flatMap((part) =>
      (part ?? '')
        .normalize('NFKD')
        .replace(/\p{M}/gu, '')
        .toLowerCase()
        .split(/[^\p{L}\p{N}]+/u),
    )
    .filter(Boolean)
    .sort()
    .join(' ');
}
