import { characterFault } from './text';
import { z } from './zod';

/** Ids of reps, pools, calendars: what the policy allows. */
export const PolicyId = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$/, 'an id: letters, digits, - and _');

/** Text of a query string: short, nothing the database refuses. */
export const QueryText = z
  .string()
  .max(200)
  .refine((text) => characterFault(text) === undefined, { error: 'text without control characters' });

/** Rows of a page. */
export const limit = (standard: number) =>
  z
    .string()
    .regex(/^\d{1,4}$/, 'a whole number from 1 to 200')
    .transform(Number)
    .refine((rows) => rows >= 1 && rows <= 200, { error: 'a whole number from 1 to 200' })
    .default(standard)
    .openapi({ type: 'integer', minimum: 1, maximum: 200, default: standard, description: 'Rows of a page' });

/** Where a page begins. */
export const afterId = (description: string) =>
  z
    .string()
    .regex(/^[a-z]+_[0-9a-zA-Z]{1,64}$/, 'the last id of the page before')
    .optional()
    .meta({ description });

export const Instant = z.string().meta({ description: 'Instant, ISO-8601 in UTC', format: 'date-time' });

export const Problem = z
  .object({
    type: z.string().meta({ example: 'urn:lead-router:error:invalid_request' }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string().meta({ description: 'Stable; docs/errors.md lists them all' }),
    requestId: z.string(),
    issues: z
      .array(
        z.object({
          path: z.string(),
          message: z.string(),
          expected: z.string(),
          line: z.number().optional(),
          column: z.number().optional(),
        }),
      )
      .optional(),
  })
  .openapi('Problem', { description: 'RFC 9457 problem details' });
