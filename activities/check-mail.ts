import { createHmac } from 'node:crypto';
import { cancellationSignal, log } from '@temporalio/activity';
import { readMailbox } from '../domain/identity/email';
import { toInstant } from '../domain/instant';
import { ConnectorError } from './failures';
import type { EnrichDeps } from './enrich';
import type { LeadState } from './ports';

const provider = 'mx';
/** Domains get mail servers, and lose them, in days. */
const cacheMs = 86_400_000;
/** Asking costs nothing. */
const dailyMax = 2_147_483_647;

/**
 * Asks whether the domain of the lead's address takes mail, unless that is known, and keeps the answer. What cannot be
 * told stays unknown: that is no failure. @returns the names of the fields that were filled
 */
export async function checkMail(
  { mailCheck, enrichments, identities, clock, questionKey }: EnrichDeps,
  { leadId, fields, facts }: LeadState,
): Promise<readonly string[]> {
  // The host of the address itself: mail for a subdomain is taken, or not, by that one.
  const domain = readMailbox(fields.email)?.canonical.split('@').at(-1);
  if (!mailCheck || domain === undefined || facts?.lead.emailDeliverable) return [];
  const question = createHmac('sha256', questionKey).update(domain).digest('hex');
  const at = toInstant(clock.now());
  const gate = await enrichments.mayAsk({ provider, question, at, cacheMs, dailyMax });
  let answer = gate.kind === 'known' && typeof gate.answer === 'boolean' ? gate.answer : undefined;
  if (gate.kind === 'ask') {
    try {
      answer = await mailCheck.takesMail(domain, cancellationSignal());
      if (answer !== undefined) await enrichments.answered({ provider, question, at, answer, cacheMs });
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      log.warn('mail domain not checked', { code: error.code });
      await enrichments.failed({ provider, at, code: error.code, counts: true });
    }
  }
  if (answer === undefined) return [];
  const now = await identities.lead(leadId);
  const late = now?.progress !== 'identified';
  return identities.checkedMail(leadId, answer ? 'yes' : 'no', late, toInstant(clock.now()));
}
