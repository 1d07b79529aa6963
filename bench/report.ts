import { cpus } from 'node:os';
import type { ActionCount } from './actions';
import type { BareRound, LeadRound } from './phases';
import { median, rounded, type Spread } from './quantile';

/** Everything that was measured. */
export interface Measured {
  readonly leads: number;
  readonly rate: number;
  readonly rated: { readonly acceptMs: Spread; readonly assignedMs: Spread };
  readonly leadRounds: readonly LeadRound[];
  readonly bareRounds: readonly BareRound[];
  readonly actions: readonly ActionCount[];
  readonly rssMiB: { readonly api: number; readonly worker: number };
  /** Leads the processes had handled when their memory was read. */
  readonly handled: number;
}

/** The figures as the contract names them. */
export interface Figures {
  readonly leads: number;
  readonly perSecond: number;
  readonly acceptMs: Spread;
  readonly assignedMs: Spread;
  readonly bare: { readonly perSecond: number };
  readonly ratio: number;
  readonly cpuSecondsPer1000: number;
  readonly actionsPerLead: number;
  readonly rssMiB: { readonly api: number; readonly worker: number };
}

const parts = ['api', 'worker', 'temporal', 'postgres'] as const;

/** The medians of all rounds. */
export function figuresOf(measured: Measured): Figures {
  const { leads, rated, leadRounds, bareRounds, actions, rssMiB } = measured;
  const perSecond = median(leadRounds.map((round) => round.perSecond));
  const bare = median(bareRounds.map((round) => round.perSecond));
  const cpu = leadRounds.map(({ cpuPer1000 }) => parts.reduce((sum, part) => sum + cpuPer1000[part], 0));
  return {
    leads,
    perSecond: rounded(perSecond),
    acceptMs: rated.acceptMs,
    assignedMs: rated.assignedMs,
    bare: { perSecond: rounded(bare) },
    ratio: rounded(perSecond / bare, 2),
    cpuSecondsPer1000: rounded(median(cpu)),
    actionsPerLead: rounded(average(actions.map(({ total }) => total))),
    rssMiB,
  };
}

/** The figures as a table: what was measured, the value, how to read it. */
export function rowsOf(measured: Measured): readonly (readonly [string, string, string])[] {
  const figures = figuresOf(measured);
  const { leadRounds, bareRounds, actions, rate, handled } = measured;
  const ms = ({ p50, p99 }: Spread): string => `${p50} / ${p99} ms`;
  const each = (values: readonly number[]): string => values.map((value) => rounded(value)).join(', ');
  const part = (name: (typeof parts)[number]): string =>
    `${name} ${rounded(median(leadRounds.map(({ cpuPer1000 }) => cpuPer1000[name])))}`;
  const kinds = Object.entries(actions[0]?.by ?? {}).filter(([, count]) => count > 0);
  const tasks = rounded(average(actions.map(({ workflowTasks }) => workflowTasks)));
  return [
    [
      'leads per second',
      String(figures.perSecond),
      `accepted to assigned and in the CRM; rounds: ${each(leadRounds.map((round) => round.perSecond))}`,
    ],
    [
      'bare workflows per second',
      String(figures.bare.perSecond),
      `four no-op activities, same server; rounds: ${each(bareRounds.map((round) => round.perSecond))}`,
    ],
    ['ratio', String(figures.ratio), 'leads / bare workflows, medians of alternating rounds'],
    [
      'accept p50 / p99',
      ms(figures.acceptMs),
      `at ${rate} leads/s, from the instant a lead was due to its 202`,
    ],
    [
      'assigned p50 / p99',
      ms(figures.assignedMs),
      `at ${rate} leads/s, from the same instant to the row in Postgres, by its clock`,
    ],
    ['CPU s per 1,000 leads', String(figures.cpuSecondsPer1000), parts.map(part).join(', ')],
    [
      'CPU s per 1,000 bare',
      String(rounded(median(bareRounds.map((round) => round.cpuPer1000)))),
      'engine and worker',
    ],
    [
      'actions per lead',
      String(figures.actionsPerLead),
      `${kinds.map(([kind, count]) => `${kind} ${count}`).join(', ')}; ${tasks} workflow tasks`,
    ],
    [
      'resident memory',
      `${figures.rssMiB.api} + ${figures.rssMiB.worker} MiB`,
      `API + worker, after ${handled} leads`,
    ],
  ];
}

/** `Node v20.20.0, linux-x64, 2 cores`: what a reader needs to judge the figures, and nothing else of the machine. */
export function machine(): string {
  return `Node ${process.version}, ${process.platform}-${process.arch}, ${cpus().length} cores`;
}

/** The figures for a terminal. */
export function table(measured: Measured): string {
  const rows = rowsOf(measured);
  return [
    machine(),
    ...rows.map(([what, value, note]) => `${what.padEnd(26)}${value.padStart(18)}   ${note}`),
  ].join('\n');
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
