import { z } from 'zod';
import type { Clock } from '../../activities/ports';
import type { CrmChanges, CrmRecord } from '../../activities/ports-crm-sync';
import { dealNamed, nameOfDeal } from '../../domain/crm/named-deal';
import { asLeadId } from '../../domain/ids';
import { epochMs, toInstant, type IsoInstant } from '../../domain/instant';
import type { LeadStatus } from '../../domain/lead';
import { parseAnswer, RefusedError } from '../http';
import { createUserEmails } from './lead-view';
import { dealById, dealPage, Instant, pageSize, type PipedriveDeal } from './pipedrive-deals';
import type { VendorApi } from './vendor-api';

const system = 'pipedrive';
/** Pages of deals, those made last first, in which a lead that is gone is looked for as what became of it. */
const dealPagesMax = 20;

/** What a deal says of the lead it was made from. */
const meaning: ReadonlyMap<string, readonly LeadStatus[]> = new Map([
  ['open', ['qualified', 'converted']],
  ['won', ['converted']],
  ['lost', ['disqualified']],
]);

/**
 * Leads of ours by the time of their last change, and the deals that people made of them: such a lead is gone from the
 * leads, and its deal tells its owner and status. Leads that people archived are not shown.
 * @see https://developers.pipedrive.com/docs/api/v1/Leads#getLeads
 */
export function pipedriveChanges(call: VendorApi, clock: Clock): CrmChanges {
  const get: Get = async (path, signal) => (await call({ method: 'GET', path, band: null, signal })).text;
  const emailOf = createUserEmails(clock, async (id, signal) =>
    orIfGone(
      '',
      async () => parseAnswer(system, OneUser, await get(`/api/v1/users/${id}`, signal)).data.email,
    ),
  );
  const withOwners = async (found: readonly Found[], signal: AbortSignal): Promise<readonly CrmRecord[]> => {
    const records: CrmRecord[] = [];
    for (const { ownerId, ...record } of found)
      records.push({
        ...record,
        ...(ownerId === undefined ? {} : { ownerEmail: await emailOf(String(ownerId), signal) }),
      });
    return records;
  };

  const readLead = (id: string, signal: AbortSignal): Promise<Found | undefined> =>
    orIfGone(undefined, async () =>
      leadFound(
        parseAnswer(system, OneLead, await get(`/api/v1/leads/${encodeURIComponent(id)}`, signal)).data,
      ),
    );
  const readDeal = (id: string, signal: AbortSignal): Promise<Found | undefined> =>
    orIfGone(undefined, async () => dealFound(await dealById(call, id, { band: null, signal })));
  const leads = createReader(clock, readLead);

  return {
    // 30 tokens a time (20 for leads, 10 for deals), so 8,640 a day when nothing happens, of 30,000 that the smallest
    // plan has for each user. Each further 100 rows that were changed, ordinary deals too, cost as much again.
    everyMs: 300_000,
    lagMs: 60_000,
    since: async (since, page, signal) => {
      const from = page === undefined ? since : (page as IsoInstant);
      const stretches = [await leadsFrom(get, from, signal), await dealsFrom(call, from, signal)];
      // No further than both were read: what is left of one is not behind what was read of the other.
      const ends = stretches.flatMap(({ found, more }) => (more ? (found.at(-1)?.modifiedAt ?? []) : []));
      const end = ends.sort()[0];
      const found = stretches
        .flatMap((one) => one.found)
        .filter(({ modifiedAt }) => end === undefined || modifiedAt <= end)
        .sort((a, b) => epochMs(a.modifiedAt) - epochMs(b.modifiedAt));
      return { records: await withOwners(found, signal), nextPage: end };
    },
    read: async (externalIds, signal) => {
      const found = [...(await leads.read(externalIds, signal))];
      const gone = new Set(externalIds);
      for (const { externalId } of found) gone.delete(externalId);
      found.push(...(await dealsOf(call, gone, { signal, now: toInstant(clock.now()) })));
      const records = await withOwners(found, signal);
      leads.done();
      return records;
    },
    named: async (externalIds, signal) => {
      const found: Found[] = [];
      for (const id of externalIds) {
        const deal = dealNamed(id);
        const one = await (deal === undefined ? readLead(id, signal) : readDeal(deal, signal));
        if (one) found.push(one);
      }
      return withOwners(found, signal);
    },
  };
}

/** How long what was read of a question is good for going on with it. */
const unfinishedMs = 15 * 60_000;

type ReadOne = (id: string, signal: AbortSignal) => Promise<Found | undefined>;

