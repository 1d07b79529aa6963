import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnv } from '../config/env';
import { parseBenchArguments, type BenchArguments } from './args';
import { audit } from './audit';
import { closeConnections } from './load';
import { performancePage } from './performance-page';
import { bareRound, LeadLoad, sampleActions, type BareRound, type LeadRound } from './phases';
import { rssMiB } from './process-cost';
import { figuresOf, table, type Measured } from './report';
import { withRig, type Rig } from './rig';
import { runTool, say } from './scratch';

/** Leads and bare workflows take turns, so that whatever else the machine does meets both. */
const rounds = 3;
const warmUp = { leads: 200, bare: 100 } as const;
const rateSeconds = 30;
/** A 99th percentile of fewer would be the slowest one. */
const ratedAtLeast = 150;
const actionSamples = 20;

/** `npm run bench`: what a lead costs and how long it takes, beside a bare workflow on the same server. */
async function main(argv: readonly string[]): Promise<void> {
  const options = parseBenchArguments(argv);
  await withRig(loadEnv(process.env).DATA_DIR, async (rig, signal) => {
    const { measured, complaints } = await measure(rig, options, signal).finally(closeConnections);
    show(measured, options);
    for (const complaint of complaints) say(`audit: ${complaint}`);
    if (complaints.length > 0) process.exitCode = 1;
  });
}

async function measure(
  rig: Rig,
  options: BenchArguments,
  signal: AbortSignal,
): Promise<{ readonly measured: Measured; readonly complaints: readonly string[] }> {
  const { leads, rate } = options;
  const load = new LeadLoad(rig, signal);
  say('warming up');
  await load.asFastAsPossible(warmUp.leads);
  await bareRound(rig, warmUp.bare, signal);
  await load.untilQuiet();
  const rated = Math.max(ratedAtLeast, Math.ceil(rate * rateSeconds));
  say(`${rated} leads at ${rate}/s`);
  const { accepted, ...latency } = await load.atRate(rate, rated);
  await load.untilQuiet();
  const leadRounds: LeadRound[] = [];
  const bareRounds: BareRound[] = [];
  for (let round = 1; round <= rounds; round++) {
    const count = Math.floor(leads / rounds) + (round <= leads % rounds ? 1 : 0);
    say(`round ${round} of ${rounds}: ${count} leads`);
    leadRounds.push(await load.asFastAsPossible(count));
    say(`round ${round} of ${rounds}: ${count} bare workflows`);
    bareRounds.push(await bareRound(rig, count, signal));
    await load.untilQuiet();
  }
  const memory = { api: rssMiB(rig.pid('api')), worker: rssMiB(rig.pid('worker')) };
  const actions = await sampleActions(rig, accepted, actionSamples);
  const complaints = await audit(rig, load.sent);
  const measured = {
    leads,
    rate,
    rated: latency,
    leadRounds,
    bareRounds,
    actions,
    rssMiB: memory,
    handled: load.sent,
  };
  return { measured, complaints };
}

function show(measured: Measured, { json, writeDocs }: BenchArguments): void {
  process.stdout.write(`${table(measured)}\n`);
  if (writeDocs) writeFileSync(join(__dirname, '../../docs/performance.md'), performancePage(measured));
  if (json) process.stdout.write(`${JSON.stringify(figuresOf(measured))}\n`);
}

runTool(main);
