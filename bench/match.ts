import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { runTool, say, withScratch } from './scratch';
import { openScratch, type ScratchMatcher } from '../db/scratch-matcher';

const usage = 'usage: npm run match -- IN.jsonl OUT.jsonl';
const progressEvery = 1_000;

/**
 * `npm run match`: feeds leads one by one, in order, through the identity engine on a scratch schema and writes what was
 * decided when each arrived. The schema is dropped at the end; nothing of the instance is read or written.
 */
async function main([input, output, ...rest]: readonly string[]): Promise<void> {
  if (input === undefined || output === undefined || rest.length > 0) throw new Error(usage);
  await withScratch(async (client, schema) => decideAll(await openScratch(client, schema), input, output));
}

async function decideAll(matcher: ScratchMatcher, input: string, output: string): Promise<void> {
  const out = createWriteStream(output);
  const times: number[] = [];
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(input), crlfDelay: Infinity })) {
    number++;
    if (line.trim() === '') continue;
    const decided = await matcher.decide(parseLead(line, number));
    times.push(decided.ms);
    if (!out.write(`${JSON.stringify(decided)}\n`)) await once(out, 'drain');
    if (number % progressEvery === 0) say(`${String(number)} leads, ${String(matcher.people())} people`);
  }
  out.end();
  await once(out, 'finish');
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(2);
  say(
    `${String(times.length)} leads, ${String(matcher.people())} people; a decision took p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  );
}

function parseLead(line: string, number: number): Record<string, unknown> & { readonly id: string } {
  let lead: unknown;
  try {
    lead = JSON.parse(line);
  } catch (cause) {
    throw new Error(`line ${String(number)} is not JSON`, { cause });
  }
  if (typeof lead !== 'object' || lead === null || Array.isArray(lead))
    throw new Error(`line ${String(number)}: expected an object`);
  const { id } = lead as { id?: unknown };
  if (typeof id !== 'string' && typeof id !== 'number')
    throw new Error(`line ${String(number)}: id is missing; expected a string`);
  return { ...lead, id: String(id) };
}

runTool(main);
