import { ConnectorError } from '../../activities/failures';
import type { Clock } from '../../activities/ports';
import type { CrmLead } from '../../activities/ports-vendors';
import type { IsoInstant } from '../../domain/instant';
import { leadStatus, type LeadStatus } from '../../domain/lead';

/** What a CRM calls our statuses; one that is absent is not written. */
export type StatusWords = Readonly<Partial<Record<LeadStatus, string>>>;

/** What people call the lead, with what it shows of itself. */
export function titleOf({ id, person, account }: CrmLead): string {
  const name = [person.firstName, person.lastName].filter(Boolean).join(' ');
  return name || person.email || person.phone || (account?.name ?? person.company) || id;
}

/** The other way round: which of our statuses a word of the CRM stands for, the least advanced first. */
export function meaningOf(words: StatusWords, word: string | null | undefined): readonly LeadStatus[] {
  return word ? leadStatus.filter((status) => words[status] === word) : [];
}

export interface FollowUp {
  readonly subject: string;
  readonly dueAt: IsoInstant;
  readonly done: boolean;
}

/** The owner's task: work the lead by its touch deadline. None without an owner or an SLA. */
export function followUpOf(lead: CrmLead): FollowUp | undefined {
  if (!lead.owner || !lead.sla) return undefined;
  const open = lead.status === 'assigned' || lead.status === 'needs_attention';
  return { subject: `Contact ${titleOf(lead)}`, dueAt: lead.sla.touchDueAt, done: !open };
}

/** People join and leave: a user's id over there is looked up again after this long. */
const rememberMs = 10 * 60_000;

export type OwnerDirectory = (lead: CrmLead, signal: AbortSignal) => Promise<string | undefined>;

/**
 * Finds the CRM's user of a lead's owner by the rep's e-mail address, and remembers him for a while.
 * The returned function answers undefined for a lead without an owner.
 * @throws ConnectorError `setup` when the CRM has no such user
 */
export function createOwnerDirectory(
  { system, clock }: { readonly system: string; readonly clock: Clock },
  find: (email: string, lead: CrmLead, signal: AbortSignal) => Promise<string | undefined>,
): OwnerDirectory {
  const known = new Map<string, { readonly id: string; readonly untilMs: number }>();
  return async (lead, signal) => {
    if (!lead.owner) return undefined;
    const { email, id: repId } = lead.owner;
    const remembered = known.get(email);
    if (remembered && remembered.untilMs > clock.now()) return remembered.id;
    const id = await find(email, lead, signal);
    if (id === undefined)
      throw new ConnectorError('setup', `${system}: no active user has the e-mail address of rep ${repId}`);
    known.set(email, { id, untilMs: clock.now() + rememberMs });
    return id;
  };
}

/** Finds the e-mail address of one of the CRM's users, and remembers it for a while; empty for one without. */
export function createUserEmails(
  clock: Clock,
  find: (id: string, signal: AbortSignal) => Promise<string>,
): (id: string, signal: AbortSignal) => Promise<string> {
  const known = new Map<string, { readonly email: string; readonly untilMs: number }>();
  return async (id, signal) => {
    const remembered = known.get(id);
    if (remembered && remembered.untilMs > clock.now()) return remembered.email;
    const email = await find(id, signal);
    known.set(id, { email, untilMs: clock.now() + rememberMs });
    return email;
  };
}

/** A value that is there, clipped to what the other side takes; nothing for a blank. */
export function clipped(value: string | undefined, max: number): string | undefined {
  const text = value?.trim();
  return text ? text.slice(0, max) : undefined;
}
