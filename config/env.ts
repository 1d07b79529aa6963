import { z } from 'zod';
import { crmLacks, crmVariables } from './crm-env';
import { httpUrl, urlOf, webhookSecret } from './env-types';

/** Raised when an environment variable cannot be used; the message names the variable and what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const port = z.coerce.number('a port number').int().min(0).max(65_535);

/** `a>b,c`: told at once are a and c; b only when a fails. */
const channelOrder = /^(slack|teams|smtp)([>,](slack|teams|smtp))*$/;

const providerOrder = /^(http|people-data-labs|apollo)(>(http|people-data-labs|apollo))*$/;
const isAddressList = (text: string): boolean =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
    .every((entry) => z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]).safeParse(entry).success);

const Env = z.object({
  PORT: port.default(8080).describe('API port; 0 picks a free one'),
  HOST: z.string().min(1).default('127.0.0.1').describe('address the API listens on'),
  DATA_DIR: z
    .string()
    .min(1)
    .default('.data')
    .describe('where embedded servers, generated keys and the CLI cache live'),
  DATABASE_URL: urlOf(/^postgres(ql)?$/, 'a postgres:// URL')
    .optional()
    .describe('PostgreSQL to use instead of the embedded one'),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s:/]+:\d+$|^\[[0-9a-fA-F:]+\]:\d+$/, 'host:port')
    .optional()
    .describe('Temporal server to use instead of the embedded one'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default').describe('Temporal namespace'),
  ADMIN_KEY: z
    .string()
    .min(16, 'at least 16 characters')
    .optional()
    .describe('first-run admin key; generated when absent'),
  PUBLIC_URL: httpUrl
    .optional()
    .describe('base of the links in notifications; default is where the API listens'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('log level'),
  RATE_LIMIT_PER_SECOND: z.coerce
    .number('requests per second')
    .int()
    .min(1)
    .default(200)
    .describe('requests per second and API key, averaged over 10 s'),
  ENCRYPTION_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, '64 hexadecimal digits (32 bytes)')
    .optional()
    .describe(
      'key for source secrets, signed links and what histories hold sealed; generated into DATA_DIR when absent',
    ),
  ...crmVariables,
  META_URL: httpUrl
    .default('https://graph.facebook.com/v25.0')
    .describe('Graph API of Meta, with its version: leads that a webhook only names are fetched there'),
  LINKEDIN_TOKEN_URL: httpUrl
    .default('https://www.linkedin.com/oauth/v2/accessToken')
    .describe('where access tokens of LinkedIn are renewed'),
  LINKEDIN_URL: httpUrl.default('https://api.linkedin.com').describe('API of LinkedIn, for the same'),
  ENRICH_ORDER: z
    .string()
    .regex(providerOrder, 'providers http, people-data-labs, apollo with > between them')
    .default('http>people-data-labs>apollo')
    .describe(
      'who is asked about a company, one after the other until nothing is empty; those not configured are skipped',
    ),
  ENRICH_CACHE_DAYS: z.coerce
    .number('days')
    .int()
    .min(0)
    .max(3_650)
    .default(30)
    .describe('days for which an answer of a data provider is good, "unknown" included'),
  ENRICH_DAILY_MAX: z.coerce
    .number('questions a day')
    .int()
    .min(1)
    .default(10_000)
    .describe('most questions to one data provider in a UTC day'),
  MX_CHECK: z
    .enum(['on', 'off'])
    .default('off')
    .describe('whether name servers are asked if the domain of an address takes mail: `on` or `off`'),
  PEOPLE_DATA_LABS_API_KEY: z.string().min(1).optional().describe('API key of People Data Labs'),
  APOLLO_API_KEY: z.string().min(1).optional().describe('API key of Apollo'),
  ENRICH_HTTP_URL: httpUrl.optional().describe('enrichment endpoint'),
  NOTIFY_WEBHOOK_URL: httpUrl.optional().describe('receives every notification as signed JSON'),
  NOTIFY_WEBHOOK_SECRET: webhookSecret
    .optional()
    .describe(
      'signing secret of NOTIFY_WEBHOOK_URL (Standard Webhooks); derived from the encryption key when absent',
    ),
  NOTIFY_ORDER: z
    .string()
    .regex(
      channelOrder,
      'channels slack, teams, smtp: > before a substitute, a comma between those told at once',
    )
    .default('slack>teams>smtp')
    .describe(
      'ways to reach a person: `slack>teams>smtp` takes the first that works, `slack,smtp` both; those not configured are skipped',
    ),
  SLACK_WEBHOOK_URL: httpUrl.optional().describe('Slack incoming webhook'),
  SLACK_BOT_TOKEN: z
    .string()
    .min(1)
    .optional()
    .describe('Slack bot token (`chat:write`); with SLACK_CHANNEL instead of the incoming webhook'),
  SLACK_CHANNEL: z.string().min(1).optional().describe('channel id that the bot posts to'),
  SLACK_SIGNING_SECRET: z
    .string()
    .min(8, 'the signing secret of the Slack app')
    .optional()
    .describe('makes the buttons act inside Slack, through `POST /v1/slack/interactions`'),
  TEAMS_WEBHOOK_URL: httpUrl.optional().describe('webhook of a Teams workflow'),
  PAGERDUTY_ROUTING_KEY: z
    .string()
    .min(1)
    .optional()
    .describe('integration key (Events API v2): escalations open an alert, the first touch resolves it'),
  PAGERDUTY_URL: httpUrl
    .default('https://events.pagerduty.com')
    .describe('PagerDuty events API; https://events.eu.pagerduty.com in the EU'),
  SMTP_URL: urlOf(/^smtps?$/, 'an smtp:// or smtps:// URL')
    .optional()
    .describe('SMTP server for e-mail notifications and double opt-in'),
  OUTBOUND_ALLOW: z
    .string()
    .default('')
    .refine(isAddressList, 'IP addresses and nets such as 127.0.0.1,10.0.0.0/8')
    .describe(
      'internal addresses and nets that addresses not set in this environment may reach, such as `127.0.0.1,10.0.0.0/8`',
    ),
  SMTP_FROM: z
    .string()
    .min(3)
    .default('lead-router@localhost')
    .describe('sender of e-mail notifications and of the mail of a double opt-in'),
  CAPTCHA_URL: httpUrl
    .optional()
    .describe("`siteverify` endpoint that judges captcha tokens, instead of the provider's own"),
});

