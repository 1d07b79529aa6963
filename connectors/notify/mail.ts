import { createHash } from 'node:crypto';
import type { Notification } from '../../activities/ports';
import { buttonsOf } from './links';

/** One mail, ready to be sent. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
}

/**
 * Writes a notification as text and HTML. The Message-ID follows from the key: SMTP cannot send exactly once, but
 * servers and readers fold two mails with one id.
 */
export function mailOf(notification: Notification, from: string): Mail {
  const { subject, lines, dueAt, links, key } = notification;
  const facts = [...lines.map(oneLine), ...(dueAt === undefined ? [] : [`Due: ${dueAt}`])];
  const buttons = buttonsOf(links);
  const text = [
    oneLine(subject),
    '',
    ...facts,
    '',
    ...buttons.map(({ label, url }) => `${label}: ${url}`),
    '',
  ];
  return {
    subject: oneLine(subject),
    text: text.join('\n'),
    html: [
      '<!doctype html><html><body style="font-family:sans-serif">',
      `<h2>${escapeHtml(subject)}</h2>`,
      ...facts.map((line) => `<p>${escapeHtml(line)}</p>`),
      `<p>${buttons.map(({ label, url }) => `<a href="${escapeHtml(url)}">${label}</a>`).join(' &middot; ')}</p>`,
      '</body></html>',
    ].join('\n'),
    messageId: `<${createHash('sha256').update(key).digest('hex').slice(0, 40)}@${domainOf(from)}>`,
  };
}

/** What a person typed stays on its line, or it could pass for a line of ours such as `Claim: <address>`. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** For text and for attribute values in double or single quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** `from` may be an address or `Name <address>`. */
function domainOf(from: string): string {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'lead-router.invalid';
}
