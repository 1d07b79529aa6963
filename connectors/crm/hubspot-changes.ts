import { z } from 'zod';
import type { Clock } from '../../activities/ports';
import type { CrmChanges, CrmRecord } from '../../activities/ports-crm-sync';
import { asLeadId } from '../../domain/ids';
import { epochMs, parseInstant } from '../../domain/instant';
import { parseAnswer, RefusedError } from '../http';
import { hubspotKey, hubspotVersion } from './hubspot-account';
import { createUserEmails, meaningOf, type StatusWords } from './lead-view';
import type { VendorApi } from './vendor-api';

const system = 'hubspot';
/** The largest page of a search. */
const pageSize = 200;
const properties = [
  hubspotKey,
  'hs_lead_status',
  'hubspot_owner_id',
  'lastmodifieddate',
  'hs_merged_object_ids',
];
/** A status of HubSpot's own that we never write: somebody has worked the lead. */
const alsoTouched = 'ATTEMPTED_TO_CONTACT';

/**
 * Contacts of ours by the time of their last change. A search finds a change some seconds after it was made. Pages are
 * asked for by that time and not by number, as a contact that is changed meanwhile moves to the end.
 * @see https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm
 */
export function hubspotChanges(
  call: VendorApi,
  { words, clock }: { readonly words: StatusWords; readonly clock: Clock },
): CrmChanges {
  const base = `/crm/objects/${hubspotVersion}/contacts`;
  const emailOf = createUserEmails(clock, (id, signal) => emailOfOwner(call, id, signal));
  const recordsOf = async (
    contacts: readonly Contact[],
    signal: AbortSignal,
  ): Promise<readonly CrmRecord[]> => {
    const records: CrmRecord[] = [];
    for (const contact of contacts) {
      const owner = contact.properties['hubspot_owner_id'];
      records.push({
        ...recordOf(contact, words),
        ...(owner ? { ownerEmail: await emailOf(owner, signal) } : {}),
      });
    }
    return records;
  };
  const readBatch = async (ids: readonly string[], which: string, signal: AbortSignal) => {
    const body = { inputs: ids.map((id) => ({ id })), properties, propertiesWithHistory: [] };
    const path = `${base}/batch/read${which}`;
    const { text } = await call({ method: 'POST', path, body, band: null, signal });
    return parseAnswer(system, Found, text).results;
  };
  return {
    // 86,400 searches a day, a third of the calls that the smallest plan has.
    everyMs: 1_000,
    lagMs: 60_000,
    since: async (since, page, signal) => {
      const { from, after } = page === undefined ? { from: epochMs(since), after: undefined } : pageOf(page);
      const body = searchOf(from, after);
      const { text } = await call({ method: 'POST', path: `${base}/search`, body, band: null, signal });
      const { results, paging } = parseAnswer(system, Found, text);
      const records = await recordsOf(results, signal);
      return { records, nextPage: nextPage(from, records.at(-1), paging?.next?.after) };
    },
    read: async (externalIds, signal) => {
      const found = await recordsOf(await readBatch(externalIds, '', signal), signal);
      const known = new Set(found.flatMap(({ externalId, absorbed = [] }) => [externalId, ...absorbed]));
      const missing = externalIds.filter((id) => !known.has(id));
      if (missing.length === 0) return found;
      const gone = await readBatch(missing, '?archived=true', signal);
      return [...found, ...gone.map((contact) => deletedOf(contact, words))];
    },
  };
}

function searchOf(from: number, after: string | undefined): object {
  return {
    filterGroups: [
      {
        filters: [
          { propertyName: hubspotKey, operator: 'HAS_PROPERTY' },
          { propertyName: 'lastmodifieddate', operator: 'GTE', value: String(from) },
        ],
      },
    ],
    sorts: [{ propertyName: 'lastmodifieddate', direction: 'ASCENDING' }],
    properties,
    limit: pageSize,
    ...(after === undefined ? {} : { after }),
  };
}

/** Empty for an owner without an address, or who is gone. */
async function emailOfOwner(call: VendorApi, id: string, signal: AbortSignal): Promise<string> {
  const path = `/crm/owners/${hubspotVersion}/${encodeURIComponent(id)}`;
  try {
    const { text } = await call({ method: 'GET', path, band: null, signal });
    return parseAnswer(system, Owner, text).email ?? '';
  } catch (error) {
    if (error instanceof RefusedError && error.refusal.detail.startsWith('OBJECT_NOT_FOUND')) return '';
    throw error;
  }
}

function recordOf({ id, properties: of }: Contact, words: StatusWords): CrmRecord {
  const [leadId, merged, status] = [
    asLeadId(of[hubspotKey] ?? ''),
    of['hs_merged_object_ids'],
    of['hs_lead_status'],
  ];
  return {
    externalId: id,
    ...(leadId === undefined ? {} : { leadId }),
    modifiedAt: of.lastmodifieddate,
    stamp: [of.lastmodifieddate, of['hubspot_owner_id'], status, merged].join(' '),
    status: status === alsoTouched ? ['touched'] : meaningOf(words, status),
    absorbed: merged?.split(';').filter(Boolean) ?? [],
  };
}

const deletedOf = (contact: Contact, words: StatusWords): CrmRecord => ({
  ...recordOf(contact, words),
  modifiedAt: contact.archivedAt ?? contact.properties.lastmodifieddate,
  deleted: true,
});

/** From the last one's time on; by number only through more contacts of one millisecond than a page holds. */
function nextPage(from: number, last: CrmRecord | undefined, after: string | undefined): string | undefined {
  if (last === undefined || after === undefined) return undefined;
  const lastMs = epochMs(last.modifiedAt);
  return lastMs > from ? `${String(lastMs)}:` : `${String(from)}:${after}`;
}

function pageOf(page: string): { readonly from: number; readonly after: string | undefined } {
  const [from, after] = page.split(':');
  return { from: Number(from), after: after === '' ? undefined : after };
}

const Owner = z.object({ email: z.string().nullish() });
const Instant = z.string().transform((text, context) => {
  const instant = parseInstant(text);
  if (instant !== undefined) return instant;
  context.addIssue({ code: 'custom', message: 'no instant' });
  return z.NEVER;
});
const Contact = z.object({
  id: z.string().min(1),
  properties: z.object({ lastmodifieddate: Instant }).catchall(z.string().nullish()),
  archivedAt: Instant.nullish(),
});
type Contact = z.infer<typeof Contact>;
const Found = z.object({
  results: z.array(Contact),
  paging: z.object({ next: z.object({ after: z.string() }).nullish() }).nullish(),
});
