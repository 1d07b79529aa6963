import { toInstant, type IsoInstant } from '../../../domain/instant';
import type { CalendarSpec, SlaPolicy } from '../../../domain/policy';
import {
  always,
  compileCalendar,
  dueAt,
  isWorking,
  nextWorking,
  NoWorkingTimeError,
  without,
  workedMs,
  type WorkingTime,
} from '../../../domain/sla/calendar';
import { elapsedMs, stopClock } from '../../../domain/sla/clock';
import { holdBackAll, planSla, restartAll, startClock, type AppliedSla } from '../../../domain/sla/plan';

const minute = 60_000;
const hour = 60 * minute;
const at = (text: string): IsoInstant => toInstant(Date.parse(text));
/** Monday 2026-02-09. */
const monday = (time: string): IsoInstant => at(`2026-02-09T${time}:00Z`);
const tuesday = (time: string): IsoInstant => at(`2026-02-10T${time}:00Z`);
const calendar = (week: CalendarSpec['week'], timeZone = 'UTC'): WorkingTime =>
  compileCalendar({ timeZone, week, holidays: [] }, () => false);
const office = calendar({ 'mon-fri': ['09:00-17:00'] });

const touchOnly: SlaPolicy = {
  clock: 'business',
  touch: '1h',
  steps: [
    { after: '30m', do: 'remind' },
    { after: '1h', do: 'escalate', to: 'manager' },
    { after: '2h', do: 'escalate', to: 'director' },
  ],
  maxHops: 3,
  closeAfter: '30d',
};
const policy: SlaPolicy = {
  ...touchOnly,
  qualify: { within: '8h', clock: 'business', steps: [{ after: '6h', do: 'remind' }] },
  convert: { within: '10d', clock: 'wall', steps: [] },
  response: { within: '2h', clock: 'business', steps: [] },
};
const plan = (startAt: IsoInstant, by: WorkingTime = office): AppliedSla =>
  planSla({ policy, policyName: 'hot', version: 1, calendar: by, startAt });

describe('working time less absences', () => {
  test('half days and single hours are taken out, to the millisecond', () => {
    const away = without(office, [
      { from: monday('13:00'), until: tuesday('10:00') },
      { from: tuesday('11:30'), until: at('2026-02-10T11:30:00.001Z') },
    ]);
    expect(workedMs(away, monday('00:00'), at('2026-02-11T00:00:00Z'))).toBe(4 * hour + 7 * hour - 1);
    expect(isWorking(away, monday('12:59'))).toBe(true);
    expect(isWorking(away, monday('13:00'))).toBe(false);
    expect(isWorking(away, tuesday('10:00'))).toBe(true);
    expect(dueAt(away, monday('12:30'), hour)).toBe(tuesday('10:30'));
  });

  test('overlapping absences count once; an absence outside working time takes nothing', () => {
    const spans = [
      { from: monday('09:00'), until: monday('12:00') },
      { from: monday('11:00'), until: monday('13:00') },
      { from: at('2026-02-14T00:00:00Z'), until: at('2026-02-16T00:00:00Z') },
    ];
    expect(workedMs(without(office, spans), monday('00:00'), at('2026-02-16T00:00:00Z'))).toBe(36 * hour);
  });

  test('somebody away for good has no deadline, and the search ends', () => {
    const gone = without(office, [{ from: monday('00:00'), until: at('2060-01-01T00:00:00Z') }]);
    expect(dueAt(gone, monday('10:00'), 1)).toBeUndefined();
    expect(() => plan(monday('10:00'), gone)).toThrow(NoWorkingTimeError);
  });

  test('the first working instant is the instant itself, or the start of the next block', () => {
    const awake = calendar({ 'mon-sun': ['07:00-20:00'] }, 'Europe/Berlin');
    expect(nextWorking(awake, monday('12:00'))).toBe(monday('12:00'));
    expect(nextWorking(awake, monday('19:00'))).toBe(tuesday('06:00')); // 20:00 in Berlin: quiet until 07:00
    expect(nextWorking(calendar({}), monday('12:00'))).toBeUndefined();
    expect(nextWorking(always, monday('12:00'))).toBe(monday('12:00'));
  });
});

