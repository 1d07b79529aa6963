import type { LeadFacts, LeadFields } from '../lead';
import { countryCode } from './country';
import { readMailbox } from './email';
import { readPhone } from './phone';
import { ownLabel, webDomain } from './web-domain';

/** What one lead says by itself, without a data provider, and which field told it. */
export interface OwnFacts {
  readonly facts: LeadFacts;
  /** The company's domain; never a free-mail provider's. */
  readonly accountDomain?: string;
  readonly accountName?: string;
  /** Derived field → where it came from. */
  readonly derived: Readonly<Record<string, string>>;
}

/** Country from the lead, else from its phone number; company from the e-mail's or web site's domain. */
export function ownFacts(fields: LeadFields, source: string): OwnFacts {
  const mailbox = readMailbox(fields.email);
  const stated = countryCode(fields.country);
  const phone = readPhone(fields.phone, stated);
  const country = stated || (phone?.country ?? '');
  const accountDomain =
    webDomain(fields.website) ?? (mailbox && !mailbox.freeMail ? mailbox.domain : undefined);
  const accountName = fields.company ?? (accountDomain && ownLabel(accountDomain));
  const derived: Record<string, string> = {};
  if (!stated && country) derived['lead.country'] = 'phone number';
  if (accountDomain) derived['account.domain'] = webDomain(fields.website) ? 'web site' : 'e-mail domain';
  if (!fields.company && accountName) derived['account.name'] = 'domain';
  return {
    derived,
    ...(accountDomain ? { accountDomain } : {}),
    ...(accountName ? { accountName } : {}),
    facts: {
      lead: {
        source,
        country,
        city: fields.city ?? '',
        state: fields.state ?? '',
        postalCode: fields.postalCode ?? '',
        title: fields.title ?? '',
        emailDomain: mailbox?.domain ?? '',
        emailDeliverable: '',
        freeMail: mailbox?.freeMail ?? false,
        roleMailbox: mailbox?.role ?? false,
        hasPhone: phone !== undefined,
        hasMessage: fields.message !== undefined,
        consent: fields.consent ?? false,
        utm: fields.utm ?? {},
        event: fields.utm?.['event'] ?? 'form',
      },
      account: { name: accountName ?? '', domain: accountDomain ?? '', employees: 0, industry: '', country },
      match: { knownPerson: false, knownAccount: false, owner: '', accountOwner: '' },
    },
  };
}
