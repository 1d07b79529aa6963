import { assignmentCauses } from '../../domain/lead';
import { asLeadId, type LeadId } from '../../domain/ids';
import { leadStatus, touchKinds, dispositionOutcomes } from '../../domain/lead';
import { parseDuration } from '../../domain/duration';
import { bands, milestoneNames } from '../../domain/policy';
import { parseInstant, type IsoInstant } from '../../domain/instant';
import { ApiError } from '../errors';
import { Instant, limit, PolicyId, QueryText } from './common';
import { optionalText, requiredText } from './text';
import { z } from './zod';

export const LeadParams = z.object({
  leadId: z.string().meta({ description: 'Lead id', example: 'lead_0123456789abcdef0123456789' }),
});

/** The id in the path. @throws ApiError 404 for text that can name no lead */
export function leadIdOf({ leadId }: z.output<typeof LeadParams>): LeadId {
  const id = asLeadId(leadId);
  if (!id) throw unknownLead();
  return id;
}

export function unknownLead(): ApiError {
  return new ApiError('unknown_lead', 'There is no lead with this id.');
}

export const LeadAccepted = z
  .object({
    id: z.string(),
    status: z.literal('received'),
    workflowId: z.string().meta({ description: 'Its run in the Temporal Web UI' }),
    links: z.object({ self: z.string(), explanation: z.string() }).meta({ description: 'Paths on this API' }),
  })
  .openapi('LeadAccepted');

const band = z.enum(bands);

export const LeadSummary = z
  .object({
    id: z.string(),
    status: z.enum(leadStatus),
    source: z.string(),
    personId: z.string().optional(),
    accountId: z.string().optional(),
    mergedInto: z.string().optional().meta({ description: 'The open lead of the same person' }),
    owner: z.object({ id: z.string(), name: z.string() }).optional(),
    score: z.number().int().optional(),
    band: band.optional(),
    workflowId: z.string(),
    receivedAt: Instant,
    closedAt: Instant.optional(),
  })
  .openapi('LeadSummary');

const SlaStep = z.object({
  do: z.string(),
  dueAt: Instant,
  doneAt: Instant.optional(),
  to: z.string().optional(),
});

const SlaClock = z.object({
  name: z.enum(['touch', ...milestoneNames]),
  clock: z.enum(['business', 'wall']),
  startedAt: Instant,
  dueAt: Instant,
  steps: z.array(SlaStep).readonly(),
  missedAt: Instant.optional().openapi({ description: 'The deadline that passed; the clock goes on' }),
  doneAt: Instant.optional(),
  tookMs: z.number().int().optional().meta({ description: 'Time it took on this clock, in milliseconds' }),
});

export const LeadView = LeadSummary.extend({
  closeReason: z.string().optional().meta({
    description: 'Why it was closed: said with the disposition, or why it closed by itself or was rejected',
  }),
  partner: z
    .object({ id: z.string(), name: z.string() })
    .optional()
    .openapi({ description: 'Who works it beside the owner' }),
  offer: z
    .object({
      until: Instant,
      to: z.array(z.string()).readonly().optional().openapi({
        description:
          'Reps of whom the first to claim it has it; absent when it is offered to its owner alone',
      }),
    })
    .optional()
    .openapi({ description: 'Nobody has taken it yet: it goes to the next one then' }),
  scoreOverride: z
    .object({
      score: z.number().int().optional(),
      band: band.optional(),
      reason: z.string(),
      by: z.string(),
      at: Instant,
    })
    .optional()
    .openapi({ description: 'Score or band as a person set it' }),
  sla: z
    .object({
      policy: z.string(),
      steps: z.array(SlaStep).readonly(),
      touchDueAt: Instant,
      firstTouchAt: Instant.optional(),
      breached: z.boolean(),
      clocks: z
        .array(SlaClock)
        .readonly()
        .meta({ description: 'Each promise by itself, the first touch included' }),
      onHoldSince: Instant.optional().openapi({ description: 'Since when it waits for its customer' }),
      repliedAt: Instant.optional().openapi({ description: 'When the customer last wrote back' }),
      acknowledged: z.object({ by: z.string(), until: Instant }).optional(),
    })
    .optional(),
  crm: z.object({ system: z.string(), externalId: z.string(), syncedAt: Instant }).optional(),
  timeline: z
    .array(z.looseObject({ at: Instant, what: z.string() }))
    .readonly()
    .meta({ description: 'Everything that happened, oldest first' }),
}).openapi('LeadView');

export const LeadList = z
  .object({ data: z.array(LeadSummary).readonly(), hasMore: z.boolean() })
  .openapi('LeadList');

