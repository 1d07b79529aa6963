import { Instant } from './common';
import { LeadBody } from './lead-body';
import { InstantInput } from './leads';
import { z } from './zod';

const version = z.number().int().min(1).max(2_147_483_647).meta({ description: 'Policy version' });
const versionText = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'a version number')
  .transform(Number)
  .openapi({ type: 'integer', minimum: 1 });

export const VersionParams = z.object({ version: versionText });
export const DiffQuery = z.object({
  from: versionText.optional().openapi({ description: 'The live version when absent' }),
  to: versionText,
});

export const PolicyVersion = z
  .object({
    version: z.number().int(),
    state: z.enum(['draft', 'scheduled', 'live', 'retired']),
    createdBy: z.string().meta({ description: 'Name of the API key' }),
    createdAt: Instant,
    publishAt: Instant.optional(),
    publishedAt: Instant.optional(),
  })
  .openapi('PolicyVersion');
export const PolicyVersions = z.object({ data: z.array(PolicyVersion).readonly() }).openapi('PolicyVersions');
export const PolicyText = z
  .object({
    version: z.number().int(),
    text: z.string().meta({ description: 'As it was saved, comments included' }),
  })
  .openapi('PolicyText');
export const PolicySaved = z
  .object({
    version: z.number().int(),
    findings: z
      .array(
        z.object({
          code: z.string(),
          path: z.string(),
          line: z.number(),
          column: z.number(),
          message: z.string(),
        }),
      )
      .readonly()
      .meta({ description: 'What works but is probably not meant' }),
  })
  .openapi('PolicySaved');
export const PolicyDiff = z
  .object({
    from: z.number().int(),
    to: z.number().int(),
    changes: z.array(z.object({ path: z.string(), before: z.unknown(), after: z.unknown() })).readonly(),
  })
  .openapi('PolicyDiff');

export const PublishBody = z
  .object({
    version,
    at: InstantInput.optional().openapi({ description: 'Now when absent or past' }),
    force: z
      .boolean()
      .optional()
      .meta({ description: 'Although open leads belong to reps it does not know' }),
  })
  .openapi('Publish');
export const PreviewBody = z
  .object({
    lead: LeadBody,
    version: version.optional().meta({ description: 'The live version when absent' }),
  })
  .openapi('Preview');
export const PreviewView = z
  .object({
    version: z.number().int(),
    rule: z.string().optional(),
    owner: z.object({ id: z.string(), name: z.string() }).nullable(),
    score: z.number(),
    band: z.enum(['hot', 'warm', 'cold']),
    due: z.array(z.object({ do: z.string(), dueAt: Instant, to: z.string().optional() })).readonly(),
    open: z
      .object({ pool: z.string(), to: z.array(z.string()).readonly(), until: Instant })
      .optional()
      .openapi({ description: 'Who could claim the lead, where it would be open to a pool' }),
    parked: z.string().optional().meta({ description: 'Why nobody would get the lead' }),
    trail: z
      .array(z.object({ rule: z.string(), when: z.string().optional(), verdict: z.string() }))
      .readonly(),
  })
  .openapi('PreviewResult');
