import { linkActions, signActionLink, type LinkAction } from '../domain/action-link';
import type { LeadId } from '../domain/ids';
import { epochMs, type IsoInstant } from '../domain/instant';
import type { LeadFields, NotificationKind } from '../domain/lead';
import type { Rep } from '../domain/policy';
import type { AppliedClock, ClockName } from '../domain/sla/plan';
import type { ReadyPolicy } from './policies';
import type { Assignment } from './ports';
import type { MessageFact, Notification, NotificationSubject } from './ports-vendors';

/** How long a link in a notification works. */
const linkLifeMs = 72 * 3_600_000;
/** What a person typed into a form is shown up to here; the rest is one click away. */
const typedMax = 500;

export interface LinkMaker {
  /** 32 bytes. */
  readonly linkKey: Buffer;
  /** Base of the links, without a trailing slash. */
  readonly publicUrl: string;
}

interface Telling {
  readonly key: string;
  readonly leadId: LeadId;
  readonly kind: NotificationKind;
  /** The clock it is about; the first touch's when absent. */
  readonly clock?: ClockName;
  readonly subject: NotificationSubject;
  readonly rep: Rep;
  readonly policy: ReadyPolicy;
  readonly nowMs: number;
}

/** The content of a message, the same for every channel: who the lead is, why this rep, what is due when, what to do. */
export function composeNotification(links: LinkMaker, telling: Telling): Notification {
  const { key, leadId, kind, clock, subject, rep } = telling;
  const dueAt = offerOf(telling)?.until ?? promiseOf(subject, clock)?.dueAt;
  return {
    key,
    kind,
    leadId,
    to: { id: rep.id, name: rep.name, email: rep.email },
    subject: headlineOf(kind, subject, clock),
    facts: [...personFacts(subject), ...reasonFacts(telling), ...dueFacts(telling)],
    ...(dueAt ? { dueAt } : {}),
    links: { open: openLink(links, subject.joined?.into ?? leadId), ...actionLinks(links, telling) },
  };
}

/** What a message offers its reader, alone or among others. */
function offerOf({
  kind,
  subject,
}: Pick<Telling, 'kind' | 'subject'>): { readonly until: IsoInstant } | undefined {
  if (kind === 'open') return subject.open;
  return kind === 'offered' ? subject.assignment?.offer : undefined;
}

/** `New lead: Ada Lovelace (Example)`. */
export function headlineOf(
  kind: NotificationKind,
  { fields, company }: NotificationSubject,
  clock: ClockName = 'touch',
): string {
  const what = kind === 'reminder' || kind === 'escalation' ? clockWords[clock][kind] : headlines[kind];
  return `${what}: ${nameOf(fields)}${company ? ` (${company})` : ''}`;
}

/** What the clock of a message still waits for; undefined when it has got it, or nobody works the lead. */
export function promiseOf(
  { assignment, joined }: NotificationSubject,
  clock: ClockName = 'touch',
): Pick<AppliedClock, 'dueAt' | 'steps'> | undefined {
  if (!assignment || joined) return undefined;
  const { sla } = assignment;
  const running = clock === 'touch' ? { ...sla, dueAt: sla.touchDueAt } : sla.clocks?.[clock];
  return running?.doneAt === undefined ? running : undefined;
}

/** Whether he may still claim it; a message about it is no use to him otherwise. */
export function isOpenTo({ open }: NotificationSubject, repId: string): boolean {
  return open?.reps.includes(repId) === true;
}

export function openLink({ publicUrl }: LinkMaker, leadId: LeadId): string {
  return `${publicUrl}/console/leads/${leadId}`;
}

/** `Tue, 24 Nov 2026, 14:35 GMT+1 (Europe/Berlin)`: in the reader's own zone, which it names. */
export function inZone(at: IsoInstant, timeZone: string): string {
  return `${clockFace(timeZone).format(epochMs(at))} (${timeZone})`;
}

/** By zone: making one costs more than all the rest of a message. */
const clockFaces = new Map<string, Intl.DateTimeFormat>();

function clockFace(timeZone: string): Intl.DateTimeFormat {
  const known = clockFaces.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  clockFaces.set(timeZone, made);
  return made;
}

/** The zone a rep lives by. */
export function zoneOf(policy: ReadyPolicy, rep: Rep): string {
  return policy.calendar(rep.calendar).timeZone;
}

const headlines: Record<Exclude<NotificationKind, 'reminder' | 'escalation'>, string> = {
  assigned: 'New lead',
  offered: 'Lead offered to you',
  open: 'Lead to be had by the first who claims it',
  paired: 'Lead to work together',
  unpaired: 'Lead has nobody beside its owner',
  reassigned: 'Lead passed to you',
  band_changed: 'Your lead has another score',
  acknowledged: 'Somebody is on it',
  resolved: 'No longer unworked',
  re_engaged: 'Your lead is back',
  joined: 'Your lead goes on as an older one of the same person',
  parked: 'Lead waits for an owner',
};

