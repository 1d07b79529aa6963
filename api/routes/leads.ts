import type { ApiDeps } from '../deps';
import { route, type Api } from '../route';
import {
  Explanation,
  LeadList,
  leadIdOf,
  LeadParams,
  LeadQuery,
  LeadView,
  unknownLead,
} from '../schemas/leads';

/** Reading leads. */
export function leadRoutes(api: Api, { leads }: ApiDeps): void {
  const tag = 'leads';
  route(api, {
    method: 'get',
    path: '/v1/leads',
    tag,
    summary: 'List leads, newest first',
    scope: 'read',
    query: LeadQuery,
    replies: { 200: LeadList },
    handle: ({ query: { status, owner, source, limit, startingAfter } }) =>
      leads.list({ status, owner, source, limit, startingAfter }),
  });
  route(api, {
    method: 'get',
    path: '/v1/leads/:leadId',
    tag,
    summary: 'One lead with its timeline',
    scope: 'read',
    params: LeadParams,
    replies: { 200: LeadView },
    errors: ['unknown_lead'],
    handle: async ({ params }) => found(await leads.view(leadIdOf(params))),
  });
  route(api, {
    method: 'get',
    path: '/v1/leads/:leadId/explanation',
    tag,
    summary: 'Why this owner',
    scope: 'read',
    params: LeadParams,
    replies: { 200: Explanation },
    errors: ['unknown_lead'],
    handle: async ({ params }) => found(await leads.explanation(leadIdOf(params))) as Record<string, unknown>,
  });
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw unknownLead();
  return value;
}
