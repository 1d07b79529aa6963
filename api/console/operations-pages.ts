import type { ErrorStore, ErrorView, PolicyVersionView } from '../../activities/ports';
import type { Accounting, LeadSummary, PoolReader, RepStore } from '../ports';
import { mapStep } from '../../domain/lead';
import type { Policy } from '../../domain/policy';
import { html, type Html } from '../html';
import { dateTime, fromNow, inWords } from '../words';
import { csrfField, table } from './layout';
import { leadTable } from './lead-pages';
import type { Session } from './session';

export interface Stuck {
  readonly groups: Awaited<ReturnType<ErrorStore['groups']>>;
  readonly errors: readonly ErrorView[];
  readonly parked: readonly LeadSummary[];
  readonly books: Accounting;
}

/** What does not move by itself: open errors by cause, each alone, and parked leads. */
export function stuckPage(
  stuck: Stuck,
  session: Session,
  view: { readonly nowMs: number; readonly mayRetry: boolean; readonly retried?: number | undefined },
): Html {
  const button = (action: string, label: string, field?: Html): Html | undefined =>
    view.mayRetry
      ? html`<form method="post" action="${action}">
          ${csrfField(session)}${field}<button>${label}</button>
        </form>`
      : undefined;
  const groups = stuck.groups.map((group) => [
    `${group.step}: ${inWords(group.code)}`,
    group.message,
    group.leads,
    fromNow(group.lastSeenAt, view.nowMs),
    button(
      '/console/errors/retry',
      'Retry all',
      html`<input type="hidden" name="fingerprint" value="${group.fingerprint}" />`,
    ),
  ]);
  const errors = stuck.errors.map((error) => [
    // What could not be read as a lead has no page yet.
    error.step === mapStep
      ? error.leadId
      : html`<a href="/console/leads/${error.leadId}">${error.leadId}</a>`,
    error.step,
    error.message,
    error.count,
    fromNow(error.firstSeenAt, view.nowMs),
    button(`/console/errors/${error.id}/retry`, 'Retry'),
  ]);
  return html`<h1>Stuck work</h1>
    ${view.retried !== undefined && html`<p class="note">${view.retried} lead(s) were asked to try again.</p>`}
    ${booksLine(stuck.books)}
    <h2>By cause</h2>
    ${table(['Cause', 'Message', 'Leads', 'Last seen', ''], groups, 'Nothing needs attention.')}
    <h2>Newest open errors</h2>
    ${table(['Lead', 'Step', 'Message', 'Tries', 'Since', ''], errors, 'None.')}
    <h2>Parked: nobody can take them now</h2>
    ${leadTable(stuck.parked, view.nowMs, 'None.')}`;
}

function booksLine(books: Accounting): Html {
  const { accepted, assigned, parked, merged, rejected, deadLettered, inFlight, balanced } = books;
  const parts = `${String(assigned)} assigned + ${String(parked)} parked + ${String(merged)} merged + ${String(rejected)} rejected + ${String(deadLettered)} dead-lettered + ${String(inFlight)} in flight`;
  return html`<p>
    ${accepted} accepted = ${parts}:
    ${balanced ? html`<span class="good">the books balance</span>` : html`<span class="bad">the books do not balance</span>`}.
  </p>`;
}

type Shares = Awaited<ReturnType<PoolReader['ledger']>>['shares'];

/** Who got how much of each pool, and who can take leads. */
export function poolsPage(
  policy: Policy | undefined,
  shares: ReadonlyMap<string, Shares>,
  reps: Awaited<ReturnType<RepStore['states']>>,
  nowMs: number,
): Html {
  if (!policy)
    return html`<h1>Pools</h1>
      <p class="quiet">No policy is live.</p>`;
  const nameOf = (id: string): string => policy.reps.find((rep) => rep.id === id)?.name ?? id;
  const pools = [...shares].map(([id, members]) => {
    const rows = members.map(({ rep, weight, assigned, target }) => [
      nameOf(rep),
      weight,
      assigned,
      target.toFixed(1),
      signed(assigned - target),
    ]);
    return html`<h2>${id}</h2>
      ${table(['Member', 'Weight', 'Got', 'Fair share', 'Difference'], rows, 'Nobody is in this pool.')}`;
  });
  const people = policy.reps.map((rep) => {
    const state = reps.find(({ repId }) => repId === rep.id);
    const away = state?.absences
      .filter(({ until }) => Date.parse(until) > nowMs)
      .map(({ from, until }) => `away ${dateTime(from)} to ${dateTime(until)}`);
    const paused =
      state?.status === 'paused'
        ? `paused${state.pauseReason === undefined ? '' : `: ${state.pauseReason}`}`
        : undefined;
    return [rep.name, rep.id, state?.openCount ?? 0, [paused ?? 'active', ...(away ?? [])].join('; ')];
  });
  return html`<h1>Pools</h1>
    ${pools}
    <h2>Reps</h2>
    ${table(['Name', 'Id', 'Open leads', 'Now'], people, 'The policy has no reps.')}`;
}

function signed(difference: number): string {
  const rounded = difference.toFixed(1);
  return difference > 0 ? `+${rounded}` : rounded;
}

/** Versions, and the text of one. */
export function policyPage(
  versions: readonly PolicyVersionView[],
  shown: { readonly version: number; readonly text: string } | undefined,
): Html {
  const rows = versions.map((version) => [
    html`<a href="/console/policy?version=${version.version}">${version.version}</a>`,
    version.state,
    version.createdBy,
    dateTime(version.createdAt),
    version.publishedAt
      ? dateTime(version.publishedAt)
      : version.publishAt
        ? `will be on ${dateTime(version.publishAt)}`
        : '—',
  ]);
  return html`<h1>Policy</h1>
    ${table(['Version', 'State', 'Saved by', 'Saved', 'Published'], rows, 'No policy was saved yet.')}
    ${
      shown &&
      html`<h2>Version ${shown.version}</h2>
        <pre>${shown.text}</pre>`
    }`;
}
