import { cancellationSignal } from '@temporalio/activity';
import { signConfirmLink } from '../domain/action-link';
import { parseDuration } from '../domain/duration';
import type { LeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';
import type { LinkMaker } from './compose-notification';
import { ConnectorError, needsAttention, translated } from './failures';
import type { Clock } from './ports';
import type { CaptchaPort, ConfirmationPort, GateStore } from './ports-gate';
import type { IdentityStore } from './ports-identity';

export interface GateActivityDeps extends LinkMaker {
  readonly gate: GateStore;
  readonly identities: Pick<IdentityStore, 'lead'>;
  readonly captcha: CaptchaPort;
  /** Absent while no mail server is configured. */
  readonly confirmation?: ConfirmationPort | undefined;
  readonly clock: Clock;
}

export type GateActivities = ReturnType<typeof createGateActivities>;

/** What the spam gate asks of the outside. */
export function createGateActivities(deps: GateActivityDeps) {
  const { gate, identities, captcha, confirmation, clock, linkKey, publicUrl } = deps;
  return {
    /** Asks the provider about the lead's token and keeps the verdict. */
    checkCaptcha: async ({ leadId }: { leadId: string }): Promise<void> => {
      const { settings, state } = await gate.of(leadId as LeadId);
      const { captcha: asked } = settings;
      // The source's settings were changed meanwhile, or an earlier try has the verdict.
      if (!asked || state.captchaToken === undefined || state.captcha !== undefined) return;
      const { captchaToken: token, client } = state;
      const verdict = await translated('captcha', () =>
        captcha.verify({ ...asked, token, client }, cancellationSignal()),
      );
      await gate.note(leadId as LeadId, { captcha: verdict });
    },

    /**
     * Sends the one mail that asks for the confirmation. The time there is begins when it is out: that a mail server was
     * away is not the person's fault. @returns its end; undefined when there is nothing to wait for
     */
    askToConfirm: async ({ leadId: id }: { leadId: string }): Promise<string | undefined> => {
      const leadId = id as LeadId;
      const [lead, { settings, state }] = await Promise.all([identities.lead(leadId), gate.of(leadId)]);
      const to = lead?.fields.email;
      const within = parseDuration(settings.doubleOptIn?.within ?? '');
      if (state.confirmation?.until !== undefined) return state.confirmation.until;
      if (to === undefined || within === undefined) return undefined;
      if (!confirmation)
        throw needsAttention('setup', 'confirm', 'double opt-in needs a mail server: SMTP_URL is not set');
      const now = clock.now();
      const until = toInstant(now + within);
      const token = signConfirmLink(linkKey, { leadId, expiresAtMs: now + within });
      const link = `${publicUrl}/confirm/${token}`;
      try {
        await confirmation.ask({ key: `${leadId}:confirm`, to, link, until }, cancellationSignal());
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        if (error.code !== 'rejected') return translated('confirm', () => Promise.reject(error));
        await gate.note(leadId, { mailbox: 'refused' });
        return undefined;
      }
      await gate.asked(leadId, until, toInstant(now));
      return until;
    },
  };
}
