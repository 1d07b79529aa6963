import type { ConfirmationPort } from '../../activities/ports-gate';
import { createMailer, type SmtpOptions } from './smtp';

/** The mail of a double opt-in: what was asked, the one link, and that doing nothing is fine. It advertises nothing. */
export function createConfirmationMailer(options: SmtpOptions): ConfirmationPort {
  const send = createMailer(options);
  return {
    ask: async ({ key, to, link, until }, signal) => {
      await send(
        {
          key,
          to: { address: to },
          subject: 'Please confirm your e-mail address',
          text: textOf(link, until),
        },
        signal,
      );
    },
  };
}

function textOf(link: string, until: string): string {
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(until),
  );
  return [
    'Hello,',
    '',
    'somebody gave this e-mail address in a form and asked to be contacted. If it was you, open this page and press the button:',
    '',
    link,
    '',
    `The link is good until ${day}. If it was not you, do nothing: you will not be contacted.`,
    '',
  ].join('\n');
}
