import type { Clock } from '../activities/ports';
import type { Fetchers, FetchTokens } from '../activities/ports-fetch';
import type { CaptchaPort, ConfirmationPort } from '../activities/ports-gate';
import type {
  CrmPort,
  EnrichPort,
  MailCheckPort,
  Notification,
  NotifyChannels,
  NotifyPort,
} from '../activities/ports-vendors';
import { notificationKinds } from '../domain/lead';
import { createCaptcha } from './captcha/siteverify';
import { chooseCrm, type CrmEnv } from './crm/choose';
import { hubspotVersion } from './crm/hubspot-account';
import type { LocalCrmStore } from './crm/local';
import { isDisposable } from './disposable-mail';
import { createApollo } from './enrich/apollo';
import { createHttpEnricher } from './enrich/http';
import { createMailCheck } from './enrich/mx';
import { createPeopleDataLabs } from './enrich/people-data-labs';
import { createHubspotFetcher } from './leads/hubspot';
import { createLinkedinFetcher } from './leads/linkedin';
import { createMetaFetcher } from './leads/meta';
import { createFetchTokens } from './leads/tokens';
import { createConfirmationMailer } from './notify/confirmation';
import { createLogNotifier, type LogLine } from './notify/log';
import { createPagerDutyNotifier } from './notify/pagerduty';
import { createSlackNotifier } from './notify/slack';
import { createSmtpNotifier } from './notify/smtp';
import { createTeamsNotifier } from './notify/teams';
import { createWebhookNotifier } from './notify/webhook';
import { createOutbound } from './outbound';

export type { LocalCrmStore } from './crm/local';
export type { LogLine } from './notify/log';

/** The slice of the environment that says which systems there are; `Env` has it. */
export interface ConnectorEnv extends CrmEnv {
  readonly META_URL: string;
  readonly LINKEDIN_URL: string;
  readonly LINKEDIN_TOKEN_URL: string;
  readonly OUTBOUND_ALLOW: string;
  readonly ENRICH_ORDER: string;
  readonly MX_CHECK: 'on' | 'off';
  readonly ENRICH_HTTP_URL?: string | undefined;
  readonly PEOPLE_DATA_LABS_API_KEY?: string | undefined;
  readonly APOLLO_API_KEY?: string | undefined;
  readonly NOTIFY_WEBHOOK_URL?: string | undefined;
  readonly NOTIFY_WEBHOOK_SECRET?: string | undefined;
  /** `slack>teams,smtp`: told at once are Slack and mail; Teams only when Slack fails. */
  readonly NOTIFY_ORDER: string;
  readonly SLACK_WEBHOOK_URL?: string | undefined;
  readonly SLACK_BOT_TOKEN?: string | undefined;
  readonly SLACK_CHANNEL?: string | undefined;
  readonly SLACK_SIGNING_SECRET?: string | undefined;
  readonly TEAMS_WEBHOOK_URL?: string | undefined;
  readonly PAGERDUTY_ROUTING_KEY?: string | undefined;
  readonly PAGERDUTY_URL: string;
  readonly SMTP_URL?: string | undefined;
  readonly SMTP_FROM: string;
  readonly CAPTCHA_URL?: string | undefined;
}

export interface ConnectorDeps {
  readonly clock: Clock;
  readonly log: LogLine;
  readonly localCrm: LocalCrmStore;
  /** Signs notifications while NOTIFY_WEBHOOK_SECRET is absent. */
  readonly notifyKey: Buffer;
}

export interface Connectors {
  readonly crm: CrmPort;
  /** Leads written per second by all workers together; no limit when absent. */
  readonly crmWritesPerSecond?: number;
  readonly leads: Fetchers;
  readonly leadTokens: FetchTokens;
  /** In the order they are asked. */
  readonly enrich: readonly EnrichPort[];
  /** Absent when it is switched off. */
  readonly mailCheck?: MailCheckPort;
  readonly notify: NotifyChannels;
  readonly captcha: CaptchaPort;
  /** Absent without a mail server. */
  readonly confirmation?: ConfirmationPort;
  readonly isDisposable: (domain: string) => boolean;
}

