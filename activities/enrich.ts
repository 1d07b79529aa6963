import { createHmac } from 'node:crypto';
import { cancellationSignal, log } from '@temporalio/activity';
import { readMailbox } from '../domain/identity/email';
import { ownFacts } from '../domain/identity/facts';
import type { LeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';
import { checkMail } from './check-mail';
import { ConnectorError, failureTable, needsAttention, translated } from './failures';
import type { Clock, LeadState } from './ports';
import type { CompanyProfile, EnrichPort, EnrichmentStore, MailCheckPort } from './ports-vendors';
import type { IdentityStore } from './ports-identity';

/** What a provider is asked for; when the lead has all of it, nobody else is asked. */
const wanted = ['employees', 'industry', 'country'] as const;

export type EnrichActivities = ReturnType<typeof createEnrichActivities>;

export interface EnrichDeps {
  /** In the order they are asked. */
  readonly providers: readonly EnrichPort[];
  /** Absent when it is switched off. */
  readonly mailCheck?: MailCheckPort | undefined;
  readonly enrichments: EnrichmentStore;
  readonly identities: IdentityStore;
  readonly clock: Clock;
  /** Answers are good for so long, "unknown" included. */
  readonly cacheMs: number;
  /** Keeps the questions in the cache from being guessed. */
  readonly questionKey: Buffer;
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
  const { providers, identities, clock } = deps;
  const mailbox = readMailbox(lead.fields.email);
  const { accountDomain: domain } = ownFacts(lead.fields, lead.source);
  const query = { ...(mailbox ? { email: mailbox.canonical } : {}), ...(domain ? { domain } : {}) };
  const fields: string[] = [];
  let later: ConnectorError | undefined;
  for (const port of providers) {
    if (wanted.every((field) => lead.facts?.account[field] || fields.includes(field))) break;
    const { found, failed } = await ask(deps, port, query);
    later ??= failed;
    if (!found) continue;
    const now = await identities.lead(lead.leadId);
    const late = now?.progress !== 'identified';
    fields.push(...(await identities.enrich(lead.leadId, found, late, toInstant(clock.now()))));
  }
  const missing = !wanted.every((field) => lead.facts?.account[field] || fields.includes(field));
  if (later && missing) await translated('enrich', () => Promise.reject(later));
  return fields;
}

/** One question to one provider, unless the answer is known or its way is closed. */
async function ask(
  { enrichments, clock, cacheMs, dailyMax, questionKey }: EnrichDeps,
  { provider, company }: EnrichPort,
  query: { readonly email?: string; readonly domain?: string },
): Promise<{ readonly found?: CompanyProfile | undefined; readonly failed?: ConnectorError }> {
  // Hashed with a key, so that the cache is no list of people, nor a way to ask whether somebody is on it.
  const question = createHmac('sha256', questionKey).update(JSON.stringify(query)).digest('hex');
  const at = toInstant(clock.now());
  const gate = await enrichments.mayAsk({ provider, question, at, cacheMs, dailyMax });
  if (gate.kind === 'known') return typeof gate.answer === 'object' ? { found: gate.answer } : {};
  if (gate.kind === 'closed') return {};
  try {
    const found = await company(query, cancellationSignal());
    await enrichments.answered({ provider, question, at, answer: found, cacheMs });
    return { found };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    log.warn('data provider failed', { provider, code: error.code });
    await enrichments.failed({ provider, at, ...consequenceOf(error, clock.now()) });
    return failureTable[error.code].then === 'retry' ? { failed: error } : {};
  }
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What a failure means for the questions to come. */
function consequenceOf(
  { code, retryAfterMs }: ConnectorError,
  nowMs: number,
): Pick<Parameters<EnrichmentStore['failed']>[0], 'code' | 'counts' | 'closedUntil'> {
  switch (code) {
    case 'exhausted':
      // Looked at again when the next day begins in UTC.
      return { code, counts: false, closedUntil: toInstant((Math.floor(nowMs / dayMs) + 1) * dayMs) };
    case 'auth':
      return { code, counts: false, closedUntil: toInstant(nowMs + hourMs) };
    case 'rejected':
      return { code, counts: false };
    default:
      return retryAfterMs === undefined
        ? { code, counts: true }
        : { code, counts: true, closedUntil: toInstant(nowMs + retryAfterMs) };
  }
}
