/**
 * Keeps the history of a run as a replay fixture: `node ops/record-history.mjs <file.json> <workflow id>`.
 * Record from released code, never from the branch under test; TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE say where.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { Client, Connection } = require('@temporalio/client');
const { historyToJSON } = require('@temporalio/common/lib/proto-utils');

const [file, workflowId] = process.argv.slice(2);
if (!file || !workflowId) {
  console.error('usage: node ops/record-history.mjs <file.json> <workflow id>');
  process.exit(2);
}
const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233' });
const client = new Client({ connection, namespace: process.env.TEMPORAL_NAMESPACE ?? 'default' });
const history = await client.workflow.getHandle(workflowId).fetchHistory();
writeFileSync(file, historyToJSON(history));
console.log(`${file}: ${history.events.length} events`);
await connection.close();