/** Where a page begins whose rows have the ids of leads. */
export const afterLead = (description: string) =>
  z
    .string()
    .transform((text, context): LeadId => {
      const id = asLeadId(text);
      if (id) return id;
      const params = { expected: 'the last id of the page before' };
      context.addIssue({ code: 'custom', message: 'is no lead id', params });
      return z.NEVER;
    })
    .optional()
    .openapi({ type: 'string', description });

export const LeadQuery = z.object({
  status: z.enum(leadStatus).optional(),
  owner: QueryText.optional().meta({ description: 'Rep id' }),
  source: QueryText.optional(),
  limit: limit(50),
  startingAfter: afterLead('The id of the last lead of the page before'),
});

export const Explanation = z.looseObject({}).openapi('Explanation', {
  description: `Rule, candidates, skips, ledger entries, score contributions, match reasons; causes: ${assignmentCauses.join(', ')}`,
});

export const LeadState = z
  .object({ status: z.enum(leadStatus), owner: z.string().optional(), nextDueAt: Instant.optional() })
  .openapi('LeadState');

const by = PolicyId.optional().meta({ description: 'Rep id of the one who did it' });
const reason = optionalText({ max: 1_000, description: 'Why, in words', lines: true });

/** A point in time that a caller gives, in any offset. */
export const InstantInput = z
  .string()
  .transform((text, context): IsoInstant => {
    const at = parseInstant(text);
    if (at) return at;
    context.addIssue({
      code: 'custom',
      message: 'is no instant',
      params: { expected: 'an instant with an offset, such as 2026-11-24T09:00:00Z' },
    });
    return z.NEVER;
  })
  .openapi({ type: 'string', format: 'date-time' });

const upTo7Days = (what: string) =>
  z
    .string()
    .transform((text, context): number => {
      const ms = parseDuration(text.trim());
      if (ms !== undefined && ms > 0 && ms <= 7 * 86_400_000) return ms;
      context.addIssue({
        code: 'custom',
        message: `is no length of ${what}`,
        params: { expected: 'a duration such as 30m, 2h or 1d, at most 7d' },
      });
      return z.NEVER;
    })
    .openapi({ type: 'string', example: '30m', description: 'At most 7d' });

export const TouchBody = z
  .object({
    kind: z.enum(touchKinds),
    at: InstantInput.optional().openapi({ description: 'When it happened; now when absent' }),
    by,
  })
  .openapi('Touch', { description: 'First-hand engagement of a rep; it stops the clock' });
export const ClaimBody = z.object({ by }).openapi('Claim');
export const DeclineBody = z.object({ by, reason }).openapi('Decline');
export const ReassignBody = z
  .object({ to: PolicyId.optional().meta({ description: 'Rep id; the next in line when absent' }), by })
  .openapi('Reassign');
export const SnoozeBody = z.object({ for: upTo7Days('a snooze'), by }).openapi('Snooze');
export const AcknowledgeBody = z
  .object({
    by: PolicyId.meta({ description: 'Rep id of the one who has it in hand; not the owner' }),
    for: upTo7Days('time')
      .default(3_600_000)
      .openapi({ type: 'string', description: 'At most 7d; 1h when absent' }),
  })
  .openapi('Acknowledge', { description: 'Somebody above the owner has the lead in hand' });
export const HoldBody = z.object({ by, reason }).openapi('Hold');
export const ResumeBody = z.object({ by }).openapi('Resume');
export const ReleaseBody = z.object({ by, reason }).openapi('Release');
export const ReplyBody = z.object({}).openapi('Reply');
export const ScoreBody = z
  .object({
    score: z.number().int().min(0).max(100).optional().openapi({ description: 'The band follows from it' }),
    band: band.optional().openapi({ description: 'The score stays as the rules have it' }),
    reason: requiredText({ max: 1_000, description: 'Why, in words', lines: true }),
    by: PolicyId.meta({ description: 'Id of the one who says so' }),
  })
  .refine(({ score, band: wanted }) => (score === undefined) !== (wanted === undefined), {
    error: 'give either score or band',
    path: ['score'],
    params: { expected: 'score (0 to 100) or band (hot, warm, cold), not both' },
  })
  .openapi('Score', { description: 'What the rules work out later does not change it' });
export const ScoreQuery = z.object({ by: PolicyId.optional().meta({ description: 'Who takes it back' }) });
export const DispositionBody = z
  .object({ outcome: z.enum(dispositionOutcomes), reason, by })
  .openapi('Disposition');
