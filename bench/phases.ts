import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { countActions, type ActionCount, type HistoryEvent } from './actions';
import { bareQueue } from './bare-queue';
import { repeatsBetween } from './lead-maker';
import { closedLoop, openLoop, type Accepted } from './load';
import { cpuSeconds } from './process-cost';
import { spread, type Spread } from './quantile';
import type { Rig } from './rig';

/** Requests or runs under way at once in the closed loops. */
export const concurrency = 64;
/** Without any progress for this long a phase is given up. */
const stalledMs = 60_000;

/** What one closed loop of leads took. */
export interface LeadRound {
  readonly perSecond: number;
  readonly cpuPer1000: Readonly<Record<'api' | 'worker' | 'temporal' | 'postgres', number>>;
}

/** A run of leads through the instance; numbers of leads go on from phase to phase, so that no person comes twice. */
export class LeadLoad {
  private next = 0;
  private readonly rig: Rig;
  private readonly signal: AbortSignal;

  constructor(rig: Rig, signal: AbortSignal) {
    this.rig = rig;
    this.signal = signal;
  }

  /** Leads accepted so far. */
  get sent(): number {
    return this.next;
  }

  /** Sends as fast as answers come and waits until every lead is assigned and in the CRM. */
  async asFastAsPossible(count: number): Promise<LeadRound> {
    const { rig } = this;
    const before = cpuOf(rig);
    const startedAt = Date.now();
    const sent = closedLoop(rig, { from: this.take(count), count, concurrency });
    const [accepted, crmAt] = await Promise.all([sent, this.untilInCrm()]);
    const assigned = await this.assignedAt(accepted);
    const doneAt = Math.max(crmAt, ...assigned.values());
    await this.untilQuiet();
    const after = cpuOf(rig);
    const per1000 = (name: keyof typeof after): number => ((after[name] - before[name]) * 1_000) / count;
    return {
      perSecond: (count * 1_000) / (doneAt - startedAt),
      cpuPer1000: {
        api: per1000('api'),
        worker: per1000('worker'),
        temporal: per1000('temporal'),
        postgres: per1000('postgres'),
      },
    };
  }

  /** Sends at a fixed rate; both times run from the instant a lead was due. */
  async atRate(
    rate: number,
    count: number,
  ): Promise<{
    readonly acceptMs: Spread;
    readonly assignedMs: Spread;
    readonly accepted: readonly Accepted[];
  }> {
    const { rig } = this;
    const sent = openLoop(rig, { from: this.take(count), count, rate });
    const [accepted] = await Promise.all([sent, this.untilInCrm()]);
    const assigned = await this.assignedAt(accepted);
    const waits = accepted.flatMap(({ leadId, dueAt }) => {
      const at = assigned.get(leadId);
      return at === undefined ? [] : [at - dueAt];
    });
    return {
      acceptMs: spread(accepted.map(({ acceptMs }) => acceptMs)),
      assignedMs: spread(waits),
      accepted,
    };
  }

  private take(count: number): number {
    const from = this.next;
    this.next += count;
    return from;
  }

  /** Polls a map in this very process, so that waiting costs the servers nothing. */
  private async untilInCrm(): Promise<number> {
    const { records } = this.rig.crm;
    const expected = this.next - repeatsBetween(0, this.next);
    let [seen, changedAt] = [records.size, Date.now()];
    while (records.size < expected) {
      this.signal.throwIfAborted();
      if (records.size !== seen) [seen, changedAt] = [records.size, Date.now()];
      if (Date.now() - changedAt > stalledMs)
        throw new Error(
          `${expected - seen} of ${expected} leads did not reach the CRM within ${stalledMs / 1_000} s`,
        );
      await delay(5);
    }
    return Date.now();
  }

  /** By lead, epoch milliseconds of the database's clock; merged leads are not in it. */
  private async assignedAt(accepted: readonly Accepted[]): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.rig.sql.query<{ lead_id: string; ms: string }>(
      'SELECT lead_id, extract(epoch FROM at) * 1000 AS ms FROM bench_assigned WHERE lead_id = ANY ($1)',
      [accepted.map(({ leadId }) => leadId)],
    );
    return new Map(rows.map((row) => [row.lead_id, Number(row.ms)]));
  }

  /** Notifications may still be under way when the last lead is in the CRM; they belong to the cost of this round. */
  async untilQuiet(): Promise<void> {
    const total = (): number => Object.values(cpuOf(this.rig)).reduce((sum, seconds) => sum + seconds, 0);
    for (let waited = 0, calm = 0, before = total(); waited < 80 && calm < 2; waited++) {
      await delay(250, undefined, { signal: this.signal });
      const now = total();
      calm = now - before < 0.05 ? calm + 1 : 0;
      before = now;
    }
  }
}

function cpuOf(rig: Rig): Readonly<Record<'api' | 'worker' | 'temporal' | 'postgres', number>> {
  const of = (name: Parameters<Rig['pid']>[0]): number => cpuSeconds([rig.pid(name)]);
  return { api: of('api'), worker: of('worker'), temporal: of('temporal'), postgres: of('postgres') };
}

/** What a round of the bare workflow took. */
export interface BareRound {
  readonly perSecond: number;
  readonly cpuPer1000: number;
}

/** The same number of bare workflows, as many at once, from start to completion. */
export async function bareRound(rig: Rig, count: number, signal: AbortSignal): Promise<BareRound> {
  const roots = [rig.pid('temporal'), rig.pid('bare-worker')];
  const before = cpuSeconds(roots);
  const startedAt = performance.now();
  let left = count;
  const runner = async (): Promise<void> => {
    while (left-- > 0) {
      signal.throwIfAborted();
      await rig.temporal.workflow.execute('bareWorkflow', {
        taskQueue: bareQueue,
        workflowId: `bare/${randomUUID()}`,
      });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, runner));
  const seconds = (performance.now() - startedAt) / 1_000;
  return { perSecond: count / seconds, cpuPer1000: ((cpuSeconds(roots) - before) * 1_000) / count };
}

/** Actions of leads that went the ordinary way, from their histories. */
export async function sampleActions(
  rig: Rig,
  accepted: readonly Accepted[],
  samples: number,
): Promise<readonly ActionCount[]> {
  const { rows } = await rig.sql.query<{ id: string }>(
    `SELECT id FROM leads WHERE id = ANY ($1) AND progress = 'assigned' ORDER BY seq LIMIT $2`,
    [accepted.map(({ leadId }) => leadId), samples],
  );
  return Promise.all(
    rows.map(async ({ id }) => {
      const { events } = await rig.temporal.workflow.getHandle(`lead/${id}`).fetchHistory();
      return countActions((events ?? []) as unknown as readonly HistoryEvent[]);
    }),
  );
}
