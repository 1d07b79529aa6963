import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ConfigError, loadEnv } from '../config/env';
import { StartError } from '../services/start-error';
import { openClient } from '../temporal/connection';
import { createDemoApi } from './demo-api';
import { canMove, goAway } from './demo-away';
import { findInstance, type DemoInstance } from './demo-instance';
import { climb } from './demo-ladder';
import { chooseLeads, readExamples, tagged } from './demo-leads';
import { createScreen, type Screen } from './demo-screen';
import { sendStream, type Sent } from './demo-stream';
import { showFact, showTotals, totalsOf } from './demo-totals';
import { workSome } from './demo-work';
import { interruption } from './interruption';
import type { Client } from '@temporalio/client';

const leadCount = 40;
const repeatCount = 4;
const perSecond = 4;

/** `npm run demo`: shows on a running instance what happens to leads, worked and unworked. */
async function main(): Promise<void> {
  const env = loadEnv(process.env);
  const screen = createScreen(process.stdout, process.env);
  const instance = await findInstance(env, (line) => screen.line(screen.paint('dim', line)));
  const interrupted = interruption(new StartError('interrupted'));
  const { client, close } = openClient({ address: instance.temporalAddress, namespace: instance.namespace });
  try {
    const complaints = await Promise.race([play(instance, client, screen), interrupted]);
    for (const complaint of complaints) screen.line(screen.paint('red', `not as it should be: ${complaint}`));
    process.exitCode = complaints.length === 0 ? 0 : 1;
  } finally {
    await close();
    await instance.release();
  }
}

/** @returns what did not happen as it should have */
async function play(instance: DemoInstance, client: Client, screen: Screen): Promise<readonly string[]> {
  const api = createDemoApi(instance.url, instance.key);
  const tag = randomBytes(3).toString('hex');
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  await api.makeSource('demo', secret);

  const examples = readExamples(join(__dirname, '../../examples/leads.jsonl'));
  const chosen = chooseLeads(examples, leadCount, repeatCount);
  const leads = instance.own ? chosen : chosen.map((lead) => tagged(lead, tag));
  screen.title(`${leads.length} leads come in by signed webhook, ${perSecond} a second`);
  const sent = await sendStream({ api, source: 'demo', secret, tag, leads, perSecond, screen });

  const assigned = sent.filter(({ lead }) => lead.status === 'assigned');
  const cold = assigned.find(({ lead }) => lead.sla?.policy === 'hot') ?? assigned[0];
  if (!cold) return ['no lead was assigned'];
  // Not the owner of the lead that is watched below: its deadlines would move with his absence.
  const away = assigned.findLast((one) => one.lead.owner?.id !== cold.lead.owner?.id && canMove(one));
  screen.title('Some are worked');
  const refused = await workSome(
    api,
    assigned.filter((one) => one !== cold && one !== away),
    screen,
  );

  screen.title(`Somebody goes away: ${away?.lead.owner?.name ?? 'nobody can'}`);
  const example = (away && leads[sent.indexOf(away)]) ?? {};
  const stayed = away
    ? await goAway({ api, source: 'demo', secret, tag, screen, one: away, example })
    : ['no lead is of a pool and has a clock of working time'];

  screen.title(`One is not: ${cold.name}; its clock is moved ahead, from one deadline to the next`);
  screen.line(screen.paint('dim', `  ${ladderOf(cold)}`));
  const last = await climb(
    { api, client, show: (fact, lead) => showFact(screen, cold, fact, lead) },
    cold.lead,
  );

  const totals = totalsOf(sent, last);
  screen.title('In all');
  showTotals(screen, totals);
  return [...refused, ...stayed, ...complaintsOf(sent, totals), ...(await books(api))];
}

function ladderOf({ lead }: Sent): string {
  const steps =
    lead.sla?.steps.map((step) => `${step.do}${step.to === undefined ? '' : ` ${step.to}`}`) ?? [];
  return `policy "${lead.sla?.policy ?? ''}", steps: ${steps.join(', ')}`;
}

function complaintsOf(sent: readonly Sent[], totals: ReturnType<typeof totalsOf>): readonly string[] {
  const findings: readonly (readonly [boolean, string])[] = [
    [totals.merged > 0, 'no repeat was merged'],
    [
      totals.assigned + totals.merged + totals.parked === sent.length,
      'some leads are neither assigned, merged nor parked',
    ],
    [totals.escalated > 0, 'the lead that nobody worked was not escalated'],
    [totals.reminded > 0, 'the owner of the lead that nobody worked was not reminded'],
  ];
  return findings.flatMap(([right, complaint]) => (right ? [] : [complaint]));
}

async function books(api: ReturnType<typeof createDemoApi>): Promise<readonly string[]> {
  return (await api.accounting()).balanced ? [] : ['the books do not balance'];
}

function report(error: unknown): string {
  if (error instanceof StartError || error instanceof ConfigError) return error.message;
  return error instanceof Error ? error.message : String(error);
}

void main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`${report(error)}\n`);
    process.exit(1);
  },
);
