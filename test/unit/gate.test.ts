import { gateStep, standardGate, type GateSettings, type GateState, type GateStep } from '../../domain/gate';
import { toInstant } from '../../domain/instant';
import type { LeadFields } from '../../domain/lead';

const at = toInstant(Date.parse('2026-11-24T09:00:00Z'));
const captcha = { provider: 'turnstile', secret: 's', whenDown: 'accept', minScore: 0.5 } as const;
const all: GateSettings = {
  disposableMail: 'reject',
  captcha,
  rate: { per: '1h', mailbox: 3 },
  doubleOptIn: { within: '7d' },
};

const step = (
  state: GateState,
  {
    settings = all,
    fields = { email: 'ada@example.com' },
    disposable = false,
  }: { settings?: GateSettings; fields?: LeadFields; disposable?: boolean } = {},
): GateStep => gateStep(settings, { fields, state, disposable }, at);
const through = { rate: 'ok', captchaToken: 't', captcha: 'passed' } as const;
const rejected = (reason: string) => ({ kind: 'reject', reason });

describe('the spam gate', () => {
  test('asks for everything that the source asks for, the cheapest first', () => {
    expect(step({ captchaToken: 't' })).toEqual({ kind: 'count', rate: all.rate });
    expect(step({ captchaToken: 't', rate: 'ok' })).toEqual({ kind: 'captcha' });
    expect(step(through)).toEqual({ kind: 'confirm' });
    expect(step({ ...through, confirmation: { until: toInstant(Date.parse(at) + 1) } })).toEqual({
      kind: 'confirm',
    });
    expect(step({ ...through, confirmedAt: at })).toEqual({ kind: 'pass' });
  });

  test.each<[string, GateState, boolean]>([
    ['honeypot', { honeypot: true }, false],
    ['disposable_mail', {}, true],
    ['too_many_mailbox', { rate: 'mailbox' }, false],
    ['too_many_client', { rate: 'client' }, false],
    ['captcha_missing', { rate: 'ok' }, false],
    ['captcha_failed', { rate: 'ok', captchaToken: 't', captcha: 'failed' }, false],
    ['mailbox_refused', { ...through, mailbox: 'refused' }, false],
    ['not_confirmed', { ...through, confirmation: { until: at } }, false],
  ])('turns away: %s', (reason, state, disposable) => {
    expect(step(state, { disposable })).toEqual(rejected(reason));
    // Somebody looked at it and said that it is none.
    expect(step({ ...state, released: at }, { disposable })).toEqual({ kind: 'pass' });
  });

  test('a token that nobody could judge goes as the source says', () => {
    const state = { rate: 'ok', captchaToken: 't', captcha: 'unknown' } as const;
    const strict = { ...all, captcha: { ...captcha, whenDown: 'reject' } as const };
    expect(step(state)).toEqual({ kind: 'confirm' });
    expect(step(state, { settings: strict })).toEqual(rejected('captcha_unknown'));
  });

  test('a lead without an e-mail address has nothing to confirm', () => {
    expect(step(through, { fields: { phone: '+49 89 123456' } })).toEqual({ kind: 'pass' });
  });

  test('a source that says nothing turns away throw-away mailboxes only, and may take them', () => {
    expect(step({}, { settings: standardGate })).toEqual({ kind: 'pass' });
    expect(step({}, { settings: standardGate, disposable: true })).toEqual(rejected('disposable_mail'));
    const open = { disposableMail: 'accept' } as const;
    expect(step({}, { settings: open, disposable: true })).toEqual({ kind: 'pass' });
  });
});
