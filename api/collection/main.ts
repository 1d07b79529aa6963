import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Collection } from './collection';
import { runCollection } from './run-collection';

const usage = 'usage: npm run collection -- --key KEY [--url http://127.0.0.1:8080]';

/** Runs the committed collection against a test instance: one line for each request, then a summary. */
async function main(): Promise<void> {
  const { key, url } = parseArgs({
    options: { key: { type: 'string' }, url: { type: 'string', default: 'http://127.0.0.1:8080' } },
  }).values;
  if (key === undefined) throw new Error(`${usage}\nThe key needs the scope admin; use a test instance.`);
  const file = join(__dirname, '../../../docs/lead-router.postman_collection.json');
  const collection = JSON.parse(readFileSync(file, 'utf8')) as Collection;
  const given = { baseUrl: url.replace(/\/$/, ''), apiKey: key };
  const all = await runCollection(collection, given, ({ method, url: address, status, failed }) => {
    const verdict = failed.length === 0 ? 'ok    ' : 'FAILED';
    process.stdout.write(`${[verdict, String(status), method, address, ...failed].join(' ')}\n`);
  });
  const failures = all.filter(({ failed }) => failed.length > 0).length;
  process.stdout.write(`${String(all.length)} requests, ${String(failures)} failed\n`);
  process.exitCode = failures > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
