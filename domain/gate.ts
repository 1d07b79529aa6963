import type { DurationText } from './duration';
import type { IsoInstant } from './instant';
import type { LeadFields } from './lead';

export const captchaProviders = ['hcaptcha', 'turnstile', 'recaptcha'] as const;
export type CaptchaProvider = (typeof captchaProviders)[number];

/** How a source makes sure that a form was sent by a person. */
export interface CaptchaSettings {
  readonly provider: CaptchaProvider;
  readonly secret: string;
  /** Path in the event to the token that the widget made; the provider's own name of the field when absent. */
  readonly tokenField?: string | undefined;
  /** What becomes of a lead whose token nobody can judge: the provider is away, or the token ran out meanwhile. */
  readonly whenDown: 'accept' | 'reject';
  /** Of providers that give a score, the least that passes. */
  readonly minScore: number;
}

/** Most leads of one mailbox, phone number or client in a stretch of time. */
export interface RateSettings {
  /** Length of the window, which the first lead opens. */
  readonly per: DurationText;
  readonly mailbox?: number | undefined;
  readonly phone?: number | undefined;
  readonly client?: number | undefined;
  /** Path in the event to the address of the person's computer, as the website saw it. */
  readonly clientField?: string | undefined;
}

/** What a source asks of its leads before they are routed. */
export interface GateSettings {
  readonly disposableMail: 'reject' | 'accept';
  readonly captcha?: CaptchaSettings | undefined;
  readonly rate?: RateSettings | undefined;
  readonly doubleOptIn?: { readonly within: DurationText } | undefined;
}

/** Of a source that says nothing else. */
export const standardGate: GateSettings = { disposableMail: 'reject' };

/** Where a provider's widget puts its token. */
export const tokenFields: Readonly<Record<CaptchaProvider, string>> = {
  hcaptcha: 'h-captcha-response',
  turnstile: 'cf-turnstile-response',
  recaptcha: 'g-recaptcha-response',
};

/** What a lead shows at the door besides its fields. */
export interface ShownAtDoor {
  /** The field that people cannot see was filled in. */
  readonly honeypot?: true;
  readonly captchaToken?: string;
  readonly client?: string;
}

export const rateKinds = ['mailbox', 'phone', 'client'] as const;
export type RateKind = (typeof rateKinds)[number];

/** What the gate knows of a lead: what it showed, and what was found out since. */
export interface GateState extends ShownAtDoor {
  /** Counted against the rate; the kind of which there were too many, if so. */
  readonly rate?: 'ok' | RateKind;
  readonly captcha?: 'passed' | 'failed' | 'unknown';
  /** Asked for; until when it is good, once the mail is out. */
  readonly confirmation?: { readonly until?: IsoInstant };
  readonly confirmedAt?: IsoInstant;
  /** The mail server takes no mail for the address. */
  readonly mailbox?: 'refused';
  /** Somebody said that it is no spam. */
  readonly released?: IsoInstant;
}

/** Why the gate turned a lead away, and what its timeline says. */
export const rejections = {
  honeypot: 'a field was filled in that people cannot see',
  disposable_mail: 'the address is of a provider of throw-away mailboxes',
  too_many_mailbox: 'too many leads with this e-mail address',
  too_many_phone: 'too many leads with this phone number',
  too_many_client: 'too many leads from this computer',
  captcha_missing: 'the form came without a captcha token',
  captcha_failed: 'the captcha was not solved',
  captcha_unknown: 'nobody could judge the captcha token',
  mailbox_refused: 'the mail server takes no mail for the address',
  not_confirmed: 'the address was not confirmed in time',
} as const;
export type Rejection = keyof typeof rejections;

/** What comes next for a lead that is not routed yet. */
export type GateStep =
  | { readonly kind: 'pass' }
  | { readonly kind: 'reject'; readonly reason: Rejection }
  /** The lead has to be counted. */
  | { readonly kind: 'count'; readonly rate: RateSettings }
  /** The provider has to be asked about the token. */
  | { readonly kind: 'captcha' }
  /** The person has to confirm the address. */
  | { readonly kind: 'confirm' };

/**
 * The next thing to do, cheapest first; what was found out before stands in `state`. A lead without an e-mail address
 * has nothing to confirm.
 * @param at the time by the lead's run
 */
export function gateStep(
  settings: GateSettings,
  lead: { readonly fields: LeadFields; readonly state: GateState; readonly disposable: boolean },
  at: IsoInstant,
): GateStep {
  const { fields, state, disposable } = lead;
  const reject = (reason: Rejection): GateStep => ({ kind: 'reject', reason });
  if (state.released !== undefined) return { kind: 'pass' };
  if (state.honeypot) return reject('honeypot');
  if (disposable && settings.disposableMail === 'reject') return reject('disposable_mail');
  if (settings.rate && state.rate === undefined) return { kind: 'count', rate: settings.rate };
  if (settings.rate && state.rate !== undefined && state.rate !== 'ok')
    return reject(`too_many_${state.rate}`);
  const captcha = settings.captcha && captchaStep(settings.captcha, state);
  if (captcha) return captcha;
  return settings.doubleOptIn && fields.email !== undefined ? confirmationStep(state, at) : { kind: 'pass' };
}

function captchaStep({ whenDown }: CaptchaSettings, state: GateState): GateStep | undefined {
  if (state.captchaToken === undefined) return { kind: 'reject', reason: 'captcha_missing' };
  if (state.captcha === undefined) return { kind: 'captcha' };
  if (state.captcha === 'failed') return { kind: 'reject', reason: 'captcha_failed' };
  return state.captcha === 'unknown' && whenDown === 'reject'
    ? { kind: 'reject', reason: 'captcha_unknown' }
    : undefined;
}

function confirmationStep({ confirmation, confirmedAt, mailbox }: GateState, at: IsoInstant): GateStep {
  if (confirmedAt !== undefined) return { kind: 'pass' };
  if (mailbox === 'refused') return { kind: 'reject', reason: 'mailbox_refused' };
  const { until } = confirmation ?? {};
  return until !== undefined && at >= until
    ? { kind: 'reject', reason: 'not_confirmed' }
    : { kind: 'confirm' };
}
