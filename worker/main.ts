import { readFileSync } from 'node:fs';
import { Runtime, type LogLevel } from '@temporalio/worker';
import { loadEnv, requireServers } from '../config/env';
import { loadInstanceKey } from '../config/keys';
import { createLogger, type Logger } from '../config/logger';
import { runMain, runProcess } from '../config/process';
import { createConnectors } from '../connectors';
import { openDatabase } from '../db/client';
import { createStores } from '../db/stores';
import { preparePostgres, verifyPostgres, verifyTemporal } from '../services/external';
import { openClient } from '../temporal/connection';
import { ensureCrmFollowed } from '../temporal/crm-sync';
import { ensureReconciliation } from '../temporal/run-keeper';
import { bundleFile } from './bundle';
import { connectWorker } from './connection';
import { createWorkers } from './create';

/** One worker process; many may run against the same servers. */
async function main(): Promise<void> {
  const env = loadEnv(process.env);
  const { databaseUrl, temporalAddress: address } = requireServers(env);
  const log = createLogger({ level: env.LOG_LEVEL, process: 'worker' });
  installRuntime(log);
  await Promise.all([verifyPostgres(databaseUrl), verifyTemporal(address, process.env)]);
  await preparePostgres({
    databaseUrl,
    log: (line) => {
      log.info(line);
    },
    ...(env.ADMIN_KEY ? { adminKey: env.ADMIN_KEY } : {}),
  });

  const clock = { now: () => Date.now() };
  const keys = loadInstanceKey(env);
  const db = openDatabase({
    databaseUrl,
    maxConnections: 20,
    onFault: (error) => {
      log.warn({ err: error }, 'database connection lost');
    },
  });
  const stores = createStores(db, { secretKey: keys.derive('source-secrets') });
  const connectors = createConnectors(env, {
    clock,
    log: (fields, message) => {
      log.info(fields, message);
    },
    localCrm: stores.crm,
    notifyKey: keys.derive('notify-webhook'),
  });
  const target = { address, namespace: env.TEMPORAL_NAMESPACE };
  const [connection, { client, close }] = [await connectWorker(target), openClient(target)];
  const workers = await createWorkers({
    connection,
    client,
    namespace: env.TEMPORAL_NAMESPACE,
    workflowBundle: { code: readFileSync(bundleFile, 'utf8') },
    stores,
    keys,
    clock,
    enrichment: { cacheMs: env.ENRICH_CACHE_DAYS * 86_400_000, dailyMax: env.ENRICH_DAILY_MAX },
    connectors,
    authority: { owner: env.CRM_OWNER_AUTHORITY, status: env.CRM_STATUS_AUTHORITY },
    publicUrl: (env.PUBLIC_URL ?? `http://${env.HOST}:${String(env.PORT)}`).replace(/\/$/, ''),
  });
  await ensureReconciliation(client);
  await ensureCrmFollowed(client, connectors.crm.changes !== undefined);

  const running = Promise.all(workers.map((worker) => worker.run()));
  await runProcess({
    log,
    ended: running,
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await Promise.all([connection.close(), close(), db.close()]);
    },
  });
}

/** Everything the SDK says, in workflows and activities too, goes through our one logger. */
function installRuntime(log: Logger): void {
  const write = (level: LogLevel, message: string, meta?: object): void => {
    // Most of our queues have activities only, on purpose.
    if (level === 'WARN' && message.startsWith('No workflows registered')) return;
    const method = level.toLowerCase() as 'trace' | 'debug' | 'info' | 'warn' | 'error';
    log[method](meta ?? {}, message);
  };
  Runtime.install({
    shutdownSignals: [],
    logger: {
      log: write,
      trace: (message, meta) => {
        write('TRACE', message, meta);
      },
      debug: (message, meta) => {
        write('DEBUG', message, meta);
      },
      info: (message, meta) => {
        write('INFO', message, meta);
      },
      warn: (message, meta) => {
        write('WARN', message, meta);
      },
      error: (message, meta) => {
        write('ERROR', message, meta);
      },
    },
  });
}

runMain('worker', main);