/** What each clock waits for, in the words of a reminder, of an escalation and of its deadline. */
const clockWords: Record<ClockName, Record<'reminder' | 'escalation' | 'due', string>> = {
  touch: {
    reminder: 'Still waiting',
    escalation: 'Nobody has worked this lead',
    due: 'First touch due',
  },
  qualify: {
    reminder: 'Does this lead qualify?',
    escalation: 'Nobody has said whether this lead qualifies',
    due: 'Verdict due',
  },
  convert: {
    reminder: 'Still open: convert it or say why not',
    escalation: 'This lead has not been converted',
    due: 'Conversion due',
  },
  response: {
    reminder: 'The customer wrote and waits for an answer',
    escalation: 'Nobody has answered the customer',
    due: 'Answer due',
  },
};

function nameOf({ firstName, lastName, email, phone }: LeadFields): string {
  return [firstName, lastName].filter(Boolean).join(' ') || email || phone || 'a lead';
}

function personFacts({ fields, company, score, band }: NotificationSubject): readonly MessageFact[] {
  return [
    fact('Lead', [nameOf(fields), fields.title, company].filter(Boolean).join(', ')),
    fact('E-mail', fields.email),
    fact('Phone', fields.phone),
    fact('Message', fields.message),
    fact('Score', score === undefined ? undefined : `${String(score)}, ${band ?? 'cold'}`),
  ].flat();
}

function reasonFacts({ subject, rep, policy, kind }: Telling): readonly MessageFact[] {
  const { assignment, partner, open, joined } = subject;
  if (kind === 'open')
    return fact('Why you', open && `It is open to ${String(open.reps.length)} in pool "${open.poolId}"`);
  const nameIn = (id: string | undefined): string | undefined =>
    id === undefined ? undefined : (policy.rep(id)?.name ?? id);
  if (joined) return fact('Owner now', nameIn(joined.ownerId) ?? 'nobody yet');
  if (!assignment) return [];
  if (assignment.repId === rep.id)
    return [...fact('Why you', whyOwner(assignment)), ...fact('Beside you', nameIn(partner))];
  const manages = policy.rep(assignment.repId)?.manager === rep.id;
  const role = manages ? 'You manage the owner' : 'The policy names you for this';
  return [
    ...fact('Owner', nameIn(assignment.repId)),
    ...fact('Why you', partner === rep.id ? 'It was your turn to work a lead beside its owner' : role),
  ];
}

const causes: Readonly<Record<string, string | undefined>> = {
  declined: 'the owner before declined it',
  lapsed: 'the one before did not take it in time',
  sla_reassign: 'the owner before did not work it in time',
  reassigned: 'somebody handed it on',
  claimed: 'you claimed it',
  band_changed: 'its score moved it into another band',
};

function whyOwner({ poolId, rule, cause }: Assignment): string {
  const way =
    poolId === undefined ? `Named by rule "${rule}"` : `Your turn in pool "${poolId}" by rule "${rule}"`;
  const before = causes[cause];
  return before === undefined ? way : `${way}; ${before}`;
}

function dueFacts(telling: Telling): readonly MessageFact[] {
  const { subject, rep, policy, kind, clock } = telling;
  const zone = zoneOf(policy, rep);
  const offer = offerOf(telling);
  if (offer)
    return [
      ...fact(kind === 'open' ? 'Open until' : 'Offered until', inZone(offer.until, zone)),
      ...fact('If not', 'goes to the next in line'),
    ];
  const promise = promiseOf(subject, clock);
  if (!promise || kind === 'resolved') return [];
  const { dueAt, steps } = promise;
  const next = steps.find((step) => step.doneAt === undefined && step.do !== 'remind');
  const then =
    next === undefined
      ? undefined
      : `${next.do === 'reassign' ? 'goes to the next in line' : `${next.to ?? 'manager'} is told`}, ${inZone(next.dueAt, zone)}`;
  return [...fact(clockWords[clock ?? 'touch'].due, inZone(dueAt, zone)), ...fact('If not', then)];
}

function fact(label: string, text: string | undefined): readonly MessageFact[] {
  if (text === undefined || text.trim() === '') return [];
  const characters = Array.from(text);
  return [
    {
      label,
      text: characters.length > typedMax ? `${characters.slice(0, typedMax).join('')}…` : text,
    },
  ];
}

/** Whoever it is open to may claim it, who works it beside the owner may decline it, the owner may do everything; somebody who is told about another one's lead may hand it on. */
function actionLinks(
  { linkKey, publicUrl }: LinkMaker,
  { leadId, subject: { assignment, open, partner, joined }, rep, nowMs, kind }: Telling,
): Partial<Notification['links']> {
  const hop = kind === 'open' ? open?.hop : assignment?.hop;
  if (hop === undefined || joined || kind === 'resolved') return {};
  const link = { leadId, hop, repId: rep.id, expiresAtMs: nowMs + linkLifeMs };
  const actions =
    partner === rep.id ? (['decline'] as const) : actionsFor(kind, assignment?.repId === rep.id);
  return Object.fromEntries(
    actions.map((action) => [action, `${publicUrl}/l/${signActionLink(linkKey, { ...link, action })}`]),
  );
}

function actionsFor(kind: NotificationKind, owns: boolean): readonly LinkAction[] {
  if (kind === 'open') return ['claim'];
  if (!owns) return ['reassign'];
  return kind === 'offered' ? ['claim', 'decline'] : linkActions;
}
