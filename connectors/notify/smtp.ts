import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import { ConnectorError, type FailureCode } from '../../activities/failures';
import type { NotifyPort } from '../../activities/ports-vendors';
import { withDeadline } from '../deadline';
import { connectTrusted, metadataRefusal } from '../outbound';
import { mailOf } from './mail';

const system = 'smtp';

export interface SmtpOptions {
  /** `smtp://` or `smtps://`, with user and password when the server wants them. */
  readonly url: string;
  /** Address, or `Name <address>`. */
  readonly from: string;
  readonly timeoutMs?: number;
}

export interface OutgoingMail {
  /** The same key is the same mail. */
  readonly key: string;
  readonly to: { readonly name?: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
}

/** Sends a notification as mail. */
export function createSmtpNotifier(options: SmtpOptions): NotifyPort {
  const send = createMailer(options);
  return {
    channel: 'smtp',
    send: (notification, signal) => {
      const { key, to } = notification;
      return send({ key, to: { name: to.name, address: to.email }, ...mailOf(notification) }, signal);
    },
  };
}

/**
 * Sends mails, one connection each: there are few, and none stays open between them.
 * The returned function @returns the server's words. @throws ConnectorError
 */
export function createMailer(
  options: SmtpOptions,
): (mail: OutgoingMail, signal: AbortSignal) => Promise<string> {
  const { from, timeoutMs = 15_000 } = options;
  const transport = createTransport({
    url: options.url,
    getSocket: ({ host = 'localhost', port, secure }, done) => {
      const to = { host, port: Number(port ?? (secure === true ? 465 : 587)), timeoutMs };
      void connectTrusted(to).then((connection) => done(null, { connection }), done);
    },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return ({ key, to, ...mail }, signal) =>
    withDeadline({ system, signal, timeoutMs }, async (deadline) => {
      try {
        const sent = await transport.sendMail({
          ...mail,
          from,
          to: { name: to.name ?? '', address: to.address },
          messageId: messageIdOf(key, from),
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: deadline,
        });
        return answerOf(sent.response);
      } catch (error) {
        throw smtpFault(error);
      }
    });
}

/**
 * Follows from the key: SMTP cannot send exactly once, but servers and readers fold two mails with one id. `from` may be
 * an address or `Name <address>`.
 */
function messageIdOf(key: string, from: string): string {
  const domain = /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'lead-router.invalid';
  return `<${createHash('sha256').update(key).digest('hex').slice(0, 40)}@${domain}>`;
}

/** The server's words without any address it repeats: this goes on the timeline and into the history. */
function answerOf(response: string): string {
  const words = response.split(/\s+/).filter((word) => !word.includes('@'));
  return words.join(' ').slice(0, 120);
}

const Fault = z.object({
  code: z.string().catch(''),
  responseCode: z.number().optional().catch(undefined),
  command: z.string().optional().catch(undefined),
});

/** Answers to wrong or missing credentials (RFC 4954). */
const credentialReplies = [530, 534, 535, 538];

const codes: Readonly<Record<string, FailureCode>> = {
  EAUTH: 'auth',
  ENOAUTH: 'auth',
  EOAUTH2: 'auth',
  ETIMEDOUT: 'timeout',
  EENVELOPE: 'rejected',
  EMESSAGE: 'rejected',
  EPROTOCOL: 'malformed',
  EMETADATA: 'rejected',
};

/**
 * What a failed sending means: the server's reply first, since 4xx is temporary whatever step it comes from; without
 * one, the fault nodemailer names. Connections, DNS and TLS count as unreachable. Server texts repeat the recipient,
 * so only codes are kept.
 */
export function smtpFault(error: unknown): ConnectorError {
  const fault = Fault.safeParse(error).data ?? { code: '' };
  const words =
    fault.code === 'EMETADATA' ? metadataRefusal : [fault.code, fault.responseCode].filter(Boolean).join(' ');
  const detail = words || 'unknown fault';
  return new ConnectorError(failureOf(fault), `${system}: ${detail}`);
}

function failureOf({ code, responseCode: reply, command }: z.infer<typeof Fault>): FailureCode {
  if (reply !== undefined && reply >= 400 && reply < 500) return 'busy';
  if (reply !== undefined && credentialReplies.includes(reply)) return 'auth';
  // The server fell silent with the whole mail in hand.
  if (code === 'ETIMEDOUT' && command === 'DATA') return 'unknown_outcome';
  if (Object.hasOwn(codes, code)) return codes[code] ?? 'unreachable';
  return reply !== undefined && reply >= 500 ? 'rejected' : 'unreachable';
}
