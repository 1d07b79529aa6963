import PostalMime, { type Address, type Email } from 'postal-mime';
import { asWindows1252 } from '../../domain/windows-1252';
import { ApiError } from '../errors';
import { generic } from './generic';
import { objectAt, textOf } from './json';
import { leadFromLabels } from './labels';
import { labelledLines, textOfHtml } from './mail-text';
import type { WebhookEvent, WebhookScheme } from './scheme';

/** What is read of a mail; mappings look here. Attachments and HTML are left out. */
interface Mail {
  readonly from?: Mailbox | undefined;
  readonly replyTo?: Mailbox | undefined;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly messageId?: string | undefined;
  readonly date?: string | undefined;
  /** Lines such as `Company: Example GmbH`, by what stands before the colon. */
  readonly fields: Readonly<Record<string, string>>;
  /** What the mail is, when nobody wrote it for us. */
  readonly automatic?: 'auto_reply' | 'bounce' | 'list' | undefined;
}

interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** A message of a lead has no more. */
const textMax = 10_000;
/** Parsing takes the square of the number of parts, and no letter has this many. */
const partsMax = 1_000;

/**
 * Raw mails (RFC 5322, `message/rfc822`) that a mail server or an inbound mail service posts, protected like `generic`.
 * Whoever wants the answer is the person: `Reply-To`, else `From`. What machines and mailing lists send is no lead.
 */
export const email: WebhookScheme = {
  contentType: 'message/rfc822',
  verify: generic.verify,
  read: async ({ header, body }) => {
    if (!/^message\/rfc822\b/i.test(header('content-type') ?? ''))
      throw new ApiError('unsupported_media_type', 'Send the raw mail as message/rfc822.');
    return mailOf(await parsed(body));
  },
  events: (payload) => {
    const { messageId, automatic } = objectAt(payload);
    const type = textOf(automatic);
    const nature: WebhookEvent['nature'] = type === undefined ? 'lead' : 'other';
    return [{ nature, id: textOf(messageId), type, data: payload }];
  },
  lead: (data) => {
    const mail = objectAt(data);
    const { address, name } = objectAt(mail['replyTo'] ?? mail['from']);
    const message = [mail['subject'], mail['text']].flatMap((part) => textOf(part) ?? []).join('\n\n');
    return leadFromLabels([
      ['email', address],
      ['name', name],
      ['message', message.slice(0, textMax)],
    ]);
  },
};

async function parsed(body: Buffer): Promise<Email> {
  let parts = 0;
  for (let at = body.indexOf('\n--'); at >= 0; at = body.indexOf('\n--', at + 3)) parts += 1;
  if (body.length === 0 || parts > partsMax) throw unreadable();
  try {
    return await PostalMime.parse(body, {
      maxNestingDepth: 50,
      maxHeadersSize: 256 * 1024,
      forceRfc822Attachments: true,
    });
  } catch (cause) {
    throw unreadable(cause);
  }
}

const unreadable = (cause?: unknown): ApiError =>
  new ApiError('malformed_body', 'The body is not a mail that can be read.', { cause });

function mailOf(mail: Email): Mail {
  const text = printable(mail.text ?? textOfHtml(mail.html ?? ''));
  return {
    from: mailboxOf(mail.from),
    replyTo: mailboxOf(mail.replyTo?.[0]),
    to: (mail.to ?? []).flatMap((one) => mailboxOf(one)?.address ?? []).slice(0, 50),
    subject: printable(mail.subject ?? '').replaceAll('\n', ' '),
    text: text.slice(0, textMax),
    messageId: mail.messageId,
    date: mail.date,
    fields: labelledLines(text),
    automatic: automaticOf(mail),
  };
}

function mailboxOf(address: Address | undefined): Mailbox | undefined {
  const mailbox = address?.group ? address.group[0] : address;
  return mailbox?.address ? { name: printable(mailbox.name), address: mailbox.address } : undefined;
}

/** Without the control characters that no field may have, lines as `\n`; mails in Windows-1252 are read as Latin-1. */
function printable(text: string): string {
  return asWindows1252(text)
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
}

/** @see RFC 3834 (automatic answers), RFC 3462 (reports), RFC 2369 and RFC 2919 (lists) */
function automaticOf(mail: Email): Mail['automatic'] {
  const header = (name: string): string =>
    mail.headers
      .find(({ key }) => key === name)
      ?.value.trim()
      .toLowerCase() ?? '';
  const sender = mailboxOf(mail.from)?.address.toLowerCase() ?? '';
  const isReport = header('content-type').startsWith('multipart/report');
  if (isReport || header('return-path') === '<>' || /^(mailer-daemon|postmaster)@/.test(sender))
    return 'bounce';
  if (/^auto-/.test(header('auto-submitted')) || header('precedence') === 'auto_reply') return 'auto_reply';
  const isList = header('list-id') !== '' || header('list-unsubscribe') !== '';
  return isList || /^(bulk|list|junk)$/.test(header('precedence')) ? 'list' : undefined;
}
