import type { Request, RequestHandler, Response } from 'express';
import { errorTable, toApiError } from './errors';

/** Markup that is safe to send: made by `html`, so that everything in it was escaped. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type HtmlPart = Html | string | number | undefined | false | readonly HtmlPart[];

/** Escapes every value; nested `html` stays markup, lists are joined, `undefined` and `false` vanish. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlPart[]): Html {
  let text = strings[0] ?? '';
  values.forEach((value, index) => {
    text += render(value) + (strings[index + 1] ?? '');
  });
  return new Html(text);
}

function render(value: HtmlPart): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(render).join('');
  return escape(String(value));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function escape(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => entities[character] ?? character);
}

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

interface Page {
  readonly status?: number;
  readonly title: string;
  readonly header?: Html;
  readonly body: Html;
}

/** Sends a page that nobody stores, indexes, frames or scripts. */
export function sendPage(res: Response, { status = 200, title, header, body }: Page): void {
  res.status(status);
  res.setHeader('content-type', 'text/html; charset=utf-8');
  res.setHeader('content-security-policy', policy);
  res.setHeader('x-robots-tag', 'noindex, nofollow');
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · lead-router</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/assets/style.css" />
      </head>
      <body>
        ${header}
        <main>${body}</main>
      </body>
    </html> `;
  res.end(page.toString());
}

/** A handler of pages: what it refuses is said on a page too. Faults of ours go on to be logged. */
export function asPage(handler: (req: Request, res: Response) => Promise<void>): RequestHandler {
  return async (req, res) => {
    try {
      await handler(req, res);
    } catch (error) {
      const { code, message, headers } = toApiError(error);
      const { status, title } = errorTable[code];
      if (status >= 500 || res.headersSent) throw error;
      for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
      sendPage(res, {
        status,
        title,
        body: html`<h1>${title}</h1>
          <p>${message}</p>`,
      });
    }
  };
}
