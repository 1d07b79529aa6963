import { toInstant, type IsoInstant } from '../../../domain/instant';
import type { SlaPolicy, SlaStepRule } from '../../../domain/policy';
import { compileCalendar, NoWorkingTimeError } from '../../../domain/sla/calendar';
import { planSla, restartAll, type AppliedSla } from '../../../domain/sla/plan';

const minute = 60_000;
const at = (text: string): IsoInstant => toInstant(Date.parse(text));
const monday = (time: string): IsoInstant => at(`2026-02-09T${time}:00Z`);
const noHolidays = (): boolean => false;
const office = compileCalendar(
  { timeZone: 'UTC', week: { 'mon-fri': ['09:00-17:00'] }, holidays: [] },
  noHolidays,
);
const closed = compileCalendar({ timeZone: 'UTC', week: {}, holidays: [] }, noHolidays);

const ladder: readonly SlaStepRule[] = [
  { after: '3m', do: 'remind' },
  { after: '5m', do: 'reassign' },
  { after: '15m', do: 'escalate', to: 'manager' },
  { after: '1h', do: 'escalate', to: 'vp-sales' },
];

function policy(change: Partial<SlaPolicy> = {}): SlaPolicy {
  return {
    clock: 'business',
    touch: '5m',
    steps: ladder,
    maxHops: 3,
    closeAfter: '30d',
    ...change,
  };
}

function plan(change: Partial<SlaPolicy>, startAt: IsoInstant, afterStep?: number): AppliedSla {
  const inherit = afterStep === undefined ? {} : { inherit: { afterStep } };
  return planSla({ policy: policy(change), policyName: 'hot', calendar: office, startAt, ...inherit });
}

/** `number@minutes` for each step. */
const outline = (sla: AppliedSla): string[] =>
  sla.steps.map(({ number, afterMs }) => `${String(number)}@${String(afterMs / minute)}`);

describe('the plan of a new owner', () => {
  test('counts working time, over the weekend', () => {
    expect(plan({}, at('2026-02-06T16:56:00Z'))).toEqual({
      policy: 'hot',
      clock: 'business',
      startAt: '2026-02-06T16:56:00.000Z',
      touchMs: 5 * minute,
      touchDueAt: monday('09:01'),
      steps: [
        { number: 0, do: 'remind', afterMs: 3 * minute, dueAt: '2026-02-06T16:59:00.000Z' },
        { number: 1, do: 'reassign', afterMs: 5 * minute, dueAt: monday('09:01') },
        { number: 2, do: 'escalate', to: 'manager', afterMs: 15 * minute, dueAt: monday('09:11') },
        { number: 3, do: 'escalate', to: 'vp-sales', afterMs: 60 * minute, dueAt: monday('09:56') },
      ],
    });
  });

  test('on a wall clock does not care for the calendar', () => {
    const saturday = at('2026-02-07T12:00:00Z');
    const applied = planSla({
      policy: policy({ clock: 'wall' }),
      policyName: 'x',
      calendar: closed,
      startAt: saturday,
    });
    expect(applied.touchDueAt).toBe('2026-02-07T12:05:00.000Z');
    expect(applied.steps.map(({ dueAt }) => dueAt.slice(11, 16))).toEqual([
      '12:03',
      '12:05',
      '12:15',
      '13:00',
    ]);
  });

  test('is in order of due instants, whatever the order of the policy; steps due together keep it', () => {
    const steps: SlaStepRule[] = [
      { after: '1h', do: 'escalate', to: 'vp' },
      { after: '5m', do: 'escalate', to: 'manager' },
      { after: '5m', do: 'reassign' },
      { after: '1m', do: 'remind' },
    ];
    expect(outline(plan({ steps }, monday('09:00')))).toEqual(['3@1', '1@5', '2@5', '0@60']);
  });

  test('cannot be made on a business clock that never runs', () => {
    const make = (): AppliedSla =>
      planSla({ policy: policy(), policyName: 'hot', calendar: closed, startAt: monday('09:00') });
    expect(make).toThrow(NoWorkingTimeError);
  });

  test('cannot be made from text that is no duration', () => {
    expect(() => plan({ touch: 'soon' }, monday('09:00'))).toThrow(
      new RangeError('"soon" is not a duration'),
    );
  });
});

