import { setTimeout as delay } from 'node:timers/promises';
import type { DemoApi, Fact, LeadSeen } from './demo-api';

/** How often a lead is looked at; what is measured here is late by this much at most. */
const lookEveryMs = 25;
const limitMs = 20_000;

/** A lead that went all its way, and when its owner was seen. */
export interface Followed {
  readonly lead: LeadSeen;
  /** From the sending to the first look that shows an owner; absent when it was merged. */
  readonly assignedMs?: number;
}

/** Looks at a lead until `done` says so. @throws Error naming what it last saw, when it takes too long */
export async function until(
  api: DemoApi,
  id: string,
  what: string,
  done: (lead: LeadSeen) => boolean,
): Promise<LeadSeen> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const lead = await api.lead(id);
    if (done(lead)) return lead;
    if (performance.now() > deadline) {
      throw new Error(
        `${id}: not ${what} within ${limitMs / 1_000} s; it is ${lead.status}, ${lead.timeline.map((fact) => fact.what).join(', ')}`,
      );
    }
    await delay(lookEveryMs);
  }
}

/** Follows a new lead until it is merged or parked, or its owner has it in the CRM and knows. */
export async function follow(api: DemoApi, id: string, sentAt: number): Promise<Followed> {
  const placed = await until(
    api,
    id,
    'assigned',
    ({ status }) => status !== 'received' && status !== 'identified',
  );
  if (placed.status !== 'assigned') return { lead: placed };
  const assignedMs = performance.now() - sentAt;
  const lead = await until(api, id, 'written to the CRM and notified', (seen) =>
    Boolean(factOf(seen, 'crm_written') && factOf(seen, 'notified')),
  );
  return { lead, assignedMs };
}

/** The first entry of this kind. */
export function factOf(lead: LeadSeen, what: string): Fact | undefined {
  return lead.timeline.find((fact) => fact.what === what);
}

/** A detail of an entry, as text; empty when there is none. */
export function detailOf(fact: Fact | undefined, name: string): string {
  const value = fact?.[name];
  return typeof value === 'string' ? value : '';
}
