import { readMailbox } from '../domain/identity/email';
import { ownFacts } from '../domain/identity/facts';
import type { LeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';
import { askKept } from './ask-kept';
import { checkMail, type MailCheckDeps } from './check-mail';
import { failureTable, needsAttention, translated, type ConnectorError } from './failures';
import type { LeadState } from './ports';
import type { EnrichPort } from './ports-vendors';

/** What a provider is asked for; when the lead has all of it, nobody else is asked. */
const wanted = ['employees', 'industry', 'country'] as const;

export type EnrichActivities = ReturnType<typeof createEnrichActivities>;

export interface EnrichDeps extends MailCheckDeps {
  /** In the order they are asked. */
  readonly providers: readonly EnrichPort[];
  /** Answers are good for so long, "unknown" included. */
  readonly cacheMs: number;
  /** Questions to one provider in a UTC day. */
  readonly dailyMax: number;
}

export function createEnrichActivities(deps: EnrichDeps) {
  return {
    /**
     * Has the company's empty facts filled, and whether the lead's domain takes mail; also when the lead has been routed
     * meanwhile. Fails only when a provider who was asked and may know did not answer.
     */
    enrichCompany: async ({ leadId }: { leadId: string }): Promise<{ fields: readonly string[] }> => {
      const lead = await deps.identities.lead(leadId as LeadId);
      if (!lead) throw needsAttention('unknown_lead', 'enrich', 'the lead has no row');
      const asked = [checkMail(deps, lead), askProviders(deps, lead)];
      await Promise.allSettled(asked); // what one has found is kept when the other fails
      return { fields: (await Promise.all(asked)).flat() };
    },
  };
}

/**
 * Asks one provider after the other about the lead's company, until nothing is empty, and keeps what was; one that is
 * closed is not waited for. @returns the names of the fields that were filled
 */
async function askProviders(deps: EnrichDeps, lead: LeadState): Promise<readonly string[]> {
  const { providers, identities, clock, cacheMs, dailyMax } = deps;
  const mailbox = readMailbox(lead.fields.email);
  const { accountDomain: domain } = ownFacts(lead.fields, lead.source);
  const query = { ...(mailbox ? { email: mailbox.canonical } : {}), ...(domain ? { domain } : {}) };
  const fields: string[] = [];
  let later: ConnectorError | undefined;
  for (const { provider, company } of providers) {
    if (wanted.every((field) => lead.facts?.account[field] || fields.includes(field))) break;
    const { answer, failed } = await askKept(deps, {
      provider,
      text: JSON.stringify(query),
      cacheMs,
      dailyMax,
      keepsUnknown: true,
      ask: (signal) => company(query, signal),
    });
    if (failed && failureTable[failed.code].then === 'retry') later ??= failed;
    if (typeof answer !== 'object') continue;
    fields.push(...(await identities.enrich(lead.leadId, answer, toInstant(clock.now()))));
  }
  const missing = !wanted.every((field) => lead.facts?.account[field] || fields.includes(field));
  if (later && missing) await translated('enrich', () => Promise.reject(later));
  return fields;
}
