import { readMailbox } from '../domain/identity/email';
import { toInstant } from '../domain/instant';
import { askKept, type AnswerKeeping } from './ask-kept';
import type { LeadState } from './ports';
import type { IdentityStore } from './ports-identity';
import type { MailCheckPort } from './ports-vendors';

/** Domains get mail servers, and lose them, in days. */
const cacheMs = 86_400_000;
/** Asking costs nothing. */
const dailyMax = 2_147_483_647;

export interface MailCheckDeps extends AnswerKeeping {
  /** Absent when it is switched off. */
  readonly mailCheck?: MailCheckPort | undefined;
  readonly identities: IdentityStore;
}

/**
 * Asks whether the domain of the lead's address takes mail, unless that is known, and keeps the answer. What cannot be
 * told stays unknown: that is no failure. @returns the names of the fields that were filled
 */
export async function checkMail(
  { mailCheck, identities, ...deps }: MailCheckDeps,
  { leadId, fields, facts }: LeadState,
): Promise<readonly string[]> {
  // The host of the address itself: mail for a subdomain is taken, or not, by that one.
  const domain = readMailbox(fields.email)?.canonical.split('@').at(-1);
  if (!mailCheck || domain === undefined || facts?.lead.emailDeliverable) return [];
  const { answer } = await askKept(deps, {
    provider: 'mx',
    text: domain,
    cacheMs,
    dailyMax,
    keepsUnknown: false,
    ask: (signal) => mailCheck.takesMail(domain, signal),
  });
  if (typeof answer !== 'boolean') return [];
  return identities.checkedMail(leadId, answer ? 'yes' : 'no', toInstant(deps.clock.now()));
}
