import { z } from 'zod';
import type { Clock } from '../../activities/ports';
import type { CrmChanges, CrmRecord } from '../../activities/ports-crm-sync';
import { asLeadId } from '../../domain/ids';
import { epochMs, parseInstant, toInstant, type IsoInstant } from '../../domain/instant';
import type { LeadStatus } from '../../domain/lead';
import { parseAnswer, RefusedError } from '../http';
import { createUserEmails } from './lead-view';
import type { VendorApi } from './vendor-api';

const system = 'pipedrive';
const pageSize = 500;
/** Pages of deals, newest first, in which a lead that is gone is looked for as what became of it. */
const dealPagesMax = 10;

/** What a deal says of the lead it was made from. */
const meaning: Readonly<Record<string, readonly LeadStatus[]>> = {
  open: ['qualified', 'converted'],
  won: ['converted'],
  lost: ['disqualified'],
};

/** Records from an instant on, oldest first; `more`: there are others behind the last one. */
interface Stretch {
  readonly records: readonly CrmRecord[];
  readonly more: boolean;
}

/**
 * Leads of ours by the time of their last change, and the deals that people made of them: such a lead is gone from the
 * leads, and its deal tells its owner and status. Leads that people archived are not shown.
 * @see https://developers.pipedrive.com/docs/api/v1/Leads#getLeads
 */
export function pipedriveChanges(call: VendorApi, clock: Clock): CrmChanges {
  const get = async (path: string, signal: AbortSignal): Promise<string> =>
    (await call({ method: 'GET', path, band: null, signal })).text;
  const emailOf = createUserEmails(clock, async (id, signal) =>
    orIfGone(
      '',
      async () => parseAnswer(system, OneUser, await get(`/api/v1/users/${id}`, signal)).data.email,
    ),
  );
  const withOwners = async (found: readonly Found[], signal: AbortSignal): Promise<readonly CrmRecord[]> => {
    const records: CrmRecord[] = [];
    for (const { ownerId, ...record } of found)
      records.push({ ...record, ownerEmail: await emailOf(String(ownerId), signal) });
    return records;
  };

  const leadsFrom = async (from: IsoInstant, signal: AbortSignal): Promise<Stretch> => {
    const found: Found[] = [];
    for (;;) {
      const query = `updated_since=${second(from)}&sort=update_time&limit=${String(pageSize)}&start=${String(found.length)}`;
      const { data } = parseAnswer(system, Leads, await get(`/api/v1/leads?${query}`, signal));
      found.push(...data.map(leadFound));
      const more = data.length === pageSize;
      if (!more || isBehind(found, from)) return { records: await withOwners(found, signal), more };
    }
  };
  const dealsFrom = async (from: IsoInstant, signal: AbortSignal): Promise<Stretch> => {
    const found: Found[] = [];
    let cursor: string | null | undefined;
    do {
      const query = `updated_since=${second(from)}&sort_direction=asc`;
      const page = await dealPage(get, query, cursor, signal);
      found.push(...page.found);
      cursor = page.next;
    } while (cursor && !isBehind(found, from));
    return { records: await withOwners(found, signal), more: Boolean(cursor) };
  };

  return {
    // 30 tokens a time, so 8,640 a day, of 30,000 that the smallest plan has for each user.
    everyMs: 300_000,
    lagMs: 60_000,
    since: async (since, page, signal) => {
      const from = page === undefined ? since : (page as IsoInstant);
      const stretches = [await leadsFrom(from, signal), await dealsFrom(from, signal)];
      // No further than both were read: what is left of one is not behind what was read of the other.
      const ends = stretches.flatMap(({ records, more }) => (more ? (records.at(-1)?.modifiedAt ?? []) : []));
      const end = ends.sort()[0];
      const records = stretches
        .flatMap((one) => one.records)
        .filter(({ modifiedAt }) => end === undefined || modifiedAt <= end)
        .sort((a, b) => epochMs(a.modifiedAt) - epochMs(b.modifiedAt));
      return { records, nextPage: end };
    },
    read: async (externalIds, signal) => {
      const found: Found[] = [];
      for (const id of externalIds) {
        const path = `/api/v1/leads/${encodeURIComponent(id)}`;
        const lead = await orIfGone(undefined, async () =>
          parseAnswer(system, OneLead, await get(path, signal)),
        );
        if (lead) found.push(leadFound(lead.data));
      }
      const gone = new Set(externalIds);
      for (const { externalId } of found) gone.delete(externalId);
      found.push(...(await dealsOf(get, gone, signal)));
      return withOwners(found, signal);
    },
  };
}

