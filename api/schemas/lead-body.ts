import type { LeadFields } from '../../domain/lead';
import { emailFault, phoneFault } from './contact';
import { blankToAbsent, characterFault, optionalText } from './text';
import { z } from './zod';

const utmMax = { keys: 50, key: 64, value: 1_000 };

const utm = z
  .record(z.string(), z.string())
  .superRefine((values, context) => {
    const add = (path: string[], message: string, expected: string): void => {
      context.addIssue({ code: 'custom', path, message, params: { expected } });
    };
    const entries = Object.entries(values);
    if (entries.length > utmMax.keys) add([], 'has too many keys', `at most ${String(utmMax.keys)} keys`);
    for (const [key, value] of entries.slice(0, utmMax.keys)) {
      const fault = characterFault(key) ?? characterFault(value);
      if (key.length > utmMax.key)
        add([key.slice(0, utmMax.key)], 'has too long a name', `at most ${String(utmMax.key)} characters`);
      else if (value.length > utmMax.value)
        add([key], 'is too long', `at most ${String(utmMax.value)} characters`);
      else if (fault) add([characterFault(key) ? '?' : key], fault.message, fault.expected);
    }
  })
  .meta({ description: 'Campaign parameters: `source`, `medium`, `campaign`, `term`, `content`, `event` …' });

/** A lead as sources send it. Unknown fields are kept with the raw body and ignored otherwise. */
export const LeadBody = z
  .object({
    firstName: optionalText({ max: 200, description: 'Given name', example: 'Ada' }),
    lastName: optionalText({ max: 200, description: 'Family name', example: 'Okafor' }),
    email: optionalText({
      max: 320,
      description: 'E-mail address; this or `phone` is needed',
      example: 'ada@example.com',
      check: emailFault,
    }),
    phone: optionalText({
      max: 60,
      description: 'Phone number as typed; this or `email` is needed',
      example: '+49 89 123456',
      check: phoneFault,
    }),
    company: optionalText({ max: 300, description: 'Company as typed', example: 'Example GmbH' }),
    website: optionalText({
      max: 2_048,
      description: 'Web address of the company',
      example: 'https://example.com',
    }),
    title: optionalText({ max: 200, description: 'Job title' }),
    country: optionalText({ max: 100, description: 'Country, as name or ISO code', example: 'DE' }),
    city: optionalText({ max: 200, description: 'City' }),
    postalCode: optionalText({
      max: 32,
      description: 'Postal code as text; leading zeros count',
      example: '80331',
    }),
    street: optionalText({ max: 300, description: 'Street and number, as typed' }),
    state: optionalText({ max: 100, description: 'State or province' }),
    source: optionalText({
      max: 100,
      description: 'Where the lead came from, in your own words',
      example: 'website',
    }),
    message: optionalText({ max: 10_000, description: 'What the person wrote', lines: true }),
    consent: z
      .preprocess(blankToAbsent, z.boolean().optional())
      .optional()
      .meta({ description: 'Whether the person agreed to be contacted' }),
    utm: z.preprocess(blankToAbsent, utm.optional()).optional(),
    externalId: optionalText({
      max: 255,
      description:
        'Your own id of this lead; the same id and source is the same lead, without a source the same id of the same sender',
    }),
  })
  .superRefine(({ email, phone }, context) => {
    if (email !== undefined || phone !== undefined) return;
    const params = { expected: 'an e-mail address or a phone number' };
    context.addIssue({ code: 'custom', path: ['email'], message: 'is missing, and so is phone', params });
    context.addIssue({ code: 'custom', path: ['phone'], message: 'is missing, and so is email', params });
  })
  .openapi('Lead', { description: 'All fields are optional, but one of `email` and `phone` is needed.' });

/** Names of the fields a lead has, for mappings. */
export const leadFieldNames: readonly (keyof LeadFields)[] = Object.keys(
  LeadBody.shape,
) as (keyof LeadFields)[];
