import { setTimeout as delay } from 'node:timers/promises';
import type { DemoApi, Fact, LeadSeen } from './demo-api';
import { nameOf, type ExampleLead } from './demo-leads';
import type { Screen } from './demo-screen';
import { detailOf, factOf, follow } from './demo-watch';

/** A lead the demo sent, and where it went. */
export interface Sent {
  readonly name: string;
  readonly lead: LeadSeen;
  readonly assignedMs?: number;
}

export interface StreamOptions {
  readonly api: DemoApi;
  readonly source: string;
  readonly secret: string;
  /** Makes the ids of this run's events its own. */
  readonly tag: string;
  readonly leads: readonly ExampleLead[];
  readonly perSecond: number;
  readonly screen: Screen;
}

/** Sends the leads one after the other and shows each as soon as it has gone its way. */
export async function sendStream(options: StreamOptions): Promise<readonly Sent[]> {
  const started = performance.now();
  const sending: Promise<Sent>[] = [];
  for (const [index, lead] of options.leads.entries()) {
    await delay(Math.max(0, started + (index * 1_000) / options.perSecond - performance.now()));
    const one = sendOne(options, lead, index);
    one.catch(() => undefined); // seen below; here it only must not go unnoticed before
    sending.push(one);
  }
  return Promise.all(sending);
}

/** Sends one lead and shows its way. @param index tells it from the others of this run */
export async function sendOne(
  { api, source, secret, tag, screen }: Omit<StreamOptions, 'leads' | 'perSecond'>,
  example: ExampleLead,
  index: number | string,
): Promise<Sent> {
  const name = nameOf(example);
  const sentAt = performance.now();
  const { status, body } = await api.deliver(source, secret, {
    id: `demo-${tag}-${index}`,
    body: JSON.stringify(example),
  });
  if (status !== 202) throw new Error(`${name} was answered ${status}: ${JSON.stringify(body)}`);
  const acceptMs = performance.now() - sentAt;
  const followed = await follow(api, String(body['id']), sentAt);
  screen.line(wayOf(screen, name, { ...followed, acceptMs }));
  return { name, ...followed };
}

function wayOf(
  screen: Screen,
  name: string,
  {
    lead,
    assignedMs,
    acceptMs,
  }: { readonly lead: LeadSeen; readonly assignedMs?: number; readonly acceptMs: number },
): string {
  const { paint } = screen;
  const who = paint('bold', shortened(name, 40).padEnd(40));
  const received = `received ${acceptMs.toFixed(0)} ms`;
  if (lead.status === 'merged') {
    const same = likenesses(factOf(lead, 'merged')).join(', ');
    return `${who} ${received} → ${paint('yellow', `merged into an open lead of the same person (${same})`)}`;
  }
  const person = factOf(lead, 'identified')?.['person'] === 'known' ? 'known person' : 'new person';
  if (lead.status !== 'assigned') return `${who} ${received} → ${person} → ${paint('yellow', lead.status)}`;
  const rule = detailOf(factOf(lead, 'assigned'), 'rule');
  return [
    `${who} ${received}`,
    person,
    `${lead.score ?? 0} ${lead.band ?? ''}`,
    `${paint('green', lead.owner?.name ?? '')} by "${rule}"`,
    `CRM ${lead.crm?.system ?? ''}`,
    `notified, ${assignedMs?.toFixed(0) ?? ''} ms to owner`,
  ].join(' → ');
}

/** What made it the same person, the weightiest first: `email, phone`. */
function likenesses(merged: Fact | undefined): readonly string[] {
  const reasons = (merged?.['reasons'] ?? []) as readonly { readonly fact: string; readonly bits: number }[];
  return reasons
    .filter(({ fact, bits }) => bits > 0 && fact !== 'together')
    .sort((a, b) => b.bits - a.bits)
    .slice(0, 3)
    .map(({ fact }) => fact);
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