/**
 * Reads one by one, as Pipedrive has no way to ask for several. When it tells us to come back in the middle, the same
 * question goes on with those that are left.
 */
function createReader(clock: Clock, readOne: ReadOne) {
  const none = { ids: '', untilMs: 0, read: new Map<string, Found | undefined>() };
  let question = none;
  const read = async (externalIds: readonly string[], signal: AbortSignal): Promise<readonly Found[]> => {
    const ids = externalIds.join();
    const now = clock.now();
    if (question.ids !== ids || question.untilMs < now)
      question = { ids, untilMs: now + unfinishedMs, read: new Map() };
    const known = question.read;
    for (const id of externalIds.filter((one) => !known.has(one))) known.set(id, await readOne(id, signal));
    return [...known.values()].filter((one) => one !== undefined);
  };
  return {
    read,
    /** The question is answered; asked again, it is read anew. */
    done: (): void => {
      question = none;
    },
  };
}

/** Answers the text of what is at a path. */
type Get = (path: string, signal: AbortSignal) => Promise<string>;

/** What was changed from an instant on, oldest first; `more`: there are others behind the last one. */
interface Stretch {
  readonly found: readonly Found[];
  readonly more: boolean;
}

/** One page, or as many as it takes to get past the second that they begin with. */
async function leadsFrom(get: Get, from: IsoInstant, signal: AbortSignal): Promise<Stretch> {
  let found: readonly Found[] = [];
  for (;;) {
    const last = found.at(-1);
    // The last one is read again: a lead before it that changed meanwhile stands at the end now, and all others one nearer
    // to the start, so that the next page would begin behind one that was not read.
    const start = last ? found.length - 1 : 0;
    const query = `updated_since=${second(from)}&sort=update_time&limit=${String(pageSize)}&start=${String(start)}`;
    const { data } = parseAnswer(system, Leads, await get(`/api/v1/leads?${query}`, signal));
    const page = data.map(leadFound);
    if (last && page[0]?.externalId !== last.externalId) {
      found = [];
      continue;
    }
    found = [...found.slice(0, start), ...page];
    const more = page.length === pageSize;
    if (!more || isBehind(found, from)) return { found, more };
  }
}

async function dealsFrom(call: VendorApi, from: IsoInstant, signal: AbortSignal): Promise<Stretch> {
  const found: Found[] = [];
  let cursor: string | undefined;
  do {
    const query = `updated_since=${second(from)}&sort_by=update_time&sort_direction=asc`;
    const { deals, next } = await dealPage(call, query, { cursor, band: null, signal });
    found.push(...deals.map(dealFound));
    cursor = next;
  } while (cursor !== undefined && !isBehind(found, from));
  return { found, more: cursor !== undefined };
}

/**
 * The deals that people made of leads, by the deals made last: a cursor by id cannot miss one that changes meanwhile. What
 * became of a lead that is not found before the last page allowed is unclear.
 */
async function dealsOf(
  call: VendorApi,
  leads: Set<string>,
  { signal, now }: { readonly signal: AbortSignal; readonly now: IsoInstant },
): Promise<readonly Found[]> {
  const mine: Found[] = [];
  let cursor: string | undefined;
  for (let page = 0; leads.size > 0 && page < dealPagesMax; page += 1) {
    const { deals, next } = await dealPage(call, 'sort_by=id&sort_direction=desc', {
      cursor,
      band: null,
      signal,
    });
    mine.push(...deals.map(dealFound).filter(({ externalId }) => leads.delete(externalId)));
    if (next === undefined) return mine;
    cursor = next;
  }
  const unclear = [...leads].map((externalId) => ({
    externalId,
    modifiedAt: now,
    stamp: '',
    status: [],
    unclear: true,
  }));
  return [...mine, ...unclear];
}

/** A record, with its owner's id instead of his address. */
type Found = Omit<CrmRecord, 'ownerEmail'> & { readonly ownerId?: number };

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

/** One that came from no lead stands for nothing here, but it tells how far the deals were read. */
function dealFound({ id, source_lead_id, owner_id, update_time, status }: PipedriveDeal): Found {
  if (!source_lead_id)
    return {
      externalId: nameOfDeal(String(id)),
      modifiedAt: update_time,
      stamp: update_time,
      status: [],
    };
  return {
    externalId: source_lead_id,
    modifiedAt: update_time,
    stamp: `deal ${update_time} ${String(owner_id)} ${status}`,
    status: meaning.get(status) ?? [],
    ownerId: owner_id,
  };
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

const Lead = z.object({
  id: z.string().min(1),
  origin_id: z.string().nullish(),
  owner_id: z.int(),
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