describe('the plan of an owner who inherits a lead by the clock', () => {
  test('reminds him afresh and goes on from the step that gave him the lead', () => {
    expect(outline(plan({}, monday('10:00'), 1))).toEqual(['0@3', '2@10', '3@55']);
    expect(plan({}, monday('10:00'), 1).touchDueAt).toBe(monday('10:05'));
  });

  test('after a second hop repeats reminders only, and never a step that has happened', () => {
    const steps: SlaStepRule[] = [
      { after: '3m', do: 'remind' },
      { after: '5m', do: 'reassign' },
      { after: '8m', do: 'remind' },
      { after: '9m', do: 'escalate', to: 'manager' },
      { after: '10m', do: 'reassign' },
      { after: '14m', do: 'remind' },
      { after: '20m', do: 'escalate', to: 'vp' },
    ];
    expect(outline(plan({ steps }, monday('10:00'), 1))).toEqual(['0@3', '2@3', '3@4', '4@5', '5@9', '6@15']);
    expect(outline(plan({ steps }, monday('10:00'), 4))).toEqual(['0@3', '5@4', '2@8', '6@10']);
  });

  test('what was due together with that step is due at once, what a list names late but is due early has happened', () => {
    const steps: SlaStepRule[] = [
      { after: '1h', do: 'escalate', to: 'vp' },
      { after: '5m', do: 'reassign' },
      { after: '5m', do: 'escalate', to: 'manager' },
      { after: '4m', do: 'escalate', to: 'manager' },
    ];
    expect(outline(plan({ steps }, monday('10:00'), 1))).toEqual(['2@0', '0@55']);
  });

  test('keeps the policy’s order for a repeated reminder and a step due together', () => {
    const steps: SlaStepRule[] = [
      { after: '8m', do: 'escalate', to: 'manager' },
      { after: '5m', do: 'reassign' },
      { after: '3m', do: 'remind' },
    ];
    expect(outline(plan({ steps }, monday('10:00'), 1))).toEqual(['0@3', '2@3']);
  });

  test('needs a step the policy has', () => {
    expect(() => plan({}, monday('10:00'), 4)).toThrow(new RangeError('the policy has no step 4'));
  });
});

describe('the clocks of the lead as a whole', () => {
  const promised = (within: '1d' | '3d'): SlaPolicy =>
    policy({ clock: 'wall', qualify: { within, clock: 'wall', steps: [] } });
  const first = planSla({
    policy: promised('1d'),
    policyName: 'hot',
    calendar: office,
    startAt: monday('09:00'),
  });
  const next = (policyName: string): AppliedSla =>
    planSla({
      policy: promised('3d'),
      policyName,
      calendar: office,
      startAt: monday('15:00'),
      before: { sla: { ...first, heldAt: monday('10:00') }, calendar: office },
    });

  test('go on with the next owner by what the policy promises now; time on hold does not count', () => {
    expect(next('hot').clocks?.qualify).toMatchObject({
      withinMs: 3 * 24 * 60 * minute,
      dueAt: at('2026-02-12T14:00:00Z'),
    });
  });

  test('keep their promise under an SLA policy of another name', () => {
    expect(next('other').clocks?.qualify?.dueAt).toBe(at('2026-02-10T14:00:00Z'));
  });
});

describe('a snooze', () => {
  const snooze = (sla: AppliedSla, now: IsoInstant, byMs: number): AppliedSla =>
    restartAll(sla, {
      until: now,
      from: toInstant(Date.parse(now) + byMs),
      calendarBefore: office,
      calendar: office,
    });

  test('moves the working time each open step has left behind its end', () => {
    const sla = plan({}, monday('16:50'));
    const steps = sla.steps.map((step) => (step.number === 0 ? { ...step, doneAt: step.dueAt } : step));
    const later = snooze({ ...sla, steps }, monday('16:54'), 24 * 60 * minute);
    expect(later.steps.map(({ dueAt }) => dueAt)).toEqual([
      monday('16:53'),
      at('2026-02-10T16:55:00Z'), // one minute left
      at('2026-02-11T09:05:00Z'), // eleven: six on Tuesday, five on Wednesday
      at('2026-02-11T09:50:00Z'),
    ]);
    expect(later.steps.map(({ number }) => number)).toEqual([0, 1, 2, 3]);
    expect(later.touchDueAt).toBe(at('2026-02-10T16:55:00Z'));
  });

  test('on a wall clock is plain addition; an overdue step comes up when it ends, a missed deadline stays', () => {
    const sla = { ...plan({ clock: 'wall' }, monday('08:00')), missedAt: monday('08:05') };
    const later = snooze(sla, monday('08:10'), 20 * minute);
    expect(later.steps.map(({ dueAt }) => dueAt)).toEqual([
      monday('08:30'),
      monday('08:30'),
      monday('08:35'),
      monday('09:20'),
    ]);
    expect(later.touchDueAt).toBe(monday('08:05'));
  });

  test('twice is as good as once for as long in all', () => {
    const sla = plan({}, monday('10:00'));
    const once = snooze(sla, monday('10:01'), 30 * minute);
    const twice = snooze(snooze(sla, monday('10:01'), 10 * minute), monday('10:11'), 20 * minute);
    expect(twice).toEqual(once);
  });

  test('whose answer was lost may be asked for again', () => {
    const once = snooze(plan({}, monday('10:00')), monday('10:01'), 30 * minute);
    expect(snooze(once, monday('10:01'), 30 * minute)).toEqual(once);
  });
});
