import { judgeChange, type Authority, type FieldChange, type SharedField } from '../domain/crm/change';
import { repairOf, statusMeant } from '../domain/crm/drift';
import type { LeadId } from '../domain/ids';
import { toInstant, type IsoInstant } from '../domain/instant';
import type { Clock, PolicySource } from './ports';
import type { CrmChanges, CrmDifference, CrmRecord, CrmStanding, CrmSyncStore } from './ports-crm-sync';

/** A change that a lead's run is told of; `CrmChange` of the contract. */
export interface ChangeTold {
  readonly field: SharedField | 'record';
  readonly value: string;
  readonly at: string;
}

export interface CrmSyncDeps {
  readonly system: string;
  readonly changes: CrmChanges;
  readonly crmSync: CrmSyncStore;
  readonly policies: PolicySource;
  readonly authority: Authority;
  /** Tells the run of a lead; nothing happens when it has none any more. */
  readonly tell: (lead: CrmStanding, change: ChangeTold) => Promise<void>;
  readonly clock: Clock;
}

/** Tells the runs what people changed in records. Our own writes coming back wake nobody. @returns how many were told */
export async function tellRuns(deps: CrmSyncDeps, records: readonly CrmRecord[]): Promise<number> {
  if (records.length === 0) return 0;
  await repoint(deps, records);
  const leads = await deps.crmSync.standings({
    system: deps.system,
    externalIds: records.map(({ externalId }) => externalId),
    leadIds: records.flatMap(({ leadId }) => leadId ?? []),
  });
  const repOf = await repsByEmail(deps);
  const now = toInstant(deps.clock.now());
  let told = 0;
  for (const record of records.filter(({ mergedInto }) => mergedInto === undefined))
    for (const lead of leads.filter((one) => standsFor(record, one))) {
      const news =
        record.deleted === true
          ? await noteDeleted(deps, lead, record.modifiedAt)
          : changesOf(record, lead, repOf).filter((change) => {
              const verdict = judgeChange(change, lead.fields[change.field], deps.authority, now);
              return verdict === 'apply' || verdict === 'overrule';
            });
      for (const change of news) await deps.tell(lead, change);
      told += news.length;
    }
  return told;
}

/** Records that people merged into others stand for their leads under the new id. */
export async function repoint(
  { crmSync, system, clock }: CrmSyncDeps,
  records: readonly CrmRecord[],
): Promise<void> {
  for (const { externalId, absorbed = [], mergedInto } of records) {
    const from = mergedInto === undefined ? absorbed : [externalId];
    const to = mergedInto ?? externalId;
    if (from.length > 0) await crmSync.repoint({ system, from, to, at: toInstant(clock.now()) });
  }
}

/** Finds what differs between leads and their records, and has it repaired. */
export async function repairLeads(
  deps: CrmSyncDeps,
  leads: readonly CrmStanding[],
  records: readonly CrmRecord[],
): Promise<readonly CrmDifference[]> {
  const byId = new Map(
    records.flatMap((one) => [one.externalId, ...(one.absorbed ?? [])].map((id) => [id, one])),
  );
  const repOf = await repsByEmail(deps);
  const open = await openAmong(deps, records);
  const all: CrmDifference[] = [];
  for (const lead of leads) {
    const record = byId.get(lead.externalId ?? '');
    // Compared next time, with the record it was merged into; or nothing can be said of it.
    if (record?.mergedInto !== undefined || record?.unclear === true) continue;
    const isThere = record !== undefined && record.deleted !== true;
    const shown = isThere ? otherShown(record, lead) : undefined;
    if (shown !== undefined && open.has(shown)) continue;
    const found = !isThere
      ? await lost(deps, lead)
      : shown === undefined
        ? compare(deps, lead, record, repOf)
        : takenOver(lead, shown);
    if (found.some(({ difference }) => difference.repair === 'written'))
      await deps.tell(lead, { field: 'record', value: 'differs', at: toInstant(deps.clock.now()) });
    for (const { difference, change } of found)
      if (difference.repair === 'taken' && change) await deps.tell(lead, change);
    all.push(...found.map(({ difference }) => difference));
  }
  return all;
}