/** Chooses the adapters by configuration. @throws Error when the CRM lacks its variables */
export function createConnectors(env: ConnectorEnv, deps: ConnectorDeps): Connectors {
  const { clock } = deps;
  return {
    ...chooseCrm(env, { ...deps, outbound: createOutbound(env.OUTBOUND_ALLOW) }),
    leads: createFetchers(env, clock),
    leadTokens: createFetchTokens({ urls: tokenUrls(env), clock }),
    enrich: createEnrichers(env, clock),
    ...(env.MX_CHECK === 'on' ? { mailCheck: createMailCheck() } : {}),
    notify: createNotifiers(env, deps),
    captcha: createCaptcha({ clock, url: env.CAPTCHA_URL }),
    ...(env.SMTP_URL
      ? { confirmation: createConfirmationMailer({ url: env.SMTP_URL, from: env.SMTP_FROM }) }
      : {}),
    isDisposable,
  };
}

function tokenUrls({ HUBSPOT_URL, LINKEDIN_TOKEN_URL: linkedin }: ConnectorEnv) {
  const hubspot = `${HUBSPOT_URL.replace(/\/+$/, '')}/oauth/${hubspotVersion}/token`;
  return { linkedin, hubspot, 'hubspot-v2': hubspot, 'hubspot-v1': hubspot };
}

function createFetchers(env: ConnectorEnv, clock: Clock): Fetchers {
  const shared = { clock, outbound: createOutbound(env.OUTBOUND_ALLOW) };
  const hubspot = createHubspotFetcher({ ...shared, url: env.HUBSPOT_URL });
  return {
    meta: createMetaFetcher({ ...shared, url: env.META_URL }),
    linkedin: createLinkedinFetcher({ ...shared, url: env.LINKEDIN_URL }),
    hubspot,
    'hubspot-v2': hubspot,
    'hubspot-v1': hubspot,
  };
}

function createEnrichers(env: ConnectorEnv, clock: Clock): readonly EnrichPort[] {
  const { ENRICH_HTTP_URL: url, PEOPLE_DATA_LABS_API_KEY: dataLabs, APOLLO_API_KEY: apollo } = env;
  const providers: Readonly<Record<string, EnrichPort | undefined>> = {
    http: url ? createHttpEnricher({ url, clock }) : undefined,
    'people-data-labs': dataLabs ? createPeopleDataLabs({ apiKey: dataLabs, clock }) : undefined,
    apollo: apollo ? createApollo({ apiKey: apollo, clock }) : undefined,
  };
  return env.ENRICH_ORDER.split('>').flatMap((name) => providers[name] ?? []);
}

function createNotifiers(env: ConnectorEnv, { clock, log, notifyKey }: ConnectorDeps): NotifyChannels {
  const { NOTIFY_WEBHOOK_URL: webhook, PAGERDUTY_ROUTING_KEY: routingKey, PAGERDUTY_URL: url } = env;
  const secret = env.NOTIFY_WEBHOOK_SECRET ?? `whsec_${notifyKey.toString('base64')}`;
  const ways = createPersonChannels(env, clock);
  return {
    every: [
      createLogNotifier(log),
      ...(webhook ? [createWebhookNotifier({ url: webhook, secret, clock })] : []),
      ...(routingKey ? [createPagerDutyNotifier({ routingKey, url, clock })] : []),
    ],
    person: env.NOTIFY_ORDER.split(',')
      .map((names) => names.split('>').flatMap((name) => ways[name] ?? []))
      .filter((ports) => ports.length > 0),
  };
}

/** Ways to reach a person, by the names of NOTIFY_ORDER; undefined where not configured. */
function createPersonChannels(
  env: ConnectorEnv,
  clock: Clock,
): Readonly<Record<string, NotifyPort | undefined>> {
  const { SLACK_BOT_TOKEN: botToken, SLACK_CHANNEL: channel, SMTP_URL: smtp, SMTP_FROM: from } = env;
  const slack =
    botToken && channel
      ? { botToken, channel }
      : env.SLACK_WEBHOOK_URL
        ? { url: env.SLACK_WEBHOOK_URL }
        : undefined;
  const kinds = personKinds;
  return {
    slack: slack && {
      ...createSlackNotifier({ ...slack, clock, interactive: env.SLACK_SIGNING_SECRET !== undefined }),
      kinds,
    },
    teams: env.TEAMS_WEBHOOK_URL
      ? { ...createTeamsNotifier({ url: env.TEAMS_WEBHOOK_URL, clock }), kinds }
      : undefined,
    smtp: smtp ? { ...createSmtpNotifier({ url: smtp, from }), kinds } : undefined,
  };
}

/** That an escalation is over is news for machines only: the person who is told worked the lead himself, or sees it. */
const personKinds: readonly Notification['kind'][] = [
  ...notificationKinds.filter((kind) => kind !== 'acknowledged' && kind !== 'resolved'),
  'digest',
];
