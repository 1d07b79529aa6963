import { z } from 'zod';
import type { CrmChanges, CrmRecord } from '../../activities/ports-crm-sync';
import { asLeadId } from '../../domain/ids';
import { parseInstant, type IsoInstant } from '../../domain/instant';
import { parseAnswer } from '../http';
import { meaningOf, type StatusWords } from './lead-view';
import { salesforceKey } from './salesforce-org';

const system = 'salesforce';
const pageSize = 200;

/**
 * Leads of ours by the time of their last change, deleted and merged ones included. Salesforce dates changes to the second,
 * so pages go on by time and id.
 * @see https://developer.salesforce.com/docs/platform/api-rest/guide/resources_queryall.html
 * @param ask sends a path below `/services/data/<version>` and returns the answer's text
 */
export function salesforceChanges(
  ask: (path: string, signal: AbortSignal) => Promise<string>,
  words: StatusWords,
): CrmChanges {
  const query = async (where: string, signal: AbortSignal): Promise<readonly CrmRecord[]> => {
    const soql = `SELECT Id, ${salesforceKey}, Status, IsConverted, IsDeleted, MasterRecordId, SystemModstamp, OwnerId, Owner.Email FROM Lead WHERE ${where} ORDER BY SystemModstamp, Id LIMIT ${String(pageSize)}`;
    const text = await ask(`/queryAll?q=${encodeURIComponent(soql)}`, signal);
    return parseAnswer(system, Found, text).records.map((lead) => recordOf(lead, words));
  };
  return {
    // 8,640 queries a day, of 100,000 that the smallest edition with this API has.
    everyMs: 10_000,
    lagMs: 60_000,
    since: async (since, page, signal) => {
      const records = await query(
        `${salesforceKey} != null AND ${page ?? `SystemModstamp >= ${since}`}`,
        signal,
      );
      const last = records.at(-1);
      const nextPage =
        records.length < pageSize || !last ? undefined : behind(last.modifiedAt, last.externalId);
      return { records, nextPage };
    },
    read: (externalIds, signal) => {
      const ids = externalIds.filter((id) => /^[A-Za-z0-9]{15,18}$/.test(id)).map((id) => `'${id}'`);
      return ids.length === 0 ? Promise.resolve([]) : query(`Id IN (${ids.join(', ')})`, signal);
    },
  };
}

const behind = (at: IsoInstant, id: string): string =>
  `(SystemModstamp > ${at} OR (SystemModstamp = ${at} AND Id > '${id}'))`;

function recordOf(lead: z.infer<typeof Lead>, words: StatusWords): CrmRecord {
  const leadId = asLeadId(lead[salesforceKey] ?? '');
  const { Owner: owner, MasterRecordId: master } = lead;
  return {
    externalId: lead.Id,
    ...(leadId === undefined ? {} : { leadId }),
    modifiedAt: lead.SystemModstamp,
    stamp: [lead.SystemModstamp, lead.Status, lead.IsConverted, lead.OwnerId, lead.IsDeleted].join(' '),
    status: lead.IsConverted ? ['converted'] : meaningOf(words, lead.Status),
    // A queue has none.
    ...(owner ? { ownerEmail: owner.Email ?? '' } : {}),
    ...(lead.IsDeleted && master ? { mergedInto: master } : {}),
    deleted: lead.IsDeleted,
  };
}

/** `2026-11-24T09:00:00.000+0000`: without the colon that ISO 8601 wants. */
const Moment = z.string().transform((text, context) => {
  const instant = parseInstant(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  if (instant !== undefined) return instant;
  context.addIssue({ code: 'custom', message: 'no instant' });
  return z.NEVER;
});

const Lead = z.object({
  Id: z.string().regex(/^[A-Za-z0-9]{15,18}$/),
  [salesforceKey]: z.string().nullish(),
  Status: z.string().nullish(),
  IsConverted: z.boolean(),
  IsDeleted: z.boolean(),
  MasterRecordId: z.string().nullish(),
  SystemModstamp: Moment,
  OwnerId: z.string().nullish(),
  Owner: z.object({ Email: z.string().nullish() }).nullish(),
});
const Found = z.object({ records: z.array(Lead) });
