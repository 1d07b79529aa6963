import { Pool } from 'pg';
import { decide } from '../../activities/decide';
import { decidePlacement } from '../../activities/decide-placement';
import { assignInput } from '../../activities/place-lead';
import { createRoutingPolicies, type ReadyPolicy } from '../../activities/policies';
import type { AssignInput, AssignResult } from '../../activities/ports';
import { createAssignmentStore } from '../../db/assignment-store';
import type { OpenOffer } from '../../domain/assignment/open-offer';
import type { LeadId } from '../../domain/ids';
import { toInstant } from '../../domain/instant';
import type { AssignmentCause, LeadFacts } from '../../domain/lead';
import { cloneDatabase, type TestDatabase } from './database';
import { accepted, factsOf } from '../unit/policy/sample-policy';

export type FactChanges = Parameters<typeof factsOf>[0];

interface Asked {
  readonly facts?: FactChanges;
  readonly hop?: number;
  readonly cause?: AssignmentCause;
  readonly left?: AssignmentCause;
  readonly exclude?: readonly string[];
  readonly to?: string;
  readonly waitedMs?: number;
}

/** A policy of three reps and one pool; `pool` and `reps` are put into it as they stand. */
export function policyText({
  pool = 'members: { anna: 3, ben: 2, cleo: 1 }',
  anna = '',
  rest = '',
}: { readonly pool?: string; readonly anna?: string; readonly rest?: string } = {}): string {
  return `calendars: { utc: { timeZone: UTC, week: { mon-sun: "00:00-23:59" } } }
reps:
  - { id: anna, name: Anna, email: anna@example.com, calendar: utc${anna} }
  - { id: ben, name: Ben, email: ben@example.com, calendar: utc }
  - { id: cleo, name: Cleo, email: cleo@example.com, calendar: utc, skills: { de: 2 } }
pools:
  p: { ${pool} }
sla: { s: { clock: wall, touch: 1h } }
scoring: { fit: [{ when: "lead.consent", points: 100, because: "said yes" }], bands: { hot: 60, warm: 30 } }
${rest.includes('routing:') ? rest : `routing: [{ rule: all, to: pool/p, sla: s }]\n${rest}`}
`;
}

/** Gives a suite a database of its own with a distribution on it, and takes it away after the last test. */
export function useDistribution(begin: (work: Distribution) => void): void {
  let database: TestDatabase;
  let work: Distribution;
  beforeAll(async () => {
    database = await cloneDatabase();
    work = new Distribution(database.url);
    begin(work);
  });
  afterAll(async () => {
    await work.pool.end();
    await database.drop();
  });
}

/** Distribution without Temporal: the decision and the store as the activities use them, on a clock that is set. */
export class Distribution {
  readonly pool: Pool;
  readonly store: ReturnType<typeof createAssignmentStore>;
  now = Date.parse('2026-03-02T09:00:00Z'); // a Monday
  /** Whether deadlines wait for absences. */
  countsAbsences = false;
  #policy: ReadyPolicy | undefined;
  #sent = 0;

  constructor(url: string) {
    this.pool = new Pool({ connectionString: url, max: 24, pipeline: true });
    // The database is dropped while the last connections are closing.
    this.pool.on('error', () => undefined);
    this.store = createAssignmentStore(this.pool);
  }

  /** Empties what earlier tests left and decides by this policy from now on. */
  async start(text: string): Promise<void> {
    await this.pool.query(
      'TRUNCATE leads, assignments, ledger, pool_state, pool_members, rep_state, absences, timeline, partners',
    );
    const { policy } = accepted(text);
    const document = { version: 1, policy };
    const source = { live: () => Promise.resolve(document), version: () => Promise.resolve(document) };
    this.#policy = await createRoutingPolicies(source).of(1);
  }

