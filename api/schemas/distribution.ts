import { Instant, limit, PolicyId } from './common';
import { InstantInput } from './leads';
import { optionalText } from './text';
import { z } from './zod';

export const PoolParams = z.object({ pool: PolicyId });
export const LedgerQuery = z.object({
  limit: limit(50),
  startingAfter: z
    .string()
    .regex(/^\d{1,18}$/, 'a sequence number')
    .transform(BigInt)
    .optional()
    .openapi({ type: 'integer', description: '`seq` of the last entry of the page before' }),
});
const Candidate = z.looseObject({}).meta({ description: 'A member, and why he was picked or skipped' });
export const LedgerPage = z
  .object({
    data: z
      .array(
        z.object({
          seq: z.number().int().meta({ description: 'Gapless within the pool' }),
          leadId: z.string(),
          hop: z.number().int(),
          rep: z.string(),
          at: Instant,
          charged: z.number().meta({
            description: '0: no pick, but the return of a charge for a lead that was merged into another one',
          }),
          candidates: z.array(Candidate).readonly(),
          credit: z.object({ rep: z.string(), cause: z.string(), amount: z.number() }).optional(),
        }),
      )
      .readonly(),
    hasMore: z.boolean(),
    shares: z
      .array(z.object({ rep: z.string(), weight: z.number(), assigned: z.number(), target: z.number() }))
      .readonly()
      .meta({ description: 'What each member got and should have got' }),
  })
  .openapi('PoolLedger');

export const RepParams = z.object({ rep: PolicyId });
const Absence = z.object({ from: Instant, until: Instant, reason: z.string().optional() });
export const RepView = z
  .object({
    id: z.string(),
    name: z.string(),
    calendar: z.string(),
    status: z.enum(['active', 'paused']),
    pauseReason: z.string().optional(),
    openLeads: z.number().int(),
    caps: z.object({
      perHour: z.number().optional(),
      perDay: z.number().optional(),
      perWeek: z.number().optional(),
      rolling: z.record(z.string(), z.number()).optional(),
      open: z.number().optional(),
    }),
    absences: z.array(Absence).readonly(),
  })
  .openapi('Rep');
export const RepList = z.object({ data: z.array(RepView).readonly() }).openapi('RepList');

const reason = optionalText({ max: 500, description: 'Why, in words' });
export const AbsenceBody = z
  .object({
    from: InstantInput,
    until: InstantInput.openapi({ description: 'Not after `from`: removes the absence' }),
    reason,
  })
  .openapi('Absence');
export const StatusBody = z.object({ status: z.enum(['active', 'paused']), reason }).openapi('RepStatus');

export const AccountingView = z
  .object({
    accepted: z.number().int(),
    assigned: z.number().int().meta({ description: 'Every lead that has an owner, whatever came after' }),
    parked: z.number().int(),
    merged: z.number().int(),
    rejected: z.number().int(),
    deadLettered: z.number().int(),
    inFlight: z.number().int().meta({ description: 'Still before an owner' }),
    balanced: z.boolean(),
  })
  .openapi('Accounting');
