import { cancellationSignal } from '@temporalio/activity';
import { readMailbox } from '../domain/identity/email';
import { ownFacts } from '../domain/identity/facts';
import type { LeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';
import { needsAttention, translated } from './failures';
import type { Clock, EnrichPort } from './ports';
import type { IdentityStore } from './ports-identity';

export type EnrichActivities = ReturnType<typeof createEnrichActivities>;

export function createEnrichActivities({
  provider,
  identities,
  clock,
}: {
  readonly provider: EnrichPort | undefined;
  readonly identities: IdentityStore;
  readonly clock: Clock;
}) {
  return {
    /** Asks the provider about the lead's company and keeps what was empty; also when the lead has been routed meanwhile. */
    enrichCompany: async ({ leadId }: { leadId: string }): Promise<{ fields: readonly string[] }> => {
      const lead = await identities.lead(leadId as LeadId);
      if (!lead) throw needsAttention('unknown_lead', 'enrich', 'the lead has no row');
      const mailbox = readMailbox(lead.fields.email);
      const { accountDomain: domain } = ownFacts(lead.fields, lead.source);
      const query = { ...(mailbox ? { email: mailbox.canonical } : {}), ...(domain ? { domain } : {}) };
      const found =
        provider && (await translated('enrich', () => provider.company(query, cancellationSignal())));
      if (!found) return { fields: [] };
      const now = await identities.lead(lead.leadId);
      return {
        fields: await identities.enrich(
          lead.leadId,
          found,
          now?.progress !== 'identified',
          toInstant(clock.now()),
        ),
      };
    },
  };
}
