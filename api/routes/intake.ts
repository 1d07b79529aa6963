import type { NewLead } from '../../activities/ports';
import { leadRoutingId } from '../../workflows/contract';
import type { ApiDeps } from '../deps';
import { leadFromApi } from '../lead-id';
import { route, type Api } from '../route';
import { LeadBody } from '../schemas/lead-body';
import { LeadAccepted } from '../schemas/leads';
import { shownAtDoor } from '../webhooks/door';
import type { SourceBook } from '../webhooks/source-book';

/** `POST /v1/leads`: the hot path. */
export function intakeRoutes(api: Api, { intake, clock }: ApiDeps, book: SourceBook): void {
  route(api, {
    method: 'post',
    path: '/v1/leads',
    tag: 'leads',
    summary: 'Take in a lead',
    description:
      'Answered once the lead is durable. The same lead again is answered the same way and is not doubled.',
    scope: 'intake',
    headers: {
      'Idempotency-Key':
        'The same key of the same sender, who is the name of the API key, is the same lead, whatever the body says',
    },
    body: LeadBody,
    replies: { 202: LeadAccepted },
    errors: ['nothing_durable'],
    handle: async ({ body, json, text, header, caller }) => {
      const { gate } = (body.source === undefined ? undefined : await book.known(body.source)) ?? {};
      const sent = { fields: body, door: shownAtDoor(gate, json), json, text, nowMs: clock.now() };
      const lead = leadFromApi(sent, caller, header('idempotency-key'));
      await intake.accept(lead);
      return acceptedReply(lead);
    },
  });
}

/** What a sender gets for a durable lead. */
export function acceptedReply({ leadId }: Pick<NewLead, 'leadId'>) {
  return {
    id: leadId,
    status: 'received' as const,
    workflowId: leadRoutingId(leadId),
    links: { self: `/v1/leads/${leadId}`, explanation: `/v1/leads/${leadId}/explanation` },
  };
}
