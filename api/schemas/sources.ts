import { parseDuration } from '../../domain/duration';
import { captchaProviders } from '../../domain/gate';
import { eventStates, sourceKinds } from '../ports';
import { Instant, limit } from './common';
import { afterLead, InstantInput, LeadAccepted } from './leads';
import { optionalText, requiredText } from './text';
import { z } from './zod';

/** What a source may be called; it is part of its address. */
export const sourceName = /^[a-z0-9][a-z0-9_-]{0,62}$/;
export const SourceParams = z.object({ source: z.string().regex(sourceName) });

const mappingText =
  "Lead field → path in an event, dotted or a JSON Pointer; `eventId` is the source's own id of the event, `utm.x` fills utm, `honeypot` is a field that must be empty";
const mapping = z.record(z.string(), z.string()).meta({
  description: mappingText,
  example: { email: 'contact.mail', phone: '/contact/phones/0' },
});

const count = z.number().int().min(1).max(1_000_000).optional();

const fieldPath = (description: string) => optionalText({ max: 300, description });

const within = (description: string, fallback: string) =>
  z
    .string()
    .trim()
    .superRefine((text, context) => {
      const ms = parseDuration(text) ?? 0;
      if (ms >= 1_000 && ms <= 30 * 86_400_000) return;
      const params = { expected: 'a duration such as 1h or 7d, at most 30d' };
      context.addIssue({ code: 'custom', message: 'is no such time', params });
    })
    .default(fallback)
    .meta({ description });

const Captcha = z.object({
  provider: z.enum(captchaProviders),
  secret: requiredText({ max: 512, description: "The provider's secret of the site; never returned" }),
  tokenField: fieldPath("Path in the event to the token; the provider's own name of the field when absent"),
  whenDown: z.enum(['accept', 'reject']).default('accept').meta({
    description: 'What becomes of a lead whose token nobody could judge within half a minute',
  }),
  minScore: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .meta({ description: 'Of reCAPTCHA v3, the least that passes' }),
});

const Rate = z
  .object({
    per: within('Length of the window, which the first lead opens', '1h'),
    mailbox: count.meta({ description: 'Most leads with one e-mail address' }),
    phone: count.meta({ description: 'Most leads with one phone number' }),
    client: count.meta({ description: 'Most leads from one computer; needs `clientField`' }),
    clientField: fieldPath("Path in the event to the address of the person's computer"),
  })
  .superRefine(({ client, clientField }, context) => {
    if ((client === undefined) === (clientField === undefined)) return;
    const path = client === undefined ? 'client' : 'clientField';
    const params = { expected: 'both client and clientField, or neither' };
    context.addIssue({ code: 'custom', path: [path], message: 'is missing', params });
  });

/** What is asked of the leads of a source before they are routed. */
export const GateBody = z
  .object({
    disposableMail: z
      .enum(['reject', 'accept'])
      .default('reject')
      .meta({ description: 'Leads whose address is of a provider of throw-away mailboxes' }),
    captcha: Captcha.optional(),
    rate: Rate.optional(),
    doubleOptIn: z
      .object({ within: within('Time there is to confirm', '7d') })
      .optional()
      .meta({ description: 'Routing waits until the person has confirmed the e-mail address' }),
  })
  .openapi('SourceGate');

const GateView = z
  .object({ ...GateBody.shape, captcha: Captcha.omit({ secret: true }).optional() })
  .openapi('SourceGateView');

export const SourceBody = z
  .object({
    kind: z.enum(sourceKinds).meta({ description: 'docs/connectors has a page for each' }),
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
    oauth: z
      .object({
        clientId: requiredText({ max: 200, description: "Id of the vendor's app" }),
        refreshToken: requiredText({ max: 2_000, description: 'Never returned' }),
      })
      .optional()
      .openapi({
        description:
          'For `linkedin` and `hubspot`, instead of `accessToken`: access tokens are got with it and renewed when they run out; the secret of the app is `secret`. Stays as it is when absent',
      }),
    mapping: mapping
      .nullish()
      .openapi({ description: `${mappingText}. Stays as it is when absent; null takes it away` }),
    gate: GateBody.nullish().openapi({
      description:
        'Replaced as a whole; stays as it is when absent, null takes it away. Also asked of leads of `POST /v1/leads` that name this source; without it only `disposableMail`',
    }),
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
    gate: GateView.meta({ description: 'What is asked of its leads before they are routed' }),
    url: z.string().meta({ description: 'Where the source sends its webhooks' }),
  })
  .openapi('Source');
export const SourceList = z.object({ data: z.array(SourceView).readonly() }).openapi('SourceList');

const Finding = z.object({ path: z.string(), message: z.string(), expected: z.string() });

const outcome = z.enum(['received', ...eventStates]).meta({
  description:
    '`received`: a lead; `test`: sent by a test button; `id_only`: names a lead whose fields could be fetched with an access token; `fetching`: they are being fetched; `fetched`: a lead by now; `other`: no lead; `spam`: the honeypot is filled in (a usable lead becomes one that is rejected); `dead_lettered`: no usable lead, replay it after correcting the mapping',
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
  startingAfter: afterLead('The leadId of the last event of the page before'),
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