/** The deals that people made of leads, as far as they are among those changed last. */
async function dealsOf(
  get: (path: string, signal: AbortSignal) => Promise<string>,
  leads: Set<string>,
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const mine: Found[] = [];
  let cursor: string | null | undefined;
  for (let page = 0; leads.size > 0 && page < dealPagesMax && cursor !== null; page += 1) {
    const { found, next = null } = await dealPage(get, 'sort_direction=desc', cursor, signal);
    mine.push(...found.filter(({ externalId }) => leads.delete(externalId)));
    cursor = next;
  }
  return mine;
}

async function dealPage(
  get: (path: string, signal: AbortSignal) => Promise<string>,
  query: string,
  cursor: string | null | undefined,
  signal: AbortSignal,
): Promise<{ readonly found: readonly Found[]; readonly next: string | null | undefined }> {
  const more = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
  const path = `/api/v2/deals?${query}&sort_by=update_time&include_fields=source_lead_id&limit=${String(pageSize)}${more}`;
  const { data, additional_data: about } = parseAnswer(system, Deals, await get(path, signal));
  return { found: data.flatMap(dealFound), next: about?.next_cursor };
}

/** A record, with its owner's id instead of his address. */
type Found = Omit<CrmRecord, 'ownerEmail'> & { readonly ownerId: number };

function leadFound({ id, origin_id, owner_id, update_time }: z.infer<typeof Lead>): Found {
  const leadId = asLeadId(origin_id ?? '');
  return {
    externalId: id,
    ...(leadId === undefined ? {} : { leadId }),
    modifiedAt: update_time,
    stamp: `lead ${update_time} ${String(owner_id)}`,
    status: [],
    ownerId: owner_id,
  };
}

function dealFound({
  source_lead_id,
  owner_id,
  update_time,
  status,
}: z.infer<typeof Deal>): readonly Found[] {
  if (!source_lead_id) return [];
  return [
    {
      externalId: source_lead_id,
      modifiedAt: update_time,
      stamp: `deal ${update_time} ${String(owner_id)} ${status}`,
      status: meaning[status] ?? [],
      ownerId: owner_id,
    },
  ];
}

/** Whether the last one is of a later second, so that the next question begins further on. */
const isBehind = (found: readonly Found[], from: IsoInstant): boolean =>
  second(found.at(-1)?.modifiedAt ?? from) > second(from);

/** An instant to the second, as Pipedrive takes it. */
const second = (at: IsoInstant): string => toInstant(epochMs(at)).replace(/\.\d+Z$/, 'Z');

async function orIfGone<T>(gone: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RefusedError && error.refusal.detail === 'not found') return gone;
    throw error;
  }
}

const Instant = z.string().transform((text, context) => {
  const instant = parseInstant(text);
  if (instant !== undefined) return instant;
  context.addIssue({ code: 'custom', message: 'no instant' });
  return z.NEVER;
});
const Lead = z.object({
  id: z.string().min(1),
  origin_id: z.string().nullish(),
  owner_id: z.int(),
  update_time: Instant,
});
const Deal = z.object({
  source_lead_id: z.string().nullish(),
  owner_id: z.int(),
  status: z.string(),
  update_time: Instant,
});
const Leads = z.object({
  data: z
    .array(Lead)
    .nullable()
    .transform((leads) => leads ?? []),
});
const OneLead = z.object({ data: Lead });
const OneUser = z.object({ data: z.object({ email: z.string() }) });
const Deals = z.object({
  data: z.array(Deal),
  additional_data: z.object({ next_cursor: z.string().nullish() }).nullish(),
});
