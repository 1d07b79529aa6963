import type { Pool } from 'pg';
import type { Assignment, LeadScoring } from '../activities/ports';
import { UnknownStartError, type Page } from '../domain/page';
import type { Accounting, ClockView, LeadReader, LeadSummary, LeadView } from '../api/ports';
import type { OpenOffer } from '../domain/assignment/open-offer';
import { explainPick } from '../domain/assignment/explain';
import type { CandidateVerdict } from '../domain/assignment/picker';
import type { LeadId } from '../domain/ids';
import { toInstant } from '../domain/instant';
import type { LeadFields, LeadProgress, LeadStatus } from '../domain/lead';
import type { Band, ScoreOverride } from '../domain/policy';
import type { AppliedClock, AppliedSla, AppliedStep, ClockName } from '../domain/sla/plan';
import { accounting } from './sql/accounting';

/** @param repName gives the display name of a rep of the live policy. */
export function createLeadReader(pool: Pool, repName: (repId: string) => Promise<string>): LeadReader {
  return {
    view: (leadId) => view(pool, leadId, repName),
    list: (query) => list(pool, query, repName),
    explanation: (leadId) => explanation(pool, leadId),
    person: async (leadId) => {
      const { rows } = await pool.query<{ fields: LeadFields }>('SELECT fields FROM leads WHERE id = $1', [
        leadId,
      ]);
      return rows[0]?.fields;
    },
    accounting: (): Promise<Accounting> => accounting(pool),
    standing: async (leadId) => {
      const { rows } = await pool.query<{ closed: boolean }>(
        'SELECT closed_at IS NOT NULL AS closed FROM leads WHERE id = $1',
        [leadId],
      );
      return rows[0];
    },
    ownedByOthers: async (repIds) => {
      const { rows } = await pool.query<{ leadId: LeadId; owner: string }>(
        `SELECT id AS "leadId", owner_id AS owner FROM leads
         WHERE closed_at IS NULL AND owner_id IS NOT NULL AND owner_id <> ALL ($1) ORDER BY seq LIMIT 100`,
        [repIds],
      );
      return rows;
    },
    partnersAway: async (since) => {
      const { rows } = await pool.query<{ id: LeadId }>(
        `SELECT DISTINCT l.id FROM absences o JOIN partners p ON p.rep_id = o.rep_id AND p.ended_at IS NULL
           JOIN leads l ON l.id = p.lead_id AND l.owner_id IS NOT NULL
         WHERE o."from" <= now() AND o.until > now() AND o."from" > COALESCE($1, '-infinity'::timestamptz)`,
        [since ?? null],
      );
      return rows.map(({ id }) => id);
    },
    // Those that nobody could take; a lead that waits at the gate has no use for it.
    parked: async () => {
      const { rows } = await pool.query<{ id: LeadId }>(
        `SELECT id FROM leads WHERE progress = 'parked' AND parked_at IS NOT NULL ORDER BY seq`,
      );
      return rows.map(({ id }) => id);
    },
  };
}

interface LeadRow {
  id: LeadId;
  source: string;
  progress: LeadProgress;
  open_errors: number;
  person_id: string | null;
  account_id: string | null;
  merged_into: LeadId | null;
  owner_id: string | null;
  score: number | null;
  band: Band | null;
  received_at: Date;
  closed_at: Date | null;
}

const summaryColumns = `l.id, l.source, l.progress, l.open_errors, l.person_id, l.account_id, l.merged_into, l.owner_id, l.score,
  l.band, l.received_at, l.closed_at`;

async function summaryOf(row: LeadRow, repName: (repId: string) => Promise<string>): Promise<LeadSummary> {
  return {
    id: row.id,
    status: statusOf(row),
    source: row.source,
    workflowId: `lead/${row.id}`,
    receivedAt: toInstant(row.received_at.getTime()),
    ...(row.person_id ? { personId: row.person_id } : {}),
    ...(row.account_id ? { accountId: row.account_id } : {}),
    ...(row.merged_into ? { mergedInto: row.merged_into } : {}),
    ...(row.owner_id ? { owner: { id: row.owner_id, name: await repName(row.owner_id) } } : {}),
    ...(row.score === null ? {} : { score: row.score }),
    ...(row.band ? { band: row.band } : {}),
    ...(row.closed_at ? { closedAt: toInstant(row.closed_at.getTime()) } : {}),
  };
}

