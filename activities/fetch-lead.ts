import { cancellationSignal, log } from '@temporalio/activity';
import type { SourceConfig } from '../api/ports';
import type { LeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';
import { ConnectorError, failureTable, translated, type FailureCode } from './failures';
import type { Clock, LeadInbox } from './ports';
import type {
  EventReader,
  Fetchers,
  FetchFault,
  FetchPort,
  FetchStore,
  FetchTokens,
  LeadToFetch,
} from './ports-fetch';

export interface FetchDeps {
  readonly fetches: FetchStore;
  readonly fetchers: Fetchers;
  readonly tokens: FetchTokens;
  readonly read: EventReader;
  readonly inbox: Pick<LeadInbox, 'accept'>;
  readonly clock: Clock;
}

export type FetchActivities = ReturnType<typeof createFetchActivities>;

export function createFetchActivities(deps: FetchDeps) {
  const { fetches, clock } = deps;
  return {
    /**
     * Fetches the lead that an event names and takes it in under the event's own id. What cannot succeed as things are makes
     * the event a dead letter; what may is tried again. @returns whether there is a lead now.
     */
    fetchLead: async ({ leadId }: { leadId: string }): Promise<boolean> => {
      const found = await fetches.toFetch(leadId as LeadId);
      if (!found) return false;
      const outcome = await outcomeOf(deps, found);
      await fetches.settle({ leadId: found.event.leadId, at: toInstant(clock.now()), ...outcome });
      return 'state' in outcome.outcome && outcome.outcome.state === 'fetched';
    },
  };
}

type Settled = Pick<Parameters<FetchStore['settle']>[0], 'outcome' | 'data'>;

async function outcomeOf(deps: FetchDeps, { event, source }: LeadToFetch): Promise<Settled> {
  const fetched = await ask(deps, { event, source });
  if ('fault' in fetched) return { outcome: fetched };
  const { data, nature } = fetched;
  if (nature !== 'lead') return { outcome: { state: nature }, data };
  const read = deps.read({ event, source: fetched.source }, data);
  if ('isSpam' in read) return { outcome: { state: 'spam' }, data };
  if ('reason' in read) {
    const fault = faultOf('map', event.source, 'unmappable', read.reason);
    return { outcome: { fault: { ...fault, fingerprint: `map.${event.source}` } }, data };
  }
  // In this order: a fault in between leaves the event waiting, and a lead that is there already is not doubled.
  await deps.inbox.accept([read.lead]);
  return { outcome: { state: 'fetched' }, data };
}

type Answer = Awaited<ReturnType<FetchPort['fetch']>> & {
  readonly source: NonNullable<LeadToFetch['source']>;
};

async function ask(
  deps: FetchDeps,
  { event, source }: LeadToFetch,
): Promise<Answer | { readonly fault: FetchFault }> {
  const fetcher = source && deps.fetchers[source.kind];
  if (!fetcher) return { fault: faultOf('fetch', event.source, 'auth', noToken) };
  try {
    const data = JSON.parse(event.rawBody) as unknown;
    return { ...(await withToken(deps.tokens, fetcher, source, data)), source };
  } catch (error) {
    if (!(error instanceof ConnectorError) || failureTable[error.code].then === 'retry')
      return translated('fetch', () => Promise.reject(error as Error));
    log.error('a lead cannot be fetched', { leadId: event.leadId, source: source.name, code: error.code });
    return { fault: faultOf('fetch', source.name, error.code, error.message) };
  }
}

const noToken = 'the source has no access token';

/** With another token when the vendor refuses the one there is, as one that has run out. */
async function withToken(
  tokens: FetchTokens,
  fetcher: FetchPort,
  source: SourceConfig,
  data: unknown,
): ReturnType<FetchPort['fetch']> {
  const accessToken = await tokens.current(source);
  if (accessToken === undefined) throw new ConnectorError('auth', noToken);
  const wanted = { data, mapping: source.mapping };
  try {
    return await fetcher.fetch({ ...wanted, accessToken }, cancellationSignal());
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'auth') throw error;
    const another = await tokens.renewed(source, accessToken);
    if (another === undefined) throw error;
    return fetcher.fetch({ ...wanted, accessToken: another }, cancellationSignal());
  }
}

const faultOf = (
  step: FetchFault['step'],
  source: string,
  code: FailureCode,
  message: string,
): FetchFault => ({ step, code, fingerprint: `${step}.${source}.${code}`, message });
