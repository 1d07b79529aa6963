import { hasScope, missingScope } from '../auth';
import type { ApiDeps } from '../deps';
import { html, type Html } from '../html';
import type { ReviewedPerson, ReviewView } from '../ports-identity';
import { judgeReview } from '../routes/identity';
import { VerdictBody } from '../schemas/identity';
import { check, type Api } from '../route';
import { fromNow, inWords } from '../words';
import { csrfField, sendConsole, table } from './layout';
import type { Session, Visits } from './session';

/** Pairs of people who may be one, side by side, with a button for each verdict. They show people: for administrators. */
export function reviewRoutes({ app }: Api, deps: ApiDeps, { page, action }: Visits): void {
  app.get(
    '/console/reviews',
    page(async ({ session, caller }, _req, res) => {
      if (!hasScope(caller, 'admin')) throw missingScope('admin');
      const { data, hasMore } = await deps.reviews.list({ state: 'open', limit: 25 });
      const body = html`<h1>One person or two?</h1>
        <p>
          The lead was taken for a new person, but is close to one who is known. <em>Same</em> merges them; a
          merge can be undone.
        </p>
        ${data.length === 0 && html`<p class="quiet">Nothing to decide.</p>`}
        ${data.map((review) => pairOf(review, session, deps.clock.now()))}
        ${hasMore && html`<p class="quiet">More wait; they follow as these are decided.</p>`}`;
      sendConsole(res, session, { at: '/console/reviews', title: 'Reviews', body });
    }),
  );
  app.post(
    '/console/reviews/:id',
    action(async ({ caller }, form, req, res) => {
      if (!hasScope(caller, 'admin')) throw missingScope('admin');
      const { verdict } = check(VerdictBody, { verdict: form.get('verdict') });
      await judgeReview(deps, String(req.params['id']), verdict, caller.name);
      res.redirect(303, '/console/reviews');
    }),
  );
}

const fields = [
  ['Name', ({ firstName, lastName }: ReviewedPerson['profile']) => [firstName, lastName].join(' ').trim()],
  ['E-mail', ({ email }: ReviewedPerson['profile']) => email],
  ['Phone', ({ phone }: ReviewedPerson['profile']) => phone],
  ['Company', ({ company }: ReviewedPerson['profile']) => company],
  ['Title', ({ title }: ReviewedPerson['profile']) => title],
  [
    'Address',
    ({ street, postalCode, city }: ReviewedPerson['profile']) =>
      [street, postalCode, city].filter(Boolean).join(', '),
  ],
] as const;

function pairOf(
  { id, leadId, bits, reasons, person, other, createdAt }: ReviewView,
  session: Session,
  nowMs: number,
): Html {
  const rows = fields.flatMap(([label, of]) => {
    const [known, lead] = [of(other.profile), of(person.profile)];
    return known || lead ? [[label, known, lead]] : [];
  });
  const button = (verdict: 'same' | 'different', label: string): Html =>
    html`<form method="post" action="/console/reviews/${id}">
      ${csrfField(session)}<input type="hidden" name="verdict" value="${verdict}" /><button>${label}</button>
    </form>`;
  const why = reasons
    .filter((reason) => reason.fact !== 'prior' && Math.abs(reason.bits) >= 0.5)
    .map(
      (reason) =>
        `${inWords(reason.fact)} ${reason.level} ${reason.bits > 0 ? '+' : '−'}${Math.abs(reason.bits).toFixed(1)}`,
    );
  const nearBoth = reasons.some(({ level }) => level === 'duplicate');
  return html`<h2><a href="/console/leads/${leadId}">${leadId}</a>, ${fromNow(createdAt, nowMs)}</h2>
    ${table(['', 'Known person', nearBoth ? 'Another one' : 'This lead'], rows, 'Neither shows anything.')}
    <p class="quiet">
      ${nearBoth ? 'Both are known, and the lead is near enough to be from either. ' : ''}${bits.toFixed(1)} bits:
      ${why.join(' · ')}
    </p>
    ${button('same', 'Same person')} ${button('different', 'Two people')}`;
}
