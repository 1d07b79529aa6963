import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { LeadView } from '../ports';
import { verifyActionLink, type ActionLink } from '../../domain/action-link';
import { parseDuration } from '../../domain/duration';
import type { LeadFields } from '../../domain/lead';
import type { ApiDeps, RunAnswer } from '../deps';
import { UnknownLeadError } from '../errors';
import { readForm } from '../form';
import { asPage, html, sendPage, type Html } from '../html';
import { present } from '../present';
import type { Api } from '../route';
import { dateTime, fromNow, inWords } from '../words';

/**
 * Links in notifications. A GET only shows what would happen: mail scanners and previews follow every link they see.
 * The POST from that page acts.
 */
export function linkRoutes({ app, guard }: Api, deps: ApiDeps): void {
  app.get(
    '/l/:token',
    asPage(async (req, res) => {
      const subject = await subjectOf(deps, req, res, guard);
      if (subject)
        sendPage(res, { title: titles[subject.link.action], body: askPage(subject, deps.clock.now()) });
    }),
  );
  app.post(
    '/l/:token',
    asPage(async (req, res) => {
      const subject = await subjectOf(deps, req, res, guard);
      const pressed = requestKey('link', String(req.params['token']));
      if (subject) await act(deps, { ...subject, pressed }, await readForm(req), res);
    }),
  );
}

interface Subject {
  readonly link: ActionLink;
  readonly lead: LeadView;
  readonly person: LeadFields;
}

const titles = {
  claim: 'Claim lead',
  decline: 'Decline lead',
  snooze: 'Snooze lead',
  reassign: 'Hand lead on',
} as const;
/** What a rep reads when it is done. */
const doneWords = {
  claim: 'The lead is yours, and the clock has stopped.',
  decline: 'You declined the lead; it goes to the next in line.',
  snooze: 'The lead is snoozed; reminders and deadlines wait as long.',
  reassign: 'The lead goes to the next in line.',
} as const;

/** A claimed lead that still waits for a touch was an offer. */
export function wordsWhenDone(action: ActionLink['action'], { status }: { readonly status: string }): string {
  return action === 'claim' && status === 'assigned'
    ? 'The lead is yours, and the clock for the first touch runs.'
    : doneWords[action];
}

/** What the link is about; undefined when a page has already said why it is not honoured. */
async function subjectOf(
  deps: ApiDeps,
  req: Request,
  res: Response,
  guard: Api['guard'],
): Promise<Subject | undefined> {
  const verdict = verifyActionLink(deps.linkKey, String(req.params['token']), deps.clock.now());
  if (!verdict.ok) {
    await guard.spendAddress(req, res);
    const [status, title, text] = verdict.reason === 'expired' ? expired : forged;
    refuse(res, status, title, text);
    return undefined;
  }
  const { link } = verdict;
  const [lead, person] = await Promise.all([deps.leads.view(link.leadId), deps.leads.person(link.leadId)]);
  if (!lead || !person) {
    refuse(res, 404, 'Lead not found', 'This lead no longer exists.');
    return undefined;
  }
  if (link.action === 'claim' && lead.offer?.to?.includes(link.repId)) return { link, lead, person };
  if (link.action === 'decline' && lead.owner && lead.partner?.id === link.repId)
    return { link, lead, person };
  // A manager hands on what is not his; whether the lead still is with the owner of that time, its run knows.
  if (lead.owner?.id === link.repId || (lead.owner && link.action === 'reassign'))
    return { link, lead, person };
  refuse(res, 409, ...movedOn(lead, link));
  return undefined;
}

/** Title and text for whoever comes too late. */
function movedOn(lead: LeadView, { action, repId }: ActionLink): readonly [string, string] {
  if (action === 'claim' && wasOpenTo(lead, repId))
    return lead.owner
      ? ['Taken', `The lead is taken by ${lead.owner.name}. Nothing was changed.`]
      : [
          'No longer open',
          'Nobody claimed the lead in time. It is no longer open to you. Nothing was changed.',
        ];
  const now = lead.owner ? `It is with ${lead.owner.name} now.` : 'It has no owner now.';
  return ['No longer yours', `The lead has moved on since this link was made. ${now} Nothing was changed.`];
}

const wasOpenTo = ({ timeline }: LeadView, repId: string): boolean =>
  timeline.some(({ what, to }) => what === 'opened' && Array.isArray(to) && to.includes(repId));

const expired = [
  410,
  'Link expired',
  'This link is too old to act on. Open the lead in the console, or use a newer notification.',
] as const;
const forged = [
  403,
  'Link not valid',
  'This link is incomplete or was changed. Open it again from the notification; mail programs sometimes cut long links.',
] as const;

function refuse(res: Response, status: number, title: string, text: string): void {
  sendPage(res, {
    status,
    title,
    body: html`<h1>${title}</h1>
      <p>${text}</p>`,
  });
}