function statusOf(row: Pick<LeadRow, 'progress' | 'open_errors'>): LeadStatus {
  return row.open_errors > 0 ? 'needs_attention' : row.progress;
}

async function view(
  pool: Pool,
  leadId: LeadId,
  repName: (repId: string) => Promise<string>,
): Promise<LeadView | undefined> {
  const { rows } = await pool.query<
    LeadRow & {
      first_touch_at: Date | null;
      breached: boolean;
      close_reason: string | null;
      score_override: LeadScoring['override'] | null;
      sla: Assignment['sla'] | null;
      offer: Assignment['offer'] | null;
      open_offer: OpenOffer | null;
      partner: string | null;
      crm: { system: string; externalId: string; syncedAt: string } | null;
      events: { at: string; what: string; details: Record<string, unknown> }[];
    }
  >(
    `SELECT ${summaryColumns}, l.first_touch_at, l.breached, l.close_reason, l.score_override,
       (SELECT a.sla FROM assignments a WHERE a.lead_id = l.id ORDER BY a.hop DESC LIMIT 1) AS sla,
       (SELECT a.offer FROM assignments a WHERE a.lead_id = l.id AND a.ended_at IS NULL AND l.progress = 'assigned') AS offer,
       CASE WHEN l.progress = 'parked' AND NOT l.open_offer ? 'ended' THEN l.open_offer END AS open_offer,
       (SELECT p.rep_id FROM partners p WHERE p.lead_id = l.id AND p.left_because IS NULL) AS partner,
       (SELECT jsonb_build_object('system', c.system, 'externalId', c.external_id, 'syncedAt', c.synced_at) FROM crm_links c WHERE c.lead_id = l.id) AS crm,
       COALESCE((SELECT jsonb_agg(jsonb_build_object('at', t.at, 'what', t.what, 'details', t.details) ORDER BY t.at, t.id) FROM timeline t WHERE t.lead_id = l.id), '[]') AS events
     FROM leads l WHERE l.id = $1`,
    [leadId],
  );
  const row = rows[0];
  if (!row) return undefined;
  const summary = await summaryOf(row, repName);
  const { sla, crm, partner, score_override: override } = row;
  const firstTouchAt = row.first_touch_at ? toInstant(row.first_touch_at.getTime()) : undefined;
  return {
    ...summary,
    ...(sla
      ? { sla: { ...slaView(sla), ...(firstTouchAt ? { firstTouchAt } : {}), breached: row.breached } }
      : {}),
    ...(row.close_reason === null ? {} : { closeReason: row.close_reason }),
    ...offerView(row.offer, row.open_offer),
    ...(partner ? { partner: { id: partner, name: await repName(partner) } } : {}),
    ...(override ? { scoreOverride: overrideView(override) } : {}),
    ...(crm ? { crm: { ...crm, syncedAt: toInstant(Date.parse(crm.syncedAt)) } } : {}),
    timeline: [
      { at: summary.receivedAt, what: 'received', source: row.source },
      ...row.events.map((event) => ({
        ...event.details,
        at: toInstant(Date.parse(event.at)),
        what: event.what,
      })),
    ],
  };
}

function offerView(offer: Assignment['offer'] | null, open: OpenOffer | null): Pick<LeadView, 'offer'> {
  if (open) return { offer: { until: open.until, to: open.reps } };
  return offer && offer.acceptedAt === undefined ? { offer: { until: offer.until } } : {};
}

const overrideView = ({ was: _was, ...set }: NonNullable<LeadScoring['override']>): ScoreOverride => set;

function slaView(sla: AppliedSla): Omit<NonNullable<LeadView['sla']>, 'breached' | 'firstTouchAt'> {
  const { policy, steps, touchDueAt, heldAt, repliedAt, acknowledged } = sla;
  return {
    policy,
    steps: steps.map(stepView),
    touchDueAt,
    clocks: [
      clockView('touch', { ...sla, dueAt: touchDueAt }),
      ...Object.entries(sla.clocks ?? {}).map(([name, clock]) => clockView(name as ClockName, clock)),
    ],
    ...(heldAt ? { onHoldSince: heldAt } : {}),
    ...(repliedAt ? { repliedAt } : {}),
    ...(acknowledged ? { acknowledged } : {}),
  };
}

