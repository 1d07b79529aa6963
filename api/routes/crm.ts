import type { ApiDeps } from '../deps';
import { route, type Api } from '../route';
import { CrmAsked, CrmReportList, CrmReportQuery } from '../schemas/crm';

/** How leads and their records in the CRM keep to each other. */
export function crmRoutes(api: Api, { crmSync, runs }: ApiDeps): void {
  route(api, {
    method: 'get',
    path: '/v1/reports/crm',
    tag: 'crm',
    summary: 'Comparisons of all open leads with the CRM, newest first',
    scope: 'read',
    query: CrmReportQuery,
    replies: { 200: CrmReportList },
    handle: async ({ query }) => ({ data: await crmSync.reports(query.limit) }),
  });
  route(api, {
    method: 'post',
    path: '/v1/crm/news',
    tag: 'crm',
    summary: 'The CRM has news: ask it at once instead of at the next turn',
    description:
      'For an automation in the CRM to call, with whatever body it sends: what changed is not read from it, but asked for. Nothing happens where the CRM is not asked for changes.',
    scope: 'act',
    replies: { 202: CrmAsked },
    errors: ['runs_unavailable'],
    handle: async () => {
      await runs.askCrm();
      return { status: 'accepted' as const };
    },
  });
}