  get policy(): ReadyPolicy {
    if (!this.#policy) throw new Error('no policy yet');
    return this.#policy;
  }

  after(ms: number): void {
    this.now += ms;
  }

  async lead(): Promise<LeadId> {
    const id = `lead_${String(this.#sent++).padStart(6, '0')}` as LeadId;
    await this.pool.query(
      `INSERT INTO leads (id, source, event_key, raw_body, fields, received_at, progress) VALUES ($1, 't', $1, '{}', '{}', $2, 'identified')`,
      [id, toInstant(this.now)],
    );
    return id;
  }

  async assign(leadId: LeadId, asked: Asked = {}): Promise<AssignResult> {
    return this.store.assign(await this.#input(leadId, asked));
  }

  /** What `assign` would do with a lead that is not stored. */
  async wouldAssign() {
    return this.store.wouldAssign(await this.#input('lead_preview' as LeadId, {}));
  }

  async #input(leadId: LeadId, { facts, hop = 0, waitedMs = 0, ...asked }: Asked): Promise<AssignInput> {
    const wanted = { leadId, hop, cause: 'routed', exclude: [], at: toInstant(this.now), ...asked } as const;
    const opens = Object.values(this.policy.policy.pools).some(({ offer }) => offer?.to === 'all');
    const { rows } = opens
      ? await this.pool.query<{ offer: OpenOffer | null }>(
          'SELECT open_offer AS offer FROM leads WHERE id = $1',
          [leadId],
        )
      : { rows: [] };
    const about = { previousBand: undefined, waitedMs, earlier: [] };
    const placing = { offer: rows[0]?.offer ?? undefined, wanted };
    const versions = { routedBy: this.policy, live: this.policy };
    const { decision } = decidePlacement(versions, factsOf(facts) satisfies LeadFacts, about, placing);
    const away = this.countsAbsences ? await this.store.absences({ since: wanted.at }) : {};
    return assignInput(this.policy, decision, wanted, { away, live: this.policy });
  }

  replacePartner(
    leadId: LeadId,
    repId: string,
    because: 'declined' | 'absent',
    hop = 0,
    facts?: FactChanges,
  ) {
    const about = { previousBand: undefined, waitedMs: 0, earlier: [] };
    const cause = because === 'declined' ? because : 'reassigned';
    const wanted = { leadId, hop, cause, exclude: [], at: toInstant(this.now) } as const;
    const context = { away: {}, live: this.policy };
    const input = assignInput(this.policy, decide(this.policy, factsOf(facts), about), wanted, context);
    return this.store.replacePartner({ ...input, leaving: { repId, because } });
  }

  /** A new lead's owner, or `-` when it is parked. */
  async owner(options: Parameters<Distribution['assign']>[1] = {}): Promise<string> {
    return ownerOf(await this.assign(await this.lead(), options));
  }

  async owners(count: number, options: Parameters<Distribution['assign']>[1] = {}): Promise<string[]> {
    const owners: string[] = [];
    for (let n = 0; n < count; n++) owners.push(await this.owner(options));
    return owners;
  }

  /** All at once. */
  async burst(
    count: number,
    options: Parameters<Distribution['assign']>[1] = {},
  ): Promise<Record<string, number>> {
    const leads = await Promise.all(Array.from({ length: count }, () => this.lead()));
    return tally((await Promise.all(leads.map((id) => this.assign(id, options)))).map(ownerOf));
  }

  dispose(leadId: LeadId, outcome: 'disqualified' | 'converted'): Promise<LeadId | undefined> {
    const { policy } = this.policy;
    return this.store.dispose({
      leadId,
      at: toInstant(this.now),
      decidedAt: toInstant(this.now),
      outcome,
      credit: Object.fromEntries(Object.entries(policy.pools).map(([id, { credit }]) => [id, credit])),
      longestWaitMs: 4 * 3_600_000,
    });
  }

  /** Nobody waits any more. */
  async forgetParked(): Promise<void> {
    await this.pool.query(
      `UPDATE leads SET progress = 'disqualified', closed_at = now() WHERE progress = 'parked'`,
    );
  }

  async absent(rep: string, forMs: number): Promise<void> {
    await this.pool.query('INSERT INTO absences (rep_id, "from", until) VALUES ($1, $2, $3)', [
      rep,
      toInstant(this.now),
      toInstant(this.now + forMs),
    ]);
  }
}

export const ownerOf = (result: AssignResult): string =>
  result.kind === 'assigned' ? result.assignment.repId : '-';

export function tally(owners: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const owner of owners) counts[owner] = (counts[owner] ?? 0) + 1;
  return counts;
}
