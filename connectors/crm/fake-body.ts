import { z } from 'zod';
import { leadStatus } from '../../domain/lead';

const id = z.string().min(1);
const text = z.string().optional();
const instant = z.iso.datetime({ precision: 3 });

/** The body of `PUT /leads/<leadId>` to the letter: a field too many is an error, as with a strict CRM. */
export const CrmBody = z.strictObject({
  id: z.string().regex(/^lead_[0-9a-f]{26}$/),
  person: z.strictObject({
    id,
    firstName: text,
    lastName: text,
    email: text,
    phone: text,
    company: text,
    website: text,
    title: text,
    country: text,
    city: text,
    postalCode: text,
    source: text,
    message: text,
    consent: z.boolean().optional(),
    utm: z.record(z.string(), z.string()).optional(),
    externalId: text,
  }),
  account: z.strictObject({ id, name: z.string(), domain: text }).nullable(),
  owner: z.strictObject({ id, name: id, email: id }).nullable(),
  partner: z.strictObject({ id, name: id, email: id }).optional(),
  score: z.number().nullable(),
  band: z.enum(['hot', 'warm', 'cold']).nullable(),
  status: z.enum(leadStatus),
  sla: z.strictObject({ policy: id, touchDueAt: instant }).nullable(),
});

export type CrmBody = z.infer<typeof CrmBody>;
