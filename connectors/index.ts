import type { Clock, CrmPort, EnrichPort, NotifyPort } from '../activities/ports';
import { createHttpCrm } from './crm/http';
import { createLocalCrm, type LocalCrmStore } from './crm/local';
import { createHttpEnricher } from './enrich/http';
import { createLogNotifier, type LogLine } from './notify/log';
import { createSlackNotifier } from './notify/slack';
import { createSmtpNotifier } from './notify/smtp';
import { createWebhookNotifier } from './notify/webhook';

export type { LocalCrmStore } from './crm/local';
export type { LogLine } from './notify/log';

/** The slice of the environment that says which systems there are; `Env` has it. */
export interface ConnectorEnv {
  readonly CRM: 'local' | 'http';
  readonly CRM_HTTP_URL?: string | undefined;
  readonly CRM_HTTP_SECRET?: string | undefined;
  readonly ENRICH_HTTP_URL?: string | undefined;
  readonly NOTIFY_WEBHOOK_URL?: string | undefined;
  readonly NOTIFY_WEBHOOK_SECRET?: string | undefined;
  readonly SLACK_WEBHOOK_URL?: string | undefined;
  readonly SMTP_URL?: string | undefined;
  readonly SMTP_FROM: string;
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
  readonly enrich?: EnrichPort;
  /** The log first, then whatever is configured. */
  readonly notify: readonly NotifyPort[];
}

/** Chooses the adapters by configuration. @throws Error when `CRM=http` lacks its variables */
export function createConnectors(env: ConnectorEnv, deps: ConnectorDeps): Connectors {
  const { clock } = deps;
  return {
    crm: createCrm(env, deps),
    ...(env.ENRICH_HTTP_URL ? { enrich: createHttpEnricher({ url: env.ENRICH_HTTP_URL, clock }) } : {}),
    notify: createNotifiers(env, deps),
  };
}

function createCrm(env: ConnectorEnv, { clock, localCrm }: ConnectorDeps): CrmPort {
  if (env.CRM === 'local') return createLocalCrm(localCrm);
  const { CRM_HTTP_URL: url, CRM_HTTP_SECRET: secret } = env;
  if (!url || !secret) throw new Error('CRM=http needs CRM_HTTP_URL and CRM_HTTP_SECRET');
  return createHttpCrm({ url, secret, clock });
}

function createNotifiers(env: ConnectorEnv, { clock, log, notifyKey }: ConnectorDeps): readonly NotifyPort[] {
  const { NOTIFY_WEBHOOK_URL: webhook, SLACK_WEBHOOK_URL: slack, SMTP_URL: smtp, SMTP_FROM: from } = env;
  const secret = env.NOTIFY_WEBHOOK_SECRET ?? `whsec_${notifyKey.toString('base64')}`;
  return [
    createLogNotifier(log),
    ...(webhook ? [createWebhookNotifier({ url: webhook, secret, clock })] : []),
    ...(slack ? [createSlackNotifier({ url: slack, clock })] : []),
    ...(smtp ? [createSmtpNotifier({ url: smtp, from })] : []),
  ];
}
