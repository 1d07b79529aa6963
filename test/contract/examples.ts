import { ConnectorError, type FailureCode } from '../../activities/failures';
import type { Clock } from '../../activities/ports';
import type { CrmLead, Notification } from '../../activities/ports-vendors';
import { deriveLeadId } from '../../domain/ids';
import { toInstant } from '../../domain/instant';

export const nowMs = Date.parse('2026-11-24T09:00:00Z');
export const secret = `whsec_${Buffer.from('a secret of thirty-two bytes....').toString('base64')}`;
/** The system's clock: signatures are judged by independent libraries that know no other. */
export const clock: Clock = { now: () => Date.now() };

/** Patience for a call that must end in a timeout; every other call gets the adapter's own, however busy the machine. */
export const hastyMs = 100;

/** A signal nobody fires. */
export const patient = (): AbortSignal => new AbortController().signal;

/** What no error, log line or answer for the timeline may contain. */
export const personal = ['Zoë', 'Müller', 'zoe@example.com', '+4915112345678', 'anna@example.com', 'Anna'];

/** Another owner than the one of `crmLead`. */
export const ben = { id: 'ben', name: 'Ben Cole', email: 'ben@example.com' };

export function crmLead(event: string, changes: Partial<CrmLead> = {}): CrmLead {
  return {
    id: deriveLeadId('test', event),
    person: {
      id: 'per_1',
      firstName: 'Zoë',
      lastName: 'Müller',
      email: 'zoe@example.com',
      phone: '+4915112345678',
      utm: { campaign: 'spring' },
      consent: true,
    },
    account: { id: 'acc_1', name: 'Example & Söhne', domain: 'example.com' },
    owner: { id: 'anna', name: 'Anna Berger', email: 'anna@example.com' },
    score: 72,
    band: 'hot',
    status: 'assigned',
    sla: { policy: 'hot', touchDueAt: toInstant(nowMs) },
    ...changes,
  };
}

export function notification(changes: Partial<Notification> = {}): Notification {
  const leadId = deriveLeadId('test', 'notified');
  const link = (action: string): string => `https://router.example.com/a/${action}?t=s3cr3t-token`;
  return {
    key: `${leadId}:notify:assigned:1`,
    kind: 'assigned',
    leadId,
    to: { id: 'anna', name: 'Anna Berger', email: 'anna@example.com' },
    subject: 'New lead: Zoë Müller',
    facts: [
      { label: 'Lead', text: 'Zoë Müller, zoe@example.com, +4915112345678' },
      { label: 'Why you', text: 'Your turn in pool "dach" by rule "big DACH accounts"' },
      { label: 'First touch due', text: 'Tue, 24 Nov 2026, 10:00 GMT+1 (Europe/Berlin)' },
    ],
    dueAt: toInstant(nowMs),
    links: {
      open: link('open'),
      claim: link('claim'),
      decline: link('decline'),
      snooze: link('snooze'),
      reassign: link('reassign'),
    },
    ...changes,
  };
}

/** Runs a call that must fail, checks that its error is fit for a history, and returns it. */
export async function failureOf(call: Promise<unknown>): Promise<ConnectorError> {
  const error = await call.then(
    () => undefined,
    (fault: unknown) => fault,
  );
  if (!(error instanceof ConnectorError)) throw new Error(`expected a ConnectorError, got ${String(error)}`);
  const told = `${error.message}${String(error.stack)}${JSON.stringify(error)}`;
  for (const word of [...personal, secret, 's3cr3t']) expect(told).not.toContain(word);
  expect(error.cause).toBeUndefined();
  return error;
}

/** How a fake's fault must reach the caller. */
export const faultCodes = [
  ['busy', 'busy'],
  ['error', 'busy'],
  ['auth', 'auth'],
  ['reject', 'rejected'],
  ['hang', 'timeout'],
  ['crashAfterWrite', 'unreachable'],
  ['malformed', 'malformed'],
] as const satisfies readonly (readonly [string, FailureCode])[];

/** Waits for a condition without guessing how long it takes. */
export async function eventually(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not happen within 5 s');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
