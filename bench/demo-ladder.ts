import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { DemoApi, Fact, LeadSeen } from './demo-api';

/** Steps on any ladder, reassignments included; a guard against a ladder without an end. */
const jumpsMax = 20;
const stepLimitMs = 15_000;
/** A little past the due instant. */
const beyondMs = 1_000;

/** What the demo needs to jump ahead on one run. */
export interface Ladder {
  readonly api: DemoApi;
  readonly client: Client;
  /** Told of every entry on the timeline as it appears. */
  readonly show: (fact: Fact, lead: LeadSeen) => void;
}

/**
 * Lets nobody work a lead: jumps with its run from one due instant to the next until no step is left. Only the clock
 * of this one run is moved, on the real server. @returns the lead after the last step
 */
export async function climb({ api, client, show }: Ladder, start: LeadSeen): Promise<LeadSeen> {
  let lead = start;
  const shown = new Set(lead.timeline.map(textOf));
  let aheadMs = 0;
  for (let jump = 0; jump < jumpsMax; jump++) {
    const next = lead.sla?.steps
      .filter((step) => step.doneAt === undefined)
      .map((step) => Date.parse(step.dueAt))
      .sort((a, b) => a - b)[0];
    if (next === undefined) return lead;
    const waitMs = next - (Date.now() + aheadMs) + beyondMs;
    if (waitMs > 0) {
      await skip(client, lead.workflowId, waitMs);
      aheadMs += waitMs;
    }
    const before = openSteps(lead);
    lead = await changed(api, lead.id, before);
    // What comes late to the timeline stands where it happened, and not at its end.
    for (const fact of lead.timeline.filter((one) => !shown.has(textOf(one)))) {
      shown.add(textOf(fact));
      show(fact, lead);
    }
  }
  throw new Error(`the ladder of ${lead.id} has more than ${jumpsMax} steps`);
}

const textOf = (fact: Fact): string => JSON.stringify(fact);

/** What is still to come, so that a done step as well as a new owner's ladder is noticed. */
function openSteps(lead: LeadSeen): string {
  return JSON.stringify(lead.sla?.steps.filter((step) => step.doneAt === undefined));
}

async function changed(api: DemoApi, id: string, before: string): Promise<LeadSeen> {
  const deadline = Date.now() + stepLimitMs;
  for (;;) {
    const lead = await api.lead(id);
    if (openSteps(lead) !== before) {
      await delay(300); // what a step sets off beside the clock lands too
      return api.lead(id);
    }
    if (Date.now() > deadline)
      throw new Error(`${id}: the next step was not done within ${stepLimitMs / 1_000} s after its time`);
    await delay(50);
  }
}

async function skip(client: Client, workflowId: string, ms: number): Promise<void> {
  const { seconds, nanos } = { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1_000_000 };
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: {
      timeSkippingConfig: {
        enabled: true,
        fastForwardConfig: { id: randomUUID(), duration: { seconds, nanos } },
      },
    },
    updateMask: { paths: ['time_skipping_config'] },
  } as unknown as Parameters<typeof client.workflowService.updateWorkflowExecutionOptions>[0]);
}
