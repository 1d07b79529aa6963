import { z } from 'zod';
import { ConnectorError } from '../../activities/failures';
import type { CaptchaPort } from '../../activities/ports-gate';
import type { Clock } from '../../activities/ports';
import type { CaptchaProvider } from '../../domain/gate';
import { callHttp, parseAnswer } from '../http';

/**
 * All three take the same form and answer in the same words.
 * @see https://docs.hcaptcha.com/#verify-the-user-response-server-side
 * @see https://developers.cloudflare.com/turnstile/get-started/server-side-validation/
 * @see https://developers.google.com/recaptcha/docs/verify
 */
const addresses: Readonly<Record<CaptchaProvider, string>> = {
  hcaptcha: 'https://api.hcaptcha.com/siteverify',
  turnstile: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
  recaptcha: 'https://www.google.com/recaptcha/api/siteverify',
};

const Answer = z.object({
  success: z.boolean(),
  /** reCAPTCHA v3 only; hCaptcha's is a risk, and of its enterprise plan. */
  score: z.number().optional(),
  'error-codes': z.array(z.string()).nullish(),
});

/** The source's settings are wrong, not the person. */
const ofTheSecret =
  /^(missing|invalid)-input-secret$|^(sitekey-secret-mismatch|not-using-dummy-(secret|passcode))$/;
/** The token was good once: too late, or asked for the second time. */
const ofTheTime =
  /^(timeout-or-duplicate|expired-input-response|already-seen-response|invalid-or-already-seen-response)$/;
const ofTheProvider = /^internal-error$/;

/** @param options.url instead of the provider's own */
export function createCaptcha(options: {
  readonly clock: Clock;
  readonly url?: string | undefined;
}): CaptchaPort {
  return {
    verify: async ({ provider, secret, token, client, minScore }, signal) => {
      const form = new URLSearchParams({ secret, response: token, ...(client ? { remoteip: client } : {}) });
      const { text } = await callHttp({
        system: provider,
        method: 'POST',
        url: new URL(options.url ?? addresses[provider]),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: form.toString(),
        signal,
        timeoutMs: 5_000,
        nowMs: options.clock.now(),
        // hCaptcha answers 400 to what it does not take, in the same words.
        answers: [400],
      });
      const { success, score, 'error-codes': codes } = readAnswer(provider, text);
      const said = (kind: RegExp): string | undefined => codes?.find((code) => kind.test(code));
      if (success) return provider === 'recaptcha' && (score ?? 1) < minScore ? 'failed' : 'passed';
      const wrong = said(ofTheSecret);
      if (wrong !== undefined) throw new ConnectorError('setup', `${provider}: ${wrong}`);
      if (said(ofTheProvider) !== undefined) throw new ConnectorError('busy', `${provider}: internal-error`);
      return said(ofTheTime) === undefined ? 'failed' : 'unknown';
    },
  };
}

/** A page instead of an answer is an outage like any other: the source says what it means for the lead. */
function readAnswer(provider: CaptchaProvider, text: string): z.infer<typeof Answer> {
  try {
    return parseAnswer(provider, Answer, text);
  } catch (cause) {
    throw new ConnectorError('busy', `${provider}: the answer cannot be read`, { cause });
  }
}
