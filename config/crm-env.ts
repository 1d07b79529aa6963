import { createPrivateKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { leadStatus, type LeadStatus } from '../domain/lead';
import { httpUrl, webhookSecret } from './env-types';

const secret = z.string().min(1).optional();
const statusWord = new RegExp(`^\\s*(${leadStatus.join('|')})\\s*=\\s*(\\S.*?)\\s*$`);

/** `touched=Working,qualified=Qualified` as a record. */
const statusWords = z.string().transform((text, context) => {
  const pairs = text.split(',').map((pair) => statusWord.exec(pair));
  if (pairs.includes(null)) {
    const message = `pairs such as touched=Working,qualified=Qualified, with ${leadStatus.join(', ')} on the left`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
  return Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1], pair[2]]] : []))) as Partial<
    Record<LeadStatus, string>
  >;
});

const authority = z.enum(['crm', 'router']).default('crm');

/** An RSA key as PEM; `\\n` stands for a line break where a variable can have none. */
const rsaKey = z.string().transform((pem, context): KeyObject => {
  try {
    const key = createPrivateKey(pem.replaceAll('\\n', '\n'));
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // Said below: what the library says may quote the key.
  }
  context.addIssue({ code: 'custom', message: 'an RSA private key, PEM' });
  return z.NEVER;
});

/** Which CRM, and what it needs; docs/crm.md says where to find the values. */
export const crmVariables = {
  CRM: z
    .enum(['local', 'http', 'hubspot', 'salesforce', 'pipedrive', 'tryton'])
    .default('local')
    .describe('CRM adapter; each has variables of its own, see `docs/crm.md`'),
  CRM_STATUS_WORDS: statusWords
    .optional()
    .describe(
      "what the CRM calls a lead's statuses, such as `touched=Working,qualified=Qualified`; the CRM's standard values when absent (HubSpot, Salesforce)",
    ),
  CRM_WRITES_PER_SECOND: z.coerce
    .number('a number above 0')
    .positive('a number above 0')
    .optional()
    .describe(
      'leads written to the CRM per second by all workers together; what its smallest plan allows when absent',
    ),
  CRM_OWNER_AUTHORITY: authority.describe(
    'who has the last word when people change the owner in the CRM: `crm`, or `router`',
  ),
  CRM_STATUS_AUTHORITY: authority.describe('the same for the status'),
  CRM_ASK_SECONDS: z.coerce
    .number('a number above 0')
    .positive('a number above 0')
    .optional()
    .describe(
      'time from one question for changes in the CRM to the next; what its smallest plan allows when absent',
    ),
  CRM_HTTP_URL: httpUrl.optional().describe('endpoint of the `http` CRM adapter'),
  CRM_HTTP_SECRET: webhookSecret
    .optional()
    .describe('signing secret of the `http` CRM adapter (Standard Webhooks)'),
  HUBSPOT_TOKEN: secret.describe('service key of the HubSpot account; or the three below'),
  HUBSPOT_CLIENT_ID: secret.describe('OAuth client of a HubSpot app'),
  HUBSPOT_CLIENT_SECRET: secret.describe('its secret'),
  HUBSPOT_REFRESH_TOKEN: secret.describe('refresh token of the account that installed it'),
  HUBSPOT_URL: httpUrl.default('https://api.hubapi.com').describe('HubSpot API'),
  SALESFORCE_URL: httpUrl.optional().describe('My Domain of the org, `https://<name>.my.salesforce.com`'),
  SALESFORCE_CLIENT_ID: secret.describe('consumer key of the External Client App'),
  SALESFORCE_CLIENT_SECRET: secret.describe('its consumer secret; or the two below'),
  SALESFORCE_USERNAME: secret.describe('user the app acts as (JWT bearer flow)'),
  SALESFORCE_PRIVATE_KEY: rsaKey
    .optional()
    .describe('RSA key of the certificate of the app, PEM; line breaks may be written as `\\n`'),
  SALESFORCE_AUDIENCE: httpUrl
    .default('https://login.salesforce.com')
    .describe('`https://test.salesforce.com` for a sandbox (JWT bearer flow)'),
  SALESFORCE_API_VERSION: z
    .string()
    .regex(/^v\d{2,3}\.0$/, 'such as v67.0')
    .default('v67.0')
    .describe('REST API version'),
  PIPEDRIVE_URL: httpUrl.optional().describe("the company's address, `https://<name>.pipedrive.com`"),
  PIPEDRIVE_TOKEN: secret.describe('API token of a Pipedrive user; or the three below'),
  PIPEDRIVE_CLIENT_ID: secret.describe('OAuth client of a Pipedrive app'),
  PIPEDRIVE_CLIENT_SECRET: secret.describe('its secret'),
  PIPEDRIVE_REFRESH_TOKEN: secret.describe('refresh token of the user who installed it'),
  PIPEDRIVE_TOKEN_URL: httpUrl
    .default('https://oauth.pipedrive.com/oauth/token')
    .describe('where Pipedrive gives out access tokens'),
  TRYTON_URL: httpUrl.optional().describe('Tryton server with the database, `https://<host>/<database>`'),
  TRYTON_KEY: secret.describe('key of a user application of Tryton'),
  TRYTON_COMPANY: z.coerce
    .number('a number')
    .int()
    .positive()
    .optional()
    .describe('id of the company leads belong to'),
} as const;

/** Sets of variables of which one must be complete. */
const needed = {
  local: [[]],
  http: [['CRM_HTTP_URL', 'CRM_HTTP_SECRET']],
  hubspot: [['HUBSPOT_TOKEN'], ['HUBSPOT_CLIENT_ID', 'HUBSPOT_CLIENT_SECRET', 'HUBSPOT_REFRESH_TOKEN']],
  salesforce: [
    ['SALESFORCE_URL', 'SALESFORCE_CLIENT_ID', 'SALESFORCE_CLIENT_SECRET'],
    ['SALESFORCE_URL', 'SALESFORCE_CLIENT_ID', 'SALESFORCE_USERNAME', 'SALESFORCE_PRIVATE_KEY'],
  ],
  pipedrive: [
    ['PIPEDRIVE_URL', 'PIPEDRIVE_TOKEN'],
    ['PIPEDRIVE_URL', 'PIPEDRIVE_CLIENT_ID', 'PIPEDRIVE_CLIENT_SECRET', 'PIPEDRIVE_REFRESH_TOKEN'],
  ],
  tryton: [['TRYTON_URL', 'TRYTON_KEY', 'TRYTON_COMPANY']],
} as const;

/** What the chosen CRM lacks, in words for the person who starts the process; undefined when it lacks nothing. */
export function crmLacks(env: z.infer<z.ZodObject<typeof crmVariables>>): string | undefined {
  const sets: readonly (readonly (keyof typeof env)[])[] = needed[env.CRM];
  if (sets.some((names) => names.every((name) => env[name] !== undefined))) return undefined;
  return `CRM=${env.CRM} needs ${sets.map((names) => names.join(' and ')).join(', or ')}`;
}
