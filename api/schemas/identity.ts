import { leadStatus } from '../../domain/lead';
import { reviewStates } from '../ports-identity';
import { afterId, Instant, limit } from './common';
import { optionalText, requiredText } from './text';
import { z } from './zod';

const id = z.string().regex(/^[a-z]+_[0-9a-zA-Z]{1,64}$/, 'an id');
const decider = optionalText({ max: 100, description: 'Who decided; the name of the API key when absent' });

export const IdParams = z.object({ id });
export const ModelParams = z.object({
  version: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'a version number')
    .transform(Number)
    .openapi({ type: 'integer', minimum: 1 }),
});
export const ReviewQuery = z.object({
  state: z.enum(reviewStates).default('open'),
  limit: limit(50),
  startingAfter: afterId('The id of the last review of the page before'),
});

const value = z.string().optional();
const Profile = z
  .object({
    firstName: value,
    lastName: value,
    email: value,
    phone: value,
    company: value,
    website: value,
    title: value,
    country: value,
    city: value,
    state: value,
    postalCode: value,
    street: value,
  })
  .meta({ description: 'Surviving values of all leads, as typed; without the date of birth' });

export const MergeView = z
  .object({
    id: z.string(),
    survivorId: z.string(),
    mergedId: z.string(),
    by: z.string(),
    because: z.string(),
    at: Instant,
    undoneAt: Instant.optional(),
    undoneBy: z.string().optional(),
    leads: z.array(z.string()).readonly().meta({ description: 'Leads that went to the survivor' }),
  })
  .openapi('PersonMerge');

export const PersonView = z
  .object({
    id: z.string(),
    profile: Profile,
    accountId: z.string().optional(),
    mergedInto: z.string().optional(),
    createdAt: Instant,
    leads: z
      .array(
        z.object({
          id: z.string(),
          status: z.enum(leadStatus),
          source: z.string(),
          receivedAt: Instant,
          mergedInto: z.string().optional(),
          ownerId: z.string().optional(),
          closedAt: Instant.optional(),
        }),
      )
      .readonly()
      .meta({ description: 'Newest first, at most 200' }),
    merges: z
      .array(MergeView)
      .readonly()
      .meta({ description: 'On either side, newest first, undone ones included' }),
  })
  .openapi('Person');

const Reviewed = z.object({
  id: z.string(),
  profile: Profile,
  accountId: z.string().optional(),
  mergedInto: z.string().optional(),
});
export const ReviewView = z
  .object({
    id: z.string(),
    leadId: z.string(),
    state: z.enum(reviewStates),
    bits: z.number().meta({ description: 'log2 odds by which it was asked' }),
    reasons: z.array(z.object({ fact: z.string(), level: z.string(), bits: z.number() })).readonly(),
    person: Reviewed.meta({
      description: 'Whom the lead was created as; of two who were known, the younger',
    }),
    other: Reviewed.meta({ description: 'The known person it may be, who goes on if they are one' }),
    decidedBy: z.string().optional(),
    decidedAt: Instant.optional(),
    createdAt: Instant,
  })
  .openapi('IdentityReview');
export const ReviewList = z
  .object({ data: z.array(ReviewView).readonly(), hasMore: z.boolean() })
  .openapi('IdentityReviewList');

const joins = z
  .array(
    z.object({
      leadId: z.string(),
      into: z.string(),
      state: z.enum(['joined', 'pending', 'refused']),
      reason: z.string().optional(),
    }),
  )
  .readonly()
  .meta({
    description:
      'Open leads beside the oldest one, and whether their runs have ended as merged into it; one that is `pending` is asked again within the hour, or when the request is repeated',
  });

export const VerdictBody = z
  .object({ verdict: z.enum(['same', 'different']), by: decider })
  .openapi('IdentityVerdict');
export const VerdictView = z
  .object({ review: ReviewView, merge: MergeView.optional(), joins })
  .openapi('IdentityVerdictGiven');
export const MergeBody = z
  .object({
    into: id.meta({ description: 'The person who survives' }),
    because: requiredText({ max: 500, description: 'Why they are one, in words' }),
    by: decider,
  })
  .openapi('MergePerson');
export const MergeDone = z.object({ merge: MergeView, joins }).openapi('PersonMerged');
export const UndoBody = z.object({ by: decider }).openapi('UndoMerge');
export const UndoDone = z
  .object({
    merge: MergeView,
    stillJoined: z
      .array(z.object({ leadId: z.string(), into: z.string() }))
      .readonly()
      .meta({
        description: 'Leads that ended in one of the other person meanwhile: their runs do not come back',
      }),
  })
  .openapi('MergeUndone');

const Thresholds = z.object({ acceptBits: z.number(), reviewBits: z.number() });
const Outcome = z.object({ right: z.number().int(), wrong: z.number().int() });
export const ThresholdDraft = z
  .object({
    version: z.number().int(),
    report: z.object({
      verdicts: z.number().int(),
      same: z.number().int(),
      different: z.number().int(),
      before: Thresholds,
      after: Thresholds,
      merged: Outcome.meta({ description: 'Verdicts that would have been merges without a question' }),
      keptApart: Outcome.meta({ description: 'Verdicts that would have been two people without a question' }),
      asked: z.number().int().meta({ description: 'Verdicts that would still have been asked for' }),
      precision: z
        .number()
        .optional()
        .meta({ description: 'Of the merges, the model’s own odds counted as ten verdicts' }),
    }),
  })
  .openapi('ThresholdDraft');
export const ModelLive = z
  .object({ version: z.number().int(), state: z.literal('live') })
  .openapi('IdentityModelLive');
