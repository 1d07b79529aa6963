import { createHash, randomBytes } from 'node:crypto';

/** Prefixes of every id the application makes; an id tells what it names. */
export const idPrefix = {
  lead: 'lead',
  person: 'per',
  account: 'acc',
  review: 'rev',
  merge: 'mrg',
  error: 'err',
  apiKey: 'key',
  import: 'imp',
} as const;

export type LeadId = string & { readonly __brand: 'LeadId' };

/**
 * The id of a lead, derived from what the outside world sent: the same source and event always give the same id,
 * so a redelivery is the same lead even when it meets another process, or Postgres is away.
 */
export function deriveLeadId(source: string, eventKey: string): LeadId {
  const hash = createHash('sha256')
    .update(JSON.stringify([source, eventKey]))
    .digest('hex');
  return `${idPrefix.lead}_${hash.slice(0, 26)}` as LeadId;
}

/** The id of an import, derived from what its file holds and how it is to be read: the same again has the same id. */
export function deriveImportId(file: Uint8Array, reading: readonly unknown[]): string {
  const hash = createHash('sha256').update(JSON.stringify(reading)).update(file).digest('hex');
  return `${idPrefix.import}_${hash.slice(0, 26)}`;
}

/** Recognises text that could be a lead id; anything else cannot name one. */
export function asLeadId(text: string): LeadId | undefined {
  return /^lead_[0-9a-f]{26}$/.test(text) ? (text as LeadId) : undefined;
}

/** A new id for something we made ourselves: time-ordered, never used inside a workflow. */
export function mintId(kind: Exclude<keyof typeof idPrefix, 'lead' | 'import'>, nowMs: number): string {
  return `${idPrefix[kind]}_${nowMs.toString(16).padStart(12, '0')}${randomBytes(8).toString('hex')}`;
}
