import type { Request, Response } from 'express';
import { verifyConfirmLink, type ConfirmLink } from '../../domain/action-link';
import type { ApiDeps } from '../deps';
import { UnknownLeadError } from '../errors';
import { asPage, html, sendPage } from '../html';
import type { Api } from '../route';

/**
 * The link in the mail of a double opt-in. A GET only shows the button, as mail scanners follow every link they see; the
 * POST from that page confirms. The pages say nothing of who the lead is, and nothing of us.
 */
export function confirmRoutes({ app, guard }: Api, deps: ApiDeps): void {
  app.get(
    '/confirm/:token',
    asPage(async (req, res) => {
      if (await linkOf(deps, req, res, guard)) sendPage(res, { title, body: askPage });
    }),
  );
  app.post(
    '/confirm/:token',
    asPage(async (req, res) => {
      const link = await linkOf(deps, req, res, guard);
      if (link) await confirm(deps, link, res);
    }),
  );
}

const title = 'Confirm your address';

const askPage = html`<h1>${title}</h1>
  <p>Somebody gave this e-mail address and asked to be contacted. Was it you?</p>
  <form method="post"><button>Yes, please contact me</button></form>
  <p class="quiet">If it was not you, close this page. Nothing happens until you press the button.</p>`;

/** Undefined when a page has already said why the link is not honoured. */
async function linkOf(
  { linkKey, clock }: ApiDeps,
  req: Request,
  res: Response,
  guard: Api['guard'],
): Promise<ConfirmLink | undefined> {
  const verdict = verifyConfirmLink(linkKey, String(req.params['token']), clock.now());
  if (verdict.ok) return verdict.link;
  await guard.spendAddress(req, res);
  if (verdict.reason === 'expired') say(res, 410, 'Link expired', 'Please send your request again.');
  else
    say(res, 403, 'Link not valid', 'It is incomplete or was changed. Open it again from the mail you got.');
  return undefined;
}

async function confirm({ runs }: ApiDeps, { leadId }: ConfirmLink, res: Response): Promise<void> {
  const answer = await runs.request(leadId, 'confirm', {}).catch((error: unknown) => {
    if (error instanceof UnknownLeadError) return undefined;
    throw error;
  });
  // Closed: confirmed before and dealt with by now, or over; the person is told the same.
  if (answer?.ok) say(res, 200, 'Thank you', 'Your address is confirmed. We will be in touch.');
  else say(res, 409, 'Nothing to confirm', 'This request has been dealt with already.');
}

function say(res: Response, status: number, heading: string, text: string): void {
  sendPage(res, {
    status,
    title: heading,
    body: html`<h1>${heading}</h1>
      <p>${text}</p>`,
  });
}
