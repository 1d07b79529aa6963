import type { Response } from 'express';
import { html, sendPage, type Html } from '../html';
import type { Session } from './session';

const places = [
  ['/console', 'Leads'],
  ['/console/stuck', 'Stuck'],
  ['/console/reviews', 'Reviews'],
  ['/console/pools', 'Pools'],
  ['/console/policy', 'Policy'],
] as const;

/** A page of someone who is signed in. */
export function sendConsole(
  res: Response,
  session: Session,
  page: { readonly at: string; readonly title: string; readonly body: Html },
): void {
  const header = html`<header>
    <strong>lead-router</strong>
    ${places.map(([path, label]) => (path === page.at ? html`<a href="${path}" aria-current="page">${label}</a>` : html`<a href="${path}">${label}</a>`))}
    <form method="post" action="/console/logout">${csrfField(session)}<button>Sign out</button></form>
  </header>`;
  sendPage(res, { title: page.title, header, body: page.body });
}

export function csrfField({ csrf }: Session): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}" />`;
}

/** Rows under a heading, or one line that says there are none. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly (Html | string | number | undefined)[])[],
  none: string,
): Html {
  if (rows.length === 0) return html`<p class="quiet">${none}</p>`;
  return html`<table>
    <thead>
      <tr>
        ${headings.map((heading) => html`<th>${heading}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            ${row.map((cell) => html`<td>${cell}</td>`)}
          </tr> `,
      )}
    </tbody>
  </table>`;
}