describe('several clocks', () => {
  test('start together, each on its own clock; the reply’s clock starts with a reply', () => {
    const { clocks } = plan(monday('16:00'));
    expect(clocks?.qualify).toMatchObject({ dueAt: tuesday('16:00'), steps: [{ dueAt: tuesday('14:00') }] });
    expect(clocks?.convert?.dueAt).toBe(at('2026-02-19T16:00:00Z'));
    expect(clocks?.response).toBeUndefined();
    expect(startClock(policy, 'response', office, monday('16:00'))?.dueAt).toBe(tuesday('10:00'));
    expect(startClock(touchOnly, 'qualify', office, monday('16:00'))).toBeUndefined();
  });

  test('go on in the next owner’s working time, while his time to touch starts anew', () => {
    const late = calendar({ 'mon-fri': ['13:00-21:00'] });
    const before = { sla: plan(monday('09:00')), calendar: office };
    const next = planSla({ policy, policyName: 'hot', calendar: late, startAt: monday('12:00'), before });
    expect(next.touchDueAt).toBe(monday('14:00'));
    // three of eight hours are used; five are left from 13:00 on
    expect(next.clocks?.qualify?.dueAt).toBe(monday('18:00'));
    expect(next.clocks?.convert?.dueAt).toBe(at('2026-02-19T09:00:00Z'));
  });

  test('keep measuring after the deadline, to the real time', () => {
    const clock = { ...plan(monday('09:00')).clocks!.qualify!, missedAt: tuesday('09:00') };
    expect(stopClock(clock, office, tuesday('12:00'))).toMatchObject({
      missedAt: tuesday('09:00'),
      doneAt: tuesday('12:00'),
      tookMs: 11 * hour,
    });
    const inTime = stopClock(plan(monday('09:00')).clocks!.qualify!, office, monday('17:00'));
    expect(inTime.missedAt).toBeUndefined();
    expect(stopClock(inTime, office, tuesday('12:00'))).toBe(inTime);
  });
});

describe('a wait for the customer', () => {
  const held = (sla: AppliedSla, from: IsoInstant, to: IsoInstant): AppliedSla =>
    restartAll(sla, { until: from, from: to, calendarBefore: office, calendar: office });

  test('adds the working time it took to the deadlines, not the wall time', () => {
    const sla = held(plan(monday('15:00')), monday('16:00'), tuesday('11:00'));
    // qualify was due on Tuesday 15:00; three working hours went by on hold
    expect(sla.clocks?.qualify?.dueAt).toBe(at('2026-02-11T10:00:00Z'));
    expect(elapsedMs(sla.clocks!.qualify!, office, tuesday('12:00'))).toBe(2 * hour);
  });

  test('a deadline that would have passed during the wait is not missed', () => {
    const sla = held(plan(monday('09:00')), monday('16:59'), at('2026-02-20T09:00:00Z'));
    expect(sla.clocks?.qualify).toMatchObject({ dueAt: at('2026-02-20T09:01:00Z') });
    expect(sla.clocks?.qualify?.missedAt).toBeUndefined();
  });
});

test('a lead that waits for its customer does not count the wait against its next owner', () => {
  const held = { ...plan(monday('09:00')), heldAt: monday('10:00') };
  const next = planSla({
    policy,
    policyName: 'hot',
    calendar: office,
    startAt: tuesday('10:00'),
    before: { sla: held, calendar: office },
  });
  // one of eight hours was used before the wait
  expect(next.clocks?.qualify?.dueAt).toBe(tuesday('17:00'));
});