export type Env = z.infer<typeof Env>;

/**
 * Parses the environment once per process; an empty variable counts as absent, as compose files and shells leave them.
 * @throws ConfigError naming every variable that cannot be used.
 */
export function loadEnv(source: NodeJS.ProcessEnv): Env {
  const broken = Object.keys(Env.shape).filter(
    (name) => name !== 'SALESFORCE_PRIVATE_KEY' && /\p{Cc}/u.test(source[name] ?? ''),
  );
  if (broken.length > 0)
    throw new ConfigError(
      broken.map((name) => `${name}: expected no line break or other control character`).join('; '),
    );
  const parsed = Env.safeParse(
    Object.fromEntries(Object.entries(source).filter(([, value]) => value?.trim() !== '')),
  );
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: expected ${issue.message}`);
    throw new ConfigError(faults.join('; '));
  }
  const env = parsed.data;
  const lacks = crmLacks(env);
  if (lacks !== undefined) throw new ConfigError(lacks);
  if (Boolean(env.SLACK_BOT_TOKEN) !== Boolean(env.SLACK_CHANNEL)) {
    throw new ConfigError('SLACK_BOT_TOKEN and SLACK_CHANNEL are needed both');
  }
  return env;
}

/** The servers that one process of the application needs. @throws ConfigError naming the variable that is missing. */
export function requireServers(env: Env): { readonly databaseUrl: string; readonly temporalAddress: string } {
  const { DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress } = env;
  for (const [name, value] of Object.entries({
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
  })) {
    if (value === undefined)
      throw new ConfigError(`${name} is not set; \`npm run services\` prints one, \`npm start\` needs none`);
  }
  return { databaseUrl: databaseUrl ?? '', temporalAddress: temporalAddress ?? '' };
}

/** Name, default and meaning of every variable, for the README's table; those of the CRMs have one in docs/crm.md. */
export function describeEnv(of: 'general' | 'crm' = 'general'): readonly {
  name: string;
  default: string;
  meaning: string;
}[] {
  const listed = Object.entries(Env.shape).filter(
    ([name]) => name === 'CRM' || (of === 'crm') === name in crmVariables,
  );
  return listed.map(([name, type]) => {
    const fallback = type.safeParse(undefined).data;
    return {
      name,
      default: typeof fallback === 'string' || typeof fallback === 'number' ? String(fallback) : '',
      meaning: type.description ?? '',
    };
  });
}
