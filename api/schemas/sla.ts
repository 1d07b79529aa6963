import { parseDuration } from '../../domain/duration';
import { epochMs } from '../../domain/instant';
import { Instant, PolicyId } from './common';
import { InstantInput } from './leads';
import { z } from './zod';

const short = z.string().max(100);

const InlineCalendar = z
  .object({
    timeZone: z
      .string()
      .max(100)
      .refine(isTimeZone, { error: 'an IANA time zone such as Europe/Berlin' })
      .meta({ example: 'Europe/Berlin' }),
    week: z
      .record(
        short,
        z.union([short, z.array(short).max(50)], { error: 'blocks such as ["09:00-12:30", "13:30-18:00"]' }),
      )
      .meta({ example: { 'mon-fri': ['09:00-12:30', '13:30-18:00'] } }),
    holidays: z
      .union([short, z.array(z.union([short, z.object({ date: short, from: short })])).max(1_000)], {
        error: 'a region, or a list of regions, dates and { date, from }',
      })
      .optional()
      .meta({ example: ['DE-BY', '2026-12-24', { date: '2026-12-31', from: '12:00' }] }),
  })
  .openapi('Calendar');
export type InlineCalendar = z.output<typeof InlineCalendar>;

const duration = z
  .string()
  .transform((text, context): number => {
    const ms = parseDuration(text.trim());
    // Longer than ten years is a typo, and could leave what a date can hold.
    if (ms !== undefined && ms <= 3_650 * 86_400_000) return ms;
    context.addIssue({
      code: 'custom',
      message: 'is no duration',
      params: { expected: 'a duration such as 90m, 1h30m or 5d, at most ten years' },
    });
    return z.NEVER;
  })
  .openapi({ type: 'string', example: '90m' });

export const SlaPreviewBody = z
  .object({
    calendar: z
      .union([z.string(), InlineCalendar], { error: 'a calendar id of the live policy, or a calendar' })
      .optional()
      .meta({ description: 'Id of a calendar of the live policy, or a calendar' }),
    rep: PolicyId.optional().meta({ description: 'Rep id; his calendar is used' }),
    clock: z.enum(['business', 'wall']).default('business'),
    start: InstantInput.refine((at) => epochMs(at) >= 0 && epochMs(at) < Date.UTC(2200, 0), {
      error: 'an instant from 1970 to 2199',
    }),
    durations: z.array(duration).min(1).max(200),
  })
  .superRefine(({ calendar, rep, clock }, context) => {
    const both = calendar !== undefined && rep !== undefined;
    if (!both && (clock === 'wall' || calendar !== undefined || rep !== undefined)) return;
    const params = { expected: 'either calendar or rep' };
    context.addIssue({
      code: 'custom',
      path: ['calendar'],
      message: both ? 'stands beside rep' : 'is missing, and so is rep',
      params,
    });
  })
  .openapi('SlaPreview');

export const SlaPreviewView = z.object({ due: z.array(Instant).readonly() }).openapi('SlaPreviewResult');

function isTimeZone(name: string): boolean {
  try {
    // Offsets such as +02:00 know no daylight saving, which no working calendar means.
    return (
      /^[A-Za-z]/.test(name) &&
      new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
    );
  } catch {
    return false;
  }
}
