import type { PolicyStore } from '../../activities/ports';
import { toInstant } from '../../domain/instant';
import type { Rep } from '../../domain/policy';
import { bestEffort } from '../best-effort';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { present } from '../present';
import { route, type Api } from '../route';
import {
  AbsenceBody,
  AccountingView,
  LedgerPage,
  LedgerQuery,
  PoolParams,
  RepList,
  RepParams,
  RepView,
  StatusBody,
} from '../schemas/distribution';

/** Pools, reps and the books. */
export function distributionRoutes(api: Api, deps: ApiDeps): void {
  const { pools, policies, leads } = deps;
  route(api, {
    method: 'get',
    path: '/v1/pools/:pool/ledger',
    tag: 'distribution',
    summary: 'Every pick of a pool with its reasons, and who got how much',
    scope: 'read',
    params: PoolParams,
    query: LedgerQuery,
    replies: { 200: LedgerPage },
    errors: ['unknown_pool'],
    handle: async ({ params, query }) => {
      const page = await pools.ledger(params.pool, {
        limit: query.limit,
        startingAfter: query.startingAfter,
      });
      // A pool that left the policy keeps its ledger.
      if (page.data.length === 0 && !(await poolExists(policies, params.pool)))
        throw new ApiError('unknown_pool', `There is no pool "${params.pool}".`);
      return {
        ...page,
        data: page.data.map((entry) => ({
          ...entry,
          candidates: entry.candidates.map((candidate) => ({ ...candidate })),
        })),
      };
    },
  });
  route(api, {
    method: 'get',
    path: '/v1/accounting',
    tag: 'distribution',
    summary: 'Do the books balance?',
    scope: 'read',
    replies: { 200: AccountingView },
    handle: () => leads.accounting(),
  });
  repRoutes(api, deps);
}

function repRoutes(api: Api, { reps, policies, runs, log, clock }: ApiDeps): void {
  const changed = async (rep: Rep) => {
    await bestEffort(log, 'waking parked leads', () => runs.wakeParked());
    return viewOf(rep, await reps.states());
  };
  route(api, {
    method: 'get',
    path: '/v1/reps',
    tag: 'distribution',
    summary: 'The reps of the live policy and how they stand',
    scope: 'read',
    replies: { 200: RepList },
    handle: async () => {
      const [live, states] = await Promise.all([policies.live(), reps.states()]);
      return { data: (live?.policy.reps ?? []).map((rep) => viewOf(rep, states)) };
    },
  });
  route(api, {
    method: 'put',
    path: '/v1/reps/:rep/absence',
    tag: 'distribution',
    summary: 'Out of office, from and until',
    scope: 'operate',
    params: RepParams,
    body: AbsenceBody,
    replies: { 200: RepView },
    errors: ['unknown_rep'],
    handle: async ({ params, body }) => {
      const rep = await repOf(policies, params.rep);
      await reps.setAbsence(rep.id, body, toInstant(clock.now()));
      await bestEffort(log, 're-basing clocks', () => runs.rebase({ rep: rep.id }));
      return changed(rep);
    },
  });
  route(api, {
    method: 'put',
    path: '/v1/reps/:rep/status',
    tag: 'distribution',
    summary: 'Pause or resume a rep',
    scope: 'operate',
    params: RepParams,
    body: StatusBody,
    replies: { 200: RepView },
    errors: ['unknown_rep'],
    handle: async ({ params, body }) => {
      const rep = await repOf(policies, params.rep);
      await reps.setStatus(rep.id, body.status, body.reason);
      return changed(rep);
    },
  });
}

async function poolExists(policies: PolicyStore, pool: string): Promise<boolean> {
  const live = await policies.live();
  return live !== undefined && Object.hasOwn(live.policy.pools, pool);
}

async function repOf(policies: PolicyStore, id: string): Promise<Rep> {
  const rep = (await policies.live())?.policy.reps.find((candidate) => candidate.id === id);
  if (!rep) throw new ApiError('unknown_rep', `The live policy has no rep "${id}".`);
  return rep;
}

function viewOf({ id, name, calendar, caps }: Rep, states: Awaited<ReturnType<ApiDeps['reps']['states']>>) {
  const state = states.find(({ repId }) => repId === id);
  return present({
    id,
    name,
    calendar,
    status: state?.status ?? ('active' as const),
    pauseReason: state?.pauseReason,
    openLeads: state?.openCount ?? 0,
    caps,
    absences: state?.absences ?? [],
  });
}
