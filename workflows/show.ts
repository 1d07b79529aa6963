import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { LeadStatus } from '../domain/lead';
import { searchAttributes } from './contract';

/** Where a lead stands, for people who look at the run. */
export interface Shown {
  readonly status: LeadStatus;
  readonly owner?: string;
  readonly hop?: number;
  /** The next thing the clock will do, and when. */
  readonly next?: { readonly what: string; readonly at: string };
  readonly note?: string;
  /** A step that the lead can do without, and that waits for a person. */
  readonly trouble?: Trouble;
}

interface Trouble {
  readonly step: string;
  readonly message: string;
}

/**
 * Writes the search attributes that operations filter on ("assigned, due before now") when they changed, and the page
 * of words that the Web UI shows. Reps are named by id; nothing here says who the lead is.
 */
export function showStanding(shown: Shown, waiting: readonly Trouble[]): void {
  const troubles = shown.trouble ? [...waiting, shown.trouble] : waiting;
  const status: LeadStatus = troubles.length > 0 ? 'needs_attention' : shown.status;
  const dueAt = shown.next === undefined ? undefined : new Date(shown.next.at);
  const current = workflowInfo().typedSearchAttributes;
  const changed =
    current.get(searchAttributes.status) !== status ||
    current.get(searchAttributes.owner) !== shown.owner ||
    current.get(searchAttributes.dueAt)?.getTime() !== dueAt?.getTime();
  if (changed) {
    upsertSearchAttributes([
      { key: searchAttributes.status, value: status },
      { key: searchAttributes.owner, value: shown.owner ?? null },
      { key: searchAttributes.dueAt, value: dueAt ?? null },
    ]);
  }
  setCurrentDetails(
    [
      `**${status.replace('_', ' ')}**${shown.owner === undefined ? '' : ` — owner \`${shown.owner}\` (assignment ${String(shown.hop ?? 0)})`}`,
      ...(shown.next === undefined ? [] : [`Next: ${shown.next.what} at ${shown.next.at}`]),
      ...(shown.note === undefined ? [] : [shown.note]),
      ...troubles.map(({ step, message }) => `Step **${step}** waits for a person: ${message}`),
    ].join('\n\n'),
  );
}
