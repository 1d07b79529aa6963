import { apiScopes } from '../ports';
import { afterId, Instant, limit, QueryText } from './common';
import { requiredText } from './text';
import { z } from './zod';

/** What an error's id looks like; the database is not asked for anything else. */
export const errorId = /^[a-z]+_[0-9a-zA-Z]{1,64}$/;
export const ErrorParams = z.object({ id: z.string() });
export const ErrorQuery = z.object({
  state: z.enum(['open', 'resolved']).optional(),
  fingerprint: QueryText.optional(),
  limit: limit(50),
  startingAfter: afterId('The id of the last error of the page before'),
});
export const ErrorRecord = z
  .object({
    id: z.string(),
    leadId: z.string(),
    step: z.string().meta({ description: 'Where the run stopped, and resumes' }),
    code: z.string(),
    fingerprint: z.string().meta({ description: 'The same for errors with the same cause' }),
    message: z.string(),
    state: z.enum(['open', 'resolved']),
    count: z.number().int(),
    firstSeenAt: Instant,
    lastSeenAt: Instant,
    resolvedAt: Instant.optional(),
    owner: z.string().optional(),
  })
  .openapi('ErrorRecord');
export const ErrorList = z
  .object({ data: z.array(ErrorRecord).readonly(), hasMore: z.boolean() })
  .openapi('ErrorList');
export const ErrorGroups = z
  .object({
    data: z
      .array(
        z.object({
          fingerprint: z.string(),
          code: z.string(),
          step: z.string(),
          message: z.string(),
          leads: z.number().int(),
          count: z.number().int(),
          firstSeenAt: Instant,
          lastSeenAt: Instant,
        }),
      )
      .readonly(),
  })
  .openapi('ErrorGroups');
export const RetryBody = z
  .object({ fingerprint: requiredText({ max: 200, description: 'Retries all open errors that share it' }) })
  .openapi('Retry');
export const Retried = z.object({ retried: z.number().int() }).openapi('Retried');

export const KeyParams = z.object({ id: z.string().regex(/^[a-z]+_[0-9a-zA-Z]{1,64}$/) });
export const KeyBody = z
  .object({
    name: requiredText({
      max: 100,
      description:
        'Who or what uses the key. Keys of one name are one sender: give a new key the name of the one it replaces',
    }),
    scopes: z.array(z.enum(apiScopes)).min(1).meta({ description: '`admin` holds all the others' }),
    ratePerSecond: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .meta({ description: 'Instead of the instance-wide rate' }),
  })
  .openapi('NewApiKey');
export const KeyView = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(apiScopes)).readonly(),
    ratePerSecond: z.number().optional(),
    createdAt: Instant,
    revokedAt: Instant.optional(),
  })
  .openapi('ApiKey');
export const KeyCreated = KeyView.extend({ key: z.string().meta({ description: 'Shown once' }) }).openapi(
  'ApiKeyCreated',
);
export const KeyList = z.object({ data: z.array(KeyView).readonly() }).openapi('ApiKeyList');
