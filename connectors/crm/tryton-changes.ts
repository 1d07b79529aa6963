import { z } from 'zod';
import type { CrmChanges, CrmRecord } from '../../activities/ports-crm-sync';
import { asLeadId } from '../../domain/ids';
import { toInstant } from '../../domain/instant';
import type { LeadStatus } from '../../domain/lead';
import { parseAnswer } from '../http';
import { trytonSearch } from './tryton-search';

const system = 'tryton';
const pageSize = 100;

/** Statuses that we show as one of Tryton's states, the least advanced first. */
const meaning: ReadonlyMap<string, readonly LeadStatus[]> = new Map([
  ['lead', ['received', 'identified', 'parked', 'assigned']],
  ['opportunity', ['touched', 'qualified', 'converted']],
  ['converted', ['qualified', 'converted']],
  ['won', ['converted']],
  ['lost', ['disqualified', 'rejected']],
  ['cancelled', ['disqualified', 'rejected']],
]);

const fields = [
  'reference',
  'state',
  'write_date',
  'create_date',
  'employee.party.contact_mechanisms.type',
  'employee.party.contact_mechanisms.value',
];

/**
 * Opportunities of ours by the time of their last change, which Tryton keeps to the microsecond, as that of the start of
 * the transaction that made it.
 */
export function trytonChanges(get: (path: string, signal: AbortSignal) => Promise<string>): CrmChanges {
  const ask = async (
    domain: readonly unknown[],
    signal: AbortSignal,
  ): Promise<readonly z.infer<typeof Opportunity>[]> => {
    const order = [
      ['write_date', 'ASC'],
      ['id', 'ASC'],
    ];
    const text = await get(
      trytonSearch('sale.opportunity', fields, domain, { order, size: pageSize }),
      signal,
    );
    return parseAnswer(system, z.array(Opportunity), text);
  };
  return {
    // Nobody counts the calls, and one takes about 13 ms.
    everyMs: 500,
    lagMs: 30_000,
    since: async (since, page, signal) => {
      const after =
        page === undefined ? ['write_date', '>=', momentOf(Date.parse(since) * 1_000)] : later(page);
      const found = await ask([['reference', 'like', 'lead\\_%'], after], signal);
      const last = found.at(-1);
      return {
        records: found.map(recordOf),
        nextPage:
          found.length < pageSize || !last ? undefined : `${String(changedAt(last))}:${String(last.id)}`,
      };
    },
    read: async (externalIds, signal) =>
      (await ask([['id', 'in', externalIds.map(Number)]], signal)).map(recordOf),
  };
}

/** Behind the last one of a page; its own instant may have more than one page. */
function later(page: string): readonly unknown[] {
  const [micros = 0, id = 0] = page.split(':').map(Number);
  const at = momentOf(micros);
  return [
    'OR',
    ['write_date', '>', at],
    [
      ['write_date', '=', at],
      ['id', '>', id],
    ],
  ];
}

function recordOf(found: z.infer<typeof Opportunity>): CrmRecord {
  const { id, reference, state, employee } = found;
  const leadId = asLeadId(reference ?? '');
  const micros = changedAt(found);
  const email = employee?.party.contact_mechanisms.find(({ type }) => type === 'email')?.value ?? '';
  return {
    externalId: String(id),
    ...(leadId === undefined ? {} : { leadId }),
    modifiedAt: toInstant(Math.floor(micros / 1_000)),
    stamp: String(micros),
    status: meaning.get(state) ?? [],
    ...(employee ? { ownerEmail: email } : {}),
  };
}

const changedAt = ({ write_date, create_date }: z.infer<typeof Opportunity>): number =>
  microsOf(write_date ?? create_date);

/** Tryton's UTC moments as JSON. */
const Moment = z.object({
  year: z.int(),
  month: z.int(),
  day: z.int(),
  hour: z.int(),
  minute: z.int(),
  second: z.int(),
  microsecond: z.int(),
});

function microsOf({ year, month, day, hour, minute, second, microsecond }: z.infer<typeof Moment>): number {
  return Date.UTC(year, month - 1, day, hour, minute, second) * 1_000 + microsecond;
}

function momentOf(micros: number): object {
  const at = new Date(Math.floor(micros / 1_000));
  return {
    __class__: 'datetime',
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
    microsecond: micros % 1_000_000,
  };
}

const Opportunity = z.object({
  id: z.int().min(1),
  reference: z.string().nullish(),
  state: z.string(),
  write_date: Moment.nullish(),
  create_date: Moment,
  employee: z
    .object({
      party: z.object({
        contact_mechanisms: z.array(z.object({ type: z.string(), value: z.string().nullish() })),
      }),
    })
    .nullish(),
});