function clockView(name: ClockName, clock: Omit<AppliedClock, 'withinMs'>): ClockView {
  const { startAt, dueAt, missedAt, doneAt, tookMs } = clock;
  return {
    name,
    clock: clock.clock,
    startedAt: startAt,
    dueAt,
    steps: clock.steps.map(stepView),
    ...(missedAt ? { missedAt } : {}),
    ...(doneAt ? { doneAt } : {}),
    ...(tookMs === undefined ? {} : { tookMs }),
  };
}

const stepView = ({ do: what, dueAt, doneAt, to }: AppliedStep): ClockView['steps'][number] => ({
  do: what,
  dueAt,
  ...(doneAt ? { doneAt } : {}),
  ...(to ? { to } : {}),
});

async function list(
  pool: Pool,
  query: Parameters<LeadReader['list']>[0],
  repName: (repId: string) => Promise<string>,
): Promise<Page<LeadSummary>> {
  const attention = query.status === 'needs_attention';
  const { rows } = await pool.query<LeadRow>(
    `SELECT ${summaryColumns} FROM leads l
     WHERE ($1::text IS NULL OR (l.progress = $1 AND l.open_errors = 0)) AND (NOT $2::boolean OR l.open_errors > 0)
       AND ($3::text IS NULL OR l.owner_id = $3) AND ($4::text IS NULL OR l.source = $4)
       AND ($5::text IS NULL OR l.seq < (SELECT seq FROM leads WHERE id = $5))
     ORDER BY l.seq DESC LIMIT $6`,
    [
      attention ? null : (query.status ?? null),
      attention,
      query.owner ?? null,
      query.source ?? null,
      query.startingAfter ?? null,
      query.limit + 1,
    ],
  );
  if (rows.length === 0 && query.startingAfter !== undefined) {
    const { rowCount } = await pool.query('SELECT FROM leads WHERE id = $1', [query.startingAfter]);
    if (rowCount === 0) throw new UnknownStartError();
  }
  const data = await Promise.all(rows.slice(0, query.limit).map((row) => summaryOf(row, repName)));
  return { data, hasMore: rows.length > query.limit };
}

/** Rule and score as recorded at the decision, with the ledger rows of the picks, so the answer can be recomputed. */
async function explanation(pool: Pool, leadId: LeadId): Promise<unknown> {
  const { rows } = await pool.query<{
    explanation: object | null;
    score_override: object | null;
    policy_version: number | null;
    picks: readonly { readonly candidates: readonly CandidateVerdict[] }[];
    owners: unknown;
    matched: unknown;
  }>(
    `SELECT l.explanation, l.score_override - 'was' AS score_override, l.policy_version,
       COALESCE((SELECT jsonb_agg(jsonb_build_object('pool', g.pool_id, 'seq', g.seq, 'hop', g.hop, 'rep', g.rep_id, 'at', g.at,
          'charged', g.charged, 'candidates', g.candidates, 'credit', g.credit, 'partner', g.partner) ORDER BY g.hop) FROM ledger g WHERE g.lead_id = l.id), '[]') AS picks,
       COALESCE((SELECT jsonb_agg(jsonb_build_object('hop', a.hop, 'rep', a.rep_id, 'rule', a.rule, 'cause', a.cause, 'pool', a.pool_id,
          'assignedAt', a.assigned_at, 'endedAt', a.ended_at, 'offer', a.offer) ORDER BY a.hop) FROM assignments a WHERE a.lead_id = l.id), '[]') AS owners,
       (SELECT t.details FROM timeline t WHERE t.lead_id = l.id AND t.what IN ('identified', 'merged') ORDER BY t.id LIMIT 1) AS matched
     FROM leads l WHERE l.id = $1`,
    [leadId],
  );
  const row = rows[0];
  if (!row) return undefined;
  return {
    leadId,
    policyVersion: row.policy_version,
    match: row.matched,
    ...(row.explanation ?? {}),
    ...(row.score_override ? { scoreOverride: row.score_override } : {}),
    owners: row.owners,
    ledger: row.picks.map((entry) => ({ ...entry, explained: explainPick(entry.candidates) })),
  };
}