function askPage({ link, lead, person }: Subject, nowMs: number): Html {
  const name = [person.firstName, person.lastName].filter(Boolean).join(' ') || 'Unnamed person';
  const next = lead.offer ? undefined : lead.sla?.steps.find((step) => step.doneAt === undefined);
  const due = lead.sla && !lead.sla.firstTouchAt && !lead.offer ? lead.sla.touchDueAt : undefined;
  return html`<h1>${titles[link.action]}</h1>
    <dl>
      <dt>Lead</dt>
      <dd>${name}${person.company !== undefined && html`, ${person.company}`}</dd>
      ${
        person.title !== undefined &&
        html`<dt>Title</dt>
          <dd>${person.title}</dd>`
      }
      <dt>Source</dt>
      <dd>${lead.source}</dd>
      <dt>Status</dt>
      <dd>${inWords(lead.status)}</dd>
      ${
        lead.offer &&
        html`<dt>${lead.offer.to ? 'Open to several until' : 'Offered until'}</dt>
          <dd>${dateTime(lead.offer.until)} (${fromNow(lead.offer.until, nowMs)})</dd>`
      }
      ${
        due &&
        html`<dt>First touch due</dt>
          <dd>${dateTime(due)} (${fromNow(due, nowMs)})</dd>`
      }
      ${
        next &&
        html`<dt>Next</dt>
          <dd>${next.do}${next.to !== undefined && html` to ${next.to}`} ${fromNow(next.dueAt, nowMs)}</dd>`
      }
    </dl>
    <form method="post">${fieldsOf(link.action)}</form>
    <p class="quiet">
      Nothing happens until you press the button. The link is valid until
      ${dateTime(new Date(link.expiresAtMs).toISOString())}.
    </p>`;
}

const snoozeChoices = {
  '15m': '15 minutes',
  '1h': '1 hour',
  '4h': '4 hours',
  '1d': 'until this time tomorrow',
} as const;

function fieldsOf(action: ActionLink['action']): Html {
  switch (action) {
    case 'claim':
      return html`<button>Claim: I am on it</button>`;
    case 'reassign':
      return html`<button>Hand on to the next in line</button>`;
    case 'decline':
      return html`<label>Reason (optional) <input name="reason" maxlength="1000" /></label>
        <button>Decline</button>`;
    case 'snooze':
      return html`<label
          >For
          <select name="for">
            ${Object.entries(snoozeChoices).map(([value, label]) => html`<option value="${value}">${label}</option>`)}
          </select></label
        >
        <button>Snooze</button>`;
  }
}

async function act(
  deps: ApiDeps,
  { link, pressed }: Subject & { readonly pressed: string },
  form: URLSearchParams,
  res: Response,
): Promise<void> {
  // Pressed twice it is one claim: the second one would be a touch of whoever owns the lead by then.
  const key = link.action === 'claim' ? pressed : undefined;
  const answer = await requestOf(deps, link, form, key);
  if (answer === undefined) {
    refuse(
      res,
      422,
      'Not understood',
      `Choose how long to snooze: ${Object.values(snoozeChoices).join(', ')}.`,
    );
  } else if (answer.ok) {
    const { status, nextDueAt } = answer.state;
    const next = nextDueAt === undefined ? undefined : html`<p>Next deadline: ${dateTime(nextDueAt)}.</p>`;
    sendPage(res, {
      title: 'Done',
      body: html`<h1>Done</h1>
        <p>${wordsWhenDone(link.action, answer.state)}</p>
        <p>Status: ${inWords(status)}.</p>
        ${next}`,
    });
  } else {
    refuse(res, 409, 'Not possible', `${answer.reason}. Nothing was changed.`.replace('..', '.'));
  }
}

/** Names what was pressed; ends in the history, where the token itself would still open the door. */
export const requestKey = (where: 'link' | 'slack', token: string): string =>
  `${where}/${createHash('sha256').update(token).digest('hex').slice(0, 40)}`;

/**
 * Asks for what a link allows; undefined when the form does not say how long to snooze.
 * @param key the same key again is the same request and gets the same answer
 */
export async function requestOf(
  { runs }: ApiDeps,
  { leadId, repId: by, hop, action }: ActionLink,
  form: URLSearchParams,
  key?: string,
): Promise<RunAnswer | undefined> {
  try {
    switch (action) {
      case 'claim':
        return await runs.request(leadId, 'claim', { by, hop }, key);
      case 'reassign':
        return await runs.request(leadId, 'reassign', { by, hop }, key);
      case 'decline':
        return await runs.request(
          leadId,
          'decline',
          present({ by, hop, reason: form.get('reason')?.trim().slice(0, 1_000) || undefined }),
          key,
        );
      case 'snooze': {
        const choice = form.get('for') ?? '';
        const forMs = Object.hasOwn(snoozeChoices, choice) ? parseDuration(choice) : undefined;
        return forMs === undefined
          ? undefined
          : await runs.request(leadId, 'snooze', { by, hop, forMs }, key);
      }
    }
  } catch (error) {
    if (error instanceof UnknownLeadError) return { ok: false, reason: 'The lead is closed' };
    throw error;
  }
}