interface Found {
  readonly difference: CrmDifference;
  readonly change?: FieldChange;
}

function compare(
  { authority, clock }: CrmSyncDeps,
  lead: CrmStanding,
  record: CrmRecord,
  repOf: RepOf,
): readonly Found[] {
  const changes = changesOf(record, lead, repOf);
  const found = changes.flatMap((change): readonly Found[] => {
    const { field, value: theirs } = change;
    const ours = lead.fields[field];
    const repair = repairOf(change, ours, authority, toInstant(clock.now()));
    if (repair === undefined) return [];
    return [{ difference: { leadId: lead.leadId, field, ours: ours.current ?? '', theirs, repair }, change }];
  });
  const owner = lead.fields.owner.current;
  if (owner === undefined || changes.some(({ field }) => field === 'owner')) return found;
  // Nobody over there, or somebody who is no rep and whom the lead cannot follow.
  const taken = record.ownerEmail !== undefined && authority.owner === 'crm';
  const theirs = record.ownerEmail === undefined ? '' : '(no rep)';
  const repair = taken ? 'asked' : 'written';
  return [...found, { difference: { leadId: lead.leadId, field: 'owner', ours: owner, theirs, repair } }];
}

/** The lead that the record was written for last is over: this one is open, and the record stands for it now. */
const takenOver = ({ leadId }: CrmStanding, shown: LeadId): readonly Found[] => [
  { difference: { leadId, field: 'record', ours: leadId, theirs: shown, repair: 'written' } },
];

/** Those of the leads that records show that are open. */
async function openAmong(
  { crmSync, system }: CrmSyncDeps,
  records: readonly CrmRecord[],
): Promise<ReadonlySet<LeadId>> {
  const leadIds = records.flatMap(({ leadId }) => leadId ?? []);
  const leads = await crmSync.standings({ system, externalIds: [], leadIds });
  return new Set(leads.map(({ leadId }) => leadId));
}

async function lost(deps: CrmSyncDeps, lead: CrmStanding): Promise<readonly Found[]> {
  const at = toInstant(deps.clock.now());
  for (const change of await noteDeleted(deps, lead, at)) await deps.tell(lead, change);
  const { leadId, externalId = '' } = lead;
  return [{ difference: { leadId, field: 'record', ours: externalId, theirs: 'deleted', repair: 'asked' } }];
}

async function noteDeleted(
  { crmSync }: CrmSyncDeps,
  { leadId }: CrmStanding,
  at: IsoInstant,
): Promise<readonly ChangeTold[]> {
  await crmSync.deleted(leadId, at);
  return [{ field: 'record', value: 'deleted', at }];
}

/** By the link we keep; by our id only before there is one, as copying a record over there copies our id too. */
function standsFor(record: CrmRecord, lead: CrmStanding): boolean {
  return lead.externalId === undefined
    ? lead.leadId === record.leadId
    : lead.externalId === record.externalId;
}

/** The lead that a record shows instead of this one: several can share a record, which carries the id of the one written last. */
const otherShown = (record: CrmRecord, { leadId }: CrmStanding): LeadId | undefined =>
  record.leadId === leadId ? undefined : record.leadId;

/** What a record says of the lead, in our words: nothing when it shows another one. */
function changesOf(record: CrmRecord, lead: CrmStanding, repOf: RepOf): readonly FieldChange[] {
  if (otherShown(record, lead) !== undefined) return [];
  const { fields } = lead;
  const at = record.modifiedAt;
  const owner = record.ownerEmail === undefined ? undefined : repOf(record.ownerEmail);
  const status = statusMeant(record.status, fields.status);
  return [
    ...(owner === undefined ? [] : [{ field: 'owner', value: owner, at } as const]),
    ...(status === undefined ? [] : [{ field: 'status', value: status, at } as const]),
  ];
}

type RepOf = (email: string) => string | undefined;

async function repsByEmail({ policies }: CrmSyncDeps): Promise<RepOf> {
  const reps = (await policies.live())?.policy.reps ?? [];
  const byEmail = new Map(reps.map(({ id, email }) => [email.toLowerCase(), id]));
  return (email) => byEmail.get(email.toLowerCase());
}
