import { ApplicationFailure } from '@temporalio/workflow';
import type { DueState } from '../activities/routing-types';
import type { LeadRequest } from './lead-request';
import type { Run } from './run';
import { redated, type Owned } from './standing';
import { local, now } from './steps';

export type ClockRequest = Extract<
  LeadRequest,
  { readonly ask: 'snooze' | 'acknowledge' | 'hold' | 'resume' | 'reply' }
>;

/** The longest a lead may be put off, or be taken in hand, at once. */
const limitMs = 7 * 86_400_000;

/** Why a lead's clocks may not be moved so; undefined when they may. */
export function clockRefusal(standing: Owned, request: ClockRequest): string | undefined {
  if (standing.offer && request.ask !== 'reply') return 'the lead is only offered: claim it, or decline it';
  switch (request.ask) {
    case 'snooze':
      if (standing.touchedAt !== undefined) return 'the lead has been worked already';
      return inLimit(request.forMs) ? undefined : 'a lead can be snoozed for up to 7 days';
    case 'acknowledge':
      if (request.by === standing.owner) return 'the lead is yours: claim it, or hand it on';
      return inLimit(request.forMs) ? undefined : 'a lead can be taken in hand for up to 7 days';
    case 'hold':
      if (standing.held) return 'the lead waits for its customer already';
      if (standing.touchedAt === undefined) return 'nobody has worked the lead: the customer waits for us';
      return standing.clocks.some(({ name }) => name === 'response')
        ? 'the customer waits for an answer'
        : undefined;
    case 'resume':
      return standing.held ? undefined : 'the lead does not wait for its customer';
    case 'reply':
      return undefined;
  }
}

const inLimit = (ms: number): boolean => ms > 0 && ms <= limitMs;

/** @returns the new standing, or why the clocks cannot do it: a calendar that never gets there. */
export async function moveClocks(run: Run, standing: Owned, request: ClockRequest): Promise<Owned | string> {
  const of = { leadId: run.leadId, hop: standing.hop, at: now() };
  try {
    const due = await move(request, of);
    if (request.ask === 'snooze' || request.ask === 'acknowledge')
      run.calm('acknowledged', standing.owner, `${String(standing.hop)}-${request.ask}-${of.at}`);
    // Time spent waiting for the customer is nobody's neglect.
    const active = request.ask === 'reply' || request.ask === 'resume';
    return redated(active ? { ...standing, activeAt: of.at } : standing, due);
  } catch (error) {
    if (error instanceof ApplicationFailure && error.type === 'clock.no_working_time') return error.message;
    throw error;
  }
}

function move(
  request: ClockRequest,
  of: { readonly leadId: string; readonly hop: number; readonly at: string },
): Promise<DueState> {
  switch (request.ask) {
    case 'snooze':
      return local.snooze({ ...request, ...of });
    case 'acknowledge':
      return local.acknowledge({ ...request, ...of });
    case 'hold':
      return local.hold({ ...request, ...of });
    case 'resume':
      return local.resume({ ...request, ...of });
    case 'reply':
      return local.reply(of);
  }
}
