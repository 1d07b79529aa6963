import type { Notification } from '../../activities/ports-vendors';
import { buttonsOf, isWebAddress } from './links';

/** A notification as text and HTML. */
export function mailOf(notification: Notification): {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
} {
  return {
    subject: oneLine(notification.subject),
    text: textOf(notification),
    html: htmlOf(notification),
  };
}

function textOf({ subject, facts, links }: Notification): string {
  return [
    oneLine(subject),
    '',
    ...facts.map(({ label, text, url }) => `${label}: ${oneLine(text)}${url ? ` ${url}` : ''}`),
    '',
    ...buttonsOf(links).map(({ label, url }) => `${label}: ${url}`),
    '',
  ].join('\n');
}

function htmlOf({ subject, facts, links }: Notification): string {
  const rows = facts.map(({ label, text, url }) => {
    const shown = escapeHtml(text);
    const value = url && isWebAddress(url) ? `<a href="${escapeHtml(url)}">${shown}</a>` : shown;
    return `<tr><th align="left" valign="top">${escapeHtml(label)}</th><td>${value}</td></tr>`;
  });
  const buttons = buttonsOf(links).map(({ label, url }) => `<a href="${escapeHtml(url)}">${label}</a>`);
  return [
    '<!doctype html><html><body style="font-family:sans-serif">',
    `<h2>${escapeHtml(subject)}</h2>`,
    `<table cellpadding="4">${rows.join('\n')}</table>`,
    `<p>${buttons.join(' &middot; ')}</p>`,
    '</body></html>',
  ].join('\n');
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
