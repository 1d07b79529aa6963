import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { previewLead } from '../activities/preview-lead';
import { createRoutingPolicies } from '../activities/policies';
import { loadEnv } from '../config/env';
import { loadInstanceKey } from '../config/keys';
import { createLogger } from '../config/logger';
import { runProcess } from '../config/process';
import { openDatabase } from '../db/client';
import { prepareDatabase } from '../db/prepare';
import { createStores } from '../db/stores';
import { toInstant } from '../domain/instant';
import { openClient } from '../temporal/connection';
import { createLeadRuns, takeLeadIn } from '../temporal/lead-runs';
import { startLeadRun } from '../temporal/lead-starter';
import { createStartQueue } from '../temporal/start-queue';
import { createApp } from './app';
import { createIntake } from './intake';

/** One API process; many may run against the same servers. */
async function main(): Promise<void> {
  const env = loadEnv(process.env);
  const { DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: address } = env;
  if (!databaseUrl || !address)
    throw new Error('the API needs DATABASE_URL and TEMPORAL_ADDRESS; `npm run services` prints both');
  const log = createLogger({ level: env.LOG_LEVEL, process: 'api' });
  const { generatedAdminKey } = await prepareDatabase({
    databaseUrl,
    log: (line) => {
      log.info(line);
    },
    ...(env.ADMIN_KEY ? { adminKey: env.ADMIN_KEY } : {}),
  });
  if (generatedAdminKey) console.log(`admin key (keep it: it is stored hashed): ${generatedAdminKey}`);

  const clock = { now: () => Date.now() };
  const keys = loadInstanceKey(env);
  const db = openDatabase({
    databaseUrl,
    maxConnections: 20,
    onFault: (error) => {
      log.warn({ err: error }, 'database connection lost');
    },
  });
  const stores = createStores(db, { clock, secretKey: keys.derive('source-secrets') });
  const { client, close } = openClient({ address, namespace: env.TEMPORAL_NAMESPACE });
  const starts = createStartQueue({
    start: (leadId) => client.withDeadline(Date.now() + 10_000, () => startLeadRun(client, leadId)),
    unstarted: (afterSeq) => stores.inbox.unstarted({ before: toInstant(clock.now()), afterSeq, limit: 500 }),
    concurrency: 16,
    log,
  });
  const server = createServer();
  const publicUrl = (): string =>
    (
      env.PUBLIC_URL ??
      `http://${env.HOST}:${String((server.address() as AddressInfo | null)?.port ?? env.PORT)}`
    ).replace(/\/$/, '');
  const policies = createRoutingPolicies(stores.policies);
  const app = createApp({
    ...stores,
    intake: createIntake({
      inbox: stores.inbox,
      takeIn: (lead) => takeLeadIn(client, keys.derive('payload-codec'), lead),
      accepted: (lead) => {
        starts.push(lead.leadId);
      },
      log,
    }),
    runs: createLeadRuns({ client, standing: stores.leads.standing, parked: stores.leads.parked }),
    preview: (fields, source, version) =>
      previewLead({ ...stores, policies, clock }, fields, source, version),
    health: async () => {
      const [postgres, temporal] = await Promise.all([
        answers(db.pool.query('SELECT 1')),
        answers(client.withDeadline(Date.now() + 2_000, () => client.workflowService.getSystemInfo({}))),
      ]);
      return { postgres, temporal };
    },
    linkKey: keys.derive('action-links'),
    sessionKey: keys.derive('console-session'),
    crmSecret: env.CRM_HTTP_SECRET,
    clock,
    log,
    metrics: new Registry(),
    ratePerSecond: env.RATE_LIMIT_PER_SECOND,
    publicUrl,
  });
  server.on('request', app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(env.PORT, env.HOST, resolve);
  });
  starts.catchUp().catch((error: unknown) => {
    log.warn({ err: error }, 'inbox not readable at start');
  });
  const { port } = server.address() as AddressInfo;
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
      await Promise.all([close(), db.close()]);
    },
  });
}

async function answers(question: Promise<unknown>): Promise<boolean> {
  return question.then(
    () => true,
    () => false,
  );
}

void main().catch((error: unknown) => {
  console.error(`api: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
