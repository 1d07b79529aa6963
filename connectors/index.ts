import type { Clock, CrmPort, EnrichPort, NotifyPort } from '../activities/ports';
import { chooseCrm, type CrmEnv } from './crm/choose';
import type { LocalCrmStore } from './crm/local';
import { createHttpEnricher } from './enrich/http';
import { createLogNotifier, type LogLine } from './notify/log';
import { createSlackNotifier } from './notify/slack';
import { createSmtpNotifier } from './notify/smtp';
import { createWebhookNotifier } from './notify/webhook';

export type { LocalCrmStore } from './crm/local';
export type { LogLine } from './notify/log';

/** The slice of the environment that says which systems there are; `Env` has it. */
export interface ConnectorEnv extends CrmEnv {
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
  /** Leads written per second by all workers together; no limit when absent. */
  readonly crmWritesPerSecond?: number;
  readonly enrich?: EnrichPort;
  /** The log first, then whatever is configured. */
  readonly notify: readonly NotifyPort[];
}

/** Chooses the adapters by configuration. @throws Error when the CRM lacks its variables */
export function createConnectors(env: ConnectorEnv, deps: ConnectorDeps): Connectors {
  const { clock } = deps;
  return {
    ...chooseCrm(env, deps),
    ...(env.ENRICH_HTTP_URL ? { enrich: createHttpEnricher({ url: env.ENRICH_HTTP_URL, clock }) } : {}),
    notify: createNotifiers(env, deps),
  };
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
