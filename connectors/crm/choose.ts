import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../activities/ports';
import type { CrmPort } from '../../activities/ports-vendors';
import { createHttpCrm } from './http';
import { createHubspotCrm } from './hubspot';
import type { StatusWords } from './lead-view';
import { createLocalCrm, type LocalCrmStore } from './local';
import type { Outbound } from '../outbound';
import { createPipedriveCrm } from './pipedrive';
import { createSalesforceCrm, type SalesforceOptions } from './salesforce';
import { createTrytonCrm } from './tryton';

/** The slice of the environment that says which CRM there is. */
export interface CrmEnv {
  readonly CRM: 'local' | 'http' | 'hubspot' | 'salesforce' | 'pipedrive' | 'tryton';
  readonly CRM_STATUS_WORDS?: StatusWords | undefined;
  readonly CRM_WRITES_PER_SECOND?: number | undefined;
  readonly CRM_ASK_SECONDS?: number | undefined;
  readonly CRM_HTTP_URL?: string | undefined;
  readonly CRM_HTTP_SECRET?: string | undefined;
  readonly HUBSPOT_URL: string;
  readonly HUBSPOT_TOKEN?: string | undefined;
  readonly HUBSPOT_CLIENT_ID?: string | undefined;
  readonly HUBSPOT_CLIENT_SECRET?: string | undefined;
  readonly HUBSPOT_REFRESH_TOKEN?: string | undefined;
  readonly SALESFORCE_URL?: string | undefined;
  readonly SALESFORCE_CLIENT_ID?: string | undefined;
  readonly SALESFORCE_CLIENT_SECRET?: string | undefined;
  readonly SALESFORCE_USERNAME?: string | undefined;
  readonly SALESFORCE_PRIVATE_KEY?: KeyObject | undefined;
  readonly SALESFORCE_AUDIENCE: string;
  readonly SALESFORCE_API_VERSION: string;
  readonly PIPEDRIVE_URL?: string | undefined;
  readonly PIPEDRIVE_TOKEN?: string | undefined;
  readonly PIPEDRIVE_CLIENT_ID?: string | undefined;
  readonly PIPEDRIVE_CLIENT_SECRET?: string | undefined;
  readonly PIPEDRIVE_REFRESH_TOKEN?: string | undefined;
  readonly PIPEDRIVE_TOKEN_URL: string;
  readonly TRYTON_URL?: string | undefined;
  readonly TRYTON_KEY?: string | undefined;
  readonly TRYTON_COMPANY?: number | undefined;
}

export interface CrmDeps {
  readonly clock: Clock;
  readonly localCrm: LocalCrmStore;
  readonly outbound: Outbound;
}

/**
 * Leads per second that the vendor's smallest plan allows when each takes all of its calls: HubSpot 100 calls in 10 s
 * at 4 a lead, Pipedrive 20 in 2 s at 6. Salesforce counts by the day only.
 */
const writesPerSecond = { hubspot: 2.5, salesforce: 10, pipedrive: 1.5, tryton: 5 } as const;

/** The CRM that is configured, and how fast it may be written. @throws Error naming the variable that is missing */
export function chooseCrm(
  env: CrmEnv,
  deps: CrmDeps,
): { readonly crm: CrmPort; readonly crmWritesPerSecond?: number } {
  const rate =
    env.CRM_WRITES_PER_SECOND ??
    (env.CRM === 'local' || env.CRM === 'http' ? undefined : writesPerSecond[env.CRM]);
  const crm = withPause(createCrm(env, deps), env.CRM_ASK_SECONDS);
  return { crm, ...(rate === undefined ? {} : { crmWritesPerSecond: rate }) };
}

function withPause(crm: CrmPort, seconds: number | undefined): CrmPort {
  if (crm.changes === undefined || seconds === undefined) return crm;
  return { ...crm, changes: { ...crm.changes, everyMs: seconds * 1_000 } };
}

function createCrm(env: CrmEnv, { clock, localCrm, outbound }: CrmDeps): CrmPort {
  const of = <K extends keyof CrmEnv>(name: K): NonNullable<CrmEnv[K]> => {
    const value = env[name];
    if (value === undefined) throw new Error(`CRM=${env.CRM} needs ${name}`);
    return value;
  };
  const statusWords = env.CRM_STATUS_WORDS;
  switch (env.CRM) {
    case 'local':
      return createLocalCrm(localCrm);
    case 'http':
      return createHttpCrm({ url: of('CRM_HTTP_URL'), secret: of('CRM_HTTP_SECRET'), clock });
    case 'hubspot':
      return createHubspotCrm({ url: env.HUBSPOT_URL, auth: authOf('HUBSPOT', env, of), clock, statusWords });
    case 'salesforce':
      return createSalesforceCrm({
        url: of('SALESFORCE_URL'),
        auth: salesforceAuth(env, of),
        version: env.SALESFORCE_API_VERSION,
        clock,
        outbound,
        statusWords,
      });
    case 'pipedrive':
      return createPipedriveCrm({
        url: of('PIPEDRIVE_URL'),
        tokenUrl: env.PIPEDRIVE_TOKEN_URL,
        auth: authOf('PIPEDRIVE', env, of),
        clock,
        outbound,
      });
    case 'tryton':
      return createTrytonCrm({
        url: of('TRYTON_URL'),
        key: of('TRYTON_KEY'),
        company: of('TRYTON_COMPANY'),
        clock,
      });
  }
}

/** The app's secret, or else the key of its certificate. */
function salesforceAuth(
  { SALESFORCE_CLIENT_SECRET: clientSecret, SALESFORCE_AUDIENCE: audience }: CrmEnv,
  of: <K extends keyof CrmEnv>(name: K) => NonNullable<CrmEnv[K]>,
): SalesforceOptions['auth'] {
  const clientId = of('SALESFORCE_CLIENT_ID');
  if (clientSecret !== undefined) return { clientId, clientSecret };
  const [username, privateKey] = [of('SALESFORCE_USERNAME'), of('SALESFORCE_PRIVATE_KEY')];
  return { clientId, username, privateKey, audience };
}

/** One account's own key, or else an OAuth client. */
function authOf(
  vendor: 'HUBSPOT' | 'PIPEDRIVE',
  env: CrmEnv,
  of: (name: `${typeof vendor}_${'CLIENT_ID' | 'CLIENT_SECRET' | 'REFRESH_TOKEN'}`) => string,
) {
  const token = env[`${vendor}_TOKEN`];
  if (token !== undefined) return { token };
  return {
    clientId: of(`${vendor}_CLIENT_ID`),
    clientSecret: of(`${vendor}_CLIENT_SECRET`),
    refreshToken: of(`${vendor}_REFRESH_TOKEN`),
  };
}
