import { Instant, limit } from './common';
import { z } from './zod';

export const CrmReportQuery = z.object({ limit: limit(30) });

const count = (description: string) => z.number().int().meta({ description });
const Difference = z.object({
  leadId: z.string(),
  field: z.enum(['owner', 'status', 'record']),
  ours: z.string(),
  theirs: z.string(),
  repair: z.enum(['taken', 'written', 'asked']).meta({
    description:
      '`taken`: the lead follows the CRM; `written`: the CRM gets our value; `asked`: a person must decide',
  }),
});
export const CrmReportList = z
  .object({
    data: z
      .array(
        z.object({
          id: z.string(),
          system: z.string(),
          startedAt: Instant,
          finishedAt: Instant,
          counts: z.object({
            checked: count('Open leads that were compared with their record'),
            differing: count('Leads with at least one difference'),
            taken: count('Differences in which the lead follows the CRM'),
            written: count('Differences in which the CRM gets our value'),
            asked: count('Differences about which a person must decide'),
          }),
          differences: z.array(Difference).readonly().meta({ description: 'The first 100' }),
        }),
      )
      .readonly(),
  })
  .openapi('CrmReportList');

export const CrmAsked = z.object({ status: z.literal('accepted') }).openapi('CrmAsked');
