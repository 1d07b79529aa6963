import {
  judgeChange,
  remembered,
  type Authority,
  type FieldChange,
  type FieldState,
  type Verdict,
} from '../../../domain/crm/change';
import { toInstant, type IsoInstant } from '../../../domain/instant';

/** Seconds after the lead came. */
const t = (seconds: number): IsoInstant => toInstant(Date.UTC(2026, 10, 24, 9, 0, seconds));
const crm: Authority = { owner: 'crm', status: 'crm' };
const router: Authority = { owner: 'router', status: 'router' };
const now = t(1_000);

const ownedBy = (current: string, more: Partial<FieldState> = {}): FieldState => ({
  current,
  since: t(10),
  shown: current,
  writing: [],
  receivedAt: t(0),
  ...more,
});
const owner = (value: string, seconds: number, version?: string): FieldChange => ({
  field: 'owner',
  value,
  at: t(seconds),
  ...(version === undefined ? {} : { version }),
});
const status = (value: string, seconds: number): FieldChange => ({ field: 'status', value, at: t(seconds) });
const judge = (change: FieldChange, state: FieldState, authority = crm): Verdict =>
  judgeChange(change, state, authority, now);

describe('a change in the CRM', () => {
  it.each<[string, FieldChange, FieldState, Verdict]>([
    ['by a person is followed', owner('ben', 20), ownedBy('anna'), 'apply'],
    ['to what both say is nothing', owner('anna', 20), ownedBy('anna', { shown: 'ben' }), 'same'],
    ['to what was written there is our own', owner('anna', 20), ownedBy('ben', { shown: 'anna' }), 'echo'],
    [
      'to what is being written is our own',
      owner('anna', 20),
      ownedBy('ben', { shown: 'carl', writing: ['dora', 'anna'] }),
      'echo',
    ],
    ['before our newer decision is too late', owner('carl', 9), ownedBy('anna'), 'stale'],
    ['dated before the lead is not judged by its date', owner('carl', -60), ownedBy('anna'), 'apply'],
    ['of a lead without owner gives it one', owner('anna', 1), { writing: [], receivedAt: t(0) }, 'apply'],
    ['of the status to one left behind', status('touched', 20), ownedBy('qualified'), 'behind'],
    ['of the status that goes on', status('disqualified', 20), ownedBy('qualified'), 'apply'],
    ['of the status to the open one', status('assigned', 20), ownedBy('touched'), 'behind'],
  ])('%s', (_what, change, state, verdict) => {
    expect(judge(change, state)).toBe(verdict);
  });

  it('dated to the second counts as made after our decision of the same second, one dated to the millisecond does not', () => {
    const state = ownedBy('anna', { since: toInstant(Date.UTC(2026, 10, 24, 9, 0, 10, 300)) });
    expect(judge(owner('ben', 10), state)).toBe('apply');
    expect(judge(owner('ben', 9), state)).toBe('stale');
    expect(judge({ ...owner('ben', 10), at: toInstant(Date.parse(t(10)) + 299) }, state)).toBe('stale');
  });

  it('is ordered by version where both have a number, whatever the clocks say', () => {
    const state = ownedBy('ben', { seen: { value: 'ben', at: t(30), version: '9' } });
    expect(judge(owner('carl', 20, '10'), state)).toBe('apply');
    expect(judge(owner('carl', 40, '8'), state)).toBe('stale');
    expect(judge(owner('carl', 20), state)).toBe('stale');
    expect(judge(owner('carl', 40), state)).toBe('apply');
  });

  it('follows the one before it although we took that one over later than this one was made', () => {
    const state = ownedBy('ben', { since: t(32), seen: { value: 'ben', at: t(30) } });
    expect(judge(owner('carl', 31), state)).toBe('apply');
  });

  it('back to what we had written counts, once people had changed it', () => {
    const first = owner('ben', 20);
    const after = remembered(first, 'apply', now)!;
    // Our own write of the new owner still waits for its turn.
    expect(judge(owner('anna', 25), ownedBy('ben', { since: t(21), ...after }))).toBe('apply');
  });

  it('gets the same answer again when its first answer was lost, or it is delivered twice', () => {
    for (const authority of [crm, router]) {
      const change = owner('ben', 20, '7');
      const verdict = judge(change, ownedBy('anna'), authority);
      const state = ownedBy('anna', remembered(change, verdict, now));
      expect(judge(change, state, authority)).toBe(verdict);
    }
    const change = owner('ben', 20);
    const moved = ownedBy('carl', { since: t(30), ...remembered(change, 'apply', now) });
    expect(judge(change, moved)).toBe('stale');
  });

  it('is taken back where the router decides, but not against a rule that sets it again at once', () => {
    const state = ownedBy('anna');
    expect(judge(owner('ben', 20), state, router)).toBe('overrule');
    expect(judge(owner('ben', 20), state, { ...router, owner: 'crm' })).toBe('apply');
    const overruled = ownedBy('anna', {
      seen: { value: 'ben', at: t(20), overruledAt: t(900) },
    });
    expect(judge(owner('ben', 950), overruled, router)).toBe('contested');
    expect(judge(owner('carl', 950), overruled, router)).toBe('overrule');
    expect(judgeChange(owner('ben', 1_600), overruled, router, t(1_600))).toBe('overrule');
  });

  it('leaves no memory when it is our own or too late', () => {
    for (const verdict of ['echo', 'stale', 'behind', 'contested'] as const)
      expect(remembered(owner('ben', 20), verdict, now)).toBeUndefined();
  });
});
