import type { PolicyStore } from '../../activities/ports';
import type { IsoInstant } from '../../domain/instant';
import type { CalendarSpec } from '../../domain/policy';
import {
  CalendarError,
  compileCalendar,
  dueAt,
  dueAtWall,
  type HolidayLookup,
  type WorkingTime,
} from '../../domain/sla/calendar';
import { createHolidayLookup } from '../../policy/holidays';
import type { ApiDeps } from '../deps';
import { ApiError, invalid } from '../errors';
import { route, type Api } from '../route';
import { SlaPreviewBody, SlaPreviewView, type InlineCalendar } from '../schemas/sla';
import type { z } from '../schemas/zod';
import { livePolicy } from './policy';

export function slaRoutes(api: Api, { policies }: ApiDeps): void {
  const isHoliday = createHolidayLookup();
  route(api, {
    method: 'post',
    path: '/v1/sla/preview',
    tag: 'policy',
    summary: 'When would these durations be over?',
    scope: 'read',
    body: SlaPreviewBody,
    replies: { 200: SlaPreviewView },
    errors: ['unknown_rep', 'no_live_policy'],
    handle: async ({ body }) => ({ due: await dueInstants(policies, isHoliday, body) }),
  });
}

type Question = z.output<typeof SlaPreviewBody>;

async function dueInstants(
  policies: PolicyStore,
  isHoliday: HolidayLookup,
  question: Question,
): Promise<readonly IsoInstant[]> {
  const { clock, start, durations } = question;
  if (clock === 'wall') return durations.map((ms) => dueAtWall(start, ms));
  const calendar = compiled(await specOf(policies, question), isHoliday);
  return durations.map((ms) => {
    const due = dueAt(calendar, start, ms);
    if (due) return due;
    throw invalid([
      {
        path: 'calendar',
        message: 'has too little working time ever to get there',
        expected: 'working time',
      },
    ]);
  });
}

async function specOf(policies: PolicyStore, { calendar, rep }: Question): Promise<CalendarSpec> {
  if (typeof calendar === 'object') return normalised(calendar);
  const { policy } = await livePolicy(policies);
  const repOf = policy.reps.find(({ id }) => id === rep);
  if (rep !== undefined && !repOf) throw new ApiError('unknown_rep', `The live policy has no rep "${rep}".`);
  const id = repOf?.calendar ?? calendar ?? '';
  const spec = Object.hasOwn(policy.calendars, id) ? policy.calendars[id] : undefined;
  if (spec) return spec;
  const known = Object.keys(policy.calendars).join(', ');
  throw invalid([{ path: 'calendar', message: 'is not in the live policy', expected: `one of ${known}` }]);
}

/** Shorthands as in a policy: one block or one region without a list. */
function normalised({ timeZone, week, holidays = [] }: InlineCalendar): CalendarSpec {
  return {
    timeZone,
    week: Object.fromEntries(
      Object.entries(week).map(([day, blocks]) => [day, typeof blocks === 'string' ? [blocks] : blocks]),
    ),
    holidays: typeof holidays === 'string' ? [holidays] : holidays,
  };
}

function compiled(spec: CalendarSpec, isHoliday: HolidayLookup): WorkingTime {
  try {
    return compileCalendar(spec, isHoliday);
  } catch (error) {
    if (!(error instanceof CalendarError)) throw error;
    throw invalid([{ path: `calendar.${error.field}`, message: 'means nothing', expected: error.expected }]);
  }
}