describe('re-basing', () => {
  const rebased = (sla: AppliedSla, now: IsoInstant, to: WorkingTime, rule?: SlaPolicy): AppliedSla =>
    restartAll(sla, {
      until: now,
      from: now,
      calendarBefore: office,
      calendar: to,
      policy: rule && { rule, version: 2 },
    });

  test('what was measured by the old calendar stays, what is left is counted by the new one', () => {
    const early = calendar({ 'mon-fri': ['06:00-14:00'] });
    const sla = rebased(plan(monday('12:00')), monday('13:00'), early);
    // one of eight hours by the old one; then one on Monday, six on Tuesday
    expect(sla.clocks?.qualify?.dueAt).toBe(tuesday('12:00'));
    expect(sla.version).toBe(1);
  });

  test('nothing changed, nothing moves', () => {
    const { counted: _, ...sla } = rebased(plan(monday('09:00')), monday('09:20'), office);
    const { touchDueAt, steps } = plan(monday('09:00'));
    expect(sla).toMatchObject({ touchDueAt, steps });
  });

  test('a longer promise is later, a shorter one that is over comes up now, a step that is done stays done', () => {
    const sla = plan(monday('09:00'));
    const done = sla.steps.map((step) => (step.number === 0 ? { ...step, doneAt: step.dueAt } : step));
    const longer = rebased({ ...sla, steps: done }, monday('09:40'), office, { ...policy, touch: '3h' });
    expect(longer).toMatchObject({ touchDueAt: monday('12:00'), version: 2 });
    expect(longer.steps[0]).toEqual(done[0]);
    const steps = [{ after: '10m', do: 'escalate', to: 'manager' }] as const;
    const shorter = rebased(sla, monday('09:20'), office, { ...policy, touch: '15m', steps });
    expect(shorter.touchDueAt).toBe(monday('09:20'));
    expect(shorter.steps.map(({ dueAt }) => dueAt)).toEqual([monday('09:20')]);
  });

  test('a deadline taken over from another lead stays, whatever the policy promises', () => {
    const { touchMs: _, ...own } = plan(monday('09:00'));
    const inherited = { ...own, touchDueAt: monday('09:40') };
    const once = rebased(inherited, monday('09:20'), office, { ...policy, touch: '3h' });
    expect(once.touchDueAt).toBe(monday('09:40'));
    const again = rebased(once, monday('09:30'), office, { ...policy, touch: '5h' });
    expect(again.touchDueAt).toBe(monday('09:40'));
  });

  test('a deadline that has just passed is not moved by it', () => {
    expect(rebased(plan(monday('09:00')), monday('11:00'), office)).toMatchObject({
      touchDueAt: monday('10:00'),
      steps: [{ dueAt: monday('09:30') }, { dueAt: monday('10:00') }, { dueAt: monday('11:00') }],
    });
  });

  test('a clock that is over, and a deadline that was missed, stay as they are', () => {
    const sla = plan(monday('09:00'));
    const over = stopClock(sla.clocks!.qualify!, office, monday('09:10'));
    const next = rebased(
      { ...sla, missedAt: monday('10:00'), clocks: { qualify: over } },
      monday('12:00'),
      calendar({ sat: ['09:00-10:00'] }),
    );
    expect(next.clocks?.qualify).toBe(over);
    expect(next.touchDueAt).toBe(monday('10:00'));
  });

  test('a calendar without working time is refused, not searched for ever', () => {
    expect(() => rebased(plan(monday('09:00')), monday('09:10'), calendar({}))).toThrow(NoWorkingTimeError);
  });

  test('a clock that is set back measures nothing and never less than before', () => {
    const sla = rebased(plan(monday('09:00')), monday('09:30'), office);
    const back = rebased(sla, monday('08:00'), office);
    expect(back.counted?.ms).toBe(30 * minute);
    expect(elapsedMs({ ...sla, withinMs: hour, dueAt: sla.touchDueAt }, office, monday('08:00'))).toBe(
      30 * minute,
    );
  });

  test('an acknowledgement keeps the ladder back, and reminders go on', () => {
    const sla = holdBackAll(plan(monday('09:00')), monday('10:30'));
    const acknowledged = { ...sla, acknowledged: { by: 'mira', until: monday('10:30') } };
    const expected = ['remind 09:30', 'escalate 10:30', 'escalate 11:00'];
    const shown = ({ steps }: AppliedSla): string[] =>
      steps.map((step) => `${step.do} ${step.dueAt.slice(11, 16)}`);
    expect(shown(acknowledged)).toEqual(expected);
    expect(shown(rebased(acknowledged, monday('09:10'), office))).toEqual(expected);
  });
});
