import type { IsoInstant } from '../domain/instant';
import { isOpenTo, promiseOf } from './compose-notification';
import type { HeldMessage, NotificationSubject } from './ports-vendors';

/**
 * Why a message would tell its reader nothing true any more; undefined while it would. Between what it is about and its
 * being sent lie retries of up to an hour, and an alert that opens after its lead was worked is closed by nobody.
 */
export function noNews(
  {
    kind,
    clock,
    repId,
    now,
  }: Pick<HeldMessage, 'kind' | 'clock'> & { readonly repId: string; readonly now: IsoInstant },
  subject: NotificationSubject,
): string | undefined {
  const owns = subject.assignment?.repId === repId;
  switch (kind) {
    case 'open':
      return isOpenTo(subject, repId) ? undefined : 'taken meanwhile';
    case 'offered':
      return owns && !subject.closed ? undefined : 'not offered any more';
    case 'reminder':
      if (!owns) return 'with somebody else meanwhile';
      return workedMeanwhile(subject, clock);
    case 'escalation': {
      const { acknowledged } = subject.assignment?.sla ?? {};
      if (acknowledged && acknowledged.until > now) return 'acknowledged meanwhile';
      return workedMeanwhile(subject, clock);
    }
    default:
      return undefined;
  }
}

function workedMeanwhile(subject: NotificationSubject, clock: HeldMessage['clock']): string | undefined {
  if (subject.closed) return 'closed meanwhile';
  return promiseOf(subject, clock) === undefined ? 'worked meanwhile' : undefined;
}
