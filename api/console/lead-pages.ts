import type { Page } from '../../domain/page';
import type { LeadSummary, LeadView } from '../ports';
import { leadStatus, type LeadFields } from '../../domain/lead';
import { html, type Html } from '../html';
import { isRecord } from '../webhooks/json';
import { dateTime, fromNow, inWords } from '../words';
import { table } from './layout';

export interface LeadFilter {
  readonly status?: string | undefined;
  readonly owner?: string | undefined;
  readonly source?: string | undefined;
}

/** The list of leads with its filter. */
export function leadsPage({ data, hasMore }: Page<LeadSummary>, filter: LeadFilter, nowMs: number): Html {
  const query = new URLSearchParams(
    Object.entries(filter).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
  const last = data.at(-1);
  if (last) query.set('startingAfter', last.id);
  const option = (value: string): Html =>
    value === filter.status
      ? html`<option value="${value}" selected>${inWords(value)}</option>`
      : html`<option value="${value}">${inWords(value)}</option>`;
  return html`<h1>Leads</h1>
    <form class="filter" method="get">
      <label
        >Status<br /><select name="status">
          <option value="">any</option>
          ${leadStatus.map(option)}
        </select></label
      >
      <label>Owner<br /><input name="owner" value="${filter.owner}" placeholder="rep id" /></label>
      <label>Source<br /><input name="source" value="${filter.source}" /></label>
      <button>Filter</button>
    </form>
    ${leadTable(data, nowMs)}
    ${hasMore && html`<p><a href="/console?${query.toString()}">Older leads</a></p>`}`;
}

export function leadTable(leads: readonly LeadSummary[], nowMs: number, none = 'No leads.'): Html {
  const rows = leads.map((lead) => [
    html`<a href="/console/leads/${lead.id}">${lead.id}</a>`,
    statusOf(lead.status),
    lead.owner?.name ?? '—',
    lead.source,
    lead.score === undefined ? '—' : `${String(lead.score)} (${lead.band ?? '—'})`,
    fromNow(lead.receivedAt, nowMs),
  ]);
  return table(['Lead', 'Status', 'Owner', 'Source', 'Score', 'Received'], rows, none);
}

function statusOf(status: string): Html {
  const look =
    status === 'needs_attention'
      ? 'bad'
      : status === 'parked'
        ? 'warn'
        : status === 'touched' || status === 'converted'
          ? 'good'
          : '';
  return html`<span class="${look}">${inWords(status)}</span>`;
}

/** What the page of a lead shows; `release` is the way back for one that the gate turned away. */
export interface LeadShown {
  readonly lead: LeadView;
  readonly person: LeadFields | undefined;
  readonly explanation: unknown;
  readonly release: Html | undefined;
}

/** One lead: who, how it stands, its clock, why this owner, what happened. */
export function leadPage({ lead, person, explanation, release }: LeadShown, nowMs: number): Html {
  const name = [person?.firstName, person?.lastName].filter(Boolean).join(' ') || 'Unnamed person';
  const pairs: readonly (readonly [string, Html | string | undefined])[] = [
    ['Status', statusOf(lead.status)],
    ['Closed because', lead.closeReason],
    ['Owner', lead.owner && `${lead.owner.name} (${lead.owner.id})`],
    ['Company', person?.company],
    ['E-mail', person?.email],
    ['Phone', person?.phone],
    ['Country', person?.country],
    ['Source', lead.source],
    ['Score', lead.score === undefined ? undefined : `${String(lead.score)}, ${lead.band ?? 'no band'}`],
    ['Received', `${dateTime(lead.receivedAt)} (${fromNow(lead.receivedAt, nowMs)})`],
    [
      'Merged into',
      lead.mergedInto && html`<a href="/console/leads/${lead.mergedInto}">${lead.mergedInto}</a>`,
    ],
    ['CRM', lead.crm && `${lead.crm.system} ${lead.crm.externalId}, written ${dateTime(lead.crm.syncedAt)}`],
    ['Run', lead.workflowId],
    ['Message', person?.message],
  ];
  return html`<h1>${name}</h1>
    <dl>
      ${pairs.flatMap(([label, value]) =>
        value === undefined
          ? []
          : [
              html`<dt>${label}</dt>
                <dd>${value}</dd> `,
            ],
      )}
    </dl>
    ${release} ${clock(lead, nowMs)}
    <h2>Why this owner</h2>
    ${why(explanation)}
    <h2>Timeline</h2>
    ${table(
      ['When', 'What', 'Details'],
      lead.timeline.map(({ at, what, ...details }) => [dateTime(at), inWords(what), inline(details)]),
      'Nothing yet.',
    )}`;
}

function clock({ sla }: LeadView, nowMs: number): Html | undefined {
  if (!sla) return undefined;
  const touched = sla.firstTouchAt
    ? `first touched ${dateTime(sla.firstTouchAt)}`
    : `first touch due ${dateTime(sla.touchDueAt)} (${fromNow(sla.touchDueAt, nowMs)})`;
  const steps = sla.steps.map((step) => [
    `${step.do}${step.to === undefined ? '' : ` to ${step.to}`}`,
    `${dateTime(step.dueAt)} (${fromNow(step.dueAt, nowMs)})`,
    step.doneAt ? `done ${dateTime(step.doneAt)}` : 'not yet',
  ]);
  return html`<h2>Clock</h2>
    <p>SLA “${sla.policy}”: ${touched}. ${sla.breached && html`<span class="bad">Missed.</span>`}</p>
    ${table(['Step', 'Due', 'Done'], steps, 'This SLA has no steps.')}`;
}

/** The explanation in words where its parts are known, and whole as data. */
function why(explanation: unknown): Html {
  if (!isRecord(explanation)) return html`<p class="quiet">Not decided yet.</p>`;
  const { rule, score, policyVersion } = explanation;
  const trail = recordsOf(explanation['trail']).map((tried) => [
    text(tried['rule']),
    text(tried['when'] ?? 'always'),
    inWords(text(tried['verdict'])),
  ]);
  const points = recordsOf(explanation['contributions']).map((part) => [
    text(part['because']),
    text(part['points']),
  ]);
  const picks = recordsOf(explanation['ledger']).flatMap((pick) =>
    recordsOf(pick['candidates']).map((candidate) => [
      `${text(pick['pool'])} #${text(pick['seq'])}`,
      text(candidate['rep']),
      candidate['rep'] === pick['rep']
        ? 'picked'
        : candidate['eligible'] === false
          ? `skipped: ${inWords(text(candidate['skip'] ?? 'not eligible'))}`
          : 'another was owed more',
      text(candidate['before']),
    ]),
  );
  const words = recordsOf(explanation['ledger']).flatMap((pick) => {
    const { explained } = pick;
    if (!isRecord(explained)) return [];
    const change = explained['smallestChange'];
    return [
      html`<p>
        ${text(pick['rep'])} ${text(explained['because'])}.${change !== undefined && ` Smallest change: ${text(change)}.`}
      </p>`,
    ];
  });
  return html`${words}<p>
      ${rule === undefined ? 'No rule took the lead.' : html`Rule “${text(rule)}”`}
      ${policyVersion !== undefined && policyVersion !== null && `of policy version ${text(policyVersion)}`}${score !== undefined && `, score ${text(score)}`}
    </p>
    ${trail.length > 0 && table(['Rule tried', 'Condition', 'Verdict'], trail, '')}
    ${points.length > 0 && table(['Because', 'Points'], points, '')}
    ${picks.length > 0 && table(['Pick', 'Candidate', 'Outcome', 'Owed before'], picks, '')}
    <details>
      <summary>As data</summary>
      <pre>${JSON.stringify(explanation, null, 2)}</pre>
    </details>`;
}

function recordsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function text(value: unknown): string {
  if (value === undefined) return '—';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `pool: inbound · hop: 0`. */
function inline(details: Readonly<Record<string, unknown>>): string {
  return Object.entries(details)
    .map(([name, value]) => `${inWords(name)}: ${text(value)}`)
    .join(' · ');
}
