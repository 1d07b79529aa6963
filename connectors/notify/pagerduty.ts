import { z } from 'zod';
import { ConnectorError } from '../../activities/failures';
import type { Clock } from '../../activities/ports';
import type { Notification, NotifyPort } from '../../activities/ports-vendors';
import { callHttp, parseAnswer, type Refusal } from '../http';

const system = 'pagerduty';
/** Answers to too many events name no time; PagerDuty advises to try again after half a minute. */
const busyMs = 30_000;
const summaryMax = 1_024;

const actions = { escalation: 'trigger', acknowledged: 'acknowledge', resolved: 'resolve' } as const;
type Paged = keyof typeof actions;

export interface PagerDutyNotifierOptions {
  /** Integration key of an Events API v2 integration. */
  readonly routingKey: string;
  /** `https://events.eu.pagerduty.com` for an account in the EU. */
  readonly url: string;
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

/**
 * One alert per lead: an escalation opens it or adds to it, a rep who is on it acknowledges it, the first touch
 * resolves it. Safe to repeat, as the lead is the `dedup_key`. The person stays out of it: the alert goes to everybody
 * on call, and the link shows who the lead is.
 * @see https://developer.pagerduty.com/docs/events-api-v2-overview
 */
export function createPagerDutyNotifier(options: PagerDutyNotifierOptions): NotifyPort {
  return {
    channel: system,
    kinds: Object.keys(actions) as Paged[],
    send: async (notification, signal) => {
      const answer = await callHttp({
        system,
        method: 'POST',
        url: new URL('/v2/enqueue', options.url),
        body: JSON.stringify(eventOf(notification, options.routingKey)),
        signal,
        timeoutMs: options.timeoutMs,
        nowMs: options.clock.now(),
        explain,
      });
      const { status } = parseAnswer(system, Answer, answer.text);
      if (status !== 'success') throw new ConnectorError('malformed', `${system}: the answer is no success`);
      return status;
    },
  };
}

const Answer = z.object({ status: z.string() });

function explain(status: number): Refusal | undefined {
  return status === 429 ? { code: 'busy', detail: 'throttled', retryAfterMs: busyMs } : undefined;
}

function eventOf({ kind, leadId, to, dueAt, links }: Notification, routingKey: string): unknown {
  const event_action = actions[kind as Paged];
  const about = { routing_key: routingKey, event_action, dedup_key: `${leadId ?? ''}:unworked` };
  if (event_action !== 'trigger') return about;
  return {
    ...about,
    payload: {
      summary: `Nobody has worked lead ${leadId ?? ''}`.slice(0, summaryMax),
      source: 'lead-router',
      severity: 'error',
      custom_details: { lead: leadId, told: to.id, ...(dueAt === undefined ? {} : { dueAt }) },
    },
    client: 'lead-router',
    client_url: links.open,
    links: [{ href: links.open, text: 'Open lead' }],
  };
}
