import type { LeadId } from '../../domain/ids';
import { asLeadId } from '../../domain/ids';
import { toInstant } from '../../domain/instant';
import { leadStatus } from '../../domain/lead';
import type { CrmChange } from '../../workflows/contract';
import type { ApiDeps } from '../deps';
import { invalid, UnknownLeadError } from '../errors';
import { present } from '../present';
import { check } from '../route';
import { PolicyId } from '../schemas/common';
import { InstantInput } from '../schemas/leads';
import { optionalText, requiredText } from '../schemas/text';
import { z } from '../schemas/zod';

/** Name of the built-in source through which the CRM tells what people changed there. */
export const crmSource = 'crm';

/** Statuses a run may do something about. Others can be any words, which no history is to hold. */
const statusWords: readonly string[] = [...leadStatus, 'working'];

export const CrmChangeBody = z
  .object({
    leadId: optionalText({ max: 100, description: 'Our id; this or `externalId` is needed' }),
    externalId: optionalText({ max: 255, description: "The CRM's id of the record" }),
    field: z.enum(['status', 'owner', 'record']),
    value: requiredText({
      max: 200,
      description: 'New status, or rep id of the new owner; `deleted` for the record as a whole',
    }),
    at: InstantInput,
    by: optionalText({ max: 200, description: 'Who changed it' }),
    version: z
      .preprocess(
        (version) => (typeof version === 'number' ? String(version) : version),
        optionalText({ max: 200, description: 'Version of the record, to recognise echoes' }),
      )
      .optional(),
  })
  .refine(({ field, value }) => field !== 'record' || value === 'deleted', {
    path: ['value'],
    error: 'deleted, for the field record',
  })
  .refine(({ field, value }) => field !== 'owner' || PolicyId.safeParse(value).success, {
    path: ['value'],
    error: 'a rep id, for the field owner',
  })
  .openapi('CrmChange');

export const CrmChangeAccepted = z
  .object({ leadId: z.string(), status: z.literal('accepted') })
  .openapi('CrmChangeAccepted');

/** Tells a lead's run what a person changed in the CRM. @throws ApiError 422 when no lead has the id */
export async function takeCrmChange(
  { crm, crmSync, runs, clock }: Pick<ApiDeps, 'crm' | 'crmSync' | 'runs' | 'clock'>,
  json: unknown,
) {
  const { leadId: ownId, externalId, ...sent } = check(CrmChangeBody, json);
  const now = toInstant(clock.now());
  // From the future it would be newer than all that is changed until then.
  const change = { ...sent, at: sent.at < now ? sent.at : now };
  const leadId = await leadIdBy(crm, ownId, externalId);
  try {
    // Known before the run hears of it: its next write must not make the record again.
    if (change.field === 'record') await crmSync.deleted(leadId, change.at);
    const value = change.field === 'status' && !statusWords.includes(change.value) ? 'other' : change.value;
    await runs.crmChanged(leadId, present({ ...change, value }) satisfies CrmChange);
  } catch (error) {
    if (error instanceof UnknownLeadError) throw noSuchLead(ownId === undefined ? 'externalId' : 'leadId');
    throw error;
  }
  return { leadId, status: 'accepted' as const };
}

async function leadIdBy(
  crm: ApiDeps['crm'],
  ownId: string | undefined,
  externalId: string | undefined,
): Promise<LeadId> {
  if (ownId === undefined && externalId === undefined) {
    throw invalid([
      { path: 'leadId', message: 'is missing, and so is externalId', expected: 'one of the two' },
    ]);
  }
  const leadId = ownId === undefined ? await crm.leadIdOf(externalId ?? '') : asLeadId(ownId);
  if (!leadId) throw noSuchLead(ownId === undefined ? 'externalId' : 'leadId');
  return leadId;
}

/** Not 404: senders take that for "this address is gone" and some switch their webhook off. */
function noSuchLead(path: string) {
  return invalid([{ path, message: 'names no lead of ours', expected: 'the id of a record we wrote' }]);
}
