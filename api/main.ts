import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Client } from '@temporalio/client';
import { Registry } from 'prom-client';
import { createRoutingPolicies } from '../activities/policies';
import { previewLead } from '../activities/preview-lead';
import { loadEnv, requireServers, type Env } from '../config/env';
import { loadInstanceKey } from '../config/keys';
import { createLogger, type Logger } from '../config/logger';
import { runMain, runProcess } from '../config/process';
import { createSlackReply } from '../connectors/notify/slack-reply';
import { createOutbound } from '../connectors/outbound';
import { openDatabase, type Database } from '../db/client';
import { createStores } from '../db/stores';
import { toInstant } from '../domain/instant';
import { preparePostgres, verifyPostgres } from '../services/external';
import { openClient } from '../temporal/connection';
import { createLeadRuns, takeLeadIn } from '../temporal/lead-runs';
import { startLeadRun } from '../temporal/lead-starter';
import { createStartQueue, type StartQueue } from '../temporal/start-queue';
import { createApp } from './app';
import type { ApiDeps } from './deps';
import { createIntake } from './intake';

/** One API process; many may run against the same servers. */
async function main(): Promise<void> {
  const env = loadEnv(process.env);
  const { databaseUrl, temporalAddress } = requireServers(env);
  const log = createLogger({ level: env.LOG_LEVEL, process: 'api' });
  await verifyPostgres(databaseUrl);
  const { generatedAdminKey } = await preparePostgres({
    databaseUrl,
    log: (line) => {
      log.info(line);
    },
    ...(env.ADMIN_KEY ? { adminKey: env.ADMIN_KEY } : {}),
  });
  if (generatedAdminKey) console.log(`admin key (keep it: it is stored hashed): ${generatedAdminKey}`);

  const db = openDatabase({
    databaseUrl,
    maxConnections: 20,
    onFault: (error) => {
      log.warn({ err: error }, 'database connection lost');
    },
  });
  const target = { address: temporalAddress, namespace: env.TEMPORAL_NAMESPACE };
  const { client, close } = openClient(target);
  const starter = openClient(target, { retries: false });
  // A sender gets 30 s for its request, headers first; a slow one cannot hold a connection for ever.
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 });
  const { deps, starts } = wire({ env, log, db, client, starter: starter.client, server });
  server.on('request', createApp(deps));
  // First, so that no new lead goes ahead of those that an earlier process left in the inbox.
  starts.catchUp();
  const port = await listen(server, env);
  console.log(`listening on http://${env.HOST}:${String(port)}`);
  await runProcess({
    log,
    port,
    ended: new Promise(() => undefined),
    stop: async () => {
      starts.stop();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeIdleConnections();
      });
      await Promise.all([close(), starter.close(), db.close()]);
    },
  });
}

interface Parts {
  readonly env: Env;
  readonly log: Logger;
  readonly db: Database;
  readonly client: Client;
  /** Starts runs; tries each start once, as the queue keeps their order. */
  readonly starter: Client;
  readonly server: Server;
}

function wire({ env, log, db, client, starter, server }: Parts): {
  readonly deps: ApiDeps;
  readonly starts: StartQueue;
} {
  const clock = { now: () => Date.now() };
  const keys = loadInstanceKey(env);
  const payloadKey = keys.derive('payload-codec');
  const stores = createStores(db, { secretKey: keys.derive('source-secrets') });
  const policies = createRoutingPolicies(stores.policies);
  const starts = createStartQueue({
    start: (lead) => starter.withDeadline(Date.now() + 10_000, () => startLeadRun(starter, lead)),
    unstarted: (afterSeq) => stores.inbox.unstarted({ before: toInstant(clock.now()), afterSeq, limit: 500 }),
    concurrency: 16,
    log,
  });
  const deps: ApiDeps = {
    ...stores,
    intake: createIntake({
      inbox: stores.inbox,
      takeIn: (lead) => takeLeadIn(client, payloadKey, lead),
      accepted: (lead) => {
        starts.push({ leadId: lead.leadId, imported: false });
      },
      log,
    }),
    runs: createLeadRuns({ client, ...stores.leads, payloadKey }),
    preview: (fields, source, version) =>
      previewLead({ ...stores, policies, clock }, fields, source, version),
    health: () => health(db, client),
    linkKey: keys.derive('action-links'),
    sessionKey: keys.derive('console-session'),
    crmSecret: env.CRM_HTTP_SECRET,
    crmSystem: env.CRM,
    slack: env.SLACK_SIGNING_SECRET
      ? {
          signingSecret: env.SLACK_SIGNING_SECRET,
          reply: createSlackReply({ clock, outbound: createOutbound(env.OUTBOUND_ALLOW) }),
        }
      : undefined,
    clock,
    log,
    metrics: new Registry(),
    ratePerSecond: env.RATE_LIMIT_PER_SECOND,
    publicUrl: () =>
      (env.PUBLIC_URL ?? `http://${env.HOST}:${String(portOf(server) ?? env.PORT)}`).replace(/\/$/, ''),
  };
  return { deps, starts };
}

async function health(
  db: Database,
  client: Client,
): Promise<{ readonly postgres: boolean; readonly temporal: boolean }> {
  const answers = (question: Promise<unknown>): Promise<boolean> =>
    question.then(
      () => true,
      () => false,
    );
  const [postgres, temporal] = await Promise.all([
    answers(db.pool.query('SELECT 1')),
    answers(client.withDeadline(Date.now() + 2_000, () => client.workflowService.getSystemInfo({}))),
  ]);
  return { postgres, temporal };
}

async function listen(server: Server, { PORT, HOST }: Env): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(PORT, HOST, resolve);
  });
  return portOf(server) ?? PORT;
}

const portOf = (server: Server): number | undefined => (server.address() as AddressInfo | null)?.port;

runMain('api', main);
