import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { HeldAtGate, Identified } from '../activities/routing-types';
import type { Run } from './run';
import { captcha, confirmation, local, now } from './steps';

/** What a lead that has been at the gate is. */
export type Through = Identified | Extract<HeldAtGate, { kind: 'rejected' }>;

/** Brings a lead through the spam gate: identified, or turned away. What was found out stands in Postgres. */
export async function passGate(run: Run): Promise<Through> {
  const { leadId } = run;
  for (;;) {
    const lead = await run.must('identify', () => local.identifyLead({ leadId, at: now() }));
    if (lead.kind === 'captcha') await judgeCaptcha(run);
    else if (lead.kind === 'unconfirmed') await awaitConfirmation(run);
    else return lead;
  }
}

/** A provider that cannot be asked within half a minute is done without; the source says what that means. */
async function judgeCaptcha(run: Run): Promise<void> {
  const { leadId } = run;
  await run.must('captcha', async () => {
    try {
      await captcha.checkCaptcha({ leadId });
    } catch (error) {
      if (isCancellation(error) || !mayRetry(error)) throw error;
      await local.giveUpCaptcha({ leadId });
    }
  });
}

/** Whether trying longer might have helped, as opposed to a secret that is wrong. */
function mayRetry(error: unknown): boolean {
  return error instanceof ActivityFailure && error.retryState !== 'NON_RETRYABLE_FAILURE';
}

/** What is asked here is not handed on: the run is short until the lead is through. */
const never = (): boolean => false;

/** The lead waits for its person, or for the end of the time there is; which of them it was, the gate finds out. */
async function awaitConfirmation(run: Run): Promise<void> {
  const { leadId } = run;
  const status = 'parked';
  run.show({ status, note: 'Asks the person to confirm the address.' });
  const until = await run.must('confirm', () => confirmation.askToConfirm({ leadId }));
  if (until === undefined) return;
  const note = 'Waits for the person to confirm the address.';
  run.show({ status, note, next: { what: 'reject it unless confirmed', at: until } });
  for (;;) {
    const event = await run.desk.next({ at: Date.parse(until), summary: 'reject unless confirmed' }, never);
    if (event.kind === 'due') return;
    if (event.kind !== 'request') continue; // nobody has the lead yet
    if (event.request.ask === 'confirm') {
      await local.confirmAddress({ leadId, at: now() });
      event.answer.accept({ status });
      return;
    }
    event.answer.refuse('the person has not confirmed the address yet');
  }
}
