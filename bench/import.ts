import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { loadEnv } from '../config/env';
import { runningInstance, type DemoInstance } from './demo-instance';
import { parseImportArguments } from './import-arguments';
import { runTool, say } from './scratch';

const lookEveryMs = 500;

/** What the import's address answers. */
interface Seen {
  readonly status: 'queued' | 'running' | 'finished' | 'cancelled';
  readonly rows?: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly failed: number;
  readonly links: { readonly self: string; readonly errors: string };
}

/** `npm run import`: sends a file to the running instance and shows how far it comes; lines that are no leads go to a file beside it. */
async function main(args: readonly string[]): Promise<void> {
  const { file, query } = parseImportArguments(args);
  const type = /\.(jsonl|ndjson)$/i.test(file) ? 'application/x-ndjson' : 'text/csv';
  const body = readFileSync(file);
  const instance = await runningInstance(loadEnv(process.env), 'import');
  if (!instance) throw new Error('no instance is running here; start one with `npm start`');
  try {
    const sent = await call(instance, `/v1/imports?${query.toString()}`, { type, body });
    const seen = await follow(instance, (await sent.json()) as Seen);
    say(`${seen.status}: ${countsOf(seen)}`);
    if (seen.failed > 0) {
      const faults = await call(instance, seen.links.errors);
      writeFileSync(`${file}.errors.csv`, await faults.text());
      say(`the lines that are no leads: ${file}.errors.csv`);
    }
    if (seen.status !== 'finished' || seen.failed > 0) process.exitCode = 1;
  } finally {
    await instance.release();
  }
}

async function call(
  { url, key }: DemoInstance,
  path: string,
  sent?: { readonly type: string; readonly body: Buffer },
): Promise<Response> {
  const answer = await fetch(`${url}${path}`, {
    method: sent ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${key}`, ...(sent ? { 'content-type': sent.type } : {}) },
    ...(sent ? { body: new Uint8Array(sent.body) } : {}),
  });
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => ({}))) as { readonly detail?: string };
  throw new Error(`the instance answered ${String(answer.status)}: ${problem.detail ?? path}`);
}

/** Shows progress, in place on a terminal and every tenth line of it elsewhere, until the import is over. */
async function follow(instance: DemoInstance, first: Seen): Promise<Seen> {
  let seen = first;
  let shown = -1;
  while (seen.status === 'queued' || seen.status === 'running') {
    const done = seen.accepted + seen.duplicates + seen.failed;
    const tenth = seen.rows === undefined ? 0 : Math.floor((10 * done) / seen.rows);
    if (process.stderr.isTTY) process.stderr.write(`\r${progressOf(seen)}\u001b[K`);
    else if (tenth > shown) say(progressOf(seen));
    shown = tenth;
    await delay(lookEveryMs);
    seen = (await (await call(instance, first.links.self)).json()) as Seen;
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  return seen;
}

function progressOf(seen: Seen): string {
  if (seen.rows === undefined) return 'the file is being read';
  const done = seen.accepted + seen.duplicates + seen.failed;
  return `${String(done)} of ${String(seen.rows)} lines: ${countsOf(seen)}`;
}

const countsOf = ({ accepted, duplicates, failed }: Seen): string =>
  `${String(accepted)} accepted, ${String(duplicates)} known before, ${String(failed)} no leads`;

runTool(main);
