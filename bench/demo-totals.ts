import type { Fact, LeadSeen } from './demo-api';
import type { Screen } from './demo-screen';
import type { Sent } from './demo-stream';
import { detailOf } from './demo-watch';
import { quantile } from './quantile';

/** The last table of the demo. */
export interface Totals {
  readonly leads: number;
  readonly assigned: number;
  readonly merged: number;
  readonly parked: number;
  readonly escalated: number;
  readonly reminded: number;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
}

/** Counts where the leads went; `last` is the lead that nobody worked, after its ladder. */
export function totalsOf(sent: readonly Sent[], last: LeadSeen): Totals {
  const times = sent.flatMap(({ assignedMs }) => (assignedMs === undefined ? [] : [assignedMs]));
  const having = (status: string): number => sent.filter(({ lead }) => lead.status === status).length;
  const facts = (what: string): number => last.timeline.filter((fact) => fact.what === what).length;
  return {
    leads: sent.length,
    assigned: having('assigned'),
    merged: having('merged'),
    parked: having('parked'),
    escalated: facts('escalated') > 0 ? 1 : 0,
    reminded: facts('reminded'),
    p50: times.length === 0 ? undefined : quantile(times, 0.5),
    p95: times.length === 0 ? undefined : quantile(times, 0.95),
  };
}

/** Shows the totals as a table. */
export function showTotals(screen: Screen, totals: Totals): void {
  const ms = (value: number | undefined): string => (value === undefined ? '-' : `${value.toFixed(0)} ms`);
  const rows: readonly (readonly [string, string])[] = [
    ['leads in', String(totals.leads)],
    ['assigned', String(totals.assigned)],
    ['merged', String(totals.merged)],
    ['parked', String(totals.parked)],
    ['escalated', String(totals.escalated)],
    ['accept → assigned p50', ms(totals.p50)],
    ['accept → assigned p95', ms(totals.p95)],
  ];
  for (const [what, value] of rows)
    screen.line(`  ${what.padEnd(24)}${screen.paint('bold', value.padStart(8))}`);
}

const words: Readonly<Record<string, (fact: Fact, lead: LeadSeen) => string>> = {
  reminded: (fact) => detailOf(fact, 'result'),
  sla_missed: () => 'the promised time has passed without a touch',
  assigned: (_, lead) => `now with ${lead.owner?.name ?? ''}`,
  reassigned: (fact) => detailOf(fact, 'result'),
  escalated: (fact) => detailOf(fact, 'result'),
  notified: (fact) => `${detailOf(fact, 'kind')} sent to ${detailOf(fact, 'to')}`,
};

/** One line of the ladder, with the time since the lead came in, by the clock of its run. */
export function showFact(screen: Screen, { lead: start }: Sent, fact: Fact, lead: LeadSeen): void {
  const say = words[fact.what];
  if (!say) return;
  const since = sinceText(Date.parse(fact.at) - Date.parse(start.timeline[0]?.at ?? fact.at));
  const colour = fact.what === 'escalated' || fact.what === 'sla_missed' ? 'red' : 'cyan';
  screen.line(
    `  ${since.padStart(12)}  ${screen.paint(colour, fact.what.replace('_', ' ').padEnd(12))} ${say(fact, lead)}`,
  );
}

/** `2 d 3 h`, `4 h 5 min`, `6 min`, `7 s`. */
export function sinceText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `+ ${days} d ${hours} h`;
  if (hours > 0) return `+ ${hours} h ${minutes} min`;
  return minutes > 0 ? `+ ${minutes} min` : `+ ${seconds} s`;
}
