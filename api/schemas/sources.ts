import { eventStates, sourceKinds } from '../ports';
import { Instant, limit, QueryText } from './common';
import { InstantInput, LeadAccepted } from './leads';
import { optionalText, requiredText } from './text';
import { z } from './zod';

/** What a source may be called; it is part of its address. */
export const sourceName = /^[a-z0-9][a-z0-9_-]{0,62}$/;
export const SourceParams = z.object({ source: z.string().regex(sourceName) });

const mapping = z.record(z.string(), z.string()).meta({
  description:
    "Lead field → path in an event, dotted or a JSON Pointer; `eventId` is the source's own id of the event, `utm.x` fills utm, `honeypot` is a field that must be empty",
  example: { email: 'contact.mail', phone: '/contact/phones/0' },
});

export const SourceBody = z
  .object({
    kind: z.enum(sourceKinds).meta({ description: 'docs/sources.md has a section for each' }),
    secret: requiredText({
      max: 512,
      description:
        'What the sender signs with or shows; never returned. The one before stays valid beside it',
    }),
    previousValidUntil: InstantInput.optional().openapi({
      description: 'When the secret before stops being valid; at the next rotation when absent',
    }),
    verifyToken: optionalText({
      max: 200,
      description: 'For `meta`: the word typed into "Verify token"; never returned',
    }),
    accessToken: optionalText({
      max: 2_000,
      description:
        'For `meta`, `linkedin` and `hubspot`: with it leads are fetched that the source only names; never returned. Stays as it is when absent',
    }),
    mapping: mapping.optional(),
  })
  .openapi('NewSource');

export const SourceView = z
  .object({
    source: z.string(),
    kind: z.enum(sourceKinds),
    liveSecrets: z.number().int().meta({ description: 'Two while a rotation is under way' }),
    previousValidUntil: Instant.optional(),
    mapping: z.record(z.string(), z.string()).optional(),
    fetchesLeads: z.literal(true).optional().meta({ description: 'There is an access token' }),
    url: z.string().meta({ description: 'Where the source sends its webhooks' }),
  })
  .openapi('Source');
export const SourceList = z.object({ data: z.array(SourceView).readonly() }).openapi('SourceList');

const Finding = z.object({ path: z.string(), message: z.string(), expected: z.string() });

const outcome = z.enum(['received', ...eventStates]).meta({
  description:
    '`received`: a lead; `test`: sent by a test button; `id_only`: names a lead whose fields could be fetched with an access token; `fetching`: they are being fetched; `fetched`: a lead by now; `other`: no lead; `spam`: the honeypot is filled in; `dead_lettered`: no usable lead, replay it after correcting the mapping',
});

/** What became of a delivery: the lead, when it is one, else each event. */
export const WebhookAccepted = z.union([
  LeadAccepted,
  z
    .object({
      events: z.array(
        z.object({
          eventId: z.string().optional(),
          type: z.string().optional(),
          status: outcome,
          leadId: z.string().optional().meta({ description: 'Of a lead, and of what may become one' }),
          issues: z.array(Finding).readonly().optional(),
        }),
      ),
    })
    .openapi('WebhookEventsAccepted'),
]);

export const SourceTestBody = z
  .object({
    body: z.unknown().meta({ description: 'What the sender sends: JSON, or a text that is taken as it is' }),
    headers: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'Headers that matter for reading it, such as Content-Type' }),
    mapping: mapping.optional().openapi({ description: 'Tried instead of the one of the source' }),
  })
  .openapi('SourceTest');

export const SourceTested = z
  .object({
    events: z.array(
      z.object({
        eventId: z.string().optional(),
        type: z.string().optional(),
        status: outcome,
        lead: z.looseObject({}).optional().meta({ description: 'The fields found, checked or not' }),
        findings: z.array(Finding).readonly(),
      }),
    ),
  })
  .openapi('SourceTested');

export const EventQuery = z.object({
  state: z.enum(eventStates).optional(),
  limit: limit(50),
  startingAfter: QueryText.optional().meta({
    description: 'The leadId of the last event of the page before',
  }),
});
export const EventList = z
  .object({
    data: z
      .array(
        z.object({
          leadId: z.string().meta({ description: 'The id that the lead has, or would have' }),
          eventKey: z.string(),
          type: z.string().optional(),
          state: z.enum(eventStates),
          reason: z.string().optional(),
          receivedAt: Instant,
          rawBody: z.string().meta({ description: 'JSON of the event' }),
        }),
      )
      .readonly(),
    hasMore: z.boolean(),
  })
  .openapi('WebhookEventList');
