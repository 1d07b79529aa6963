import { importSource } from '../lead-id';
import { importFormats, importStates } from '../ports';
import { Instant } from './common';
import { sourceName } from './sources';
import { z } from './zod';

export const ImportParams = z.object({ id: z.string().regex(/^imp_[0-9a-f]{26}$/) });

export const ImportQuery = z.object({
  source: z
    .string()
    .regex(sourceName, 'a name: lower-case letters, digits, - and _')
    .default(importSource)
    .meta({
      description:
        'Source of the leads, where a line has no `source` of its own. When it is one of `PUT /v1/sources/{source}`, its mapping is used',
    }),
  mapping: z.string().max(20_000).optional().meta({
    description:
      'JSON: lead field → column (CSV) or path (JSON); instead of the mapping of the source. Without any, columns are read by what they are usually called',
    example: '{"email":"E-Mail","company":"Firma"}',
  }),
});

export const ImportView = z
  .object({
    id: z.string(),
    status: z.enum(importStates),
    source: z.string(),
    format: z.enum(importFormats),
    rows: z.number().int().optional().meta({
      description: 'Lines with something on them; absent until the file is split into lines',
    }),
    accepted: z.number().int().meta({ description: 'Lines that became new leads' }),
    duplicates: z.number().int().meta({ description: 'Lines whose lead was there before' }),
    failed: z.number().int().meta({ description: 'Lines that are no usable lead' }),
    createdAt: Instant,
    finishedAt: Instant.optional(),
    workflowId: z.string(),
    links: z.object({ self: z.string(), errors: z.string() }),
  })
  .openapi('Import');

export const FaultsQuery = z.object({
  format: z.enum(importFormats).default('csv').meta({ description: 'Of the answer' }),
});
